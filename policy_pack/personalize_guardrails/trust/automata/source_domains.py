"""The values of the source keys as automata: accounts, and ARNs with the account in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS
from personalize_guardrails.trust.automata.domains import DIGITS, HOST, RESOURCE_LETTERS, Regions, Words

if TYPE_CHECKING:
    from collections.abc import Hashable

    from personalize_guardrails.trust.automata.domains import Room
    from personalize_guardrails.trust.services import ServiceProfile

VALUE: Final = 0
ACCOUNT: Final = 1


class Accounts(Words):
    """Twelve digits."""

    def __init__(self, *examples: str) -> None:
        super().__init__(DIGITS, *examples, shortest=ACCOUNT_DIGITS, longest=ACCOUNT_DIGITS)

    def missing(self, state: int) -> int:
        """Return the digits that are missing."""
        return ACCOUNT_DIGITS - state

    def room(self, state: int) -> Room:
        """Return the digits that are missing."""
        return 0, ACCOUNT_DIGITS - state

    def digits(self, state: int) -> tuple[int, int]:
        """Return the digits that are missing."""
        return VALUE, ACCOUNT_DIGITS - state


class Arns:
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
            return (part, far + 1) if letter in DIGITS and far < digits else None
        if part == self._REGION and self._own:
            following = self._regions.step(far, letter)
            return None if following is None else (part, following)
        return (part, 1) if letter in HOST else None

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
