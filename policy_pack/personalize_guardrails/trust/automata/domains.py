"""The values that a context key can have, as automata that read them letter by letter."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from personalize_guardrails.trust.services import ServiceProfile

VALUE: Final = 0
ACCOUNT: Final = 1
RESOURCE_LETTERS: Final = frozenset(string.ascii_letters + string.digits + "-_/")
_DIGITS: Final = frozenset(string.digits)
_LOWER: Final = frozenset(string.ascii_lowercase)
_HOST: Final = _LOWER | _DIGITS | {"-"}
_WORD, _HYPHEN, _NUMBER, _LONG_NUMBER = range(1, 5)
S = TypeVar("S")
Room = tuple[int, int | None]
"""How many colons a value still has, and how many letters before the next of them or the end; None: any number."""


class Domain(Generic[S]):
    """The possible values of a key: an automaton with states of type `S`, which says as much as is known of them."""

    starts: tuple[tuple[str, Any], ...] = (("", 0),)
    """The texts with which values begin, and the state after each."""
    letters: frozenset[str] = frozenset()
    """The letters that values need, whatever the patterns name."""
    examples: tuple[str, ...] = ()
    """Values that are usual, to be tried first."""

    def kind(self, _letter: str) -> Hashable:
        """Return what kind of letter it is: letters of one kind lead from every state to the same one."""
        return 0

    def step(self, _state: S, _letter: str) -> S | None:
        """Return the state after one more letter; None where no value goes on so."""
        return None

    def ends(self, _state: S) -> bool:
        """Return whether a value may end here."""
        return True

    def in_account(self, _state: S) -> bool:
        """Return whether the letter that led here is a digit of the account that the value names."""
        return False

    def missing(self, _state: S) -> int:
        """Return how many letters the value still needs at least."""
        return 0

    def room(self, _state: S) -> Room | None:
        """Return the shape of what follows, where values have one."""
        return None

    def digits(self, _state: S) -> tuple[int, int] | None:
        """Return how many digits an account still has, after VALUE where it is the value, ACCOUNT where it is in it."""
        return None


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


class AnyText(Domain[int]):
    """Any text of one letter or more. A state is whether there is one."""

    def __init__(self, *examples: str) -> None:
        self.examples = examples

    def step(self, _state: int, _letter: str) -> int:
        """Return the state after a letter: any may follow."""
        return 1

    def ends(self, state: int) -> bool:
        """Return whether there is a letter."""
        return state == 1


class Words(Domain[int]):
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


class Choice(Domain[int]):
    """One of a few values. They are the only starts, and nothing follows them."""

    def __init__(self, *values: str) -> None:
        self.starts = tuple((value, 1) for value in values)
        self.examples = values


class Regions(Domain[int]):
    """Names of regions: words and a number with hyphens between them."""

    letters = frozenset("-")
    examples = ("us-east-1",)

    def kind(self, letter: str) -> Hashable:
        """Return a letter, a digit, a hyphen, or something else."""
        return "a" if letter in _LOWER else "0" if letter in _DIGITS else letter

    def step(self, state: int, letter: str) -> int | None:
        """Return where in the name one more letter leads."""
        if letter in _LOWER:
            return _WORD if state < _NUMBER else None
        if letter == "-":
            return _HYPHEN if state == _WORD else None
        return {_HYPHEN: _NUMBER, _NUMBER: _LONG_NUMBER}.get(state) if letter in _DIGITS else None

    def ends(self, state: int) -> bool:
        """Return whether a number is the last part."""
        return state >= _NUMBER


class Accounts(Words):
    """Twelve digits."""

    def __init__(self, *examples: str) -> None:
        super().__init__(_DIGITS, *examples, shortest=ACCOUNT_DIGITS, longest=ACCOUNT_DIGITS)

    def missing(self, state: int) -> int:
        """Return the digits that are missing."""
        return ACCOUNT_DIGITS - state

    def room(self, state: int) -> Room:
        """Return the digits that are missing."""
        return 0, ACCOUNT_DIGITS - state

    def digits(self, state: int) -> tuple[int, int]:
        """Return the digits that are missing."""
        return VALUE, ACCOUNT_DIGITS - state


class Arns(Domain[tuple[int, int]]):
    """The ARNs that a service sends. A state is the component, and how far in it the value is.

    `with_account` False: those that name no account, which only some services have.
    """

    _SERVICE, _REGION, _ACCOUNT, _RESOURCE = range(4)

    def __init__(self, profile: ServiceProfile, *accounts: str, with_account: bool = True) -> None:
        self._own, self._with_account = profile.own_arns_only, with_account
        self._regions = Regions()
        self.starts = tuple(
            (f"arn:{partition}:{profile.prefix}:", (self._REGION, 0))
            if self._own
            else (f"arn:{partition}:", (self._SERVICE, 0))
            for partition in profile.partitions
        )
        self.letters = frozenset(":-")
        self.examples = tuple(map(profile.example_arn, accounts)) if with_account else ()

    def kind(self, letter: str) -> Hashable:
        """Return a letter, a digit, a hyphen, a colon, another letter of names, or something else."""
        plain = self._regions.kind(letter)
        return plain if plain in {"a", "0", "-", ":"} else letter in RESOURCE_LETTERS

    def step(self, state: tuple[int, int], letter: str) -> tuple[int, int] | None:
        """Return the component and the place in it after one more letter."""
        part, far = state
        if part == self._RESOURCE:
            return (part, 1) if not self._own or letter in RESOURCE_LETTERS else None
        if letter == ":":
            return (part + 1, 0) if self._may_close(part, far) else None
        if part == self._ACCOUNT:
            digits = ACCOUNT_DIGITS if self._with_account else 0
            return (part, far + 1) if letter in _DIGITS and far < digits else None
        if part == self._REGION and self._own:
            following = self._regions.step(far, letter)
            return None if following is None else (part, following)
        return (part, 1) if letter in _HOST else None

    def _may_close(self, part: int, far: int) -> bool:
        """Return whether a component may end where it is."""
        if part == self._ACCOUNT:
            return far == (ACCOUNT_DIGITS if self._with_account else 0)
        if part == self._REGION:
            return self._regions.ends(far) if self._own else True
        return far > 0

    def ends(self, state: tuple[int, int]) -> bool:
        """Return whether there is a resource."""
        return state == (self._RESOURCE, 1)

    def in_account(self, state: tuple[int, int]) -> bool:
        """Return whether the value is at a digit of its account."""
        return state[0] == self._ACCOUNT and state[1] > 0

    def missing(self, state: tuple[int, int]) -> int:
        """Return the rest of the account, and a letter for each of the other components."""
        return self._missing_digits(state) + self._RESOURCE - state[0]

    def room(self, state: tuple[int, int]) -> Room | None:
        """Return the colons that follow, unless the resource may have more, and the rest of the account."""
        part, far = state
        if not self._own:
            return None
        return self._RESOURCE - part, ACCOUNT_DIGITS - far if part == self._ACCOUNT and self._with_account else None

    def digits(self, state: tuple[int, int]) -> tuple[int, int] | None:
        """Return the digits of the account that are still to come."""
        return (ACCOUNT, self._missing_digits(state)) if self._with_account else None

    def _missing_digits(self, state: tuple[int, int]) -> int:
        part, far = state
        return 0 if part == self._RESOURCE else ACCOUNT_DIGITS - far if part == self._ACCOUNT else ACCOUNT_DIGITS
