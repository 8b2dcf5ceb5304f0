"""Why a condition on a source key can never match: said of the values, without quoting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, is_account_id, split_arn
from personalize_guardrails.iam.patterns import WILDCARDS
from personalize_guardrails.trust.automata.domains import RESOURCE_LETTERS, Accounts, Arns, Domain, Regions, contains
from personalize_guardrails.trust.automata.representatives import class_representatives
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.search.budget import Budget, TooComplex
from personalize_guardrails.trust.search.satisfiability import admits_agreeing, admits_trusted
from personalize_guardrails.trust.services import KEY_NAMES, OWNER, ServiceProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from personalize_guardrails.trust.search.allow_search import AllowSearch

    WhyWrong = Callable[[str, ConditionTest], tuple[str, str] | None]
    """Says what keeps a value of a condition from matching, and what to write; None where nothing does."""

_OCTAL_BELOW: Final = 8**11
"""YAML reads twelve digits with a leading zero as octal where none is above 7; the number is below this one then."""


def why_unsatisfiable(search: AllowSearch) -> tuple[str, str]:
    """Return why a statement that is safe can never match, and what to write instead."""
    profile, budget = search.caller.profile, Budget(1)
    for key, domain, why_wrong in (
        (ACCOUNT, Accounts(), _wrong_account),
        (ARN, Arns(profile), lambda text, test: _wrong_arn(text, test, profile)),
    ):
        if reason := _why_none_fits(key, domain, search.allow.tests_on(key), why_wrong, budget):
            return reason
    if admits_trusted(search, search.allow.tests):
        return (
            "its conditions on other keys, or a Deny, exclude every request that its source conditions allow",
            "Remove the conditions that no request of the service meets, or the Deny",
        )
    if admits_agreeing(search):
        return "it allows none of the trusted accounts or source ARNs", "Write one of those that the settings list"
    return (
        "no account that it allows owns a resource that it allows",
        "Name the same account in aws:SourceAccount and aws:SourceArn",
    )


def _why_none_fits(
    key: str, domain: Domain[Any], tests: Sequence[ConditionTest], why_wrong: WhyWrong, budget: Budget
) -> tuple[str, str] | None:
    """Return why no value of a key meets the tests of it; None where one does, or it is not known."""
    listing = [test for test in tests if test.lists_values and test.texts]
    if reason := next(filter(None, (_all_wrong(test, why_wrong) for test in listing)), None):
        return reason
    if any(test.always is False and test.when_absent for test in tests):
        return (
            f"it asks for {KEY_NAMES[key]} to be absent, and a request of a trusted account carries it",
            f"Remove the condition Null on {KEY_NAMES[key]}",
        )
    try:
        if next(class_representatives(domain, tests, (), budget), None) is not None:
            return None
    except TooComplex:
        return None
    kind = "account of twelve digits" if key == ACCOUNT else "ARN of the service"
    return f"no {kind} meets its conditions on {KEY_NAMES[key]}", f"Write one exact value of {KEY_NAMES[key]}"


def _all_wrong(test: ConditionTest, why_wrong: WhyWrong) -> tuple[str, str] | None:
    """Return what is wrong with the first value of a condition, where something is with each."""
    reasons = [why_wrong(text, test) for text in test.texts]
    if not all(reasons) or reasons[0] is None:
        return None
    values = "the value" if len(reasons) == 1 else "the first value"
    return f"{values} of its condition on {KEY_NAMES[test.key]} {reasons[0][0]}", reasons[0][1]


def _wrong_account(text: str, test: ConditionTest) -> tuple[str, str] | None:
    """Return what keeps a value of aws:SourceAccount from matching any account."""
    if is_account_id(text) or (WILDCARDS & set(text) and not test.is_exact) or "${" in text:
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
    return "has a placeholder or a name in place of an account", write


def _wrong_arn(text: str, test: ConditionTest, profile: ServiceProfile) -> tuple[str, str] | None:
    """Return what keeps a value of aws:SourceArn from matching any ARN that the service sends."""
    write = f"Write an ARN with region and account in place, such as arn:aws:{profile.prefix}:us-east-1:{OWNER}:*"
    parts = split_arn(text)
    if "${" in text:
        return None
    if parts is None:
        return None if WILDCARDS & set(text) else ("is not an ARN", write)
    if text in test.literals and WILDCARDS & set(text):
        return "has a * or ?, which the operator takes literally", "Use ArnLike"
    wrong = _wrong_part(parts, profile)
    return (wrong, write) if wrong else None


def _wrong_part(parts: Sequence[str], profile: ServiceProfile) -> str:
    """Return what is wrong with the first part of an ARN that no ARN of the service has; nothing where none is."""
    first, partition, service, region, account, resource = parts
    if first != "arn" and not WILDCARDS & set(first):
        return "does not start with arn: in small letters"
    if account and not is_account_id(account) and not WILDCARDS & set(account):
        if account.isascii() and account.isdigit():
            return f"names an account that has {len(account)} digits, and an account has {ACCOUNT_DIGITS}"
        return "has a placeholder or a name in place of the account"
    if not profile.own_arns_only:
        return ""
    if service != profile.prefix and not WILDCARDS & set(service):
        is_capital = service.lower() == profile.prefix
        return "names the service in capital letters" if is_capital else "is an ARN of another service"
    if partition not in profile.partitions and not WILDCARDS & set(partition):
        return "is an ARN of a partition that the service is not in"
    if not (region and account and resource):
        return "lacks its region, its account or its resource"
    if not WILDCARDS & set(region) and not contains(Regions(), region):
        return "has a placeholder or something else in place of a region"
    if not set(resource) <= RESOURCE_LETTERS | WILDCARDS:
        return "has a character in its resource that no resource of the service has, such as a space or a colon"
    return ""
