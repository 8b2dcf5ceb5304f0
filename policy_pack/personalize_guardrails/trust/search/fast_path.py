"""The shape that nearly every guarded document has, recognized on the decoded object before any test is built.

Every statement allows services alone, with one positive condition on each source key: exact trusted accounts, and ARN
patterns that each name their account. Whatever else comes is searched in full.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import is_account_id
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN
from personalize_guardrails.trust.services import PERSONALIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalize_guardrails.trust.settings import TrustSettings

_OTHER_ELEMENTS: Final = frozenset({"NotPrincipal", "NotAction"})
_OF_ACCOUNT: Final = frozenset({"StringEquals", "StringLike"})
_OF_ARN: Final = frozenset({"ArnLike", "ArnEquals", "StringLike"})
_PLAIN_ARN: Final = re.compile(
    rf"arn:({'|'.join(PERSONALIZE.partitions)}):{PERSONALIZE.prefix}:(\*|[a-z]+(-[a-z]+)+-[0-9])"
    r":(?P<account>[0-9]{12}):[A-Za-z0-9_/*?-]+"
)


def is_plainly_guarded(document: Mapping[str, object], settings: TrustSettings) -> bool:
    """Return whether a document is of the plain shape, guarded, and can be used by a trusted account."""
    if settings.services != (PERSONALIZE.principal,) or settings.source_arns:
        return False
    listed = document.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    named = [_accounts_of(statement) for statement in statements]
    if not named or None in named:
        return False
    trusted = settings.known_accounts
    if trusted is None:
        trusted = frozenset().union(*(each[0] for each in named if each))
    return all(each and each[0] <= trusted and each[1] <= trusted and each[0] & each[1] for each in named)


def _accounts_of(statement: object) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the accounts that a statement of the plain shape names under each key; None where it has another."""
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow" or statement.keys() & _OTHER_ELEMENTS:
        return None
    principal, condition = statement.get("Principal"), statement.get("Condition")
    if principal != {"Service": PERSONALIZE.principal} and principal != {"Service": [PERSONALIZE.principal]}:
        return None
    if statement.get("Action") not in ("sts:AssumeRole", ["sts:AssumeRole"]) or not isinstance(condition, dict):
        return None
    accounts = arns = None
    for operator, block in condition.items():
        if not isinstance(block, dict):
            return None
        for key, values in block.items():
            texts = [values] if isinstance(values, str) else values
            lowered = key.lower()
            if not isinstance(texts, list):
                return None
            if lowered == ACCOUNT and accounts is None and operator in _OF_ACCOUNT:
                accounts = frozenset(texts) if all(map(is_account_id, texts)) else frozenset()
            elif lowered == ARN and arns is None and operator in _OF_ARN:
                arns = accounts_in_plain_arns(texts)
            else:
                return None
    return (accounts, arns) if accounts and arns else None


def accounts_in_plain_arns(texts: Iterable[object]) -> frozenset[str]:
    """Return the accounts that ARN patterns name; none where one names none, or is no ARN of Personalize.

    A Personalize ARN has five colons, so a pattern of five has its components where the ARN has them, even where `*`
    may cross colons.
    """
    found = [_PLAIN_ARN.fullmatch(text) if isinstance(text, str) else None for text in texts]
    return frozenset() if None in found else frozenset(match["account"] for match in found if match)
