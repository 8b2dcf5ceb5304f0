"""A failed run ends in what made it fail."""

from __future__ import annotations

from sandbox.causes import causes
from sandbox.session import Result

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
