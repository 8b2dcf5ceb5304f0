"""What a policy of the pack can be told: a schema for the engine, and the same as values with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from pulumi_policy import PolicyConfigSchema

from personalize_guardrails.trust import TrustSettings
from personalize_guardrails.trust.settings import PERSONALIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_PATTERN: Final = {"type": "string", "minLength": 1}
SCHEMA: Final = PolicyConfigSchema(
    properties={
        "services": {
            **_TEXTS,
            "description": "Service principals that are judged.",
            "default": [PERSONALIZE],
        },
        "accounts": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9]{12}$"},
            "description": "Accounts that are trusted, of twelve digits. Left out: those that a document names.",
        },
        "sourceArns": {
            **_TEXTS,
            "description": "Patterns that an aws:SourceArn must match besides naming a trusted account.",
        },
        "exemptions": {
            "type": "array",
            "description": "Roles that are let be until a date. Every selector that is given must match.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["reason", "expires"],
                "properties": {
                    "service": {**_PATTERN, "description": "The service principal that may stay unguarded."},
                    "urn": {**_PATTERN, "description": "Pattern of the resource's URN, with * and ?."},
                    "name": {**_PATTERN, "description": "Pattern of the resource's logical name, with * and ?."},
                    "path": {**_PATTERN, "description": "Pattern of the role's IAM path, with * and ?."},
                    "reason": {**_PATTERN, "description": "Why."},
                    "expires": {
                        "type": "string",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                        "description": "The last day, as 2027-01-31.",
                    },
                },
            },
        },
    }
)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Roles that are let be, why, and until when. A selector that is not given matches everything."""

    reason: str
    expires: date
    service: str = ""
    urn: str = "*"
    name: str = "*"
    path: str = "*"

    def covers(self, urn: str, name: str, path: str) -> bool:
        """Whether every selector matches; the service is told apart by the finding."""
        return fnmatchcase(urn, self.urn) and fnmatchcase(name, self.name) and fnmatchcase(path or "/", self.path)

    def is_over(self, today: date | None = None) -> bool:
        """Whether its last day is past."""
        return (today or datetime.now(UTC).date()) > self.expires

    @property
    def words(self) -> str:
        """The exemption for a message."""
        chosen = {"service": self.service, "urn": self.urn, "name": self.name, "path": self.path}
        selectors = ", ".join(f"{key} {value}" for key, value in chosen.items() if value not in {"", "*"})
        return f"{selectors or 'everything'} until {self.expires.isoformat()}, because {self.reason}"


@dataclass(frozen=True, slots=True)
class PackConfig:
    """The configuration of one policy; code has the defaults, since the engine gives only what is written."""

    settings: TrustSettings = field(default_factory=TrustSettings)
    exemptions: tuple[Exemption, ...] = ()

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> PackConfig:
        """Read a policy's configuration; ValueError names what is wrong, where the engine's schema let it through."""
        accounts = config.get("accounts")
        settings = TrustSettings(
            services=tuple(config.get("services") or (PERSONALIZE,)),
            accounts=frozenset(map(str, accounts)) if accounts is not None else None,
            source_arns=tuple(config.get("sourceArns") or ()),
        )
        return cls(settings, tuple(map(_exemption, config.get("exemptions") or ())))


def _exemption(written: Mapping[str, Any]) -> Exemption:
    try:
        expires = date.fromisoformat(str(written.get("expires", "")))
    except ValueError:
        raise ValueError('exemptions: "expires" is no date; write one such as "2027-01-31"') from None
    if not written.get("reason"):
        raise ValueError('exemptions: "reason" is missing; write why the role is let be')
    selectors: Sequence[str] = ("service", "urn", "name", "path")
    if not any(written.get(selector) for selector in selectors):
        raise ValueError("exemptions: nothing is selected; write a service, urn, name or path")
    return Exemption(
        str(written["reason"]), expires, **{each: str(written[each]) for each in selectors if written.get(each)}
    )
