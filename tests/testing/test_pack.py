"""Policies of a team's own pack get what the engine would give them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from personalize_guardrails.policies import pack_policies
from personalize_permissions import PersonalizePermissions
from personalize_permissions.testing import UNKNOWN, Secret, policy_arguments, run, stack_arguments, violations

Report = Callable[..., None]
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def test_values_are_proxies_as_at_run_time() -> None:
    props = policy_arguments("aws:iam/role:Role", {"maxSessionDuration": 3600, "tags": {"a": None, "b": ["c"]}}).props
    assert props["maxSessionDuration"] == 3600.0
    assert isinstance(props["maxSessionDuration"], float)
    assert not isinstance(props["tags"], dict)
    assert list(props["tags"]) == ["b"]
    with pytest.raises(TypeError, match="JSON serializable"):
        json.dumps(props["tags"])


def test_unknown_values_raise_when_they_are_read() -> None:
    props = policy_arguments("aws:iam/role:Role", {"name": "r", "tags": {"team": UNKNOWN}}).props
    assert props["name"] == "r"
    assert list(props["tags"].keys()) == ["team"]
    with pytest.raises(UnknownValueError) as reported:
        _ = props["tags"]["team"]
    assert "tags.team" in reported.value.message


def test_secrets_are_plain_for_validations_and_marked_for_remediations() -> None:
    properties = {"password": Secret({"text": "s3cret"})}
    plain = policy_arguments("random:index:Thing", properties).props
    assert plain["password"]["text"] == "s3cret"
    marked = policy_arguments("random:index:Thing", properties, remediation=True).props
    assert marked["password"]["text"] == "s3cret"
    assert type(marked["password"]) is not type(plain["password"])


def test_a_program_with_code_and_files_is_judged() -> None:
    def program() -> None:
        code = pulumi.AssetArchive({"index.py": pulumi.StringAsset("pass"), "site": pulumi.FileArchive("site")})
        aws.lambda_.Function("worker", role="arn", runtime="python3.13", handler="index.main", code=code)

    def validate(args: ResourceValidationArgs, report: Report) -> None:
        if args.resource_type == "aws:lambda/function:Function":
            report(args.props["code"].assets["index.py"].text)

    assert violations(ResourceValidationPolicy("code", "Reads code.", validate), run(program)) == ["pass"]


def test_name_urn_and_configuration_are_given() -> None:
    args = policy_arguments("aws:iam/role:Role", {}, name="worker", config={"prefix": "team-"})
    assert (args.name, args.resource_type) == ("worker", "aws:iam/role:Role")
    assert args.urn == "urn:pulumi:stack::project::aws:iam/role:Role::worker"
    assert args.get_config() == {"prefix": "team-"}
    assert args.opts.protect is False


def name_prefix() -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: Report) -> None:
        if args.resource_type != "aws:iam/role:Role":
            args.not_applicable("only roles are named")
        prefix: Any = args.get_config()["prefix"]
        if not args.name.startswith(prefix):
            report(f"{args.name} does not start with {prefix}")

    schema = PolicyConfigSchema(properties={"prefix": {"type": "string", "default": "recs-"}})
    return ResourceValidationPolicy("name-prefix", "Roles start with a prefix.", validate, config_schema=schema)


def program() -> None:
    PersonalizePermissions("recs", {"users": ["alice"]})
    aws.iam.Role("open", assume_role_policy=OPEN)


def test_a_resource_policy_runs_over_every_resource_with_its_default_configuration() -> None:
    recorded = run(program)
    assert violations(name_prefix(), recorded) == ["open does not start with recs-"]
    assert violations(name_prefix(), recorded, config={"prefix": "open"}) == [
        "recs-service-role does not start with open",
    ]


def test_a_stack_policy_sees_outputs_and_may_be_asynchronous() -> None:
    async def validate(args: Any, report: Report) -> None:
        arns = [each.props["arn"] for each in args.resources if each.resource_type == "aws:iam/role:Role"]
        report(f"{len(arns)} roles: {' '.join(sorted(arns))}")

    policy = StackValidationPolicy("count", "Counts roles.", validate, EnforcementLevel.ADVISORY)
    [message] = violations(policy, run(program))
    assert message.startswith("2 roles: arn:aws:iam::123456789012:role/open-")
    assert " arn:aws:iam::123456789012:role/recs-service-role-" in message


def test_stack_arguments_are_all_resources_in_order() -> None:
    recorded = run(program)
    names = [each.name for each in stack_arguments(recorded.resources).resources]
    assert names == [each.name for each in recorded.resources]
    assert "recs-service-role" in names


def test_our_own_pack_finds_the_open_role_only() -> None:
    recorded = run(program)
    found = [message for policy in pack_policies() for message in violations(policy, recorded)]
    assert [message for message in found if "assume the role for" in message]
    guarded = run(lambda: PersonalizePermissions("recs", {"users": ["alice"]}).policy_arn)
    trust = [policy for policy in pack_policies() if policy.name == "trust-policy-source-conditions"]
    assert [message for policy in trust for message in violations(policy, guarded)] == []


def test_an_error_of_a_policy_is_not_hidden() -> None:
    def validate(args: ResourceValidationArgs, report: Report) -> None:
        properties: Mapping[str, Any] = args.props
        report(properties["nothing"])

    with pytest.raises(KeyError):
        violations(ResourceValidationPolicy("broken", "Breaks.", validate), run(program))
