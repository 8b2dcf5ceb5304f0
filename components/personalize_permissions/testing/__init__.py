"""Test a stack that uses the components, with Pulumi's mocks and without an account.

    recorded = run(program)                                         # or run(Path("app"), config={"bucket": "data"})
    assert_may(recorded, user("alice"), "personalize:CreateDataset")
    assert_may_not_assume(recorded, "app-service-role", account="999988887777")
    assert_admits(recorded, "data", "import")
    assert_guarded(recorded)

Fixtures for pytest are in `personalize_permissions.testing.fixtures`. The guide is docs/testing.md, "Test your stack".
"""

from personalize_permissions._runtime.location import Location
from personalize_permissions.testing._assertions import (
    assert_admits,
    assert_admits_to_key,
    assert_does_not_admit,
    assert_guarded,
    assert_may,
    assert_may_assume,
    assert_may_not,
    assert_may_not_assume,
)
from personalize_permissions.testing._decisions import Decision
from personalize_permissions.testing._errors import InvalidQuestionError, UnknownDocumentError, UnknownStackError
from personalize_permissions.testing._explain import explain
from personalize_permissions.testing._grants import Grant
from personalize_permissions.testing._mocks import PermissionsMocks, Registered
from personalize_permissions.testing._names import Identity, group, role, user
from personalize_permissions.testing._policy_arguments import policy_arguments, stack_arguments, violations
from personalize_permissions.testing._recorded import Recorded, Source
from personalize_permissions.testing._runner import run
from personalize_permissions.testing._values import UNKNOWN, Secret

__all__ = [
    "UNKNOWN",
    "Decision",
    "Grant",
    "Identity",
    "InvalidQuestionError",
    "Location",
    "PermissionsMocks",
    "Recorded",
    "Registered",
    "Secret",
    "Source",
    "UnknownDocumentError",
    "UnknownStackError",
    "assert_admits",
    "assert_admits_to_key",
    "assert_does_not_admit",
    "assert_guarded",
    "assert_may",
    "assert_may_assume",
    "assert_may_not",
    "assert_may_not_assume",
    "explain",
    "group",
    "policy_arguments",
    "role",
    "run",
    "stack_arguments",
    "user",
    "violations",
]
