"""pulumi-aws's own tables and rules, which the protocol does not tell.

Names of types and properties, automatic names, and what is deleted first.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pulumi.runtime.proto import provider_pb2

    from sandbox.bridge.schema import Shape

_MODULES: Final = {"cloudcontrol": "cloudcontrolapi"}
"""Modules that Terraform spells otherwise."""
_TYPES: Final = {"aws:s3/bucketV2:BucketV2": "aws_s3_bucket", "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object"}
FLATTENED: Final = frozenset({"default_tags", "ignore_tags", "assume_role_with_web_identity"})
"""Blocks of the provider that may be written once, though the schema sets no limit."""

RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_s3_bucket": {"region": "bucketRegion"},
    "aws_region": {"name": "region"},
}
"""Attributes of version 5 by type that go by another name since version 6."""
DELETED_FIRST: Final = frozenset(f"aws_iam_{kind}_policy_attachment" for kind in ("group", "role", "user"))
"""Types whose old resource goes before the new one comes: creating it anew would be no change, and then it would go."""
_RANDOM_DIGITS: Final = 7
_DISABLED: Final = 2


class UnknownTypeError(Exception):
    """A token that no type of the provider answers to."""


def terraform_type(token: str, known: Container[str]) -> str:
    """Return the type behind a token such as `aws:iam/role:Role` or `aws:iam/getRole:getRole`."""
    for candidate in _candidates(token):
        if candidate in known:
            return candidate
    raise UnknownTypeError(f"terraform-provider-aws has no type for {token}")


def property_name(name: str, *, plural: bool) -> str:
    """Return pulumi-aws's name of an attribute or block: camelCase, and a list in the plural."""
    head, *rest = [part for part in name.split("_") if part]
    camel = head + "".join(part[0].upper() + part[1:] for part in rest)
    if not plural or camel.endswith("s"):
        return camel
    if re.search(r"[^aeiou]y$", camel):
        return f"{camel[:-1]}ies"
    return f"{camel}es" if re.search(r"(x|ch|sh)$", camel) else f"{camel}s"


def _candidates(token: str) -> Iterator[str]:
    if token in _TYPES:
        yield _TYPES[token]
    _, module, name = token.split(":")
    service = module.split("/")[0]
    bare = re.sub(r"^get(?=[A-Z])", "", name) if f"/get{name[3:]}" in module else name
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()
    yield f"aws_{_MODULES.get(service, service)}_{snake}"
    yield f"aws_{snake}"


@dataclass(frozen=True, slots=True)
class AutoName:
    """How a name is made where the program gives none: `prefix` + the resource's name + `-` + seven hex digits."""

    attribute: str = "name"
    longest: int = 255
    prefix: str = ""
    lower: bool = False


_RULES: Final[Mapping[str, AutoName]] = {
    "aws_cloudformation_stack": AutoName(longest=128),
    "aws_cloudformation_stack_set": AutoName(longest=128),
    "aws_iam_group": AutoName(longest=128),
    "aws_iam_group_policy": AutoName(longest=128),
    "aws_iam_instance_profile": AutoName(longest=128),
    "aws_iam_policy": AutoName(longest=128),
    "aws_iam_role": AutoName(longest=64),
    "aws_iam_role_policy": AutoName(longest=128),
    "aws_iam_user": AutoName(longest=64),
    "aws_iam_user_policy": AutoName(longest=128),
    "aws_kms_alias": AutoName(longest=256, prefix="alias/"),
    "aws_s3_bucket": AutoName("bucket", longest=63, lower=True),
}


class AutoNameError(Exception):
    """A name that cannot be made."""


def rule(type_name: str, shape: Shape) -> AutoName | None:
    """Return how a type's resources are named, None where they have no name to set."""
    found = _RULES.get(type_name, AutoName())
    attribute = shape.fields.get(found.attribute)
    return found if attribute and attribute.settable and attribute.shape.kind == "string" else None


def automatic_name(made: AutoName, request: provider_pb2.CheckRequest) -> str:
    """Return a name for a new resource; AutoNameError where the engine allows none or it gets too long."""
    logical = request.name or request.urn.rsplit("::", 1)[-1]
    proposed = ""
    if request.HasField("autonaming"):
        if request.autonaming.mode == _DISABLED:
            raise AutoNameError("automatic naming is disabled and no name is given")
        proposed = request.autonaming.proposed_name
    digits = hashlib.sha256(request.randomSeed or secrets.token_bytes(16)).hexdigest()[:_RANDOM_DIGITS]
    name = proposed or f"{made.prefix}{logical}-{digits}"
    name = name.lower() if made.lower else name
    if len(name) > made.longest:
        raise AutoNameError(f"the automatic name '{name}' is longer than {made.longest} characters")
    return name
