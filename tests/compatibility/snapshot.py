"""The resources that reference permission sets register: URN, parent, physical name, documents, what outlives them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pulumi.runtime.settings import get_monitor

from personalize_permissions.testing import PermissionsMocks, run
from sandbox.paths import REPOSITORY
from tests.compatibility.sets import sets
from tests.engine.programs import foreign_policy

FILE: Final = Path(__file__).with_name("resources.json")
CHANGELOG: Final = REPOSITORY / "CHANGELOG.md"
COMMAND: Final = "python -m tests.compatibility"

Resources = dict[str, dict[str, Any]]
"""By URN, without project and stack."""
Snapshot = dict[str, Resources]
"""By the name of the reference set."""


def taken() -> Snapshot:
    """What today's code registers."""
    return {name: _registered(program) for name, program in sets().items()}


def kept() -> Snapshot:
    """What is written down."""
    snapshot: Snapshot = json.loads(FILE.read_text())
    return snapshot


def keep(snapshot: Snapshot) -> None:
    """Write it down."""
    FILE.write_text(json.dumps(snapshot, indent=1, sort_keys=True) + "\n")


def differences(before: Snapshot, after: Snapshot) -> list[tuple[str, str]]:
    """Logical names of resources that differ, and how; a reference set that is new changes nothing that stacks hold."""
    return list(dict.fromkeys(_differences(before, after)))


def unmentioned(changed: list[tuple[str, str]], changelog: str) -> list[str]:
    """Changes whose logical name the newest version's section "Resources" does not give."""
    newest = re.split(r"^## ", changelog, flags=re.MULTILINE)[1]
    sections = re.split(r"^### ", newest, flags=re.MULTILINE)
    mentioned = "".join(section for section in sections if section.startswith("Resources\n"))
    names = set(re.findall(r"`([^`]+)`", mentioned))
    return [f"`{name}`: {how}" for name, how in changed if name not in names]


def what_to_do(changes: list[str]) -> str:
    """For whoever changed resources that stacks hold already."""
    return "\n".join(
        (
            "Resources that stacks already hold would change:",
            *(f"  {change}" for change in changes),
            'Tell it under "### Resources" of the newest version in CHANGELOG.md, each with its `logical name` and what',
            f"happens to a stack that holds it, then run: {COMMAND}",
        )
    )


def _differences(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, str]]:
    for name, was in before.items():
        now = after.get(name, {})
        for urn in {**was, **now}:
            logical = urn.rsplit("::", 1)[-1]
            if urn not in now:
                yield logical, f"is no more ({urn})"
            elif urn not in was:
                yield logical, f"is new ({urn})"
            elif was[urn] != now[urn]:
                differing = [key for key in {**was[urn], **now[urn]} if was[urn].get(key) != now[urn].get(key)]
                yield logical, f"has another {' and '.join(differing)} ({urn})"


def _registered(program: Callable[[], object]) -> Resources:
    requests: dict[str, Any] = {}
    mocks = PermissionsMocks(bucket_policies={"shop-results": foreign_policy("shop-results")})

    def watched() -> None:
        monitor: Any = get_monitor()
        register = monitor.RegisterResource

        def noting(request: Any) -> Any:
            answer = register(request)
            requests[answer.urn] = request
            return answer

        monitor.RegisterResource = noting
        program()

    run(watched, mocks, project="shop", stack="test")
    made = {(each.type, each.name): each for each in mocks.registered}
    found: Resources = {}
    for request in requests.values():
        if (each := made.get((request.type, request.name))) is None:
            continue  # the stack itself
        found[_urn(request, requests)] = {
            **{name: _read(value) for name, value in each.inputs.items()},
            **({"physical id": each.id} if request.custom else {}),
            **({"parent": requests[request.parent].name} if _nested(request, requests) else {}),
            **({"outlives its stack": True} if request.retainOnDelete else {}),
            **({"replaced by": list(request.replaceOnChanges)} if request.replaceOnChanges else {}),
            **({"aliases": [str(alias) for alias in request.aliases]} if request.aliases else {}),
        }
    return found


def _urn(request: Any, requests: Mapping[str, Any]) -> str:
    """As the engine makes it, without stack and project; the SDK's mocks leave out grandparents."""
    types, each = [request.type], request
    while _nested(each, requests):
        each = requests[each.parent]
        types.insert(0, each.type)
    return f"{'$'.join(types)}::{request.name}"


def _nested(request: Any, requests: Mapping[str, Any]) -> bool:
    return request.parent in requests and requests[request.parent].type != "pulumi:pulumi:Stack"


def _read(value: Any) -> Any:
    """A document as it reads; any other value as it is."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
