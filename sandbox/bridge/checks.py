"""Arguments that a type does not have, and the region that version 5 of the provider knows for its whole self only."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sandbox.bridge.values import unknown_properties
from sandbox.bridge.wire import UNKNOWN, Props

if TYPE_CHECKING:
    from sandbox.bridge.catalog import Type

Failure = tuple[str, str]
"""The property that is refused, and why."""

_GLOBAL: Final = (
    "aws_iam_",
    "aws_cloudfront_",
    "aws_route53_",
    "aws_organizations_",
    "aws_account_",
    "aws_caller_",
    "aws_partition",
)
"""Services without regions: pulumi-aws gives their types no `region`."""


def region_is_ours(kind: Type) -> bool:
    """Return whether pulumi-aws has a `region` that this version of the provider does not have."""
    return "region" not in {field.pulumi_name for field in kind.shape.fields.values()} and not kind.name.startswith(
        _GLOBAL
    )


def refusals(kind: Type, region: str, inputs: Props) -> Iterator[Failure]:
    """Yield the inputs that the type does not have, each with the nearest that it has."""
    ours = region_is_ours(kind)
    asked = inputs.get("region")
    if ours and asked not in (None, UNKNOWN, region):
        yield "region", f"is {asked}, but this provider works in {region} only; use a provider of that region"
    for path, known in unknown_properties(kind.shape, inputs):
        if path == "region" and ours:
            continue
        *parents, name = path.split(".")
        near = get_close_matches(name, known, n=1, cutoff=0.0)
        hint = f", did you mean '{'.'.join([*parents, *near])}'?" if near else ""
        yield path, f"unknown property '{path}'{hint}"
