"""What stacks hold does not change unawares: what is registered is written down, and a change of it is mentioned."""

from __future__ import annotations

import copy

from tests.compatibility import snapshot
from tests.compatibility.snapshot import CHANGELOG, COMMAND, Snapshot


def test_what_stacks_hold_is_as_written_down() -> None:
    kept, taken = snapshot.kept(), snapshot.taken()
    changed = snapshot.differences(kept, taken)
    missing = snapshot.unmentioned(changed, CHANGELOG.read_text())
    assert not missing, snapshot.what_to_do(missing)
    assert not changed, f"The changes are mentioned; write down the new resources: {COMMAND}"
    assert kept.keys() == taken.keys(), f"Write down the resources of the new sets: {COMMAND}"


def altered() -> tuple[Snapshot, Snapshot]:
    """A snapshot before and after a resource was renamed, and another got another name in AWS."""
    before = snapshot.kept()
    after = copy.deepcopy(before)
    resources = after["default"]
    [role] = [urn for urn in resources if urn.endswith("::recs-service-role")]
    resources[role.replace("recs-service-role", "recs-role")] = resources.pop(role)
    [policy] = [urn for urn in resources if urn.endswith("::recs-access-policy")]
    resources[policy]["path"] = "/elsewhere/"
    return before, after


def test_a_change_has_to_be_mentioned_under_resources_of_the_newest_version() -> None:
    changed = snapshot.differences(*altered())
    assert {name for name, _ in changed} == {"recs-service-role", "recs-role", "recs-access-policy"}

    mentioned = "### Resources\n- `recs-service-role` is now `recs-role`, by an alias.\n- `recs-access-policy`: path\n"
    assert snapshot.unmentioned(changed, f"# Changelog\n\n## 1.1.0\n\n{mentioned}\n## 1.0.0\n") == []
    for elsewhere in (
        f"# Changelog\n\n## 1.1.0\n\n### Fixed\n\n## 1.0.0\n{mentioned}",
        f"# Changelog\n\n## 1.1.0\n\n{mentioned.replace('Resources', 'Changed')}",
    ):
        assert len(snapshot.unmentioned(changed, elsewhere)) == 3
    [left] = snapshot.unmentioned(
        changed, f"# Changelog\n\n## 1.1.0\n\n{mentioned.replace('`recs-access-policy`', 'policy')}"
    )
    assert left.startswith("`recs-access-policy`: has another path (")
