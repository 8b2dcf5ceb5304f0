"""The values that a key can have, one for each way in which a set of tests can turn out on them.

The values of a key are a domain: twelve digits, the ARNs of a service, or any text. All patterns are followed through
it at once, so that every class of values that the tests tell apart is found, and none is made up.
"""

from __future__ import annotations

from collections import deque
from operator import and_
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from personalize_guardrails.trust.automata.trie import ROOT, Trie
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from personalize_guardrails.iam.globs import Glob
    from personalize_guardrails.trust.parse.conditions import ConditionTest
    from personalize_guardrails.trust.search.budget import Budget

_MOST_STATES: Final = 20_000
PER_TEXT: Final = 20
"""Steps that one pattern takes on a whole text."""
_SPARES: Final = ("qxzkvjwyubcdefghilmnoprst", "9876543210")
"""One letter and one digit that no pattern names stand for all the others."""
Value = tuple[str, str | None]
"""A value, and the trusted account that it names."""


S = TypeVar("S")


class Domain(Protocol[S]):
    """The possible values of a key, as a machine with states of type `S`."""

    @property
    def start(self) -> S:
        """The state before the first letter."""

    @property
    def letters(self) -> frozenset[str]:
        """The letters that values may need."""

    @property
    def preferred(self) -> tuple[str, ...]:
        """Values that make good examples."""

    def step(self, state: S, letter: str) -> S | None:
        """The state after one more letter; None where no value goes on so."""

    def ends(self, state: S) -> bool:
        """Whether a value may end here."""

    def names(self, state: S) -> str | None:
        """The trusted account that a value which ends here names."""


def class_representatives(
    domain: Domain[S], must: Sequence[ConditionTest], tests: Sequence[ConditionTest], budget: Budget
) -> Iterator[Value]:
    """A value for every way in which `tests` can turn out while all of `must` hold. A way may come more than once."""
    globs = list(dict.fromkeys(glob for test in (*must, *tests) for glob in test.globs))
    literals = sorted({text for test in (*must, *tests) for text in test.literals})
    candidates = [*domain.preferred, *literals, *(text for test in (*must, *tests) for text in test.suggest())]
    for text in dict.fromkeys(candidates):
        budget.spend(PER_TEXT * (1 + len(globs)))
        state = _read(domain, text)
        if state is not None and domain.ends(state) and all(test.holds(text) for test in must):
            yield text, domain.names(state)
    if not any(_listed(test) for test in must):
        yield from _explored(domain, globs, literals, must, tests, budget)


def _read(domain: Domain[S], text: str) -> S | None:
    """The state after a text; None where no value starts so."""
    state = domain.start
    for letter in text:
        following = domain.step(state, letter)
        if following is None:
            return None
        state = following
    return state


def _listed(test: ConditionTest) -> bool:
    """Whether only values that the test itself lists can hold."""
    return not test.negated and test.always is None and not test.patterns


def _explored(
    domain: Domain[S],
    globs: list[Glob],
    literals: list[str],
    must: Sequence[ConditionTest],
    tests: Sequence[ConditionTest],
    budget: Budget,
) -> Iterator[Value]:
    letters = sorted(domain.letters.union(*(glob.letters for glob in globs), *literals))
    letters += [spare for spares in _SPARES if (spare := next((one for one in spares if one not in letters), ""))]
    needed = [[globs.index(glob) for glob in test.globs] for test in must if _by_globs(test)]
    trie = Trie(literals)
    steps = [glob.step for glob in globs]
    accepts = [glob.accept for glob in globs]
    compared = any(test.comparison is not None for test in (*must, *tests))
    seen: set[tuple[str | bool | None, ...]] = set()
    start = (domain.start, ROOT, tuple(glob.start for glob in globs))
    parents: dict[Any, tuple[Any, str] | None] = {start: None}
    queue: deque[Any] = deque([start])
    per_state = len(letters) * (1 + len(globs))
    while queue:
        here = queue.popleft()
        state, node, masks = here
        budget.spend(per_state)
        outcome = (domain.names(state), trie.text(node), *map(bool, map(and_, masks, accepts)))
        if domain.ends(state) and (compared or outcome not in seen):
            seen.add(outcome)
            text = _spelled(parents, here)
            if all(test.holds(text) for test in must):
                yield text, domain.names(state)
        for letter in letters:
            following = domain.step(state, letter)
            if following is None:
                continue
            moved = tuple(step(mask, letter) if mask else 0 for step, mask in zip(steps, masks, strict=True))
            if any(not any(moved[index] for index in group) for group in needed):
                continue
            there = (following, trie.step(node, letter), moved)
            if there not in parents:
                if len(parents) > _MOST_STATES:
                    raise TooComplex
                parents[there] = (here, letter)
                queue.append(there)


def _by_globs(test: ConditionTest) -> bool:
    return not test.negated and test.always is None and not test.literals and test.comparison is None


def _spelled(parents: dict[Any, tuple[Any, str] | None], here: Any) -> str:  # noqa: ANN401 - a joint state
    letters: list[str] = []
    while (parent := parents[here]) is not None:
        here, letter = parent
        letters.append(letter)
    return "".join(reversed(letters))
