"""Reads the resources in a configuration of the Serverless Framework.

Source: Serverless Framework documentation, "AWS Resources", "Extending resources" and "Variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import STACK, Reader, Subject
from personalize_guardrails.extraction.duplicate_keys import load_json
from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.extraction.resource_types import ROLE, TRUST_POLICY
from personalize_guardrails.extraction.templates import TemplateError, check_size
from personalize_guardrails.extraction.unknowns import UNKNOWN

_ELSEWHERE: Final = "it depends on other files or variables; check the template that `serverless package` writes"
_VARIABLE: Final = re.compile(r"\$\{\s*(file\(|[A-Za-z]+(\([^)]*\))?:(?!:))")
"""The beginning of a variable of the framework, such as `${file(role.yml)}` and `${self:custom.role}`."""


def _subjects(found: Mapping[str, Any], text: str) -> Iterable[Subject]:
    """Yield the resources of a Serverless configuration as a template, and those that extend the framework's own."""
    parts = found.get("resources")
    if parts == [] and text.lstrip().startswith("{"):
        parts = members(load_json(text)).get("resources")  # a list of this name was streamed as one of Terraform's
    for index, part in enumerate(parts if isinstance(parts, list) else [parts]):
        path = f"resources[{index}]" if isinstance(parts, list) else "resources"
        if isinstance(part, str):
            yield Subject(STACK, path, fault=_ELSEWHERE)
        if "Resources" in (sections := members(part)):
            yield _template({**sections, "Resources": _each_known(sections["Resources"])}, path)
        if "extensions" in sections:
            yield _template({"Resources": _roles(_each_known(sections["extensions"]))}, f"{path}.extensions")


def _template(body: Mapping[str, Any], path: str) -> Subject:
    return Subject(STACK, properties={"templateBody": body}, paths={"templateBody": path}, unknown=_ELSEWHERE)


def _each_known(resources: object) -> object:
    """Return the resources, with UNKNOWN in place of those that refer to other files or variables."""
    if not isinstance(resources, Mapping):
        return _known(resources)
    return {name: _known(resource) for name, resource in resources.items()}


def _known(value: object) -> object:
    """Return the value, with UNKNOWN in place of strings that contain the framework's variables."""
    try:
        check_size(value)
    except TemplateError:
        return value  # a trust policy of that size is a violation
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return UNKNOWN if isinstance(value, str) and _VARIABLE.search(value) else value


def _roles(extensions: object) -> object:
    """Return, as roles, the extensions that can change the trust policy of a role that the framework makes."""
    if not isinstance(extensions, Mapping):
        return extensions
    roles = {}
    for name, extension in extensions.items():
        own = UNKNOWN if extension is UNKNOWN else members(extension).get("Properties")
        if own is UNKNOWN or TRUST_POLICY in members(own):
            roles[name] = {**members(extension), "Properties": own, "Type": ROLE}
    return roles


READER: Final = Reader(
    file="`serverless.yml`",
    checked="every role under `resources`, and the extensions of those that the framework makes",
    not_checked="`${file(...)}` and other variables, which are a fault where they decide; the roles that the framework "
    "makes for functions, which only let Lambda in",
    recognizes=lambda members: "service" in members and "provider" in members,
    whole=_subjects,
)
