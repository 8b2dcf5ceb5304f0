"""Wrong input is refused before anything is registered, every mistake at once, in the caller's own names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
import pytest

from personalize_permissions import (
    InvalidArgumentsError,
    PersonalizeBucketAccess,
    PersonalizePermissions,
    PersonalizeServiceRole,
)
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import Spelling, spelled
from personalize_permissions.least_permissions import deployment_policy
from personalize_permissions.testing import PermissionsMocks, Recorded, run

CASES = json.loads((Path(__file__).parent / "cases/inputs.json").read_text().replace("/%s/", f"/{'x' * 600}/"))
KEY = "arn:aws:kms:us-east-1:123456789012:key/{:08d}-12ab-34cd-56ef-1234567890ab"


NOTHING = object()
"""In place of an output that turns out to be None: outputs are made while a program runs."""


def camel(value: Any) -> Any:
    match value:
        case dict():
            return {Spelling.SCHEMA.write(key): camel(item) for key, item in value.items()}
        case list():
            return [camel(item) for item in value]
    return value


def in_spelling(spelling: Spelling, args: Any) -> PersonalizePermissions:
    with spelled(spelling):
        return PersonalizePermissions("recs", args)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@pytest.mark.parametrize("spelling", Spelling)
def test_each_mistake_is_named_and_nothing_is_registered(case: Any, spelling: Spelling) -> None:
    args = (
        case["args"] if spelling is Spelling.PYTHON else python_names(argument_schemas.PERMISSIONS, camel(case["args"]))
    )
    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: in_spelling(spelling, args), mocks)
    reasons = {error["property_path"]: error["reason"] for error in caught.value.errors}
    assert reasons.keys() == {".".join(map(spelling.write, path.split("."))) for path in case["expected"]}
    for path, fragment in case["expected"].items():
        assert fragment in reasons[".".join(map(spelling.write, path.split(".")))]
    assert mocks.registered == []


# What decides which resources are made cannot be an output; that is a mistake of its own.
STATIC_FIELDS = {"policy", "cloudwatch", "managed_policies_quota"}
AS_OUTPUTS = [
    case
    for case in CASES
    if not STATIC_FIELDS & case["args"].keys() and case["args"].keys() <= argument_schemas.PERMISSIONS.fields.keys()
]


@pytest.mark.parametrize("case", AS_OUTPUTS, ids=lambda case: case["name"])
def test_values_of_outputs_are_validated_alike_and_never_quoted(case: Any) -> None:
    def program() -> Any:
        args: Any = {key: pulumi.Output.secret(value) for key, value in case["args"].items()}
        return PersonalizePermissions("recs", args).service_role_arn

    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError) as caught:
        run(program, mocks)
    reasons = {error["property_path"]: error["reason"] for error in caught.value.errors}
    # A key of `tags` is free text, and as secret as its value.
    assert reasons.keys() == {re.sub(r"(tags)\..*", r"\1", path) for path in case["expected"]}
    assert not Recorded(mocks).of("Role")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({}, r'buckets\["data"\]: duplicates an entry before it'),
        (
            {"label": "out", "bucket_policy": "statements"},
            r"buckets\[1\]: duplicates an entry before it under another label",
        ),
    ],
)
def test_a_bucket_that_turns_out_to_be_given_twice_is_refused(second: dict[str, str], message: str) -> None:
    """Its second entry would not be granted otherwise."""

    def program() -> Any:
        data: Any = {"bucket": pulumi.Output.from_input("data"), "uses": ["import"]}
        return PersonalizePermissions("recs", {"buckets": [data, {**data, "prefix": "out/", **second}]}).bucket_policies

    with pytest.raises(InvalidArgumentsError, match=message):
        run(program)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"users": {"alice"}}, 'users: is a set; write a list, such as ["alice"]'),
        (["alice"], "args: is a list; write an object with `users`"),
    ],
)
def test_what_only_python_can_get_wrong_is_refused(args: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", args))
    assert message in str(caught.value)


def test_the_service_role_is_not_among_people() -> None:
    """Its policy would be attached twice, and gone when either attachment goes."""
    args: Any = {"roles": ["analyst", "Recommender"], "service_role": {"name": "recommender"}}
    with pytest.raises(InvalidArgumentsError, match=r'roles\[1\]: "Recommender" is the service role'):
        run(lambda: PersonalizePermissions("recs", args))


def test_ten_managed_policies_are_all_that_a_person_can_have() -> None:
    args: Any = {
        "users": ["alice"],
        "keys": [{"key_arn": KEY.format(index), "key_policy": "statements"} for index in range(10)],
    }
    with pytest.raises(InvalidArgumentsError, match=r"users: would get 11 managed policies each.*AWS allows 10"):
        run(lambda: PersonalizePermissions("recs", args))
    run(lambda: PersonalizePermissions("recs", {**args, "managed_policies_quota": 11}).service_role_arn)


def test_a_name_that_generates_too_long_a_role_name_is_refused() -> None:
    with pytest.raises(InvalidArgumentsError, match="shorten the component's name by 13"):
        run(lambda: PersonalizePermissions("n" * 52 + "recs", {}).service_role_arn)


@pytest.mark.parametrize("name", ["", "my recs", "recs*", "recs/x"])
def test_a_name_that_makes_names_which_iam_refuses_is_refused(name: str) -> None:
    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match=r"name: .* becomes part of names"):
        run(lambda: PersonalizePermissions(name, {}), mocks)
    assert mocks.registered == []


@pytest.mark.parametrize(
    ("argument", "entry"),
    [
        ("readers", {"users": ["alice"]}),
        ("applications", {"record_events": True}),
        ("data_scientists", {}),
        ("buckets", {"bucket": "data", "uses": ["import"]}),
        ("keys", {"key_arn": KEY.format(1), "key_policy": "statements"}),
    ],
)
def test_a_label_that_generates_too_long_a_policy_name_is_refused(argument: str, entry: dict[str, Any]) -> None:
    args: Any = {"service_role": {"name": "role"}, argument: [{"label": "l" * 60, **entry}]}
    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match=r"name: is too long: .* AWS allows 128"):
        run(lambda: PersonalizePermissions("n" * 60, args), mocks)
    assert mocks.registered == []
    run(lambda: PersonalizePermissions("n" * 50, args).service_role_arn)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"users": [NOTHING]}, r"users\[0\]: is empty; write a value or leave the item out"),
        ({"source_arns": [NOTHING]}, r"source_arns\[0\]: is empty"),
        ({"buckets": [{"bucket": NOTHING, "uses": ["import"], "label": "data"}]}, r"buckets\[0\]\.bucket: is missing"),
        ({"applications": [{"label": "shop", "campaigns": [NOTHING]}]}, r"applications\[0\]\.campaigns\[0\]: is empty"),
        (
            {"data_scientists": [{"label": "search", "resource_tags": {"team": NOTHING}}]},
            r"data_scientists\[0\]\.resource_tags\.team: has no value",
        ),
    ],
    ids=["user", "source", "bucket", "campaign", "tag"],
)
def test_an_output_that_turns_out_to_be_nothing_is_refused(args: Any, message: str) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return pulumi.Output.from_input(None) if value is NOTHING else value

    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match=message):
        run(lambda: PersonalizePermissions("recs", filled(args)).service_role_arn, mocks)
    assert not Recorded(mocks).of("Role")


def test_a_given_role_name_lifts_that_limit() -> None:
    run(lambda: PersonalizePermissions("n" * 52 + "recs", {"service_role": {"name": "role"}}).service_role_arn)


def test_a_trust_policy_past_its_quota_is_refused() -> None:
    accounts = [f"{index:012d}" for index in range(40)]
    mocks = PermissionsMocks()
    with pytest.raises(
        InvalidArgumentsError, match=r"source_accounts: need a policy of \d+ characters; AWS allows 2048"
    ):
        run(lambda: PersonalizePermissions("recs", {"source_accounts": accounts}).service_role_arn, mocks)
    assert not Recorded(mocks).of("Role")


def test_the_argument_that_makes_the_trust_policy_too_long_is_named() -> None:
    arns = [f"arn:aws:personalize:us-east-1:123456789012:dataset-import-job/{index:040}" for index in range(40)]
    with pytest.raises(InvalidArgumentsError, match=r"source_arns: need a policy of \d+ characters; AWS allows 2048"):
        run(lambda: PersonalizePermissions("recs", {"source_arns": arns}).service_role_arn)


def test_a_bucket_policy_past_its_quota_is_refused() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/x"}
    existing = {"Statement": [{**statement, "Sid": f"Long{index:0200}"} for index in range(80)]}
    bucket: Any = {"bucket": "data", "uses": ["import"], "existing_policy": existing}
    refusal = r"existing_policy: makes, together with the component's statements, a policy of \d+ characters; AWS allows 20480"
    with pytest.raises(InvalidArgumentsError, match=f"{refusal}; shorten the existing policy"):
        run(lambda: PersonalizePermissions("recs", {"buckets": [bucket]}).bucket_policies)


@pytest.mark.parametrize(
    ("args", "where"),
    [
        ({"source_arns": ["arn:aws:personalize:*:123456789012:*"]}, r"source_arns\[0\]"),
        ({"keys": [{"key_arn": KEY.format(1), "key_policy": "statements", "label": "k"}]}, r'keys\["k"\]\.key_arn'),
    ],
)
def test_an_arn_of_another_partition_is_refused(args: Any, where: str) -> None:
    """It could never match, and what is made would be of no use."""
    china = PermissionsMocks(partition="aws-cn", region="cn-north-1")
    with pytest.raises(InvalidArgumentsError, match=where + ": .*it starts with arn:aws-cn:"):
        run(lambda: PersonalizePermissions("recs", args).service_role_arn, china)


def test_a_region_without_personalize_is_refused() -> None:
    mocks = PermissionsMocks(region="eu-north-1")
    with pytest.raises(pulumi.RunError, match="does not exist in eu-north-1"):
        run(lambda: PersonalizePermissions("recs", {}).service_role_arn, mocks)
    assert not Recorded(mocks).of("Role")


@pytest.mark.parametrize(("arn", "missing"), [("key_arn", "existing_policy"), ("keyArn", "existingPolicy")])
def test_the_deployments_policy_names_arguments_as_they_are_written(arn: str, missing: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=rf"keys\[0\]\.{missing}: is missing"):
        deployment_policy("recs", {"keys": [{arn: KEY.format(1)}]}, account="123456789012", region="us-east-1")


def test_a_secret_is_in_no_message() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", {"users": [pulumi.Output.secret("hunter 2")]}).service_role_arn)
    assert "hunter" not in str(caught.value)
    assert "users[0]: the value has characters" in str(caught.value)


@pytest.mark.parametrize("component", [PersonalizePermissions, PersonalizeServiceRole])
def test_a_mapping_that_is_no_dict_loses_nothing(component: Any) -> None:
    settings = {"name": "recommender", "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary"}
    recorded = run(lambda: component("recs", MappingProxyType({"service_role": MappingProxyType(settings)})))
    [role] = recorded.of("Role").values()
    assert (role.inputs["name"], role.inputs["permissionsBoundary"]) == tuple(settings.values())


def test_arguments_come_as_a_mapping_or_by_keyword() -> None:
    recorded = run(lambda: PersonalizePermissions("recs", service_role={"name": "recommender"}))
    assert [role.inputs["name"] for role in recorded.of("Role").values()] == ["recommender"]
    run(lambda: PersonalizePermissions("recs").service_role_arn)
    with pytest.raises(InvalidArgumentsError, match="args: is given beside the keyword policy; write all arguments in"):
        run(lambda: PersonalizePermissions("recs", {"users": ["alice"]}, policy="managed"))
    with pytest.raises(InvalidArgumentsError, match="usrs: is not an argument"):
        run(lambda: PersonalizePermissions("recs", usrs=["alice"]))  # type: ignore[call-arg] # wrong on purpose
    with pytest.raises(InvalidArgumentsError, match="service_role_name: is missing"):
        run(lambda: PersonalizeBucketAccess("data", bucket="data", uses=["import"]))  # type: ignore[call-overload] # as above
