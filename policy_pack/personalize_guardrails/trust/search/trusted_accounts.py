"""Whom a document trusts, where no settings say so, and conditions that obviously admit trusted accounts only."""

from __future__ import annotations

import string
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, ARN_PARTS, is_account_id, split_arn
from personalize_guardrails.trust.automata.representatives import PER_TEXT
from personalize_guardrails.trust.parse.conditions import ACCOUNT, SOURCE_KEYS, ConditionTest
from personalize_guardrails.trust.parse.principal_matching import admitted, denies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget
    from personalize_guardrails.trust.services import ServiceProfile


def trusted_accounts(
    statements: Sequence[TrustStatement], service: str, known: Collection[str], budget: Budget
) -> frozenset[str]:
    """Return the exact accounts of the document's conditions on aws:SourceAccount that it lets the service act for.

    An account that only a statement about others names, or that a denial excepts although no Allow lets it in, is not
    trusted: such a statement changes nothing of what the document allows. `known` are the names of the service.
    """
    named = {
        text
        for statement in statements
        for test in statement.tests_on(ACCOUNT)
        if test.negated is not statement.allow
        for text in test.literals
        if is_account_id(text)
    }
    found: set[str] = set()
    for allow in statements:
        if len(found) < len(named) and allow.allow and admitted(allow, service, known):
            found |= _on_whom_it_holds(allow, named, budget)
    for denial in statements:
        is_about_all = not denial.allow and all(test.key == ACCOUNT for test in denial.tests)
        if is_about_all and all(denies(denial, service, name) for name in known):
            found -= _on_whom_it_holds(denial, found, budget)
    return frozenset(found)


def _on_whom_it_holds(statement: TrustStatement, accounts: set[str], budget: Budget) -> set[str]:
    """Return the accounts for which a statement's conditions on aws:SourceAccount hold."""
    tests = statement.tests_on(ACCOUNT)
    if exact := next((test for test in tests if test.is_exact), None):
        accounts = accounts & exact.literals
    budget.spend(PER_TEXT * len(accounts) * len(tests))
    return {account for account in accounts if all(test.holds(account) for test in tests)}


class Confinement(NamedTuple):
    """What the source keys of an allowed request obviously must be."""

    account: bool = False
    """aws:SourceAccount must be one of a list of trusted accounts."""
    arn: bool = False
    """aws:SourceArn must match one of a list of patterns that each name a trusted account."""
    follows: bool = False
    """The same, or name by its variable the account of aws:SourceAccount."""

    @property
    def is_complete(self) -> bool:
        """Whether only trusted accounts and their ARNs can be allowed."""
        return self.account and (self.arn or self.follows)


def confinement(
    allow: TrustStatement, denials: Iterable[TrustStatement], trusted: frozenset[str], profile: ServiceProfile
) -> Confinement:
    """Return what an Allow and its denials obviously leave of the source keys."""
    account = arn = follows = False
    for test in required(allow, denials):
        if test.when_absent or not test.lists_values or not test.texts:
            continue
        if test.key == ACCOUNT:
            account = account or (
                test.literals <= trusted if test.is_exact else all(_are_trusted(text, trusted) for text in test.texts)
            )
        elif not test.bound:
            arn = arn or _name_trusted(test, test.texts, trusted, profile)
        elif profile.own_arns_only or not test.by_colons:
            others = [text for text in test.texts if "${" not in text]
            is_bound = len(test.bound) == len(test.texts) - len(others)
            follows = follows or (is_bound and _name_trusted(test, others, trusted, profile))
    return Confinement(account, arn, follows)


def required(allow: TrustStatement, denials: Iterable[TrustStatement]) -> Iterator[ConditionTest]:
    """Yield tests of the source keys that hold for whatever is allowed: a Deny of all that differs is one, too."""
    yield from allow.tests_on(*SOURCE_KEYS)
    for denial in denials:
        if len(denial.tests) == 1 and denial.tests[0].key in SOURCE_KEYS and denial.tests[0].negated:
            [test] = denial.tests
            yield replace(test, negated=False, when_absent=not test.when_absent)


def _name_trusted(test: ConditionTest, texts: Iterable[str], trusted: frozenset[str], profile: ServiceProfile) -> bool:
    return all(_are_trusted(account_of(text, test, profile), trusted) for text in texts)


def account_of(text: str, test: ConditionTest, profile: ServiceProfile) -> str:
    """Return the account or the pattern of accounts of the ARNs that match a value; "*" where it is not certain."""
    parts = split_arn(text)
    if parts is None or "${" in text:
        return "*"
    if test.by_colons and ("*" in text or "?" in text):
        # Stars may cross colons; but where ARNs have five colons, and so has the pattern, they cannot.
        return parts[4] if profile.own_arns_only and text.count(":") == ARN_PARTS - 1 else "*"
    return parts[4]


def _are_trusted(pattern: str, trusted: frozenset[str]) -> bool:
    """Return whether all accounts that match a pattern are trusted; False where they cannot be counted off."""
    if pattern in trusted:
        return True
    is_countable = pattern.count("*") <= 1 and first_match(pattern) is not None
    return is_countable and untrusted_match(pattern, trusted) is None


def first_match(pattern: str) -> str | None:
    """Return an account that matches a pattern; None where none does."""
    return next(_matching(pattern), None)


@lru_cache(maxsize=1024)
def untrusted_match(pattern: str, trusted: frozenset[str]) -> str | None:
    """Return an account that matches a pattern and is not trusted, if any; one more than are trusted is looked at."""
    return next((account for account in _matching(pattern) if account not in trusted), None)


def _matching(pattern: str) -> Iterator[str]:
    """Yield accounts that match a pattern: all of them where it has one star at most."""
    missing = ACCOUNT_DIGITS - len(pattern.replace("*", ""))
    filled = pattern.replace("*", "?" * missing, 1).replace("*", "")
    if is_account_id(filled.replace("?", "0")):
        template = filled.replace("?", "{}")
        yield from (template.format(*digits) for digits in product(string.digits, repeat=filled.count("?")))
