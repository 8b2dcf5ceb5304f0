"""The random life of one stack: whatever its owner and others change, what stands is what a model says."""

from __future__ import annotations

from typing import Final

import pytest

from sandbox.session import Sandbox
from tests.lifecycle.attempts import ATTEMPTS
from tests.lifecycle.changes import Change
from tests.lifecycle.lives import Life, Tally

pytestmark = pytest.mark.engine

SEED: Final = 11


def test_a_life(sandbox: Sandbox) -> None:
    """One life, always the same, in which everything happens; `make life` lives many."""
    tally = Tally()
    Life(sandbox, SEED, tally).live()
    assert tally.changes.total() >= 60
    assert tally.changes.keys() == {kind.__name__ for kind in Change.__subclasses__()}
    assert tally.refused.keys() == {*(attempt.__name__ for attempt in ATTEMPTS), "fixed names"}
