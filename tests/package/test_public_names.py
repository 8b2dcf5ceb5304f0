"""What users can import: a change of it is a change for them."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import personalize_guardrails
import personalize_permissions

COMPONENT = {
    "BucketUse",
    "CloudWatchChoice",
    "Delivery",
    "InvalidArgumentsError",
    "PersonalizeAccess",
    "PersonalizeAccessArgs",
    "PersonalizeApplication",
    "PersonalizeApplicationAccess",
    "PersonalizeApplicationAccessArgs",
    "PersonalizeBucket",
    "PersonalizeBucketAccess",
    "PersonalizeBucketAccessArgs",
    "PersonalizeDataScientist",
    "PersonalizeDataScientistAccess",
    "PersonalizeDataScientistAccessArgs",
    "PersonalizeKey",
    "PersonalizeKeyAccess",
    "PersonalizeKeyAccessArgs",
    "PersonalizePermissions",
    "PersonalizePermissionsArgs",
    "PersonalizeReader",
    "PersonalizeReaderAccess",
    "PersonalizeReaderAccessArgs",
    "PersonalizeServiceRole",
    "PersonalizeServiceRoleArgs",
    "PolicyChoice",
    "ServiceRole",
    "__version__",
    "careful_deletion",
    "until_assumable",
}
MODULES = {"arguments", "assumable", "choices", "deletion", "doctor", "least_permissions", "testing"}
PACKAGES = {
    "audit": {"Result", "check_files", "check_text"},
    "iam.evaluation": {
        "Answer",
        "Caller",
        "CombinedAnswer",
        "Context",
        "LocatedStatement",
        "Outcome",
        "Policies",
        "Request",
        "ResourceRule",
        "Side",
        "evaluate",
        "evaluate_all",
        "statements_of",
        "statements_that_miss",
    },
    "policies": {"pack_policies"},
}
RULE = {"Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"}


def test_the_components_names() -> None:
    assert set(personalize_permissions.__all__) == COMPONENT
    assert all(hasattr(personalize_permissions, name) for name in COMPONENT)


def test_the_rules_names() -> None:
    assert set(personalize_guardrails.__all__) == RULE
    assert all(hasattr(personalize_guardrails, name) for name in RULE)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_names_of_the_packs_packages(package: str) -> None:
    module = importlib.import_module(f"personalize_guardrails.{package}")
    assert set(module.__all__) == PACKAGES[package]
    assert all(hasattr(module, name) for name in module.__all__)


def test_every_other_module_of_the_component_is_private() -> None:
    found = {module.name for module in pkgutil.iter_modules(personalize_permissions.__path__)}
    assert {name for name in found if not name.startswith("_")} == MODULES
