"""The emulated provider's table of lives, lived by the real one: neither vouches for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from moto.backend_index import backend_url_patterns

from tests.emulator.driver import Aws, Engine
from tests.emulator.test_lifecycle import test_life_of_a_resource as live_through
from tests.support.documents import table

CASES = table(Path(live_through.__code__.co_filename).with_name("lifecycles.json"))
DIFFERENCES = {each["name"]: each for each in json.loads(Path(__file__).with_name("differences.json").read_text())}
"""What the real one does otherwise, by case: `real` takes the place of what the table says, null of all of it."""


@pytest.mark.parametrize("case", [case for case in CASES if DIFFERENCES.get(case.id, {"real": {}})["real"] is not None])
def test_life_of_a_resource(case: Any, engine: Engine, aws: Aws) -> None:
    live_through({**case, **DIFFERENCES.get(case["name"], {"real": {}})["real"]}, engine, aws)


def test_every_difference_is_one_and_has_its_reason() -> None:
    cases = {case.id: case.values[0] for case in CASES}
    for name, different in DIFFERENCES.items():
        assert different["why"]
        assert different["right"] in {"real", "emulated"}
        assert {**cases[name], **(different["real"] or {"life": "none"})} != cases[name]


def test_moto_has_no_cloud_control() -> None:
    assert "cloudcontrol" not in {name for name, _ in backend_url_patterns}, "its difference is none any more"
