"""pulumi-aws's own names of types and properties, and what it deletes first, which the protocol does not tell."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Final

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
