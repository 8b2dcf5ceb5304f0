"""Defines the subjects that an audit checks, and the readers that find them in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from personalize_guardrails.extraction.duplicate_keys import has_duplicate_keys, parsed
from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.extraction.resource_types import ROLE as IAM_ROLE
from personalize_guardrails.extraction.resource_types import TRUST_POLICY, field_names
from personalize_guardrails.iam import account_in

ROLE: Final = "aws:iam/role:Role"
STACK: Final = "aws:cloudformation/stack:Stack"
UNNAMED: Final = "trust policy"
"""The name of a role that has none in the text."""
CHECKED: Final = frozenset(
    {"assumeRolePolicy", "assumeRolePolicyDocument", "desiredState", "properties", "templateBody", "parameters", "arn"}
)
"""The properties that findings are made of."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something with trust policies in it, in the form of a Pulumi resource of type `kind`."""

    kind: str
    name: str = ""
    identity: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    """The account that it is in, where that is known."""
    secret: bool = False
    """Whether the file marks a part of it as secret, although the file shows the value."""
    fault: str = ""
    """Why it cannot be checked."""
    unknown: str = ""
    """Why a part of it is not known, and what to do, if the reader knows."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where each property is in the text that the subject was read from."""


Read = Callable[[Any], Iterable[Subject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One kind of file: its text in the documentation, and the functions that find the subjects in it."""

    file: str
    """The name of the file, or of the command that writes it, in Markdown."""
    checked: str
    not_checked: str = ""
    recognizes: Callable[[Mapping[str, Any]], bool]
    """Returns whether an object is of this kind; it is called without the elements of `arrays`."""
    arrays: Mapping[str, Read] = field(default_factory=dict)
    """The function for each element of an array, by the array's path. Elements are read one by one."""
    whole: Callable[[Mapping[str, Any], str], Iterable[Subject]] = lambda _members, _text: ()
    """The function for the object without the elements of `arrays`, and its text."""
    finds_duplicates: bool = False
    """Whether checking the subjects finds all duplicate keys; if not, an object with one is not checked."""


def role_subject(role: Mapping[str, Any], document_key: str = TRUST_POLICY) -> Subject:
    """Return the subject for a role as IAM's API describes it."""
    document = decoded(role.get(document_key))
    arn, name = str(role.get("Arn") or role.get("arn") or ""), str(role.get("RoleName") or role.get("roleName") or "")
    fault = ""
    if document is None:
        fault = f"its trust policy is missing; export {document_key} too"
    elif isinstance(document, dict):
        document = json.dumps(document)  # equal texts are checked only once
    properties = {"assumeRolePolicy": document, "path": role.get("Path") or role.get("path") or "/"}
    paths = {"assumeRolePolicy": document_key}
    return Subject(ROLE, name, arn or name, properties, account_in(arn), fault=fault, paths=paths)


def selected_subjects(values: Mapping[str, object]) -> Iterator[Subject]:
    """Yield the trust policies among the values that `--query` selects; the first other string names their role."""
    documents = {path: value for path, value in values.items() if is_trust_policy(value)}
    name = next((value for path, value in values.items() if isinstance(value, str) and path not in documents), "")
    for path, document in documents.items():
        properties = {"assumeRolePolicy": document}
        yield Subject(ROLE, name or UNNAMED, properties=properties, paths={"assumeRolePolicy": path})


def lacks_trust_policy(kind: str, properties: Mapping[str, Any]) -> bool:
    """Return whether a resource of type `kind` is a role without its trust policy."""
    names = field_names(kind)
    return names is not None and names[0] == IAM_ROLE and properties.get(names[1](TRUST_POLICY)) is None


def decoded(document: object) -> object:
    """Return a policy document without the URL encoding that the API adds and the AWS CLI removes."""
    return unquote(document) if isinstance(document, str) and document.lstrip().startswith("%") else document


def is_trust_policy(value: object) -> bool:
    """Return whether a value is a policy document with principals, as an object or as JSON text."""
    value = decoded(value)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = parsed(value)
        if has_duplicate_keys(value):
            return True  # the rule decides about it
    statements = members(value).get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(each, Mapping) and bool({"Principal", "NotPrincipal"} & each.keys()) for each in listed)
