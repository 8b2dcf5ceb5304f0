"""Drops the patterns of a test that have no value in common with another test that must hold.

An Allow may list ARNs of datasets where a Deny lets only campaigns pass. A walk through all patterns notices that at
the end of each ARN; one pattern and one test are compared soon.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.trust.automata.exploration import Exploration
from personalize_guardrails.trust.automata.requirements import Requirements
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from personalize_guardrails.iam.globs import Glob
    from personalize_guardrails.trust.automata.domains import Domain
    from personalize_guardrails.trust.automata.obligations import Wanted
    from personalize_guardrails.trust.search.budget import Budget

_MOST_STATES: Final = 500
"""Where two patterns need more, they are taken to have a value in common."""


def may_be_incompatible(requirements: Requirements) -> bool:
    """Return whether there is a pattern that may have nothing in common with another test."""
    return any(not glob.is_open for group in requirements.met if _is_listing(group) for glob in group[0].test.automata)


def compatible(requirements: Requirements, domain: Domain[Any], budget: Budget) -> Requirements:
    """Return the requirements without patterns by which they cannot be met together."""
    met = list(requirements.met)
    for index, group in enumerate(met):
        if not _is_listing(group):
            continue
        [one] = group
        others = [other[0] for place, other in enumerate(met) if place != index and _is_listing(other)]
        kept = (
            glob
            for glob in one.test.automata
            if glob.is_open or all(_have_common_value(_only([glob], one), other, domain, budget) for other in others)
        )
        met[index] = [_only(kept, one)]
    return replace(requirements, met=met)


def _is_listing(group: Sequence[Wanted]) -> bool:
    """Return whether an obligation is one test, of which a pattern has to match."""
    return len(group) == 1 and group[0].outcome is not group[0].test.negated


def _only(globs: Iterable[Glob], one: Wanted) -> Wanted:
    """Return a test with some of its patterns."""
    patterns = tuple((lambda glob=glob: glob) for glob in globs)
    return one._replace(test=replace(one.test, literals=frozenset(), patterns=patterns))


def _have_common_value(one: Wanted, other: Wanted, domain: Domain[Any], budget: Budget) -> bool:
    """Return whether a value of the domain meets both."""
    watched = Requirements([[one], [other]]).watch()
    try:
        texts = Exploration(domain, watched, budget, most_states=_MOST_STATES).texts()
        return next(texts, None) is not None
    except TooComplex:
        return True
