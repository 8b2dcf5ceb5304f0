"""One entry more or fewer in each list of a provisioned permission set: only what is that entry's changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud import Cloud
from sandbox.session import Project, Result, Sandbox
from tests.engine.programs import PROGRAM, everything, people_and_things
from tests.support.inline import MakeSandbox

pytestmark = pytest.mark.engine
CASES = json.loads((Path(__file__).parent / "cases/entries.json").read_text())


class Provisioned:
    """A stack with everything in it, which the tests of this module look at and leave as it is."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.key = people_and_things(sandbox)
        self.other = sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
        self.args = everything(self.key)
        self.project: Project = sandbox.program(PROGRAM, {"args": self.args})
        self.project.up()

    def preview(self, args: dict[str, Any]) -> Result:
        return self.project.preview("--config", f"shop:args={json.dumps(args)}")

    def here(self, name: str) -> str:
        """A name of the case table, with the ids of this run's keys."""
        for word, arn in (("KEY", self.key), ("OTHER", self.other)):
            name = name.replace(word, f"us-east-1-{arn.rsplit('/', 1)[-1]}")
        return name


@pytest.fixture(scope="module")
def provisioned(
    make_sandbox: MakeSandbox, account: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provisioned]:
    account.reset()
    yield Provisioned(make_sandbox(tmp_path_factory.mktemp("entries")))
    account.reset()


def with_entry(args: dict[str, Any], where: str, entry: Any) -> dict[str, Any]:
    """`args` with one entry more, in front, so that whatever is reported by its place would move."""
    changed = copy.deepcopy(args)
    target: Any = changed
    for step in where.replace("[", ".").replace("]", "").split("."):
        target = target[int(step) if step.isdigit() else step]
    if isinstance(target, dict):
        target.update(entry)
    else:
        target.insert(0, entry)
    return changed


def planned(result: Result) -> dict[str, set[str]]:
    """Names of resources by what is to be done to them; the outputs of the stack and of components aside."""
    found: dict[str, set[str]] = {}
    for urn, operation in result.operations.items():
        found.setdefault(operation, set()).add(urn.rsplit("::", 1)[-1])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_one_entry_more_touches_only_what_is_its_own(case: dict[str, Any], provisioned: Provisioned) -> None:
    entry = json.loads(json.dumps(case["entry"]).replace("OTHER", provisioned.other))
    expected = {
        "create": {provisioned.here(name) for name in case["adds"]},
        "update": {provisioned.here(name) for name in case.get("updates", [])},
    }
    done = provisioned.preview(with_entry(provisioned.args, case["list"], entry))
    assert planned(done) == {operation: names for operation, names in expected.items() if names}, case["why"]


REMOVED = {
    "users": {"recs-access-personalize-alice", "recs-access-cloudwatch-alice", "recs-KEY-people-alice"},
    "groups": {
        "recs-access-personalize-group-alice",
        "recs-access-cloudwatch-group-alice",
        "recs-KEY-people-group-alice",
    },
    "roles": {"recs-access-personalize-role-alice", "recs-access-cloudwatch-role-alice", "recs-KEY-people-role-alice"},
    "buckets": {"recs-shop-training", "recs-shop-training-role", "recs-shop-training-bucket"},
    "keys": {"recs-KEY", "recs-KEY-role", "recs-KEY-key", "recs-KEY-people"}
    | {f"recs-KEY-people-{kind}{name}" for kind in ("", "group-", "role-") for name in ("alice", "bob")},
}


@pytest.mark.parametrize("where", REMOVED)
def test_one_entry_fewer_removes_only_what_was_its_own(where: str, provisioned: Provisioned) -> None:
    args = copy.deepcopy(provisioned.args)
    del args[where][0]
    assert planned(provisioned.preview(args)) == {"delete": {provisioned.here(name) for name in REMOVED[where]}}


def test_the_order_of_every_list_is_nothing(provisioned: Provisioned) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(item) for name, item in reversed(value.items())}
        return [turned(item) for item in reversed(value)] if isinstance(value, list) else value

    assert turned(provisioned.args) != provisioned.args
    assert planned(provisioned.preview(turned(provisioned.args))) == {}
