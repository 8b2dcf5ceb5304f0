"""What users can import: a change of it is a change for them."""

from __future__ import annotations

import pkgutil

import personalize_guardrails
import personalize_permissions

COMPONENT = {
    "BucketUse",
    "CloudWatchChoice",
    "Delivery",
    "InvalidArgumentsError",
    "PersonalizeAccess",
    "PersonalizeAccessArgs",
    "PersonalizeBucket",
    "PersonalizeBucketAccess",
    "PersonalizeBucketAccessArgs",
    "PersonalizeKey",
    "PersonalizeKeyAccess",
    "PersonalizeKeyAccessArgs",
    "PersonalizePermissions",
    "PersonalizePermissionsArgs",
    "PersonalizeServiceRole",
    "PersonalizeServiceRoleArgs",
    "PolicyChoice",
    "ServiceRole",
    "__version__",
    "careful_deletion",
}
MODULES = {"arguments", "choices", "deletion", "doctor", "least_permissions", "testing"}
RULE = {"Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"}


def test_the_components_names() -> None:
    assert set(personalize_permissions.__all__) == COMPONENT
    assert all(hasattr(personalize_permissions, name) for name in COMPONENT)


def test_the_rules_names() -> None:
    assert set(personalize_guardrails.__all__) == RULE
    assert all(hasattr(personalize_guardrails, name) for name in RULE)


def test_every_other_module_of_the_component_is_private() -> None:
    found = {module.name for module in pkgutil.iter_modules(personalize_permissions.__path__)}
    assert {name for name in found if not name.startswith("_")} == MODULES
