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
    """The bucket or key whose policy a kind of resource writes."""

    what: str
    """`bucket` or `key`, for a message."""
    field: str
    """The writer's field that names the bucket or key."""
    owner: str
    """The kind of resource that makes the bucket or key."""
    names: tuple[str, ...]
    """The fields of the owner that name the bucket or key."""


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
    "A bucket or a key has one policy. If two resources write it, the last one replaces the other's statements.",
    Severity.HIGH,
    "Pass the statements of one resource to the other: a component takes them as existing_policy. With bucket_policy "
    "or key_policy set to `statements`, it returns its own as the output bucket_policies or key_policies.",
    S3_PAGE,
    level=EnforcementLevel.MANDATORY,
)
def one_policy_writer(args: StackValidationArgs) -> Violations:
    """Yield every resource that writes the policy of a bucket or key which another resource writes too."""
    first: dict[tuple[str, str], PolicyResource] = {}
    for resource in args.resources:
        for what, name, shown in dict.fromkeys(_targets(resource)):
            writer = first.setdefault((what, name), resource)
            if writer is not resource:
                message = (
                    f"{writer.name} and {resource.name} both write the policy of {what} {shown}: the last one "
                    "replaces the other's statements. Write one policy with the statements of both."
                )
                yield message, resource.urn


def _targets(resource: PolicyResource) -> Iterator[tuple[str, str, str]]:
    """Yield each policy that a resource writes: of a bucket or a key, its identity, and its name for a message."""
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
    """Return every value that a field may have; none where there are too many to decide."""
    try:
        return list(declaration.possible_values(field))
    except TemplateError:
        return []


def _only_owner(dependencies: Iterable[PolicyResource], written: _Written) -> PolicyResource | None:
    """Return the bucket or key that a value comes from; None where there is none, or several."""
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
    """Return the identity of a bucket from its name, and of a key from its id or its ARN."""
    name = name.rsplit("key/", 1)[-1].removeprefix("arn:aws:s3:::")
    if not name.startswith(_MULTI_REGION):
        return name
    # The replicas of a multi-region key share its id, and each has a policy of its own.
    return f"{name} {resource.provider.urn if resource.provider else ''}"
