"""What the project's `pulumi:autonaming` says of names that a program leaves to Pulumi.

Source: Pulumi's documentation, "Auto-naming"; `mode` and `pattern` of a type count before those of its provider, and
those before the project's.
"""

from collections.abc import Mapping
from typing import Any

import pulumi


def is_disabled(resource_type: str) -> bool:
    """Return whether Pulumi makes no name for resources of a type, such as `aws:iam/role:Role`."""
    project = pulumi.Config("pulumi").get_object("autonaming") or {}
    provider = _section(_section(project, "providers"), resource_type.split(":", 1)[0])
    kind = _section(_section(provider, "resources"), resource_type)
    chosen = next((section for section in (kind, provider, project) if section.keys() & {"mode", "pattern"}), {})
    return chosen.get("mode") == "disabled"


def _section(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return settings.get(name) or {}
