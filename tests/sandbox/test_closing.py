"""The lines that end `make up` and `make test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.closing import closing_lines
from sandbox.engine import Engine
from sandbox.plugins import Kind, Plugin


@pytest.mark.parametrize("provider", ["real", "terraform", "emulated"])
def test_the_engine_and_the_provider_are_named_and_what_an_emulated_one_does_not_prove(provider: Kind) -> None:
    engine, aws, *more = closing_lines(Engine(Path("/bin"), "3.255.0", "build"), Plugin(provider, "aws 6.0"))
    assert engine == "Engine: Pulumi 3.255.0, built from source."
    assert aws == f"AWS provider ({provider}): aws 6.0."
    assert bool(more) is (provider == "emulated")
    assert not more or "does not prove" in more[0]
