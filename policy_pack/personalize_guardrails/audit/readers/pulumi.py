"""Reads the state of Pulumi stacks, and previews.

Sources: `pulumi stack export` and a file backend's checkpoint (deployment, version 3); `pulumi preview --json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import CHECKED, Reader, Subject, lacks_trust_policy
from personalize_guardrails.extraction import watched_types
from personalize_guardrails.extraction.duplicate_keys import parsed
from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.iam import account_in
from personalize_guardrails.iam.json_text import nested_values

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret in exported state, and is not one
_HIDDEN: Final = "[secret]"
"""What a preview prints in place of a secret."""
_COMPUTED: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known yet."""


def _resource(resource: object) -> Iterable[Subject]:
    """Yield a resource of a stack, with its properties at the last refresh or update."""
    if isinstance(resource, Mapping) and not resource.get("delete"):
        yield from _subject(resource, "", "inputs", "outputs")


def _step(step: object) -> Iterable[Subject]:
    """Yield a resource of a preview, with the properties that the program sets."""
    if isinstance(step, Mapping) and isinstance(new := step.get("newState"), Mapping):
        yield from _subject(new, "newState.", "outputs", "inputs")


def _subject(resource: Mapping[str, Any], place: str, *sections: str) -> Iterable[Subject]:
    """Yield the subject of a resource that can have a trust policy; later sections take precedence."""
    kind, urn = str(resource.get("type", "")), str(resource.get("urn", ""))
    if kind not in watched_types():
        return
    found: dict[str, Any] = {}
    paths: dict[str, str] = {}
    for section in sections:
        for key, value in members(resource.get(section)).items():
            found[key], paths[key] = value, f"{place}{section}.{key}"
    shown = {key: _unwrap(value) for key, value in found.items()}
    yield Subject(
        kind,
        urn.rsplit("::", 1)[-1],
        urn,
        shown,
        account_in(shown.get("arn")),
        any(map(_is_secret, nested_values([value for key, value in found.items() if key in CHECKED]))),
        "its trust policy is missing" if lacks_trust_policy(kind, shown) else "",
        paths=paths,
    )


def _is_secret(value: object) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def _unwrap(value: Any) -> Any:  # noqa: ANN401 - any property
    """Return the value with secrets in plain text, and UNKNOWN for what is encrypted or not known yet."""
    if isinstance(value, Mapping):
        if _is_secret(value):
            plaintext = value.get("plaintext")
            return parsed(plaintext, UNKNOWN) if isinstance(plaintext, str) else UNKNOWN
        return {key: _unwrap(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    return UNKNOWN if value in (_COMPUTED, _HIDDEN) else value


READER: Final = Reader(
    file="`pulumi stack export --show-secrets`, a file backend's checkpoint, `pulumi preview --json`",
    checked="every role, stack and stack set, by what the cloud had when the stack was last refreshed; in a preview, "
    "by what the program asks for",
    not_checked="what is encrypted, secret in a preview, or not known yet, which is a fault; resources that wait for "
    "their deletion",
    arrays={"deployment.resources": _resource, "checkpoint.latest.resources": _resource, "steps": _step},
    recognizes=lambda found: bool({"deployment", "checkpoint", "steps"} & found.keys()),
)
