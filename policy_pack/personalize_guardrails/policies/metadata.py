"""The shape of the pack's policies: a rule that yields violations, and its metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationPolicy, Severity, StackValidationPolicy

S3_PAGE: Final = "granting-personalize-s3-access.html"
KEY_PAGE: Final = "granting-personalize-key-access.html"
SETUP_PAGE: Final = "aws-personalize-set-up-permissions.html"
_GUIDE: Final = "https://docs.aws.amazon.com/personalize/latest/dg"
_TAGS: Final = ("aws", "iam", "personalize")
P = TypeVar("P", ResourceValidationPolicy, StackValidationPolicy)
Violations = Iterator[tuple[str, str | None]]
"""Messages, each with the URN of the resource that it is about; None for the one that is validated, or for none."""


def pack_policy(
    kind: type[P],
    name: str,
    display_name: str,
    description: str,
    severity: Severity,
    remediation: str,
    page: str,
    *tags: str,
    level: EnforcementLevel = EnforcementLevel.ADVISORY,
    **options: Any,  # noqa: ANN401 - the SDK checks them
) -> Callable[[Callable[[Any], Violations]], Callable[[], P]]:
    """Return a decorator that turns a rule into a function which makes the policy.

    The rule takes the SDK's arguments. `page` is a page of the Personalize guide; `options` are what else `kind` takes.
    """

    def decorate(rule: Callable[[Any], Violations]) -> Callable[[], P]:
        def validate(args: object, report: ReportViolation) -> None:
            for message, urn in rule(args):
                report(message, urn)

        return lambda: kind(
            name=name,
            display_name=display_name,
            description=description,
            severity=severity,
            remediation_steps=remediation,
            url=f"{_GUIDE}/{page}",
            tags=[*_TAGS, *tags],
            enforcement_level=level,
            validate=validate,
            **options,
        )

    return decorate
