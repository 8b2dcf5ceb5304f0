"""Reads Terraform's plans and states.

Source: Terraform documentation, "JSON Output Format"; the state file's version 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import CHECKED, Reader, Subject, lacks_trust_policy
from personalize_guardrails.extraction import watched_types
from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.extraction.resource_types import TERRAFORM_TYPES
from personalize_guardrails.iam import account_in
from personalize_guardrails.iam.json_text import nested_values

_LATER: Final = "its trust policy is known only after apply; check the state then"
_OLD: Final = "it is a state of Terraform before 0.12; check what `terraform show -json` of a later version prints"
_CHANGES_ONLY: Final = "its planned_values are missing; check all that `terraform show -json` prints"
_SECTIONS: Final = ("planned_values", "values")


def _resource(resource: object) -> Iterable[Subject]:
    """Yield a resource of `terraform show -json`."""
    if isinstance(resource, Mapping) and resource.get("mode") == "managed":
        kind, values = str(resource.get("type")), resource.get("values")
        yield from _subject(kind, str(resource.get("address")), values, "values", resource.get("sensitive_values"))


def _module(module: object) -> Iterable[Subject]:
    """Yield the resources of a module and of the modules in it."""
    for key, read in (("resources", _resource), ("child_modules", _module)):
        listed = members(module).get(key, [])
        if not isinstance(listed, list):
            yield Subject("", fault=f"{key} of a module is not a list; export all of it")
            continue
        for each in listed:
            yield from read(each)


def _of_state(resource: object) -> Iterable[Subject]:
    """Yield every instance of a resource in a state file."""
    if not isinstance(resource, Mapping) or resource.get("mode") != "managed":
        return
    kind = str(resource.get("type"))
    address = ".".join(filter(None, (str(resource.get("module") or ""), kind, str(resource.get("name")))))
    instances = resource.get("instances")
    for index, instance in enumerate(map(members, instances if isinstance(instances, list) else ())):
        key = instance.get("index_key")
        name = address if key is None else f'{address}["{key}"]' if isinstance(key, str) else f"{address}[{key}]"
        section = "attributes_flat" if "attributes_flat" in instance else "attributes"
        yield from _subject(kind, name, instance.get(section), f"instances[{index}].{section}", _sensitive(instance))


def _sensitive(instance: Mapping[str, Any]) -> dict[str, bool]:
    """Return the names of the sensitive attributes of an instance in a state file, each with True."""
    paths = instance.get("sensitive_attributes")
    steps = (path[0] for path in (paths if isinstance(paths, list) else ()) if isinstance(path, list) and path)
    return {str(members(step).get("value")): True for step in steps}


def _subject(kind: str, address: str, values: object, place: str, sensitive: object) -> Iterable[Subject]:
    """Yield the subject of a resource that can have a trust policy."""
    token = TERRAFORM_TYPES.get(kind)
    if token is None or token not in watched_types():
        return
    values = members(values)
    properties = {_camel(key): value for key, value in values.items() if value is not None}
    paths = {_camel(key): f"{place}.{key}" for key in values}
    marks = [value for key, value in members(sensitive).items() if _camel(key) in CHECKED]
    secret = any(each is True for each in nested_values(marks))
    arn, fault = properties.get("arn"), _LATER if lacks_trust_policy(token, properties) else ""
    yield Subject(token, address, str(arn or address), properties, account_in(arn), secret, fault, paths=paths)


def _whole(found: Mapping[str, Any], _text: str) -> Iterable[Subject]:
    """Yield a fault for a state or plan whose form is not read."""
    if "modules" in found:
        yield Subject("", fault=_OLD)
    elif {"resource_changes", "prior_state"} & found.keys() and not {"resources", *_SECTIONS} & found.keys():
        yield Subject("", fault=_CHANGES_ONLY)


def _camel(name: str) -> str:
    return re.sub("_([a-z0-9])", lambda match: match[1].upper(), name)


READER: Final = Reader(
    file="`terraform show -json` of a plan or a state, `terraform.tfstate`",
    checked="every role, stack and stack set, those of modules, `count` and `for_each` too; in a plan what it will "
    "make",
    not_checked="a trust policy that is known only after apply, which is a fault; policy documents of data sources, "
    "which are checked where a role has them; states of Terraform before 0.12 and plans without `planned_values`, "
    "which are a fault",
    arrays={
        "resources": _of_state,
        **{f"{section}.root_module.resources": _resource for section in _SECTIONS},
        **{f"{section}.root_module.child_modules": _module for section in _SECTIONS},
    },
    recognizes=lambda found: (
        bool({"terraform_version", "planned_values", "resource_changes"} & found.keys())
        or ("format_version" in found and "values" in found)
    ),
    whole=_whole,
)
