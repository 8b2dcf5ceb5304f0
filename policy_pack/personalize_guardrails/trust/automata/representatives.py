"""The values that a key can have, one for each way in which a set of tests can turn out on them.

All patterns are followed through the key's domain at once, letter by letter, so that every class of values that the
tests tell apart is found, and none is made up.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.iam.globs import Glob, compile_glob, run_together
from personalize_guardrails.trust.automata.domains import Domain, contains
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest
    from personalize_guardrails.trust.search.budget import Budget

_MOST_STATES: Final = 20_000
_MOST_ACCOUNTS: Final = 4
PER_TEXT: Final = 20
"""Steps that one pattern takes on a whole text."""
_SPARES: Final = ("qxzkvjwyubcdefghilmnoprst", "9876543210")
"""One letter and one digit that no pattern names stand for all the others."""
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class AccountTests:
    """Tests of the account that an ARN names, for requests whose account and ARN agree."""

    must: Sequence[ConditionTest]
    tests: Sequence[ConditionTest]
    apart: Collection[str]
    """Accounts that are told from all others."""


_NO_ACCOUNT_TESTS: Final = AccountTests((), (), ())


def class_representatives(
    domain: Domain[S],
    must: Sequence[ConditionTest],
    tests: Sequence[ConditionTest],
    budget: Budget,
    on_account: AccountTests = _NO_ACCOUNT_TESTS,
) -> Iterator[str]:
    """Yield a value for every way in which `tests` can turn out while all of `must` hold; a way may come repeatedly."""

    def holds(text: str) -> bool:
        budget.spend(PER_TEXT * (1 + len(must) + len(on_account.must)))
        return all(test.holds(text) for test in must) and (
            not on_account.must or all(test.holds(account_in(text)) for test in on_account.must)
        )

    seen = set()
    for text in dict.fromkeys(_candidates(domain, (*must, *tests), on_account)):
        if holds(text) and contains(domain, text):
            account = account_in(text)
            outcome = (
                *(test.holds(text) for test in tests),
                *(test.holds(account) for test in on_account.tests),
                account if account in on_account.apart else None,
            )
            if outcome not in seen:
                seen.add(outcome)
                yield text
    if not any(not test.negated and test.always is None and not test.patterns for test in must):
        explored = _Exploration(domain, must, tests, on_account, budget)
        yield from (text for text in explored.texts() if holds(text))


def _candidates(domain: Domain[S], tests: Sequence[ConditionTest], on_account: AccountTests) -> Iterator[str]:
    """Yield values that are usual, that a test lists, or that lie next to a bound."""
    yield from domain.examples
    yield from sorted({text for test in tests for text in test.literals})
    accounts = sorted({text for test in on_account.must for text in test.literals})[:_MOST_ACCOUNTS]
    for text in (text for test in tests for text in test.suggest()):
        yield text
        for account in accounts:
            yield text.replace(account_in(text), account)


class _Exploration:
    """A walk through the states of a domain and of all patterns together, the shortest values first."""

    def __init__(
        self,
        domain: Domain[Any],
        must: Sequence[ConditionTest],
        tests: Sequence[ConditionTest],
        on_account: AccountTests,
        budget: Budget,
    ) -> None:
        every, accounts = (*must, *tests), (*on_account.must, *on_account.tests)
        self._domain, self._budget = domain, budget
        self._globs, self._needed, self._marks, self._settled = _together(every, must)
        self._account_globs, self._needed_accounts, self._account_marks, _ = _together(
            accounts, on_account.must, on_account.apart
        )
        has_colons = domain.colons_left(domain.starts[0][1]) is not None
        self._within_colons = {left: self._globs.within_colons(left) for left in range(3)} if has_colons else {}
        self._compares = any(test.comparison is not None for test in every)
        self._letters = _distinct_letters(domain, self._globs, self._account_globs)
        size = 1 + (self._globs.accept.bit_length() + self._account_globs.accept.bit_length()) // 256
        self._per_state = len(self._letters) * (3 + size)

    def texts(self) -> Iterator[str]:
        """Yield a text for every way in which the patterns can match."""
        seen = set()
        parents: dict[Any, tuple[Any, str]] = {}
        queue: deque[Any] = deque()
        for prefix, state in self._domain.starts:
            start = (state, _run(self._globs, prefix), self._account_globs.start)
            if start not in parents and self._is_live(start):
                parents[start] = (None, prefix)
                queue.append(start)
        while queue:
            here = queue.popleft()
            self._budget.spend(self._per_state)
            state, states, account_states = here
            if self._domain.ends(state):
                outcome = (
                    *(bool(states & mark) for mark in self._marks),
                    *(bool(account_states & mark) for mark in self._account_marks),
                )
                if self._compares or outcome not in seen:
                    seen.add(outcome)
                    yield _spelled(parents, here)
            for letter in self._letters:
                there = self._step(here, letter)
                if there is not None and there not in parents:
                    if len(parents) > _MOST_STATES:
                        raise TooComplex
                    parents[there] = (here, letter)
                    queue.append(there)

    def _step(self, here: tuple[Any, int, int], letter: str) -> tuple[Any, int, int] | None:
        """Return the joint state after one more letter; None where no value that must be found goes on so."""
        following = self._domain.step(here[0], letter)
        if following is None:
            return None
        account_states = here[2]
        if self._domain.in_account(following):
            account_states = self._account_globs.step(account_states, letter)
        states = self._globs.step(here[1], letter)
        left = self._domain.colons_left(following)
        if left is not None:
            states &= self._within_colons[left]
        for span, settled, one in self._settled:
            if states & settled:
                states = states & ~span | one  # the test matches whatever follows: how does not matter
        there = (following, states, account_states)
        return there if self._is_live(there) else None

    def _is_live(self, there: tuple[Any, int, int]) -> bool:
        return all(there[1] & span for span in self._needed) and all(there[2] & span for span in self._needed_accounts)


def _together(
    tests: Sequence[ConditionTest], must: Sequence[ConditionTest], apart: Collection[str] = ()
) -> tuple[Glob, list[int], list[int], list[tuple[int, int, int]]]:
    """Return one automaton for all patterns of some tests, of which the first must hold, with masks of its states.

    The first are the states of which some must be alive: those of tests that must hold, and hold only for values that
    they list. The second are the marks of each test, which matches where one is reached. The third are, for tests of
    several patterns, all their states, those in which they match whatever follows, and some that stand for these.
    """
    lone = [compile_glob([text]) for text in sorted(apart)]
    together, spans = run_together([*(glob for test in tests for glob in test.automata), *lone])
    needed, marks, settled, first = [], [], [], 0
    for index, test in enumerate(tests):
        own = list(zip(test.automata, spans[first : first + len(test.automata)], strict=True))
        first += len(own)
        span = sum(one for _, one in own)
        marks.append(span & together.accept)
        if index < len(must) and test.lists_values:
            needed.append(span)
        each = [glob.settled * (one & -one) for glob, one in own if glob.settled]
        if each and len(own) > 1:
            settled.append((span, sum(each), each[0]))
    return together, needed, [*marks, *(span & together.accept for span in spans[first:])], settled


def _distinct_letters(domain: Domain[Any], globs: Glob, account_globs: Glob) -> list[str]:
    """Return one letter of each kind that the domain or a pattern tells from the others."""
    named = domain.letters | globs.letters | account_globs.letters
    spares = [spare for spares in _SPARES if (spare := next((one for one in spares if one not in named), ""))]
    distinct: dict[Any, str] = {}
    for letter in (*spares, *sorted(named)):
        moves = (
            globs.moves.get(letter, globs.moved_by_any),
            account_globs.moves.get(letter, account_globs.moved_by_any),
        )
        distinct.setdefault((domain.kind(letter), letter == ":", *moves), letter)
    return list(distinct.values())


def _run(glob: Glob, text: str) -> int:
    """Return the states after a text."""
    states = glob.start
    for letter in text:
        states = glob.step(states, letter)
    return states


def _spelled(parents: dict[Any, tuple[Any, str]], here: Any) -> str:  # noqa: ANN401 - a joint state
    """Return the text that led to a state."""
    letters: list[str] = []
    while here is not None:
        here, letter = parents[here]
        letters.append(letter)
    return "".join(reversed(letters))
