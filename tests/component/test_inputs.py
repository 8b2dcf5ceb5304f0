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

CASES = json.loads((Path(__file__).parent / "cases/inputs.json").read_text().replace("/%s/", f"/{'x' * 600}/"))
KEY = "arn:aws:kms:us-east-1:123456789012:key/{:08d}-12ab-34cd-56ef-1234567890ab"


NOTHING = object()
"""Stands for an output that turns out to be None: outputs are made while a program runs."""


def camel(value: Any) -> Any:
    match value:
        case dict():
            return {Spelling.SCHEMA.write(key): camel(item) for key, item in value.items()}
        case list():
            return [camel(item) for item in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@pytest.mark.parametrize("spelling", Spelling)
def test_each_mistake_is_named_and_nothing_is_registered(case: Any, spelling: Spelling, cloud: Any, run: Any) -> None:
    args = (
        case["args"] if spelling is Spelling.PYTHON else python_names(argument_schemas.PERMISSIONS, camel(case["args"]))
    )
    with spelled(spelling), pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", args))
    told = {error["property_path"]: error["reason"] for error in caught.value.errors}
    assert told.keys() == {".".join(map(spelling.write, path.split("."))) for path in case["expected"]}
    for path, fragment in case["expected"].items():
        assert fragment in told[".".join(map(spelling.write, path.split(".")))]
    assert cloud.made == []


# What decides which resources are made cannot be an output; that is a mistake of its own.
DECIDING = {"policy", "cloudwatch", "managed_policies_quota"}
AS_OUTPUTS = [
    case
    for case in CASES
    if not DECIDING & case["args"].keys() and case["args"].keys() <= argument_schemas.PERMISSIONS.fields.keys()
]


@pytest.mark.parametrize("case", AS_OUTPUTS, ids=lambda case: case["name"])
def test_values_of_outputs_are_judged_alike_and_never_quoted(case: Any, cloud: Any, run: Any) -> None:
    args = {key: pulumi.Output.secret(value) for key, value in case["args"].items()}
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", args).service_role_arn)  # type: ignore[arg-type] # wrong on purpose
    told = {error["property_path"]: error["reason"] for error in caught.value.errors}
    # A key of `tags` is free text, and as secret as its value.
    assert told.keys() == {re.sub(r"(tags)\..*", r"\1", path) for path in case["expected"]}
    assert not any(made.typ.startswith("aws:iam/role:") for made in cloud.made)


def test_a_bucket_that_turns_out_to_stand_twice_is_refused(run: Any) -> None:
    """Its second entry would not be granted otherwise."""
    data = pulumi.Output.from_input("data")
    first: Any = {"bucket": data, "uses": ["import"]}
    second: Any = {"bucket": data, "uses": ["export"], "prefix": "out/"}
    with pytest.raises(InvalidArgumentsError, match=r'buckets\["data"\]: duplicates an entry before it'):
        run(lambda: PersonalizePermissions("recs", {"buckets": [first, second]}).bucket_policies)
    other: Any = {**second, "label": "out", "bucket_policy": "statements"}
    with pytest.raises(InvalidArgumentsError, match=r"buckets\[1\]: duplicates an entry before it under another label"):
        run(lambda: PersonalizePermissions("recs", {"buckets": [first, other]}).bucket_policies)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"users": {"alice"}}, 'users: is a set; write a list, such as ["alice"]'),
        (["alice"], "args: is a list; write an object with `users`"),
    ],
)
def test_what_only_python_can_get_wrong_is_told(args: Any, told: str, run: Any) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", args))
    assert told in str(caught.value)


def test_the_service_role_is_not_among_people(run: Any) -> None:
    """Its policy would be attached twice, and gone when either attachment goes."""
    args: Any = {"roles": ["analyst", "Recommender"], "service_role": {"name": "recommender"}}
    with pytest.raises(InvalidArgumentsError, match=r'roles\[1\]: "Recommender" is the service role'):
        run(lambda: PersonalizePermissions("recs", args))


def test_ten_managed_policies_are_all_that_a_person_can_have(run: Any) -> None:
    args: Any = {
        "users": ["alice"],
        "keys": [{"key_arn": KEY.format(index), "key_policy": "statements"} for index in range(10)],
    }
    with pytest.raises(InvalidArgumentsError, match=r"users: get 11 managed policies each.*AWS allows 10"):
        run(lambda: PersonalizePermissions("recs", args))
    run(lambda: PersonalizePermissions("recs", {**args, "managed_policies_quota": 11}).service_role_arn)


def test_a_name_that_generates_too_long_a_role_name_is_refused(run: Any) -> None:
    with pytest.raises(InvalidArgumentsError, match="shorten the component's name by 13"):
        run(lambda: PersonalizePermissions("n" * 52 + "recs", {}).service_role_arn)


@pytest.mark.parametrize("name", ["", "my recs", "recs*", "recs/x"])
def test_a_name_that_makes_names_which_iam_refuses_is_refused(name: str, cloud: Any, run: Any) -> None:
    with pytest.raises(InvalidArgumentsError, match=r"name: .* becomes part of names"):
        run(lambda: PersonalizePermissions(name, {}))
    assert cloud.made == []


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
def test_a_label_that_generates_too_long_a_policy_name_is_refused(
    argument: str, entry: dict[str, Any], cloud: Any, run: Any
) -> None:
    args: Any = {"service_role": {"name": "role"}, argument: [{"label": "l" * 60, **entry}]}
    with pytest.raises(InvalidArgumentsError, match=r"name: is too long: .* AWS allows 128"):
        run(lambda: PersonalizePermissions("n" * 60, args))
    assert cloud.made == []
    run(lambda: PersonalizePermissions("n" * 50, args).service_role_arn)


@pytest.mark.parametrize(
    ("args", "told"),
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
def test_an_output_that_turns_out_to_be_nothing_is_refused(args: Any, told: str, cloud: Any, run: Any) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return pulumi.Output.from_input(None) if value is NOTHING else value

    with pytest.raises(InvalidArgumentsError, match=told):
        run(lambda: PersonalizePermissions("recs", filled(args)).service_role_arn)
    assert not any(made.typ.startswith("aws:iam/role:") for made in cloud.made)


def test_a_given_role_name_lifts_that_limit(run: Any) -> None:
    run(lambda: PersonalizePermissions("n" * 52 + "recs", {"service_role": {"name": "role"}}).service_role_arn)


def test_a_trust_policy_past_its_quota_is_refused(cloud: Any, run: Any) -> None:
    accounts = [f"{index:012d}" for index in range(40)]
    with pytest.raises(
        InvalidArgumentsError, match=r"source_accounts: make a policy document of \d+ characters; AWS allows 2048"
    ):
        run(lambda: PersonalizePermissions("recs", {"source_accounts": accounts}).service_role_arn)
    assert cloud.of("Role") == {}


@pytest.mark.parametrize(
    ("args", "where"),
    [
        ({"source_arns": ["arn:aws:personalize:*:123456789012:*"]}, r"source_arns\[0\]"),
        ({"keys": [{"key_arn": KEY.format(1), "key_policy": "statements", "label": "k"}]}, r'keys\["k"\]\.key_arn'),
    ],
)
def test_an_arn_of_another_partition_is_refused(args: Any, where: str, cloud: Any, run: Any) -> None:
    """It could never match, and what is made would be of no use."""
    cloud.partition, cloud.region = "aws-cn", "cn-north-1"
    with pytest.raises(InvalidArgumentsError, match=where + ": .*it starts with arn:aws-cn:"):
        run(lambda: PersonalizePermissions("recs", args).service_role_arn)


def test_a_region_without_personalize_is_refused(cloud: Any, run: Any) -> None:
    cloud.region = "eu-north-1"
    with pytest.raises(pulumi.RunError, match="does not exist in eu-north-1"):
        run(lambda: PersonalizePermissions("recs", {}).service_role_arn)
    assert cloud.of("Role") == {}


@pytest.mark.parametrize(("arn", "told"), [("key_arn", "existing_policy"), ("keyArn", "existingPolicy")])
def test_the_deployments_policy_names_arguments_as_they_are_written(arn: str, told: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=rf"keys\[0\]\.{told}: is missing"):
        deployment_policy("recs", {"keys": [{arn: KEY.format(1)}]}, account="123456789012", region="us-east-1")


def test_a_secret_is_in_no_message(run: Any) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", {"users": [pulumi.Output.secret("hunter 2")]}).service_role_arn)
    assert "hunter" not in str(caught.value)
    assert "users[0]: the value has characters" in str(caught.value)


@pytest.mark.parametrize("component", [PersonalizePermissions, PersonalizeServiceRole])
def test_a_mapping_that_is_no_dict_loses_nothing(component: Any, cloud: Any, run: Any) -> None:
    settings = {"name": "recommender", "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary"}
    run(lambda: component("recs", MappingProxyType({"service_role": MappingProxyType(settings)})))
    [role] = cloud.of("Role").values()
    assert (role["name"], role["permissionsBoundary"]) == tuple(settings.values())


def test_arguments_come_as_a_mapping_or_by_keyword(cloud: Any, run: Any) -> None:
    run(lambda: PersonalizePermissions("recs", service_role={"name": "recommender"}).service_role_arn)
    assert [role["name"] for role in cloud.of("Role").values()] == ["recommender"]
    run(lambda: PersonalizePermissions("recs").service_role_arn)
    with pytest.raises(InvalidArgumentsError, match="args: is given beside the keyword policy; write all arguments in"):
        run(lambda: PersonalizePermissions("recs", {"users": ["alice"]}, policy="managed"))
    with pytest.raises(InvalidArgumentsError, match="usrs: is not an argument"):
        run(lambda: PersonalizePermissions("recs", usrs=["alice"]))  # type: ignore[call-arg] # wrong on purpose
    with pytest.raises(InvalidArgumentsError, match="service_role_name: is missing"):
        run(lambda: PersonalizeBucketAccess("data", bucket="data", uses=["import"]))  # type: ignore[call-overload] # as above
