"""What no component can know by itself: the other components of the program, the project, and the provider."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from personalize_permissions import InvalidArgumentsError, PersonalizeKeyAccess, PersonalizePermissions
from personalize_permissions.testing import Location, PermissionsMocks, run

KEY = "arn:aws:kms:us-east-1:123456789012:key/{:08d}-12ab-34cd-56ef-1234567890ab"
ELSEWHERE = Location("210987654321", "aws", "us-east-1")
MORE = ("recs", "more")


class DefaultTags(pulumi.runtime.Mocks):
    """A provider with default tags."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return None, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {"tags": {"Team": "shop"}} if args.token == "aws:index/getDefaultTags:getDefaultTags" else {}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"policy_name": "Personalize"}, "policy_name: is the name of a policy that PersonalizePermissions"),
        ({"service_role": {"name": "recommender"}}, r"service_role\.name: is the name of a role that Personalize"),
    ],
)
def test_two_sets_that_make_one_name_are_refused(args: Any, message: str) -> None:
    """IAM would refuse the second half-way."""
    other = json.loads(json.dumps(args).replace("ersonalize", "ERSONALIZE").replace("recommender", "Recommender"))

    def program() -> Any:
        return [
            PersonalizePermissions(name, each).service_role_arn for name, each in zip(MORE, (args, other), strict=True)
        ]

    with pytest.raises(InvalidArgumentsError, match=message):
        run(program)


def test_one_name_in_two_accounts_is_two_names() -> None:
    args: Any = {"policy_name": "Personalize", "service_role": {"name": "recommender"}}

    def program() -> Any:
        there = pulumi.ResourceOptions(provider=aws.Provider("there", region="us-east-1"))
        made = [PersonalizePermissions("recs", args), PersonalizePermissions("more", args, there)]
        return [each.service_role_arn for each in made]

    arns = run(program, PermissionsMocks(providers={"there": ELSEWHERE})).result
    assert [arn.split(":")[4] for arn in arns] == ["123456789012", "210987654321"]


@pytest.mark.parametrize(
    ("people", "quota", "advice"),
    [
        (
            "users",
            None,
            "AWS allows 10: write groups instead.*ask AWS for up to 20 and set `managed_policies_quota`",
        ),
        ("roles", 11, "AWS allows 11: .*ask AWS for up to 25"),
        ("groups", 20, "AWS allows 10: write several groups, .* between them$"),
    ],
)
def test_one_person_of_two_sets_has_the_policies_of_both(people: str, quota: int | None, advice: str) -> None:
    """Dividing the keys between sets does not help who is in both."""

    def program(name: str, keys: range) -> Any:
        args: Any = {
            people: ["Alice" if name == "recs" else "alice"],
            "keys": [{"key_arn": KEY.format(index), "key_policy": "statements"} for index in keys],
            "managed_policies_quota": quota,
        }
        return PersonalizePermissions(name, args).service_role_arn

    message = rf'{people}\["alice"\]: gets 1\d managed policies from the components of this stack; {advice}'
    with pytest.raises(InvalidArgumentsError, match=message):
        run(lambda: [program("recs", range(6)), program("more", range(6, 12))])
    run(lambda: [program("recs", range(4)), program("more", range(4, 8))])


def test_a_default_tag_in_another_case_is_refused() -> None:
    mocks = PermissionsMocks(DefaultTags())
    with pytest.raises(InvalidArgumentsError, match='tags: "team" differs in case only from a default tag'):
        run(lambda: PersonalizePermissions("recs", {"tags": {"team": "data"}}).service_role_arn, mocks)
    assert "aws:iam/role:Role" not in {made.type for made in mocks.registered}

    def secret() -> Any:
        return PersonalizePermissions("recs", {"tags": pulumi.Output.secret({"TEAM": "data"})}).service_role_arn

    with pytest.raises(InvalidArgumentsError, match="tags: has a key that differs in case only"):
        run(secret, mocks)
    run(lambda: PersonalizePermissions("recs", {"tags": {"Team": "data"}}).service_role_arn, mocks)


def test_without_generated_names_what_has_no_argument_for_one_is_refused() -> None:
    named: Any = {"policy_name": "Personalize", "service_role": {"name": "recommender"}}
    bucket: Any = {"buckets": [{"bucket": "training-data", "uses": ["import"]}]}

    def attempt(args: Any, settings: Any) -> Any:
        config = {"pulumi:autonaming": json.dumps(settings)}
        return run(lambda: PersonalizePermissions("recs", args).service_role_arn, config=config)

    disabled = {"mode": "disabled"}
    with pytest.raises(InvalidArgumentsError, match="policy_name: is missing; pulumi:autonaming is disabled"):
        attempt({}, disabled)
    with pytest.raises(InvalidArgumentsError, match=r"service_role\.name: is missing; pulumi:autonaming is disabled"):
        attempt({"policy_name": "Personalize"}, {"providers": {"aws": disabled}})
    attempt(named, disabled)
    with pytest.raises(pulumi.RunError, match="no argument names its aws:iam/rolePolicy:RolePolicy"):
        attempt(named | bucket, disabled)
    verbatim = {"aws:iam/rolePolicy:RolePolicy": {"mode": "verbatim"}}
    attempt(named | bucket, disabled | {"providers": {"aws": {"resources": verbatim}}})
    attempt(bucket, {"pattern": "${name}-x", "providers": {"random": disabled}})


@pytest.mark.parametrize(
    ("argument", "resource", "message"),
    [
        ("users", lambda: [aws.iam.User("alice")], r"users\[0\]: is a User; write its `\.name`"),
        (
            "buckets",
            lambda: [{"bucket": aws.s3.Bucket("data"), "uses": ["import"]}],
            r"is a Bucket; write its `\.bucket`",
        ),
        ("keys", lambda: [{"key_arn": aws.kms.Key("key"), "key_policy": "statements"}], r"is a Key; write its `\.arn`"),
        ("policy_name", lambda: aws.iam.User("alice"), "policy_name: is a User; write a string in quotes"),
    ],
)
def test_a_resource_where_its_name_is_meant_is_refused(argument: str, resource: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=message):
        run(lambda: PersonalizePermissions("recs", {argument: resource()}))  # type: ignore[misc] # on purpose


def test_an_existing_policy_may_be_an_object_with_outputs_in_it() -> None:
    """As `pulumi_aws` takes it, in IAM's names or its own."""

    def program(*, own_names: bool) -> Any:
        key = aws.kms.Key("key")
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": pulumi.Output.from_input("123456789012")},
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        if own_names:
            inner = {"aws": statement["Principal"]["AWS"]}  # type: ignore[index] # an object
            policy = {
                "version": "2012-10-17",
                "statement": {"effect": "Allow", "principal": inner, "action": "kms:*", "resource": "*"},
            }
        args: Any = {
            "key_arn": key.arn,
            "existing_policy": policy,
            "service_role_arn": "arn:aws:iam::123456789012:role/r",
        }
        return PersonalizeKeyAccess("key", args).key_policy

    found = [json.loads(run(lambda own=own: program(own_names=own)).result) for own in (False, True)]  # type: ignore[misc] # bound at once
    assert found[0] == found[1]
    assert found[0]["Statement"][0]["Action"] == ["kms:*"]
    assert len(found[0]["Statement"]) == 3


def test_policies_are_found_by_name_and_by_label_and_a_wrong_key_names_the_right_ones() -> None:
    made_here = {"label": "made-here", "uses": ["import"]}

    def program(output: str, key: str) -> Any:
        buckets: Any = [{"bucket": aws.s3.Bucket("own").bucket, **made_here}, {"bucket": "archive", "uses": ["export"]}]
        keys: Any = [{"key_arn": KEY.format(1), "key_policy": "statements", "label": "data"}]
        made = PersonalizePermissions("recs", {"buckets": buckets, "keys": keys})
        return getattr(made, output)[key]

    def found(output: str, key: str) -> Any:
        return run(lambda: program(output, key)).result

    assert "arn:aws:s3:::archive" in found("bucket_policies", "archive")
    assert "arn:aws:s3:::own-" in found("bucket_policies", "made-here")
    assert found("key_policies", KEY.format(1)) == found("key_policies", "data")
    with pytest.raises(pulumi.RunError) as caught:
        found("bucket_policies", "archiv")
    expected = '`bucket_policies` has no "archiv"; it has "made-here", "archive"; did you mean "archive"?'
    assert str(caught.value) == expected
