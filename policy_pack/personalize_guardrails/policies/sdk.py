"""Adapts policies to Pulumi's SDK: rules become policies, and the SDK's values become plain values."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pulumi_policy import (
    EnforcementLevel,
    PolicyResource,
    ReportViolation,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
    proxy,
)

from personalize_guardrails.extraction.declared import declared
from personalize_guardrails.extraction.unknowns import UNKNOWN

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared

S3_PAGE: Final = "granting-personalize-s3-access.html"
KEY_PAGE: Final = "granting-personalize-key-access.html"
SETUP_PAGE: Final = "aws-personalize-set-up-permissions.html"
_GUIDE: Final = "https://docs.aws.amazon.com/personalize/latest/dg"
_TAGS: Final = ("aws", "iam", "personalize")
P = TypeVar("P", ResourceValidationPolicy, StackValidationPolicy)
Violations = Iterator[tuple[str, str | None]]
"""Messages, each with the URN of its resource. None means the validated resource, or the stack as a whole."""
_UNKNOWNS: Final = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))


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
) -> Callable[[Callable[..., Violations]], Callable[..., P]]:
    """Return a decorator that turns a rule into a function that creates the policy.

    The rule is called with the arguments of that function, followed by the SDK's. `page` is a page of the Personalize
    guide; `options` are further arguments of `kind`.
    """

    def decorate(rule: Callable[..., Violations]) -> Callable[..., P]:
        """Return the function that creates the policy of a rule."""

        def make(*shared: object) -> P:
            """Create the policy; `shared` are the first arguments of the rule."""

            def validate(args: object, report: ReportViolation) -> None:
                for message, urn in rule(*shared, args):
                    report(message, urn)

            return kind(
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

        return make

    return decorate


def materialize(value: Any) -> Any:  # noqa: ANN401 - any property
    """Return the value as dicts and lists, with UNKNOWN for unknown values, for which the SDK's proxies raise."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value.keys()}  # noqa: SIM118 - items() of a proxy raises on unknowns
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    # Remediations get values without proxies, and `pulumi policy analyze` masks secrets that it cannot decrypt.
    return UNKNOWN if isinstance(value, str) and (value in _UNKNOWNS or value == "[secret]") else value


def _item(container: Any, key: Any) -> Any:  # noqa: ANN401 - any property
    try:
        return materialize(container[key])
    except proxy.UnknownValueError:
        return UNKNOWN


def declared_in(
    resources: Iterable[PolicyResource], types: Container[str]
) -> Iterator[tuple[PolicyResource, Declared]]:
    """Yield the AWS resources that Pulumi resources of these types declare, each after its Pulumi resource."""
    for resource in resources:
        if resource.resource_type in types:
            for each in declared(resource.resource_type, materialize(resource.props), scope=resource.name):
                yield resource, each
