"""The mandatory policy that each bucket and each key has one resource that writes its policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from pulumi_policy import EnforcementLevel, PolicyResource, Severity, StackValidationArgs, StackValidationPolicy

from personalize_guardrails.extraction.resource_types import BUCKET, BUCKET_POLICY, KEY, KEY_POLICY, types_of
from personalize_guardrails.extraction.templates import TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.policies.sdk import S3_PAGE, Violations, declared_in, pack_policy

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared


class _Written(NamedTuple):
    """What a kind of resource writes the policy of."""

    what: str
    field: str
    """The field that names it."""
    owner: str
    """The kind of resource that makes it."""
    names: tuple[str, ...]
    """The fields of that resource that name it."""


_WRITTEN: Final[Mapping[str, _Written]] = {
    BUCKET_POLICY: _Written("bucket", "Bucket", BUCKET, ("BucketName",)),
    KEY_POLICY: _Written("key", "KeyId", KEY, ("KeyId", "Arn")),
}
_WRITER_TYPES: Final = types_of(*_WRITTEN)
_OWNER_TYPES: Final = {owner: types_of(owner) - types_of() for owner in (BUCKET, KEY)}
_MULTI_REGION: Final = "mrk-"


@pack_policy(
    StackValidationPolicy,
    "one-policy-writer",
    "One resource writes the policy of a bucket or a key",
    "A bucket or a key has one policy, so one resource of a stack writes it: of two, the last one wins.",
    Severity.HIGH,
    "Give the statements of the one resource to the other: a component takes them as existing_policy, or hands "
    "out its own with bucket_policy or key_policy `statements`.",
    S3_PAGE,
    level=EnforcementLevel.MANDATORY,
)
def one_policy_writer(args: StackValidationArgs) -> Violations:
    """Yield every resource that writes the policy of what another one writes the policy of."""
    first: dict[tuple[str, str], PolicyResource] = {}
    for resource in args.resources:
        for what, name, shown in dict.fromkeys(_targets(resource)):
            writer = first.setdefault((what, name), resource)
            if writer is not resource:
                message = (
                    f"{writer.name} and {resource.name} both write the policy of {what} {shown}: the last one wins, "
                    "and each refresh shows a change of the other. Write one policy with the statements of both."
                )
                yield message, resource.urn


def _targets(resource: PolicyResource) -> Iterator[tuple[str, str, str]]:
    """Yield what a resource writes the policies of: bucket or key, what identifies it, and its name for a message."""
    for _, each in declared_in([resource], _WRITER_TYPES):
        written = _WRITTEN.get(each.kind)
        if written is None or each.unknown or each.fault:
            continue
        for value in _values(each, written.field):
            if value is UNKNOWN:
                made_of = resource.property_dependencies.get(each.spelling(written.field), ())
                if owner := _only_owner(made_of, written):
                    known = _known_name(owner, written)
                    name = _identity(known, owner) if known else owner.urn
                    yield written.what, name, known or owner.name
            elif isinstance(value, str):
                yield written.what, _identity(value, resource), value


def _values(declaration: Declared, field: str) -> list[object]:
    try:
        return list(declaration.possible_values(field))
    except TemplateError:
        return []


def _only_owner(dependencies: Iterable[PolicyResource], written: _Written) -> PolicyResource | None:
    """Return the one bucket or key among the resources that a value is made of; None where there are several."""
    owners = {each.urn: each for each in dependencies if each.resource_type in _OWNER_TYPES[written.owner]}
    return next(iter(owners.values())) if len(owners) == 1 else None


def _known_name(owner: PolicyResource, written: _Written) -> str:
    """Return the name of a bucket or the id of a key that the stack makes, where it is known already."""
    for _, each in declared_in([owner], _OWNER_TYPES[written.owner]):
        for field in written.names:
            if isinstance(value := each.get(field), str):
                return value
    return ""


def _identity(name: str, resource: PolicyResource) -> str:
    """Return what identifies a bucket by its name, and a key by its id or its ARN."""
    name = name.rsplit("key/", 1)[-1].removeprefix("arn:aws:s3:::")
    if not name.startswith(_MULTI_REGION):
        return name
    # The replicas of a multi-region key share its id, and each has a policy of its own.
    return f"{name} {resource.provider.urn if resource.provider else ''}"
