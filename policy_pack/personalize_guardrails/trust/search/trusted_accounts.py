"""Whom a document trusts, where no settings say so: the accounts that it names and lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalize_guardrails.iam.arns import is_account_id
from personalize_guardrails.trust.automata.representatives import PER_TEXT
from personalize_guardrails.trust.parse.conditions import ACCOUNT
from personalize_guardrails.trust.parse.principal_matching import admitted, denies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget


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
