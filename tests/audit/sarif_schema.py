"""The part of the SARIF 2.1.0 schema that the report uses, as strict as the published one: no other members, and types.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and its schema.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
URI = {"type": "string", "format": "uri"}
POSITIVE = {"type": "integer", "minimum": 1}


def record(required: list[str], **properties: Any) -> dict[str, Any]:
    """An object with these members and no others."""
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def listed(item: dict[str, Any], *, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": item, "uniqueItems": unique}


MESSAGE = record(["text"], text=TEXT)
BAG = {"type": "object", "properties": {"tags": listed(TEXT, unique=True)}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
NOTIFICATION = record(["message"], level=LEVEL, message=MESSAGE, descriptor=record([], id=TEXT))
REGION = record([], startLine=POSITIVE, startColumn=POSITIVE)
PHYSICAL = record([], artifactLocation=record([], uri={"type": "string", "format": "uri-reference"}), region=REGION)
LOCATION = record(
    [], physicalLocation=PHYSICAL, logicalLocations=listed(record([], fullyQualifiedName=TEXT), unique=True)
)
SUPPRESSION = record(
    ["kind"],
    kind={"enum": ["inSource", "external"]},
    status={"enum": ["accepted", "underReview", "rejected"]},
    justification=TEXT,
)
RESULT = record(
    ["message"],
    ruleId=TEXT,
    level=LEVEL,
    message=MESSAGE,
    locations=listed(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    suppressions=listed(SUPPRESSION, unique=True),
    properties=BAG,
)
RULE = record(
    ["id"],
    id=TEXT,
    helpUri=URI,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    properties=BAG,
)
DRIVER = record(["name"], name=TEXT, version=TEXT, informationUri=URI, rules=listed(RULE, unique=True))
INVOCATION = record(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=listed(NOTIFICATION),
    toolConfigurationNotifications=listed(NOTIFICATION),
)
RUN = record(["tool"], tool=record(["driver"], driver=DRIVER), invocations=listed(INVOCATION), results=listed(RESULT))
SARIF = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **record(["version", "runs"], **{"$schema": URI, "version": {"const": "2.1.0"}, "runs": listed(RUN)}),
}
