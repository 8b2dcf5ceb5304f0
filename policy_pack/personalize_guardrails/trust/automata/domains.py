"""What the context keys of a request can hold.

Sources: AWS General Reference, "Amazon Resource Names"; Service Authorization Reference, "Amazon Personalize".
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS
from personalize_guardrails.trust.automata.trie import ROOT, Trie
from personalize_guardrails.trust.settings import PERSONALIZE

if TYPE_CHECKING:
    from collections.abc import Iterable

UNTRUSTED: Final = "999988887777"
"""The account of the attacker, in examples."""
_DIGITS: Final = frozenset(string.digits)
_REGION: Final = frozenset(string.ascii_lowercase + string.digits + "-")
_NAME: Final = frozenset(string.ascii_letters + string.digits + "-_/")
_WORD, _HYPHEN, _NUMBER, _LONG_NUMBER = range(1, 5)
_PARTITIONS: Final = ("aws", "aws-cn")
_MORE_PARTITIONS: Final = ("aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def example_arn(service: str, account: str) -> str:
    """The ARN of a resource, as it looks in life."""
    return f"arn:aws:{service.split('.', 1)[0]}:us-east-1:{account}:dataset-group/shop"


class Accounts:
    """Twelve digits. A state is how many there are, and where they are among the trusted accounts."""

    def __init__(self, trusted: Iterable[str]) -> None:
        trusted = sorted(trusted)
        self._trie = Trie(trusted)
        self.start = (0, ROOT)
        self.letters = frozenset("".join(trusted)) & _DIGITS
        self.preferred = (UNTRUSTED, *trusted)

    def step(self, state: tuple[int, int], letter: str) -> tuple[int, int] | None:
        """One more digit."""
        count, node = state
        if count == ACCOUNT_DIGITS or letter not in _DIGITS:
            return None
        return count + 1, self._trie.step(node, letter)

    def ends(self, state: tuple[int, int]) -> bool:
        """After twelve."""
        return state[0] == ACCOUNT_DIGITS

    def names(self, state: tuple[int, int]) -> str | None:
        """The trusted account that the digits are."""
        return self._trie.text(state[1])


class Arns:
    """The ARNs of a service's resources. A state is the component, how far it is, and where among trusted accounts.

    A Personalize ARN has a region, which is words and a number with hyphens between them, an account, and letters,
    digits, hyphens, underscores, slashes in its resource.
    Of another service's ARNs nothing is taken for granted but the six components: any of them may send any.
    """

    _HEAD, _SERVICE, _REGION_PART, _ACCOUNT_PART, _RESOURCE = range(5)

    def __init__(self, service: str, trusted: Iterable[str]) -> None:
        trusted = sorted(trusted)
        self._trie = Trie(trusted)
        self._whole = service == PERSONALIZE
        named = service.split(".", 1)[0]
        partitions = _PARTITIONS if self._whole else (*_PARTITIONS, *_MORE_PARTITIONS)
        self._heads = Trie(
            f"arn:{partition}:{named}:" if self._whole else f"arn:{partition}:" for partition in partitions
        )
        self.start = (self._HEAD, ROOT, ROOT)
        self.letters = frozenset(":-/").union("".join(trusted), *(f"arn:{one}:{named}:" for one in partitions))
        self.preferred = tuple(example_arn(service, account) for account in (UNTRUSTED, *trusted))

    def step(self, state: tuple[int, int, int], letter: str) -> tuple[int, int, int] | None:
        """One more letter."""
        part, far, node = state
        if part == self._HEAD:
            far = self._heads.step(far, letter)
            if far < 0:
                return None
            following = self._REGION_PART if self._whole else self._SERVICE
            return (following, 0, ROOT) if self._heads.text(far) else (part, far, ROOT)
        if part == self._REGION_PART and self._whole:
            if letter == ":" and far >= _NUMBER:
                return self._ACCOUNT_PART, 0, ROOT
            far = _further_in_region(far, letter)
            return (part, far, ROOT) if far else None
        if part in (self._SERVICE, self._REGION_PART):
            if letter == ":" and (far or part == self._REGION_PART):
                return part + 1, 0, ROOT
            return (part, 1, ROOT) if letter in _REGION else None
        if part == self._ACCOUNT_PART:
            if letter == ":" and (far == ACCOUNT_DIGITS or (not far and not self._whole)):
                return self._RESOURCE, 0, node
            if letter in _DIGITS and far < ACCOUNT_DIGITS:
                return part, far + 1, self._trie.step(node, letter)
            return None
        return (part, 1, node) if not self._whole or letter in _NAME else None

    def ends(self, state: tuple[int, int, int]) -> bool:
        """After a resource of one letter or more."""
        return state[0] == self._RESOURCE and bool(state[1])

    def names(self, state: tuple[int, int, int]) -> str | None:
        """The trusted account in the ARN."""
        return self._trie.text(state[2])


def _further_in_region(far: int, letter: str) -> int:
    """Where in a region's name one more letter leads; 0 where none goes on so."""
    if letter in string.ascii_lowercase:
        return _WORD if far < _NUMBER else 0
    if letter == "-":
        return _HYPHEN if far == _WORD else 0
    return {_HYPHEN: _NUMBER, _NUMBER: _LONG_NUMBER}.get(far, 0) if letter in _DIGITS else 0


class Texts:
    """Any text of one letter or more."""

    start = False
    letters: frozenset[str] = frozenset()
    preferred: tuple[str, ...] = ()

    def step(self, _state: bool, _letter: str) -> bool:  # noqa: FBT001 - a state
        """Anything goes."""
        return True

    def ends(self, state: bool) -> bool:  # noqa: FBT001 - a state
        """After one letter."""
        return state

    def names(self, _state: bool) -> str | None:  # noqa: FBT001 - a state
        """No account."""
        return None


class Fixed:
    """One value only, which services always send."""

    def __init__(self, value: str) -> None:
        self._trie = Trie([value])
        self.start = ROOT
        self.letters = frozenset(value)
        self.preferred = (value,)

    def step(self, state: int, letter: str) -> int | None:
        """One more letter of it."""
        following = self._trie.step(state, letter)
        return following if following >= 0 else None

    def ends(self, state: int) -> bool:
        """At its end."""
        return self._trie.text(state) is not None

    def names(self, _state: int) -> str | None:
        """No account."""
        return None


NEVER_SENT: Final = frozenset(
    {
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceidentity",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:userid",
        "aws:username",
        "aws:vpcsourceip",
    }
)
"""Keys that tell of a principal with an identity, or of its network: no request of a service's own carries them."""
_NEVER_SENT_PREFIXES: Final = ("aws:principaltag/", "saml:", "accounts.google.com:", "cognito-identity.")
_CHOSEN_BY_CALLER: Final = ("sts:externalid", "sts:sourceidentity", "aws:requesttag/")
"""Parameters of sts:AssumeRole, which some services set, such as Amazon Cognito the first; Personalize sets none."""


def never_sent(key: str, service: str) -> bool:
    """Whether a service's request never carries the key."""
    if service == PERSONALIZE and key.startswith(_CHOSEN_BY_CALLER):
        return True
    return key in NEVER_SENT or key.startswith(_NEVER_SENT_PREFIXES)


def always_sent(key: str, service: str) -> str | None:
    """The value of a key that every request of a service carries."""
    return {"aws:principalisawsservice": "true", "aws:principalservicename": service}.get(key)
