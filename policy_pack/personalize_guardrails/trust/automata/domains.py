"""The values that a context key can have, as automata that read them letter by letter."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

DIGITS: Final = frozenset(string.digits)
_LOWER: Final = frozenset(string.ascii_lowercase)
HOST: Final = _LOWER | DIGITS | {"-"}
RESOURCE_LETTERS: Final = frozenset(string.ascii_letters + string.digits + "-_/")
_WORD, _HYPHEN, _NUMBER, _LONG_NUMBER = range(1, 5)
S = TypeVar("S")
Room = tuple[int, int | None]
"""How many colons a value still has, and how many letters before the next of them or the end; None: any number."""


class Domain(Protocol[S]):
    """The possible values of a key: an automaton with states of type `S`."""

    @property
    def starts(self) -> tuple[tuple[str, S], ...]:
        """The texts with which values begin, and the state after each."""

    @property
    def letters(self) -> frozenset[str]:
        """The letters that values need, whatever the patterns name."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Values that are usual, to be tried first."""

    def kind(self, letter: str) -> Hashable:
        """Return what kind of letter it is: letters of one kind lead from every state to the same one."""

    def step(self, state: S, letter: str) -> S | None:
        """Return the state after one more letter; None where no value goes on so."""

    def ends(self, state: S) -> bool:
        """Return whether a value may end here."""

    def in_account(self, state: S) -> bool:
        """Return whether the letter that led here is a digit of the account that the value names."""

    def missing(self, state: S) -> int:
        """Return how many letters the value still needs at least."""

    def room(self, state: S) -> Room | None:
        """Return the shape of what follows, where values have one."""

    def digits(self, state: S) -> tuple[int, int] | None:
        """Return how many digits an account still has, after VALUE where it is the value, ACCOUNT where it is in it."""


def contains(domain: Domain[S], text: str) -> bool:
    """Return whether a text is one of the possible values."""
    for prefix, start in domain.starts:
        if not text.startswith(prefix):
            continue
        state: S | None = start
        for letter in text[len(prefix) :]:
            state = domain.step(state, letter) if state is not None else None
        if state is not None and domain.ends(state):
            return True
    return False


class _Plain:
    """What most domains have in common: values begin with nothing in particular, and name no account."""

    starts: tuple[tuple[str, int], ...] = (("", 0),)
    letters: frozenset[str] = frozenset()
    examples: tuple[str, ...] = ()

    def kind(self, _letter: str) -> Hashable:
        """Return one kind: all letters are alike."""
        return 0

    def in_account(self, _state: int) -> bool:
        """Return False: no value names an account."""
        return False

    def missing(self, _state: int) -> int:
        """Return 0: what follows is not known."""
        return 0

    def room(self, _state: int) -> Room | None:
        """Return None: what follows is not known."""
        return None

    def digits(self, _state: int) -> tuple[int, int] | None:
        """Return None: no account is read."""
        return None


class AnyText(_Plain):
    """Any text of one letter or more."""

    def __init__(self, *examples: str) -> None:
        self.examples = examples

    def step(self, _state: int, _letter: str) -> int:
        """Return the state after a letter: any may follow."""
        return 1

    def ends(self, state: int) -> bool:
        """Return whether there is a letter."""
        return state == 1


class Words(_Plain):
    """Texts of some letters, of a length within bounds. A state is the number of letters."""

    def __init__(self, letters: frozenset[str], *examples: str, shortest: int, longest: int) -> None:
        self._letters, self._shortest, self._longest, self.examples = letters, shortest, longest, examples

    def kind(self, letter: str) -> Hashable:
        """Return whether the letter is one of them."""
        return letter in self._letters

    def step(self, state: int, letter: str) -> int | None:
        """Count one more letter."""
        return state + 1 if letter in self._letters and state < self._longest else None

    def ends(self, state: int) -> bool:
        """Return whether there are letters enough."""
        return state >= self._shortest


class Choice(_Plain):
    """One of a few values. They are the only starts, and nothing follows them."""

    def __init__(self, *values: str) -> None:
        self.starts = tuple((value, 1) for value in values)
        self.examples = values

    def step(self, _state: int, _letter: str) -> None:
        """Return None: nothing follows."""

    def ends(self, _state: int) -> bool:
        """Return True: every value is complete."""
        return True


class Regions(_Plain):
    """Names of regions: words and a number with hyphens between them."""

    letters = frozenset("-")
    examples = ("us-east-1",)

    def kind(self, letter: str) -> Hashable:
        """Return a letter, a digit, a hyphen, or something else."""
        return "a" if letter in _LOWER else "0" if letter in DIGITS else letter

    def step(self, state: int, letter: str) -> int | None:
        """Return where in the name one more letter leads."""
        if letter in _LOWER:
            return _WORD if state < _NUMBER else None
        if letter == "-":
            return _HYPHEN if state == _WORD else None
        return {_HYPHEN: _NUMBER, _NUMBER: _LONG_NUMBER}.get(state) if letter in DIGITS else None

    def ends(self, state: int) -> bool:
        """Return whether a number is the last part."""
        return state >= _NUMBER
