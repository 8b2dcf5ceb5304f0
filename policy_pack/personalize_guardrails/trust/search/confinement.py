"""Conditions that obviously admit trusted accounts only, whatever else a statement has."""

from __future__ import annotations

import string
from itertools import product
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, ARN_PARTS, is_account_id, split_arn
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN

if TYPE_CHECKING:
    from personalize_guardrails.trust.parse.conditions import ConditionTest
    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.services import ServiceProfile

_COLONS: Final = ARN_PARTS - 1


def confines_account(allow: TrustStatement, trusted: frozenset[str]) -> bool:
    """Return whether aws:SourceAccount must be one of a list of trusted accounts."""
    return any(
        test.key == ACCOUNT
        and test.lists_values
        and not test.when_absent
        and bool(test.texts)
        and (test.literals <= trusted if test.is_exact else all(_are_trusted(text, trusted) for text in test.texts))
        for test in allow.tests
    )


def confines_arn(allow: TrustStatement, trusted: frozenset[str], profile: ServiceProfile) -> bool:
    """Return whether aws:SourceArn must match one of a list of patterns that each name a trusted account."""
    return any(
        test.key == ARN
        and test.lists_values
        and not test.when_absent
        and bool(test.texts)
        and all(_are_trusted(_account_of(text, test, profile), trusted) for text in test.texts)
        for test in allow.tests
    )


def follows_account(allow: TrustStatement, trusted: frozenset[str], profile: ServiceProfile) -> bool:
    """Return whether aws:SourceArn must name a trusted account, or by its variable that of aws:SourceAccount."""
    for test in allow.tests:
        if test.key == ARN and test.lists_values and not test.when_absent and test.bound:
            others = [text for text in test.texts if "${" not in text]
            is_bound = len(test.bound) == len(test.texts) - len(others) and (
                profile.own_arns_only or not test.by_colons
            )
            if is_bound and all(_are_trusted(_account_of(text, test, profile), trusted) for text in others):
                return True
    return False


def _account_of(text: str, test: ConditionTest, profile: ServiceProfile) -> str:
    """Return the account or the pattern of accounts of the ARNs that match a value; "*" where it is not certain."""
    parts = split_arn(text)
    if parts is None or "${" in text:
        return "*"
    if test.by_colons and ("*" in text or "?" in text):
        # Stars may cross colons; but where ARNs have five colons, and so has the pattern, they cannot.
        return parts[4] if profile.own_arns_only and text.count(":") == _COLONS else "*"
    return parts[4]


def _are_trusted(pattern: str, trusted: frozenset[str]) -> bool:
    """Return whether all accounts that match a pattern are trusted, as far as they can be counted off."""
    if pattern in trusted:
        return True
    filled = pattern.replace("*", "?" * (ACCOUNT_DIGITS + 1 - len(pattern)), 1)
    open_places = filled.count("?")
    if not is_account_id(filled.replace("?", "0")) or 10**open_places > len(trusted):
        return False
    template = filled.replace("?", "{}")
    return all(template.format(*digits) in trusted for digits in product(string.digits, repeat=open_places))
