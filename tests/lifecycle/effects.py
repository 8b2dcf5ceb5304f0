"""What a change of each argument does, as runs of the real engine show it: the rows of the page "What a change does"."""

from __future__ import annotations

import copy
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from sandbox.paths import REPOSITORY
from sandbox.safety import REGION
from sandbox.session import Result, Sandbox
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import BOUNDARY, BUCKETS, Account
from tests.lifecycle.changes import ELSEWHERE, Ask, Change, Drop, HandOver, Move, Others, Set, Take
from tests.lifecycle.running import OUTPUTS, PROGRAM, Running
from tests.lifecycle.story import Program, Story

Row = dict[str, Any]
"""An argument, its change in words, and what the run showed: resources by type and operation, and outputs that changed."""

FILE: Final = REPOSITORY / "docs/data/changes.json"
COMMAND: Final = "python -m tests.lifecycle changes"
ROLE: Final = {"path": "/service/", "description": "Recommends"}
NEW_VALUES: Final[tuple[tuple[str, Any], ...]] = (
    ("users", ["alice", "bob"]),
    ("users", ["alice"]),
    ("groups", ["group-alice"]),
    ("roles", ["role-alice"]),
    ("cloudwatch", "full-access"),
    ("policy", "least-privilege"),
    ("policy", "managed"),
    ("policy", "custom"),
    ("policy_path", "/shop/"),
    ("policy_name", "people-of-personalize"),
    ("service_role.description", "Recommends (ours)"),
    ("service_role.max_session_duration", 7200),
    ("service_role.permissions_boundary", f"arn:aws:iam::{ACCOUNT}:policy/{BOUNDARY}"),
    ("service_role.path", "/other/"),
    ("service_role.name", "recommender"),
    ("source_accounts", [ACCOUNT, "210987654321"]),
    ("source_arns", [f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"]),
    ("confine_to_source", True),
    ("tags", {"team": "shop"}),
    ("managed_policies_quota", 20),
    ("buckets.uses", ["batch", "metrics"]),
    ("buckets.prefix", "in/"),
    ("buckets.bucket", "shop-results"),
    ("keys.dataset_export", True),
    ("keys.label", "encryption"),
)
_CAMPAIGN: Final = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/shop"
LABELS: Final = {"applications": "storefront", "readers": "auditors", "data_scientists": "search"}
IDENTITY_CHANGES: Final[tuple[dict[str, dict[str, Any]], ...]] = (
    {
        "applications": {"label": "storefront", "users": ["alice"], "campaigns": [_CAMPAIGN]},
        "readers": {"label": "auditors", "users": ["alice"]},
        "data_scientists": {"label": "search", "users": ["alice"]},
    },
    {identity: {"users": ["alice", "bob"]} for identity in LABELS},
    {identity: {"groups": ["group-alice"]} for identity in LABELS},
    {identity: {"roles": ["role-alice"]} for identity in LABELS},
    {"applications": {"campaigns": [f"{_CAMPAIGN}-2"]}, "data_scientists": {"resource_tags": {"team": "search"}}},
    {"applications": {"recommenders": [_CAMPAIGN.replace("campaign", "recommender")]}},
    {"applications": {"filters": [_CAMPAIGN.replace("campaign", "filter")]}},
    {"applications": {"record_events": True}},
    {"applications": {"datasets": [_CAMPAIGN.replace("campaign/shop", "dataset/shop/ITEMS")]}},
    {identity: {"label": f"{label}-2"} for identity, label in LABELS.items()},
)
_FREED: Final = (("policy_name", None), ("service_role.name", None))
_DELIVERED: Final = (("buckets.bucket_policy", "statements"), ("keys.key_policy", "statements"))
_EVENTS: Final[tuple[tuple[str, str, Change], ...]] = (
    ("buckets", "one entry more", Ask("shop-training", {"uses": ["import"]})),
    ("buckets", "one entry less", Drop("shop-training")),
    ("keys.key_arn", "another key under the same `label`", Ask("other-key", {"label": "encryption"})),
    ("keys", "one entry more", Ask("key", {})),
    ("keys", "one entry less", Drop("key")),
    ("buckets.existing_policy", "one statement more", Others("shop-results", "named")),
    ("keys.existing_policy", "one statement more", Others("other-key", "named")),
    ("buckets.bucket_policy", "`statements`, and the program has an `aws.s3.BucketPolicy`", Take("shop-results")),
    ("buckets.adopt_policy_from", "the name of that `aws.s3.BucketPolicy`", HandOver("shop-results")),
    ("keys.key_policy", "`statements`, and the program has an `aws.kms.KeyPolicy`", Take("other-key")),
    ("keys.adopt_policy_from", "the name of that `aws.kms.KeyPolicy`", HandOver("other-key")),
)
_OTHERS: Final = {"bucket": "keys", "key": "buckets"}
_MOVES: Final = (
    ("provider", "an explicit one; before, a default one without `aws:region`", Move("one", REGION)),
    ("provider", "another one, with the same settings", Move("two", REGION)),
    ("provider", "one of another region", Move("two", ELSEWHERE)),
)


class _Observed:
    """A permission set whose arguments are changed one by one."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.running = Running(sandbox, configured=False)
        self._rows = 0

    def changed(self, argument: str, words: str, happen: Callable[[Story], object]) -> Row:
        """Return what one change does. What a preview shows after it would be in the next row too: few are needed."""
        running, before = self.running, self.running.outputs()
        happen(running.story)
        self._rows += 1
        done = running.up("--refresh", previewed=self._rows % 5 == 0)
        after = running.outputs()
        noticed = [output for output in OUTPUTS if before[output] != after[output]]
        return {"argument": argument, "change": words, "resources": _resources(done), "outputs": noticed}

    def refused(self, argument: str, words: str, message: str, change: Callable[[Program], object]) -> Row:
        """Return what the preview says to a program that it refuses."""
        program = copy.deepcopy(self.running.program)
        change(program)
        return {"argument": argument, "change": words, "refused": self.running.assert_refused(program, message)}


def effects_of_arguments(sandbox: Sandbox) -> Iterator[Row]:
    """Change each argument of a permission set by itself, in one stack, and look at everything that stands each time."""
    observed = _Observed(sandbox)
    running, story = observed.running, observed.running.story
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    sandbox.cloud.iam().create_policy(PolicyName=BOUNDARY, PolicyDocument=json.dumps(everything))
    story.settings.update(users=["alice"], service_role=ROLE)
    Ask("shop-training", {"uses": ["import"]}).happen(story)
    Ask("key", {"label": "data"}).happen(story)
    running.up()

    def written(values: tuple[tuple[str, Any], ...]) -> Iterator[Row]:
        for argument, value in values:
            words = "left out again" if value is None else f"`{json.dumps(value)}`"
            yield observed.changed(argument, words, partial(change, argument, value))

    def happened(events: tuple[tuple[str, str, Change], ...]) -> Iterator[Row]:
        for argument, words, event in events:
            yield observed.changed(argument, words, event.happen)

    again, moved = "is a name that this stack already uses", {"provider": "one"}
    yield from written(NEW_VALUES)
    yield observed.refused(
        "policy_path",
        "another path, with a fixed `policy_name`",
        again,
        lambda program: program["args"].update(policy_path="/"),
    )
    yield observed.refused(
        "buckets.label",
        "a new label",
        "adopt_policy_from: is missing",
        lambda program: program["args"]["buckets"][0].update(label="results"),
    )
    yield from happened(_EVENTS)
    yield observed.refused(
        "provider",
        "an explicit one, with a fixed `policy_name` or `service_role.name`",
        again,
        lambda program: program.update(moved),
    )
    yield from written(_FREED)
    for kind, message in (
        ("bucket", "is a bucket of another region"),
        ("key", "is a key of another account or region"),
    ):
        yield observed.refused(
            "provider",
            f"one of another region, with the policy of a {kind} to attach",
            message,
            lambda program: (program.update(moved, region=ELSEWHERE), program["args"].pop(_OTHERS[kind])),  # noqa: B023
        )
    yield from written(_DELIVERED)
    yield from happened(_MOVES)
    assert running.stack.preview("--refresh").changes == {}


def effects_on_identities(sandbox: Sandbox) -> Iterator[Row]:
    """Change each field of applications, readers and data scientists; every entry has resources of its own."""
    Account.opened(sandbox)
    stack = sandbox.program(PROGRAM)
    args: dict[str, list[dict[str, Any]]] = {}
    known: set[str] = set()
    for changes in IDENTITY_CHANGES:
        for identity, fields in changes.items():
            args[identity] = [{**args.get(identity, [{}])[0], **fields}]
        program = {"args": args, "provider": "", "apart": False, "theirs": {}}
        (stack.folder / "program.json").write_text(json.dumps(program))
        done = stack.up()
        for identity, fields in changes.items():
            field, value = next(iter(fields.items()))
            yield {
                "argument": f"{identity}.{field}" if identity in known else identity,
                "change": f"`{json.dumps(value)}`" if identity in known else "one entry more",
                "resources": _resources(done, f"recs-{LABELS[identity]}"),
                "outputs": [],
            }
            known.add(identity)


def _resources(done: Result, start: str = "recs-") -> dict[str, dict[str, int]]:
    """Return how many resources of the component were created, updated, replaced or deleted, by type and what was done."""
    steps: dict[str, list[Any]] = defaultdict(list)
    for event in done.of("resourcePreEvent"):
        step = event["metadata"]
        if (
            step["type"].startswith("aws:")
            and step["urn"].rsplit("::", 1)[-1].startswith(start)
            and step["op"] != "same"
        ):
            steps[step["urn"]].append(step)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for each in steps.values():
        found[each[0]["type"]][_operation(each)] += 1
    return {kind: dict(sorted(counts.items())) for kind, counts in sorted(found.items())}


def _operation(steps: list[Any]) -> str:
    """Return what was done to one resource, in the words of the page."""
    operations = [step["op"] for step in steps]
    if "create-replacement" in operations:
        deletes_first = operations.index("delete-replaced") < operations.index("create-replacement")
        return "replaced, the old one deleted first" if deletes_first else "replaced"
    if operations == ["delete"] and (steps[0]["old"] or {}).get("retainOnDelete"):
        return "no longer managed, and kept in AWS"
    return {"create": "created", "update": "updated", "delete": "deleted"}[operations[-1]]


def change(path: str, value: object, story: Story) -> None:
    """Give one argument another value; None leaves it out."""
    outer, _, inner = path.partition(".")
    if not inner:
        Set(outer, value).happen(story)
    elif outer == "service_role":
        Set(outer, {**story.settings[outer], inner: value}).happen(story)
    else:
        [thing] = [thing for thing in story.entries if (thing in BUCKETS) is (outer == "buckets")]
        entry = {**story.entries.pop(thing), inner: value}
        story.put(entry.get("bucket") or entry["key_arn"], entry)


def recorded() -> list[Row]:
    """Return the rows that were recorded."""
    rows: list[Row] = json.loads(FILE.read_text())
    return rows


def record(sandbox: Sandbox) -> None:
    """Run everything, and write the rows down."""
    rows = [*effects_of_arguments(sandbox), *effects_on_identities(sandbox)]
    FILE.write_text("[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]\n")
