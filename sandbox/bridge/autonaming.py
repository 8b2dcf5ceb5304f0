"""The names that pulumi-aws makes where a program gives none."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pulumi.runtime.proto import provider_pb2

    from sandbox.bridge.schema import Shape

_RANDOM_DIGITS: Final = 7
_DISABLED: Final = 2


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
