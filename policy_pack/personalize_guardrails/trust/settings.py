"""What the trust rule is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from personalize_guardrails.guide import SERVICE


class Language(StrEnum):
    """The language of the document, in which a remedy writes account, region and partition of the role."""

    JSON = "json"
    CLOUDFORMATION_JSON = "cloudformation-json"
    CLOUDFORMATION_YAML = "cloudformation-yaml"


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Which services are checked, and the accounts for which they may assume the role.

    `accounts` are the trusted ones; where they are not given, `own_account` is, and where that is not known, those that
    the document's own aws:SourceAccount conditions name.
    """

    services: tuple[str, ...] = (SERVICE,)
    accounts: frozenset[str] | None = None
    own_account: str | None = None
    """The account that owns the role; `${aws:ResourceAccount}` names it."""
    source_arns: tuple[str, ...] = ()
    """Patterns, as ArnLike takes them, that an aws:SourceArn must match besides naming a trusted account. None: any."""
    region: str | None = None
    """The role's region, as far as it is known: remedies write it."""
    template_account: str | None = None
    """The placeholder for `AWS::AccountId` in a template whose references are resolved."""
    language: Language = Language.JSON
    joins: bool = False
    """Whether a remedy in a template uses Fn::Join instead of Fn::Sub, as some templates do throughout."""

    def __post_init__(self) -> None:
        services = dict.fromkeys(service.lower() for service in _several(self.services))
        object.__setattr__(self, "services", tuple(services))
        object.__setattr__(self, "source_arns", tuple(_several(self.source_arns)))
        if self.accounts is not None:
            object.__setattr__(self, "accounts", frozenset(_several(self.accounts)))

    @property
    def known_accounts(self) -> frozenset[str] | None:
        """The trusted accounts; None where the document says itself whom it trusts."""
        if self.accounts is not None:
            return self.accounts
        return None if self.own_account is None else frozenset({self.own_account})


def _several(values: str | Iterable[str]) -> Iterable[str]:
    return (values,) if isinstance(values, str) else values
