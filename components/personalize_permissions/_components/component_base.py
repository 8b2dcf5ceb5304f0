"""How every component starts: its arguments are judged before anything is registered, and its place is looked up."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._documents.limits import GENERATED_SUFFIX
from personalize_permissions._runtime.location import Scope
from personalize_permissions._validation import string_validators
from personalize_permissions._validation.report import Report, settings
from personalize_permissions._validation.validators import Record

Given = Mapping[str, Any]
"""Arguments that were given and found right; each is what the argument's type says, or an output of it."""


def opened(
    component: pulumi.ComponentResource,
    name: str,
    args: Mapping[str, Any] | None,
    record: Record,
    generated: Mapping[str, int],
    scope: Scope | None,
) -> tuple[Given, Callable[[], Scope]]:
    """Judge `args`, raising InvalidArgumentsError with every mistake; to be called before the component registers.

    `generated` are the logical names that become physical ones, with the longest that AWS takes. The second result,
    called once the component is registered, gives where it works. A component that hands on its own arguments gives
    its `scope`, and they are not judged again.
    """
    if scope is not None:
        return settings(args or {}), lambda: scope
    report = Report(f'{type(component).__name__} "{name}"')
    report.examine(record, args if args is not None else {}, ())
    if generated and not string_validators.NAME.fullmatch(str(name)):
        report.add(("name",), f"{report.quote(name)} becomes part of names, and {string_validators.NAME_RULE}")
    for logical, longest in generated.items():
        if (length := len(logical) + GENERATED_SUFFIX) > longest:
            report.add(
                ("name",),
                f'is too long: the name generated from it, "{logical}-" and seven digits, has {length} characters, and '
                f"AWS allows {longest}; shorten the component's name by {length - longest}",
            )
    checked = report.conclude()
    return settings(args or {}), lambda: Scope.of(component, report, checked)


def part(component: pulumi.Resource, *, retain: bool = False) -> pulumi.ResourceOptions:
    """The options of a component's child; with `retain`, what it stands for outlives it."""
    return pulumi.ResourceOptions(parent=component, retain_on_delete=retain or None)


def sized(scope: Scope, argument: str, document: PolicyDocument, longest: int) -> str:
    """The document's JSON; InvalidArgumentsError where AWS would find it too long."""
    if document.size > longest:
        raise scope.refuse(
            (argument,),
            f"make a policy document of {document.size} characters; AWS allows {longest}: divide them between "
            "permission sets",
        )
    return document.to_json()


def in_record(record: Any, name: str) -> Any:  # noqa: ANN401 - a field of any type
    """One field of an object that may be an output as a whole; None of what is none, and refused for that."""
    if isinstance(record, pulumi.Output):
        return record.apply(lambda known: in_record(known, name))
    return record.get(name) if isinstance(record, Mapping) else None


def of_input(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any value
    """What `change` makes of a value, at once where it is plain."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)
