"""The verdict on a whole document for one service: each Allow that lets in too much, or that the role is useless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalize_guardrails.trust import messages
from personalize_guardrails.trust.findings import Finding, Kind, Witness
from personalize_guardrails.trust.impossible import why_unsatisfiable
from personalize_guardrails.trust.parse.conditions import ARN, WITHOUT_VARIABLES, read_test
from personalize_guardrails.trust.parse.principal_matching import admitted, denies, names
from personalize_guardrails.trust.remedies import remedy_for
from personalize_guardrails.trust.search.allow_search import AllowSearch
from personalize_guardrails.trust.search.assignments import Caller
from personalize_guardrails.trust.search.budget import Budget, TooComplex
from personalize_guardrails.trust.search.counterexample import Counterexample, Doubt
from personalize_guardrails.trust.search.satisfiability import is_open, is_satisfiable, unrestricted_keys
from personalize_guardrails.trust.search.trusted_accounts import trusted_accounts
from personalize_guardrails.trust.services import profile_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.settings import TrustSettings

_BRIEFLY = _FOR_ADVICE = 100_000
"""Steps for each Allow at first, and for a remedy."""


def findings_for(
    service: str,
    statements: Sequence[TrustStatement],
    owner: str | None,
    settings: TrustSettings,
) -> list[Finding]:
    """Return what is wrong with a document for one service. TooComplex where that cannot be decided."""
    searches, naming = _searches(service, statements, owner, settings)
    works, undecided = None, searches
    # All briefly first, so that an Allow that is hard to decide keeps none from being decided, in whatever order.
    for steps in (_BRIEFLY, None):
        found, beside, undecided = _find_each(undecided, steps)
        works = is_satisfiable(searches) if beside else works
        if works:
            # A pair that no service sends counts only beside one that it does send.
            found |= beside
        _add_unrestricted(found, naming, undecided)
        if found:
            return [
                _unguarded(*found[index], [each for each in searches if each.allow.index == index], settings)
                for index in sorted(found)
            ]
        if not undecided:
            break
    if undecided:
        raise TooComplex
    if not naming or works or (works is None and is_satisfiable(searches)):
        return []
    path = naming[0].allow.path
    message = messages.unsatisfiable(path, service, why_unsatisfiable(naming[0]))
    return [Finding(Kind.UNSATISFIABLE, "never-matches", path, message)]


def _searches(
    service: str,
    statements: Sequence[TrustStatement],
    owner: str | None,
    settings: TrustSettings,
) -> tuple[list[AllowSearch], list[AllowSearch]]:
    """Return a search for every Allow under every name of the service, and those whose Allow spells the name out."""
    profile, budget = profile_of(service), Budget(len(statements))
    known = names((statement for statement in statements if statement.allow), service)
    trusted = settings.known_accounts
    if trusted is None:
        trusted = trusted_accounts(statements, service, known, budget)
    elif settings.own_account is None and owner is not None:
        trusted |= {owner}  # the role's owner, where it is not known who that is
    denials = {
        name: [statement for statement in statements if not statement.allow and denies(statement, service, name)]
        for name in known
    }
    arns = settings.source_arns
    pinned = read_test("ArnLike", ARN, list(arns), WITHOUT_VARIABLES) if arns else None
    searches, naming = [], []
    for allow in statements:
        for name, is_named in admitted(allow, service, known).items() if allow.allow else ():
            caller = Caller(profile, name, owner)
            search = AllowSearch(allow, denials[name], caller, trusted, budget, pinned)
            searches.append(search)
            if is_named:
                naming.append(search)
    return searches, naming


_Found = dict[int, tuple[AllowSearch, Counterexample]]
"""Counterexamples by the index of their Allow."""


def _find_each(searches: Sequence[AllowSearch], steps: int | None) -> tuple[_Found, _Found, list[AllowSearch]]:
    """Return the first counterexample of each Allow, first those where account and ARN do not disagree.

    With them the searches that take more than so many steps, or more than an equal share of those that are left.
    """
    found: _Found = {}
    beside: _Found = {}
    undecided = []
    for place, search in enumerate(searches):
        index = search.allow.index
        if index in found:
            continue
        try:
            with search.budget.at_most(steps, of=len(searches) - place):
                if counterexample := search.find():
                    found[index] = search, counterexample
                elif index not in beside and (counterexample := search.find_disagreement()):
                    beside[index] = search, counterexample
        except TooComplex:
            undecided.append(search)
    return found, beside, [search for search in undecided if search.allow.index not in found]


def _add_unrestricted(found: _Found, naming: Sequence[AllowSearch], undecided: Sequence[AllowSearch]) -> None:
    """Add the Allows in which nothing restricts a source key; TooComplex where that and all else is undecided."""
    rest = [search for search in naming if search.allow.index not in found]
    try:
        unrestricted = unrestricted_keys(rest)
        for search in rest:
            if keys := tuple(key for key in unrestricted if is_open(search, key)):
                witness = Witness(search.caller.principal, None, None, statement=search.allow.index)
                doubt = Doubt.NOT_SEARCHED if search in undecided else Doubt.NONE_ALLOWED
                found.setdefault(search.allow.index, (search, Counterexample(witness, doubt, keys)))
    except TooComplex:
        if not found:
            raise


def _unguarded(
    search: AllowSearch, counterexample: Counterexample, by_name: Sequence[AllowSearch], settings: TrustSettings
) -> Finding:
    """Return the finding of one Allow; `by_name` are its searches under all names of the service."""
    witness = counterexample.witness
    with search.budget.at_most(_FOR_ADVICE):
        advised = remedy_for(search, counterexample, by_name, settings)
    code, message = messages.unguarded(search, counterexample)
    message = f"{message} {messages.advice(advised, settings.language)}"
    shown = witness if counterexample.doubt is None else None
    return Finding(Kind.UNGUARDED, code, search.allow.path, message, shown, advised.remedy)
