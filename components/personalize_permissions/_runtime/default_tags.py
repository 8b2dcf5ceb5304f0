"""Tags that the AWS provider adds by itself, from which a component's own tags must not differ in case only."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from personalize_permissions._runtime.outputs import combine
from personalize_permissions._runtime.run_scope import PerRun
from personalize_permissions._validation.report import Problem, Report

_found: Final = PerRun[pulumi.Output[list[str]]]()


def accept_tags(
    component: pulumi.ComponentResource, report: Report, tags: object, valid: pulumi.Output[bool] | None
) -> pulumi.Output[bool]:
    """Return an output that fails where `valid` does, or where a tag is a default tag of the provider in another case.

    What is not known yet is passed over.
    """
    keys = tags.apply(_keys, run_with_unknowns=True) if isinstance(tags, pulumi.Output) else _keys(tags)

    def check(keys: list[str], defaults: list[str], valid: bool | None) -> bool:  # noqa: FBT001 - an output's value
        default = {key.casefold(): key for key in defaults}
        if twice := [key for key in keys if default.get(key.casefold(), key) != key]:
            key = "has a key that" if isinstance(tags, pulumi.Output) else report.quote(twice[0])
            reason = (
                f"{key} differs in case only from a default tag of the AWS provider, and IAM does not tell them apart; "
                "write it as the provider has it"
            )
            raise report.error([Problem(("tags",), reason)])
        return valid is not False

    return pulumi.Output.unsecret(combine(check, keys, _default_keys(component), valid))


def _default_keys(component: pulumi.ComponentResource) -> pulumi.Output[list[str]]:
    """Return the keys of the default tags of the component's AWS provider, looked up once per provider and program."""
    known, provider = _found.of_this_run(), component.get_provider("aws:index/getDefaultTags:getDefaultTags")
    if provider not in known:
        tags = aws.get_default_tags_output(opts=pulumi.InvokeOutputOptions(parent=component)).tags
        # Mocks may not answer, and AWS checks again.
        known[provider] = tags.apply(_keys).recover(lambda _: [])
    return known[provider]


def _keys(tags: object) -> list[str]:
    return [str(key) for key in tags] if isinstance(tags, Mapping) else []
