"""The diagnosis as JSON, for programs."""

import json
from typing import Any

from personalize_permissions.doctor._findings import Diagnosis, Fault


def to_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as a JSON object; `fault` is null where there is none."""
    members = {
        "health": diagnosis.health.value,
        "fault": _fault_members(diagnosis.fault),
        "checks": [
            {"check": each.what, "health": each.health.value, "fault": _fault_members(each.fault)}
            for each in diagnosis.verdicts
        ],
        "unknown": list(diagnosis.missing),
        "unseen": list(diagnosis.unseen),
        "notes": list(diagnosis.notes),
    }
    return json.dumps(members, indent=2) + "\n"


def _fault_members(fault: Fault | None) -> dict[str, Any] | None:
    """Return a fault as the members of its JSON object; None where there is none."""
    if fault is None:
        return None
    return {
        "outcome": fault.outcome.value,
        "policy": fault.policy,
        "statements": [
            {"policy": each.policy, "index": each.index, "statement": each.statement.to_dict()}
            for each in fault.statements
        ],
        "requests": list(fault.requests),
        "advice": fault.advice,
        "remedy": [each.to_dict() for each in fault.remedy],
        "nearest": list(fault.nearest),
    }
