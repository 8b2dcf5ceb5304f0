"""Programs that lose something of others, or have two writers of one policy: a preview refuses each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

from sandbox.paths import REPOSITORY
from sandbox.safety import REGION
from tests.lifecycle.account import BUCKETS
from tests.lifecycle.running import Running
from tests.lifecycle.story import named

_MISSING: Final = "adopt_policy_from: (is missing|names another resource)"


def second_component(running: Running) -> bool:
    """Another component writes the policy of a bucket."""
    for bucket, program, _ in _attached(running):
        running.assert_refused({**program, "second": bucket}, "would overwrite what component")
        return True
    return False


def second_resource(running: Running) -> bool:
    """A resource of the program writes the policy of a bucket beside the component: the policy pack sees it."""
    for bucket, program, _ in _attached(running):
        program["theirs"]["second"] = {"bucket": bucket, "policy": '{"Version":"2012-10-17","Statement":[]}'}
        running.assert_refused(program, "one-policy-writer", packs=[REPOSITORY / "policy_pack"])
        return True
    return False


def another_label(running: Running) -> bool:
    """The entry of a bucket gets a label that it did not have."""
    for _, program, entry in _attached(running):
        entry["label"] = "renamed"
        running.assert_refused(program, _MISSING)
        return True
    return False


def untold_statements(running: Running) -> bool:
    """What others stated in the policy of a bucket is not quoted."""
    for _, program, entry in _attached(running):
        if entry.pop("existing_policy", None):
            running.assert_refused(program, "existing_policy: does not contain")
            return True
    return False


def unsaid_handing_over(running: Running) -> bool:
    """The component writes the policy that a resource of the program has written until now, and nobody says so."""
    program, story = copy.deepcopy(running.program), running.story
    for bucket in BUCKETS:
        if bucket in story.theirs and story.region == REGION:
            policy = program["theirs"].pop(named(bucket))["policy"]
            entry = {"bucket": bucket, "uses": ["import"], "existing_policy": policy}
            args = program["args"]
            args["buckets"] = [*(each for each in args["buckets"] if each["bucket"] != bucket), entry]
            running.assert_refused(program, _MISSING)
            return True
    return False


ATTEMPTS: Final[tuple[Callable[[Running], bool], ...]] = (
    second_component,
    second_resource,
    another_label,
    untold_statements,
    unsaid_handing_over,
)
"""Each returns whether the stack is one in which it can be tried."""


def _attached(running: Running) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each bucket whose policy the component writes, with a copy of the program, and its entry in that."""
    for index, entry in enumerate(running.program["args"]["buckets"]):
        if running.story.attaches(entry["bucket"]):
            program = copy.deepcopy(running.program)
            yield entry["bucket"], program, program["args"]["buckets"][index]
