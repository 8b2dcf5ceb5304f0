"""Every type: created, unchanged, refreshed, imported, changed in place, replaced, deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.bridge.names import terraform_type
from sandbox.emulator import rules
from tests.providers.driver import Engine
from tests.support.documents import Aws, filled, furnish, table

HERE = Path(__file__).parent
CASES = table(HERE / "lifecycles.json")
DIFFERENCES = {each["name"]: each for each in json.loads((HERE / "differences.json").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("case", CASES)
def test_life_of_a_resource(case: Any, engine: Engine, aws: Aws, provider: str) -> None:
    if provider == "emulated" and "not emulated" in case:
        pytest.skip(f"the emulated provider has no such type or argument: {case['kind']}, {case['name']}")
    different = DIFFERENCES.get(case["name"], {})
    if different.get(provider, {}) is None:
        pytest.skip(different["why"])
    case = {**case, **different.get(provider, {})}
    case = filled(case, furnish(aws, keys="key}" in str(case)))
    kind, inputs = case["kind"], case["inputs"]

    made = engine.create(kind, "thing", **inputs)
    assert engine.changes(made, **inputs) == set(), "a second run changes nothing"
    assert engine.changes(made, **case["same"]) == set(), "what means the same is the same"

    refreshed = engine.read(made)
    assert refreshed is not None
    assert refreshed.inputs == made.inputs, "a refresh without drift leaves the inputs as they were"
    assert refreshed.outputs == made.outputs, "and the outputs"

    identity = case.get("import", made.identity)
    if identity is not None:
        adopted = engine.adopt(kind, identity)
        assert adopted is not None
        assert engine.changes(adopted, **adopted.inputs) == set(), "an imported resource matches its own inputs"
        unreturned = {"capabilities", "deletionWindowInDays"}  # the real provider cannot read these either
        assert engine.changes(adopted, **inputs) - unreturned == set(), "and the program that made it"

    if "changed" in case:
        difference = engine.diff(made, **case["changed"])
        assert list(difference.diffs) == case["differs"]
        assert not difference.replaces
        previewed = engine.update(made, preview=True, **case["changed"])
        updated = engine.update(made, **case["changed"])
        assert engine.changes(updated, **case["changed"]) == set(), "an update is complete"
        assert {name: previewed.outputs.get(name) for name in case["changed"]} == {
            name: updated.outputs.get(name) for name in case["changed"]
        }, "the preview showed what came"
        reread = engine.read(updated)
        assert reread is not None
        assert reread.outputs == updated.outputs
        made = updated

    if "replaced" in case:
        difference = engine.diff(made, **{**case.get("changed", inputs), **case["replaced"]})
        assert list(difference.replaces) == case["replaces"]
        assert difference.deleteBeforeReplace == case.get("deletes first", False), "two cannot share one name"

    engine.delete(made)
    left = engine.read(made)
    if "leaves" in case:
        assert left is not None
        assert {name: left.outputs[name] for name in case["leaves"]} == case["leaves"]
    else:
        assert left is None, "a refresh finds a deleted resource gone"
    engine.delete(made)  # somebody else was faster: no error


def test_every_emulated_type_has_a_lifecycle() -> None:
    lives = [case.values[0] for case in CASES if "not emulated" not in case.values[0]]
    reported = {terraform_type(case["kind"], rules.table("resources")) for case in lives}
    assert reported == rules.table("resources").keys()


def test_every_difference_has_its_reason_and_says_who_is_right() -> None:
    assert DIFFERENCES.keys() <= {case.values[0]["name"] for case in CASES}
    for each in DIFFERENCES.values():
        assert each["why"]
        assert each["right"] in {"emulated", "terraform"}
