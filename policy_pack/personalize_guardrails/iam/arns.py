"""Parses AWS account ids and Amazon Resource Names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ARN_PARTS: Final = 6
ACCOUNT_DIGITS: Final = 12
_HEAD: Final = re.compile(r"[A-Za-z0-9_.*?-]*", re.ASCII)


def is_account_id(value: object) -> bool:
    """Return whether a value is the twelve digits of an AWS account."""
    return isinstance(value, str) and len(value) == ACCOUNT_DIGITS and value.isascii() and value.isdigit()


def split_arn(text: str) -> list[str] | None:
    """Return the six parts of an ARN or of a pattern of ARNs, unchecked; None where there are fewer."""
    parts = text.split(":", ARN_PARTS - 1)
    return parts if len(parts) == ARN_PARTS else None


def account_in(arn: object) -> str:
    """Return the account id in an ARN; the empty string where there is none."""
    parts = split_arn(arn) if isinstance(arn, str) else None
    return parts[4] if parts and is_account_id(parts[4]) else ""


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; region and account are empty where the service has none.

    Parts may hold the wildcards `*` and `?`, as policies write them. The resource may contain colons.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Read an ARN; ValueError names the part that is wrong."""
        parts = text.split(":", ARN_PARTS - 1)
        if parts[0] != "arn":
            raise ValueError("an ARN starts with 'arn:'")
        if len(parts) < ARN_PARTS:
            raise ValueError(f"an ARN has six parts divided by colons, this has {len(parts)}")
        arn = cls(*parts[1:])
        for part in ("partition", "service", "resource"):
            if not getattr(arn, part):
                raise ValueError(f"the {part} of the ARN is empty")
        for part in ("partition", "service", "region", "account"):
            if not _HEAD.fullmatch(getattr(arn, part)):
                raise ValueError(f"the {part} of the ARN contains characters that no {part} has")
        if arn.account.isdigit() and len(arn.account) != ACCOUNT_DIGITS:
            raise ValueError(f"the account of the ARN has {len(arn.account)} digits, an account has twelve")
        if any(character.isspace() and character != " " for character in arn.resource):
            raise ValueError("the resource of the ARN contains a line break or a tab")
        return arn

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
