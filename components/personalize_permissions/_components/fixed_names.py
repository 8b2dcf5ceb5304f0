"""Roles and policies with fixed names: IAM allows each name once in an account."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import Arn
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._runtime.stack_state import Outputs, is_in_state, refuse_twins
from personalize_permissions._validation.report import Path

Named = aws.iam.Role | aws.iam.Policy


def refuse_second(
    scope: Scope,
    argument: Path,
    made: Named,
    name: pulumi.Input[str | None],
    path: pulumi.Input[str | None] = None,
) -> list[pulumi.Output[object]]:
    """Refuse, in a preview, a second role or policy of a name that the stack has given, which IAM does not make.

    Return what has to be resolved before it is used: nothing where it has no fixed name.
    `path` is given where another path is no fault: Pulumi then deletes first, and IAM makes the same name again.
    """
    if name is None:
        return []
    kind, changed = (
        ("role", "provider or component name")
        if isinstance(made, aws.iam.Role)
        else ("policy", "path, provider or component name")
    )

    def is_second(has: Outputs, place: Location, name: str | None, path: str | None) -> bool:
        return (
            name is not None
            and has.get("name", "").casefold() == name.casefold()
            and path in {None, has.get("path")}
            and Arn.parse(has["arn"]).account == place.account
        )

    def refuse(live: Mapping[str, str] | None) -> None:
        if live is not None:
            raise scope.refuse(
                argument,
                f"is a name that this stack already uses. The update would create the new {kind} while the old one "
                "exists, and IAM allows each name once in an account. Write another name, or undo the change of "
                f"{changed}",
            )

    def refuse_existing(_: list[str]) -> pulumi.Output[object]:
        return combine(lambda name: _live_tags(made, name).apply(refuse), name)

    return refuse_twins(made, refuse_existing, is_second, scope.location, name, path, itself=True)


def warn_of_lost_tags(made: Named, name: pulumi.Input[str | None]) -> None:
    """Warn, in a preview, of tags that go when an import makes what exists a resource of this stack."""

    def compare(name: str | None, declared: Mapping[str, str] | None) -> pulumi.Input[bool]:
        def warn(live: Mapping[str, str] | None) -> pulumi.Input[bool]:
            lost = ", ".join(sorted((live or {}).keys() - (declared or {}).keys()))
            return is_in_state(made).apply(lambda known: known or log(lost)) if lost else True

        return _live_tags(made, name).apply(warn) if name else True

    def log(lost: str) -> bool:
        pulumi.log.warn(
            f"{made.pulumi_resource_name}: the import removes the tags {lost}; write them in `tags` to keep them", made
        )
        return True

    if name is not None and pulumi.runtime.is_dry_run():
        combine(compare, name, made.tags_all)


def _live_tags(made: Named, name: str) -> pulumi.Output[Mapping[str, str] | None]:
    """Return the tags of what has the name now; None if there is nothing, or it cannot be looked up."""
    look_up: Any = aws.iam.get_role_output if isinstance(made, aws.iam.Role) else aws.iam.get_policy_output
    found: pulumi.Output[Mapping[str, str] | None] = look_up(
        name=name, opts=pulumi.InvokeOutputOptions(parent=made)
    ).apply(lambda found: found.tags or {})
    return found.recover(lambda _: None)
