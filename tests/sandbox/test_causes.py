"""A failed run ends in what made it fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.causes import causes
from sandbox.session import Result, read_events

if TYPE_CHECKING:
    from pathlib import Path

URN = "urn:pulumi:sandbox::shop::personalize-permissions:index:PersonalizePermissions$aws:iam/role:Role::recs-role"


def diagnostic(severity: str, message: str, urn: str = "") -> dict[str, object]:
    return {"diagnosticEvent": {"severity": severity, "message": message, "urn": urn}}


def violation(level: str) -> dict[str, object]:
    event = {
        "enforcementLevel": level,
        "resourceUrn": URN,
        "policyName": "trust-policy",
        "message": f"<{{%red%}}>{level}",
    }
    return {"policyEvent": event}


def test_an_event_that_a_killed_engine_left_unfinished_is_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    assert read_events(log) == []
    log.write_text('{"sequence": 1}\n{"sequence": 2, "resourcePreEv')
    assert read_events(log) == [{"sequence": 1}]


def test_errors_and_mandatory_violations_are_reported_once_without_colors() -> None:
    events = [
        diagnostic("warning", "slow"),
        diagnostic("error", "<{%reset%}>no such user: carol<{%reset%}>\n", URN),
        diagnostic("error", "<{%reset%}>no such user: carol<{%reset%}>\n", URN),
        diagnostic("error", "update failed"),
        violation("advisory"),
        violation("mandatory"),
    ]
    assert causes(Result(1, "", events)).splitlines() == [
        "aws:iam/role:Role recs-role: trust-policy: mandatory",
        "aws:iam/role:Role recs-role: no such user: carol",
        "update failed",
    ]


def test_a_long_message_is_shown_by_its_end() -> None:
    message = "\n".join(f"line {number}" for number in range(100))
    shown = causes(Result(1, "", [diagnostic("error", message)])).splitlines()
    assert len(shown) == 20
    assert shown[-1] == "line 99"
