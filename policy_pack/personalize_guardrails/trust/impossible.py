"""Why a condition on a source key can never match: said of the values, without quoting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, account_in, is_account_id, split_arn
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.services import ServiceProfile

_OCTAL_BELOW: Final = 8**11
"""YAML reads twelve digits with a leading zero as octal where none is above 7; the number is below this one then."""
_WILD: Final = frozenset("*?")


def why_unsatisfiable(allow: TrustStatement, profile: ServiceProfile) -> tuple[str, str]:
    """Return why a statement that is safe can never match, and what to write instead."""
    on_arn = [test for test in allow.tests if test.key == ARN and test.lists_values and test.texts]
    on_account = [test for test in allow.tests if test.key == ACCOUNT and test.lists_values and test.texts]
    for tests, why_wrong in (
        (on_account, _wrong_account),
        (on_arn, lambda text, test: _wrong_arn(text, test, profile)),
    ):
        if reason := next(filter(None, (_all_wrong(test, why_wrong) for test in tests)), None):
            return reason
    accounts: list[set[str]] = [set(test.texts) for test in on_account if test.is_exact]
    named: list[set[str]] = [{account_in(text) for text in test.texts} for test in on_arn]
    both = set[str].intersection(*accounts, *named) if accounts and named else {""}
    if not both and all(map(all, named)):
        return (
            "no account that it admits owns a resource that it admits",
            "Name the same account in aws:SourceAccount and aws:SourceArn",
        )
    return (
        "its conditions on other keys, or a Deny, keep out whoever its source keys admit",
        "Remove the conditions that no request of the service meets, or the Deny",
    )


def _all_wrong(
    test: ConditionTest, why_wrong: Callable[[str, ConditionTest], tuple[str, str] | None]
) -> tuple[str, str] | None:
    """Return what is wrong with the first value of a condition, where something is with each."""
    reasons = [why_wrong(text, test) for text in test.texts]
    if not all(reasons) or reasons[0] is None:
        return None
    key = "aws:SourceAccount" if test.key == ACCOUNT else "aws:SourceArn"
    values = "the value" if len(reasons) == 1 else "the first value"
    return f"{values} of its condition on {key} {reasons[0][0]}", reasons[0][1]


def _wrong_account(text: str, test: ConditionTest) -> tuple[str, str] | None:
    """Return what keeps a value of aws:SourceAccount from matching any account."""
    if is_account_id(text) or (_WILD & set(text) and not test.is_exact) or "${" in text:
        return None
    write = "Write the twelve digits of the account"
    if text.isascii() and text.isdigit():
        wrong = f"has {len(text)} digits, and an account has {ACCOUNT_DIGITS}"
        if len(text) < ACCOUNT_DIGITS:
            octal = " and reads it as octal" if int(text) < _OCTAL_BELOW else ""
            return (
                f"{wrong} (YAML takes the leading zero from a number without quotation marks{octal})",
                f"{write} in quotation marks",
            )
        return wrong, write
    if is_account_id(text.replace("-", "")):
        return "has dashes between its digits", f"{write} without dashes"
    if is_account_id(text.strip()):
        return "has white space around its digits", write
    return "is not an account but a placeholder or a name", write


def _wrong_arn(text: str, test: ConditionTest, profile: ServiceProfile) -> tuple[str, str] | None:
    """Return what keeps a value of aws:SourceArn from matching any ARN that the service sends."""
    pattern = f"arn:aws:{profile.prefix}:REGION:ACCOUNT:*"
    write = f"Write an ARN of the service's resources, such as {pattern}"
    parts = split_arn(text)
    if "${" in text:
        return None
    if parts is None:
        return None if _WILD & set(text) else ("is not an ARN", write)
    if text in test.literals and _WILD & set(text):
        return "has a * or ?, which the operator takes literally", "Use ArnLike"
    _, partition, service, region, account, _ = parts
    if profile.own_arns_only and service != profile.prefix and not _WILD & set(service):
        return "is an ARN of another service", write
    if profile.own_arns_only and partition not in profile.partitions and not _WILD & set(partition):
        return "is an ARN of a partition that the service is not in", write
    if account and not is_account_id(account) and not _WILD & set(account):
        reason = _wrong_account(account, test)
        return (f"names an account that {reason[0]}", reason[1]) if reason else None
    if profile.own_arns_only and not (account and region):
        return "lacks its region or its account", write
    return None
