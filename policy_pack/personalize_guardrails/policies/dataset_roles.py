"""The advisory check that the roles of dataset groups and import jobs have the permissions they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_policy import PolicyResource, Severity, StackValidationArgs, StackValidationPolicy

from personalize_guardrails import guide
from personalize_guardrails.extraction.resource_types import DATASET, DATASET_GROUP, camel, types_of
from personalize_guardrails.iam.evaluation.statements import covers_action
from personalize_guardrails.policies.documents import may_reach
from personalize_guardrails.policies.sdk import SETUP_PAGE, Violations, declared_in, pack_policy
from personalize_guardrails.policies.stack import Stack

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared
    from personalize_guardrails.iam import Statement

_TYPES: Final = types_of(DATASET_GROUP, DATASET)
_LOCATION: Final = re.compile(r"s3://([^/]+)/?(.*)")


@dataclass(frozen=True, slots=True)
class _Use:
    """A use of a role: by a dataset group with its key, or by the import job of a dataset with its data."""

    subject: str
    role: object
    key: object = None
    data: object = None
    both_or_neither: bool = False
    """Whether AWS requires role and key together or neither."""


@pack_policy(
    StackValidationPolicy,
    "dataset-role-access",
    "Roles of datasets have the permissions they need",
    "The role of a dataset group or import job is one that Amazon Personalize may assume, and may use the key "
    "or read the data.",
    Severity.MEDIUM,
    "Give the ARN of a service role that is granted the dataset group's key, or the import job's bucket.",
    SETUP_PAGE,
)
def dataset_role_access(args: StackValidationArgs) -> Violations:
    """Yield each use of a role that AWS rejects, or that fails later."""
    uses = list(_uses(args.resources))
    if not uses:
        return
    stack = Stack(args.resources)
    for urn, use in uses:
        for message in _misfits(use, stack):
            yield f"{use.subject} {message}.", urn


def _misfits(use: _Use, stack: Stack) -> Iterator[str]:
    """Yield what is wrong with the role of a use, as far as the stack shows; a role of another stack is not checked."""
    if use.both_or_neither and (use.role is None) is not (use.key is None):
        given, missing = ("a KMS key", "role") if use.role is None else ("a role", "KMS key")
        yield f"has {given} and no {missing}; AWS takes both or neither"
    name = next((name for name, arn in stack.roles.items() if arn == use.role), None)
    if name is None or not isinstance(use.role, str):
        return
    if name not in stack.service_roles:
        yield f"has role {name}, which Personalize may not assume: its trust policy does not let {guide.SERVICE} in"
    elif not stack.has_unknown_identity_policy:  # a policy that is not known yet may grant what seems to be missing
        own = stack.statements_of(name)
        if isinstance(use.key, str) and ":key/" in use.key:
            lacking = stack.lacking_on_key(guide.KEY_ACTIONS, own, use.key, use.role)
            if lacking:
                yield f"has a KMS key that service role {name} may not use: it lacks {' and '.join(lacking)}"
        if isinstance(use.data, str) and (location := _LOCATION.fullmatch(use.data)):
            unread = list(_lacking_on_data(own, use.role.split(":")[1], *location.groups()))
            if unread:
                yield f"imports from bucket {location[1]}, and service role {name} lacks {' and '.join(unread)} there"


def _lacking_on_data(own: list[Statement], partition: str, bucket: str, path: str) -> Iterator[str]:
    """Yield the actions that a role needs to import a file or folder, and that its own policies do not allow."""
    arn = f"arn:{partition}:s3:::{bucket}"
    needed = {guide.GET_OBJECT: (f"{arn}/{path}", f"{arn}/{path.rstrip('/')}/object"), guide.LIST_BUCKET: (arn,)}
    for action, places in needed.items():
        if not any(covers_action(each, action) and may_reach(each, place) for each in own for place in places):
            yield action


def _uses(resources: Iterable[PolicyResource]) -> Iterator[tuple[str, _Use]]:
    """Yield the uses of roles in resources, each with the URN of its resource."""
    for resource, each in declared_in(resources, _TYPES):
        name = each.get("Name")
        named = f" {name}" if isinstance(name, str) else ""
        if each.kind == DATASET_GROUP and not (each.unknown or each.fault):
            role, key = _value(each, "RoleArn"), _value(each, "KmsKeyArn")
            yield resource.urn, _Use(f"Dataset group{named}", role, key=key, both_or_neither=True)
        elif each.kind == DATASET and isinstance(job := _value(each, "DatasetImportJob"), Mapping):
            source = _field(job, "DataSource")
            data = _field(source, "DataLocation") if isinstance(source, Mapping) else None
            yield resource.urn, _Use(f"Dataset{named}", _field(job, "RoleArn"), data=data)


def _value(one: Declared, field: str) -> object:
    """Return the first value that a field may have, or None where it is omitted."""
    return next(one.possible_values(field), None)


def _field(value: Mapping[str, object], name: str) -> object:
    """Return a field of a nested object, by CloudFormation's name or the same in camel case."""
    return value.get(name, value.get(camel(name)))
