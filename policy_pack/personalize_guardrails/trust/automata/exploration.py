"""A walk through the values of a domain, by the states of all patterns together."""

from __future__ import annotations

from functools import reduce
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from personalize_guardrails.trust.automata.obligations import ANY, Obligations, States
from personalize_guardrails.trust.search.budget import Budget, TooComplex

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from personalize_guardrails.iam.globs import Glob
    from personalize_guardrails.trust.automata.domains import Domain, Room

_MOST_RIVALS: Final = 64
_SPARES: Final = ("qxzkvjwyubcdefghilmnoprst", "9876543210")
"""A letter and a digit that no pattern names represent all the others."""


class _Place(NamedTuple):
    """Where a walk is: the state of the domain, and those of the patterns."""

    state: Any
    states: States


class _Frontier:
    """The places that a walk has reached, and which of them to go on from.

    The most promising come first: those that need the fewest letters to meet all obligations, and of these the
    shortest. A place is left out where another one allows whatever it does.
    """

    def __init__(self, domain: Domain[Any], watched: Obligations, most_states: int, *, compares: bool) -> None:
        self._domain, self._watched, self._compares, self._most_states = domain, watched, compares, most_states
        self._parents: dict[_Place, tuple[_Place | None, str]] = {}
        self._queue: list[tuple[int, int, int, _Place]] = []
        self._best: dict[Hashable, list[int]] = {}

    def reach(self, state: Any, states: States, before: _Place | None, letter: str, length: int) -> None:  # noqa: ANN401 - the domain's
        """Add the place after one more letter, if it is of use."""
        room = self._domain.room(state)
        settled = self._watched.settle(states, ANY if room is None else room[0], self._domain.digits(state))
        if settled is None:
            return
        there = _Place(state, settled[0])
        if there in self._parents or not (self._compares or self._is_best(there)):
            return
        if len(self._parents) > self._most_states:
            raise TooComplex
        self._parents[there] = (before, letter)
        missing = settled[1] + self._domain.missing(state)
        heappush(self._queue, (missing, length, len(self._parents), there))

    def _is_best(self, there: _Place) -> bool:
        """Return whether no other place of the domain's state is known to allow whatever this one does; remember it."""
        apart, better = self._watched.rank(there.states)
        rivals = self._best.setdefault((there.state, apart), [])
        for rival in rivals:
            if not better & ~rival:
                return False
        if len(rivals) >= _MOST_RIVALS:
            del rivals[0]
        rivals.append(better)
        return True

    def __iter__(self) -> Iterator[tuple[_Place, int]]:
        """Yield the most promising place and the length of the text to it, while there are any."""
        while self._queue:
            _, length, _, there = heappop(self._queue)
            yield there, length

    def text_to(self, place: _Place) -> str:
        """Return the text that led to a place."""
        letters: list[str] = []
        here: _Place | None = place
        while here is not None:
            here, letter = self._parents[here]
            letters.append(letter)
        return "".join(reversed(letters))


class Exploration:
    """A walk through a domain and all patterns: TooComplex where it has seen `most_states`, or the budget is spent.

    `compares` says that tests without patterns decide besides.
    """

    def __init__(
        self, domain: Domain[Any], watched: Obligations, budget: Budget, *, most_states: int, compares: bool = False
    ) -> None:
        self._domain, self._watched, self._budget, self._compares = domain, watched, budget, compares
        self._frontier = _Frontier(domain, watched, most_states, compares=compares)
        self._fitting: dict[Room, tuple[int, int]] = {}
        self._letters = _distinct_letters(domain, watched.value, watched.account)
        size = 1 + (watched.value.accept.bit_length() + watched.account.accept.bit_length()) // 256
        self._per_state = len(self._letters) * (3 + size)

    def texts(self) -> Iterator[str]:
        """Yield a text that meets all obligations for every way in which the other tests can turn out."""
        seen = set()
        frontier = self._frontier
        for prefix, state in self._domain.starts:
            value = reduce(self._watched.value.step, prefix, self._watched.value.start)
            states = States(value, self._watched.account.start)
            frontier.reach(state, states, None, prefix, 0)
        for here, length in frontier:
            self._budget.spend(self._per_state)
            if self._domain.ends(here.state) and self._watched.are_met(here.states):
                outcome = self._watched.outcome(here.states)
                if self._compares or outcome not in seen:
                    seen.add(outcome)
                    yield frontier.text_to(here)
                    if len(seen) >= self._watched.most_outcomes and not self._compares:
                        return
            for letter, state, states in self._following(here):
                frontier.reach(state, states, here, letter, length + 1)

    def _following(self, here: _Place) -> Iterator[tuple[str, Any, States]]:
        """Yield a letter of each kind that a place distinguishes, with the states after it."""
        value, account, met = here.states
        domain, watched = self._domain, self._watched
        in_account = domain.in_account(here.state)
        seen = set()
        for letter, kind, moves, account_moves in self._letters:
            effect = (kind, value & moves, account & account_moves)
            if effect in seen:
                continue
            seen.add(effect)
            following = domain.step(here.state, letter)
            if following is None:
                continue
            after, account_after = watched.value.step(value, letter), account
            if domain.in_account(following):
                account_after = watched.account.step(account, letter)
            elif in_account:
                account_after = watched.close(account)
            room = domain.room(following)
            if room is not None:
                fitting, of_account = self._fitting.get(room) or self._fit(room)
                after, account_after = after & fitting, account_after & of_account
            yield letter, following, States(after, account_after, met)

    def _fit(self, room: Room) -> tuple[int, int]:
        """Return the states of patterns whose rest fits into what a value still has, and remember them."""
        self._budget.spend((self._watched.value.accept.bit_length() + self._watched.account.accept.bit_length()) // 4)
        of_account = -1 if room[1] is None else self._watched.account.fitting(0, room[1]) | self._watched.closed
        self._fitting[room] = self._watched.value.fitting(*room), of_account
        return self._fitting[room]


def _distinct_letters(domain: Domain[Any], globs: Glob, account_globs: Glob) -> list[tuple[str, Hashable, int, int]]:
    """Return one letter of each kind that the domain or a pattern distinguishes, with its kind and moves."""
    named = domain.letters | globs.letters | account_globs.letters
    spares = [spare for spares in _SPARES if (spare := next((one for one in spares if one not in named), ""))]
    distinct: dict[Any, tuple[str, Hashable, int, int]] = {}
    for letter in (*spares, *sorted(named)):
        moves = globs.moves.get(letter, globs.moved_by_any)
        account_moves = account_globs.moves.get(letter, account_globs.moved_by_any)
        kind = (domain.kind(letter), letter == ":")
        distinct.setdefault((kind, moves, account_moves), (letter, kind, moves, account_moves))
    return list(distinct.values())
