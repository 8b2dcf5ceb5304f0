"""Tells what a file is by what is in it, and finds the roles in it.

Sources: `pulumi stack export` (deployment, version 3); IAM API reference, GetAccountAuthorizationDetails;
CloudFormation User Guide, template anatomy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from personalize_guardrails.audit.streaming import JsonStream
from personalize_guardrails.extraction import watched_types
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.iam import account_in

_LARGEST_TEMPLATE: Final = 1 << 20
"""Characters. CloudFormation and IAM take nothing longer, so a longer text is an export."""
_RESOURCES: Final = ("Resources:", '"Resources":', "'Resources':")
_ENTERED: Final = frozenset({"deployment"})
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_JUDGED: Final = frozenset(
    {"assumeRolePolicy", "assumeRolePolicyDocument", "desiredState", "properties", "templateBody", "parameters", "arn"}
)
"""The properties that findings are made of."""
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret in exported state, and is none


@dataclass(frozen=True, slots=True)
class Subject:
    """Something with trust policies in it, in the shape of a Pulumi resource of type `kind`."""

    kind: str
    identity: str
    name: str
    properties: Mapping[str, Any]
    account: str = ""
    """The account that it is in, where that is known."""
    secret: bool = False
    """Whether the state keeps something of it secret, though the export shows it."""
    fault: str = ""
    """Why there is nothing to be judged."""


class NotRecognizedError(ValueError):
    """The text is nothing that can be audited; the message says why."""


def subjects(read: Callable[[int], str]) -> Iterator[Subject]:
    """The roles in a text; NotRecognizedError or BadJsonError where there is none to be read."""
    head = read(_LARGEST_TEMPLATE + 1)
    if len(head) <= _LARGEST_TEMPLATE:
        while more := read(_LARGEST_TEMPLATE + 1 - len(head)):  # pipes give less than they are asked for
            head += more
            if len(head) > _LARGEST_TEMPLATE:
                break
    if len(head) <= _LARGEST_TEMPLATE and (whole := _policy_or_template(head)):
        yield whole
        return
    if not head.lstrip("\ufeff \t\r\n").startswith("{"):
        raise NotRecognizedError("it is no trust policy, stack export, account export or template")
    yield from _exported(JsonStream(read, head))


def _policy_or_template(text: str) -> Subject | None:
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped.startswith("{"):
        is_template = any(line.startswith(_RESOURCES) for line in stripped.splitlines())
        return _template(text) if is_template else None
    try:
        parsed = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    if "Statement" in parsed:
        # As text: two keys of one name are one in a mapping, and the rule minds them.
        return Subject("aws:iam/role:Role", "", "trust policy", {"assumeRolePolicy": stripped})
    return _template(stripped) if "Resources" in parsed else None


def _template(text: str) -> Subject:
    return Subject("aws:cloudformation/stack:Stack", "", "", {"templateBody": text})


def _exported(stream: JsonStream) -> Iterator[Subject]:
    known = False
    for path, value in stream.elements(_ENTERED):
        match path:
            case "{":
                known = False
            case "Statement" | "Resources":
                raise NotRecognizedError("more text follows it, or it is longer than AWS takes")
            case "}" if not known:
                raise NotRecognizedError("it has none of Statement, Resources, RoleDetailList and deployment")
            case "deployment.resources":
                if isinstance(value, Mapping) and _is_watched(value.get("type")) and not value.get("delete"):
                    yield _of_stack(value)
            case "RoleDetailList":
                if isinstance(value, Mapping):
                    yield _of_account(value)
            case _ if path.startswith("deployment.") or path.rstrip("[") in _ACCOUNT_KEYS:
                known = True


_ACCOUNT_KEYS: Final = frozenset({"RoleDetailList", "UserDetailList", "GroupDetailList", "Policies", "IsTruncated"})


def _is_watched(kind: object) -> bool:
    return isinstance(kind, str) and kind in watched_types()


def _of_stack(resource: Mapping[str, Any]) -> Subject:
    urn = str(resource.get("urn", ""))
    # What stands in the cloud, as it was last seen, above what the program wrote.
    properties = {**_members(resource.get("inputs")), **_members(resource.get("outputs"))}
    plain = {key: _opened(value) for key, value in properties.items()}
    secret = _holds_shown_secret([value for key, value in properties.items() if key in _JUDGED])
    return Subject(str(resource["type"]), urn, urn.rsplit("::", 1)[-1], plain, account_in(plain.get("arn")), secret)


def _of_account(role: Mapping[str, Any]) -> Subject:
    document = role.get("AssumeRolePolicyDocument")
    if isinstance(document, str) and document.lstrip().startswith("%"):
        document = unquote(document)  # as the API has it; the command line tool has decoded it
    arn, name = str(role.get("Arn", "")), str(role.get("RoleName", ""))
    properties = {"assumeRolePolicy": document, "path": role.get("Path", "/")}
    fault = "its trust policy is missing; export AssumeRolePolicyDocument too" if document is None else ""
    return Subject("aws:iam/role:Role", arn or name, name, properties, account_in(arn), fault=fault)


def _members(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_shown_secret(value: object) -> bool:
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def _holds_shown_secret(value: object) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if _is_shown_secret(one):
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def _opened(value: Any) -> Any:  # noqa: ANN401 - any property
    """A secret's value where the export shows it, UNKNOWN where it is encrypted."""
    if isinstance(value, Mapping):
        if _is_shown_secret(value):
            return _shown(value.get("plaintext"))
        return {key: _opened(item) for key, item in value.items()}
    return [_opened(item) for item in value] if isinstance(value, list) else value


def _shown(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else UNKNOWN
    except (ValueError, RecursionError):
        return UNKNOWN
