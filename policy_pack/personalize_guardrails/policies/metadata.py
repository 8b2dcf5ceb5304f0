"""The metadata of the policies, in one shape for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from pulumi_policy import Severity

PAGES: Final = "https://docs.aws.amazon.com/personalize/latest/dg"
_TAGS: Final = ["aws", "iam", "personalize"]


class Metadata(TypedDict):
    """The fields that the SDK takes."""

    name: str
    display_name: str
    description: str
    severity: Severity
    remediation_steps: str
    url: str
    tags: list[str]


def about(
    name: str, display_name: str, description: str, severity: Severity, remediation: str, page: str, *tags: str
) -> Metadata:
    """Return the metadata of one policy; `page` is a page of the Personalize guide."""
    return Metadata(
        name=name,
        display_name=display_name,
        description=description,
        severity=severity,
        remediation_steps=remediation,
        url=f"{PAGES}/{page}",
        tags=[*_TAGS, *tags],
    )
