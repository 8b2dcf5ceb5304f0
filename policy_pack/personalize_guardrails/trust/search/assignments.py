"""The context keys besides the source keys: which values a request can carry, and which denials those leave.

The values of a key fall into classes that the tests do not tell apart. A class is remembered by the denials that still
apply to it, and the keys are combined by intersecting those sets: of two combinations, one to which fewer denials apply
makes the other needless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust.automata.domains import Choice
from personalize_guardrails.trust.automata.representatives import class_representatives
from personalize_guardrails.trust.context_keys import domain_of, is_never_sent, sent_value
from personalize_guardrails.trust.parse.conditions import SOURCE_KEYS, unknown_condition
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest
    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget
    from personalize_guardrails.trust.services import ServiceProfile

_MOST: Final = 4096
_NONE_FITS: Final = object()
ValueClass = tuple[int, str | None]
"""Some values of a key: the denials that still apply to them, and one of them; None is the key's absence."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The service that makes a request: under which name, and who owns the role."""

    profile: ServiceProfile
    principal: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class PartialAssignment:
    """The values of some keys, and the denials that still apply."""

    live_denials: int
    values: tuple[tuple[str, str], ...] = ()


def other_keys(
    allow: TrustStatement, denials: Sequence[TrustStatement], caller: Caller, budget: Budget
) -> list[PartialAssignment]:
    """Return the least denied ways for a request to meet the Allow's conditions on all but the source keys."""
    required: dict[str, list[ConditionTest]] = {}
    denying: dict[str, list[tuple[int, ConditionTest]]] = {}
    for test in allow.tests:
        if test.key not in SOURCE_KEYS:
            required.setdefault(test.key, []).append(test)
    for index, denial in enumerate(denials):
        for test in denial.tests:
            if test.key not in SOURCE_KEYS:
                denying.setdefault(test.key, []).append((1 << index, test))
    if not (required or denying):
        return [PartialAssignment((1 << len(denials)) - 1)]
    settled = _settle(required, denying.keys(), caller, budget)
    if settled is None:
        return []
    assignments = [PartialAssignment((1 << len(denials)) - 1, tuple(settled))]
    for key, tests in denying.items():
        values = _values(key, required.get(key, ()), [test for _, test in tests], caller, budget)
        assignments = _combine(assignments, _classes(values, tests, budget), key, budget)
    return assignments


def _settle(
    required: Mapping[str, Sequence[ConditionTest]], denied: Collection[str], caller: Caller, budget: Budget
) -> list[tuple[str, str]] | None:
    """Return a value for each key that no denial asks about; None where one has none that fits."""
    settled: list[tuple[str, str]] = []
    for key in [key for key in required if key not in denied]:
        value: object = next(_values(key, required[key], (), caller, budget), _NONE_FITS)
        if value is _NONE_FITS:
            return None
        if isinstance(value, str):
            settled.append((key, value))
    return settled


def _values(
    key: str, must: Sequence[ConditionTest], denying: Sequence[ConditionTest], caller: Caller, budget: Budget
) -> Iterator[str | None]:
    """Yield a value of every class that the Allow admits, None for the key's absence."""
    sent = sent_value(key, caller.principal, caller.owner)
    if sent is None and all(test.when_absent for test in must):
        yield None
    if sent is not None:
        yield from class_representatives(Choice(sent), must, denying, budget)
    elif not is_never_sent(key, caller.profile):
        yield from class_representatives(domain_of(key), must, denying, budget)


def _classes(
    values: Iterable[str | None], denying: Sequence[tuple[int, ConditionTest]], budget: Budget
) -> list[ValueClass]:
    """Return the classes of the values: those to which the same denials still apply."""
    found: dict[int, ValueClass] = {}
    for value in values:
        budget.spend(1 + len(denying))
        defeated = 0
        for bit, test in denying:
            if not test.holds(value):
                defeated |= bit
        found.setdefault(~defeated, (~defeated, value))
    return list(found.values())


def _combine(
    assignments: Iterable[PartialAssignment], classes: Sequence[ValueClass], key: str, budget: Budget
) -> list[PartialAssignment]:
    """Return every assignment with every class of one more key, without those that others make needless."""
    kept: dict[int, PartialAssignment] = {}
    for each in assignments:
        budget.spend(len(classes))
        for mask, value in classes:
            live = each.live_denials & mask
            if live not in kept:
                if len(kept) > _MOST:
                    raise TooComplex
                values = each.values if value is None else (*each.values, (key, value))
                kept[live] = PartialAssignment(live, values)
    best: list[PartialAssignment] = []
    for each in sorted(kept.values(), key=lambda one: one.live_denials.bit_count()):
        budget.spend(len(best))
        if not any(one.live_denials & ~each.live_denials == 0 for one in best):
            best.append(each)
    return best


def relaxed(statements: Sequence[TrustStatement], caller: Caller) -> list[TrustStatement] | None:
    """Return the statements as if nothing were known of the keys for which not all values are looked for.

    They are those with several tests of which one compares, or asks for several values; None where there are none.
    """
    on_key: dict[str, list[ConditionTest]] = {}
    for statement in statements:
        for test in statement.tests:
            on_key.setdefault(test.key, []).append(test)
    keys = {
        key
        for key, tests in on_key.items()
        if len(tests) > 1
        and any(test.multivalued or test.comparison is not None for test in tests)
        and key not in SOURCE_KEYS
        and sent_value(key, caller.principal, caller.owner) is None
        and not is_never_sent(key, caller.profile)
    }
    if not keys:
        return None
    return [
        replace(
            each,
            tests=tuple(
                unknown_condition(test.key, allow=each.allow) if test.key in keys else test for test in each.tests
            ),
        )
        for each in statements
    ]
