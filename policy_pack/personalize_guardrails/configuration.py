"""Parses the configuration of the trust rule, which the pack and the audit share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import is_account_id
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust import TrustSettings

RULE: Final = "trust-policy-source-conditions"
"""The name of the policy that the configuration is written for."""
KEYS: Final = ("services", "accounts", "sourceArns", "exemptions")
"""The settings of the configuration. Pulumi adds the enforcement level to them."""
NOT_CHECKED: Final = (
    f"services: {SERVICE} is not among them, so no role is checked for it; add it, or leave services out"
)
_LEVEL: Final = "enforcementLevel"
_SELECTORS: Final = ("service", "urn", "name", "path")
_PRINCIPAL: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Roles that the rule does not report, why, and until when. A selector that is not given matches everything."""

    reason: str
    expires: date
    service: str = ""
    urn: str = "*"
    name: str = "*"
    path: str = "*"

    def covers(self, urn: str, name: str, path: str) -> bool:
        """Return whether urn, name and path match; `service` is compared with each finding instead."""
        compared = ((self.urn, urn), (self.name, name), (self.path, path or "/"))
        return all(matches_wildcards(pattern, text) for pattern, text in compared)

    def is_expired(self, today: date | None = None) -> bool:
        """Return whether its last day is past."""
        return (today or datetime.now(UTC).date()) > self.expires

    @property
    def selectors(self) -> str:
        """The selectors as text for a message."""
        chosen = ((each, getattr(self, each)) for each in _SELECTORS)
        return ", ".join(f"{name} {value}" for name, value in chosen if value not in {"", "*"}) or "everything"

    @property
    def words(self) -> str:
        """The exemption as text for a message."""
        return f"{self.selectors} until {self.expires.isoformat()}, because {self.reason}"


@dataclass(frozen=True, slots=True)
class PackConfig:
    """The configuration of one policy, with defaults."""

    settings: TrustSettings = field(default_factory=TrustSettings)
    exemptions: tuple[Exemption, ...] = ()

    @property
    def checks_personalize(self) -> bool:
        """Whether Personalize is among the services that are checked."""
        return SERVICE in self.settings.services

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> PackConfig:
        """Parse a policy's configuration; ValueError says what is wrong, since an audit has no schema."""
        for key in config:
            if key not in {*KEYS, _LEVEL}:
                raise ValueError(f"{json.dumps(key)} is not a setting; write {', '.join(KEYS[:-1])} or {KEYS[-1]}")
        accounts, services = _listed(config, "accounts", str), _listed(config, "services", str)
        for account in accounts or ():
            if not is_account_id(account):
                raise ValueError(f"accounts: {json.dumps(account)} is not an AWS account; write its twelve digits")
        for service in services or ():
            if not _PRINCIPAL.fullmatch(service):
                raise ValueError(
                    f"services: {json.dumps(service)} is not a service principal; write one such as {SERVICE}"
                )
        settings = TrustSettings(
            services=services or (SERVICE,),
            accounts=None if accounts is None else frozenset(accounts),
            source_arns=_listed(config, "sourceArns", str) or (),
        )
        return cls(settings, tuple(map(_exemption, _listed(config, "exemptions", Mapping) or ())))


def _listed(config: Mapping[str, Any], name: str, kind: type) -> tuple[Any, ...] | None:
    """Return the list of `kind` under a key, or None where there is none; ValueError where it is something else."""
    value = config.get(name)
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(each, kind) for each in value):
        raise ValueError(f"{name}: write a list of {'strings' if kind is str else 'objects'}")
    return tuple(value)


def _exemption(written: Mapping[str, Any]) -> Exemption:
    """Parse one exemption; ValueError names what is wrong."""
    for key, value in written.items():
        if key not in {*_SELECTORS, "reason", "expires"}:
            raise ValueError(
                f"exemptions: {json.dumps(key)} is not a field of an exemption; write service, urn, name, path, reason "
                "or expires"
            )
        if not isinstance(value, str):
            raise ValueError(f'exemptions: "{key}" is not a string')  # noqa: TRY004 - wrong text, not a wrong call
    try:
        expires = date.fromisoformat(written["expires"] if _DAY.fullmatch(written.get("expires", "")) else "")
    except ValueError:
        raise ValueError('exemptions: "expires" is not a date; write one such as "2027-01-31"') from None
    if not written.get("reason"):
        raise ValueError('exemptions: "reason" is missing; write why the role is exempt')
    if not any(written.get(selector) for selector in _SELECTORS):
        raise ValueError("exemptions: an exemption needs a service, urn, name or path")
    return Exemption(written["reason"], expires, **{each: written[each] for each in _SELECTORS if written.get(each)})
