"""The verdict on a document that is not plainly guarded: a search for every Allow, and what its results mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.trust import messages
from personalize_guardrails.trust.findings import Finding, Kind, Witness
from personalize_guardrails.trust.impossible import why_unsatisfiable
from personalize_guardrails.trust.parse.conditions import ARN, WITHOUT_VARIABLES, read_test
from personalize_guardrails.trust.parse.document import TrustStatement, read
from personalize_guardrails.trust.parse.principal_matching import admitted, denies, names
from personalize_guardrails.trust.remedies import remedy_for
from personalize_guardrails.trust.search.allow_search import AllowSearch
from personalize_guardrails.trust.search.budget import Budget, TooComplex
from personalize_guardrails.trust.search.counterexample import Counterexample, Doubt
from personalize_guardrails.trust.search.satisfiability import is_open, is_satisfiable, unrestricted_keys
from personalize_guardrails.trust.search.trusted_accounts import first_match, trusted_accounts
from personalize_guardrails.trust.services import OWNER, RESOURCE_ACCOUNT, Caller, profile_of

if TYPE_CHECKING:
    from personalize_guardrails.trust.settings import TrustSettings

_MOST_OWNERS: Final = 8
_MOST_ASKED: Final = 64
_TOO_COMPLEX: Final = Finding(
    Kind.MALFORMED,
    "too-complex",
    "",
    "The trust policy is malformed: its conditions are too complex to decide. Name accounts and resources exactly, and "
    "remove what is not needed.",
)
_ACCOUNT_ID: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)
_BRIEFLY = _FOR_ADVICE = 100_000
"""Steps for each Allow at first, and for a remedy."""
_Counterexamples = dict[int, tuple[AllowSearch, Counterexample]]
"""Counterexamples by the index of their Allow."""


def verdict(body: dict[str, Any], settings: TrustSettings, *, is_plain: bool) -> tuple[Finding, ...]:
    """Return what is wrong with a document in plain values; `is_plain`: its conditions are known to guard it.

    Refused where it has no statements.
    """
    try:
        found = [_findings(body, owner, settings, is_plain=is_plain) for owner in _owners(body, settings)]
    except TooComplex:
        return (_TOO_COMPLEX,)
    unguarded = (each for each in found if any(finding.kind is Kind.UNGUARDED for finding in each))
    return next(unguarded, min(found, key=len))


def _findings(
    body: dict[str, Any], owner: str | None, settings: TrustSettings, *, is_plain: bool
) -> tuple[Finding, ...]:
    """Return what is wrong with a document in plain values, if the account `owner` has the role."""
    parsed = read(body, owner)
    findings = list(parsed.faults)
    for service in settings.services if not is_plain else ():
        try:
            findings += _findings_for(service, parsed.statements, owner, settings)
        except TooComplex:
            findings.append(_TOO_COMPLEX)
    return tuple(dict.fromkeys(findings) if len(findings) > 1 else findings)


def _owners(body: dict[str, Any], settings: TrustSettings) -> list[str | None]:
    """Return the accounts that may own the role; None where no condition or policy variable asks for it.

    Where it is not known, each is tried that a condition on aws:ResourceAccount admits by its name, some others that
    the document names, of trusted accounts where there are some, and one that it does not name: the document is guarded
    if it is whoever has the role, and works for one of them. TooComplex where they are too many.
    """
    if settings.own_account is not None:
        return [settings.own_account]
    text = str(body)
    if "resourceaccount" not in text.lower():
        return [None]
    tests = (test for statement in read(body).statements for test in statement.tests)
    patterns = {text for test in tests if test.key == RESOURCE_ACCOUNT for text in test.texts}
    asked = dict.fromkeys(account for pattern in sorted(patterns) if (account := first_match(pattern)))
    if len(asked) > _MOST_ASKED:
        raise TooComplex
    named = sorted(set(_ACCOUNT_ID.findall(text)))
    trusted = sorted(settings.accounts or ())
    likely = [account for account in named if account in trusted] or trusted[:1] or named
    return list(dict.fromkeys((*asked, *likely[:_MOST_OWNERS], OWNER)))


def _findings_for(
    service: str, statements: Sequence[TrustStatement], owner: str | None, settings: TrustSettings
) -> list[Finding]:
    """Return what is wrong with a document for one service. TooComplex where that cannot be decided."""
    searches, by_name = _searches(service, statements, owner, settings)
    works, undecided = None, searches
    # All briefly first, so that an Allow that is hard to decide keeps none from being decided, in whatever order.
    for steps in (_BRIEFLY, None):
        found, disagreeing, undecided = _find_each(undecided, steps)
        works = is_satisfiable(searches) if disagreeing else works
        if works:
            # A pair that no service sends counts only beside one that it does send.
            found |= disagreeing
        _add_unrestricted(found, by_name, undecided)
        if found:
            of_allow: dict[int, list[AllowSearch]] = {index: [] for index in sorted(found)}
            for search in searches:
                of_allow.get(search.allow.index, []).append(search)
            return [_unguarded(*found[index], own, settings) for index, own in of_allow.items()]
        if not undecided:
            break
    if undecided:
        raise TooComplex
    if not by_name or works or (works is None and is_satisfiable(searches)):
        return []
    path, (reason, remedy) = by_name[0].allow.path, why_unsatisfiable(by_name[0])
    message = f"{path} can never match: {reason}, so {service} can never assume the role. {remedy}."
    return [Finding(Kind.UNSATISFIABLE, "never-matches", path, message)]


def _searches(
    service: str, statements: Sequence[TrustStatement], owner: str | None, settings: TrustSettings
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
    arns = list(settings.source_arns)
    pinned = read_test("ArnLike", ARN, arns, WITHOUT_VARIABLES) if arns else None
    searches, by_name = [], []
    for allow in statements:
        for name, is_named in admitted(allow, service, known).items() if allow.allow else ():
            caller = Caller(profile, name, owner)
            search = AllowSearch(allow, denials[name], caller, trusted, budget, pinned)
            searches.append(search)
            if is_named:
                by_name.append(search)
    return searches, by_name


def _find_each(
    searches: Sequence[AllowSearch], steps: int | None
) -> tuple[_Counterexamples, _Counterexamples, list[AllowSearch]]:
    """Return the first counterexample of each Allow, first those where account and ARN do not disagree.

    With them the searches that take more than so many steps, or more than an equal share of those that are left.
    """
    found: _Counterexamples = {}
    disagreeing: _Counterexamples = {}
    undecided = []
    for place, search in enumerate(searches):
        index = search.allow.index
        if index in found:
            continue
        try:
            with search.budget.at_most(steps, of=len(searches) - place):
                if counterexample := search.find():
                    found[index] = search, counterexample
                elif index not in disagreeing and (counterexample := search.find_disagreement()):
                    disagreeing[index] = search, counterexample
        except TooComplex:
            undecided.append(search)
    return found, disagreeing, [search for search in undecided if search.allow.index not in found]


def _add_unrestricted(
    found: _Counterexamples, by_name: Sequence[AllowSearch], undecided: Sequence[AllowSearch]
) -> None:
    """Add the Allows in which nothing restricts a source key; TooComplex where that and all else is undecided."""
    rest = [search for search in by_name if search.allow.index not in found]
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
    with search.budget.at_most(_FOR_ADVICE):
        remedy, advice = remedy_for(search, counterexample, by_name, settings)
    code, message = messages.unguarded(search, counterexample)
    witness = counterexample.witness if counterexample.doubt is None else None
    return Finding(Kind.UNGUARDED, code, search.allow.path, f"{message} {advice}", witness, remedy)
