"""Whether a document lets anybody in at all, and whether it restricts a source key where nobody comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from personalize_guardrails.trust.automata.domains import Accounts, Arns, Domain
from personalize_guardrails.trust.automata.representatives import class_representatives
from personalize_guardrails.trust.parse.conditions import ACCOUNT, SOURCE_KEYS, ConditionTest
from personalize_guardrails.trust.search.assignments import OtherKeys
from personalize_guardrails.trust.search.budget import TooComplex
from personalize_guardrails.trust.search.spaces import SourcePairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.allow_search import AllowSearch


def is_satisfiable(searches: Iterable[AllowSearch]) -> bool:
    """Return whether any request of a trusted account, whose ARN names the same account, is allowed.

    Also where that is too complex to decide: that a guarded role may be useless is not worth refusing it.
    """
    try:
        return any(search.admits_trusted() for search in searches)
    except TooComplex:
        return True


def admits_trusted(search: AllowSearch, tests: Iterable[ConditionTest]) -> bool:
    """Return whether an Allow with some tests, of which those of the source keys count, admits a trusted account."""
    allow = replace(search.allow, tests=tuple(test for test in tests if test.key in SOURCE_KEYS))
    return is_satisfiable([replace(search, allow=allow, denials=())])


def admits_agreeing(search: AllowSearch) -> bool:
    """Return whether the source keys of an Allow admit any account with an ARN that names it; also if in doubt."""
    try:
        pairs = SourcePairs(search.allow, (), (), search.caller.profile, search.budget).agreeing()
        return next(pairs, None) is not None
    except TooComplex:
        return True


def unrestricted_keys(by_name: Sequence[AllowSearch]) -> tuple[str, ...]:
    """Return the source keys that nothing restricts in some Allows which name the service.

    Conditions on other keys, which may keep every request out, do not count: they are not what guards a role. Of the
    denials those restrict a key that deny its absence.
    """
    return tuple(
        key for key in SOURCE_KEYS if any(is_open(search, key) for search in by_name) and _admit_all(by_name, key)
    )


def is_open(search: AllowSearch, key: str) -> bool:
    """Return whether an Allow takes requests without a key, and no denial that can apply refuses them."""
    return all(test.when_absent for test in _tests(search.allow, key)) and not any(
        (tests := _tests(denial, key))
        and all(test.when_absent for test in tests)
        and OtherKeys(denial, (), search.caller, search.budget).escape(0) is not None
        for denial in search.denials
    )


def _admit_all(by_name: Sequence[AllowSearch], key: str) -> bool:
    """Return whether every value of a key is admitted by one of the Allows."""
    alternatives = [_tests(search.allow, key) for search in by_name]
    if not all(alternatives):
        return True
    profile, budget = by_name[0].caller.profile, by_name[0].budget
    domain: Domain[Any] = Accounts() if key == ACCOUNT else Arns(profile)
    refused = [(tests, ()) for tests in alternatives]
    return next(class_representatives(domain, (), (), budget, refused=refused), None) is None


def _tests(statement: TrustStatement, key: str) -> list[ConditionTest]:
    return [test.among(agreeing=None, own_arns_only=True) for test in statement.tests_on(key)]
