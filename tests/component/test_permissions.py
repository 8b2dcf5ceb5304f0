"""What the permission set registers, for every argument and default."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest

from personalize_guardrails import TrustSettings, check_trust_policy
from personalize_guardrails.iam import PolicyDocument
from personalize_permissions import (
    BucketUse,
    InvalidArgumentsError,
    PersonalizeAccess,
    PersonalizeBucketAccess,
    PersonalizeKeyAccess,
    PersonalizePermissions,
    PersonalizeServiceRole,
)
from personalize_permissions._documents.grants import BUCKET_ACTIONS, REGIONS
from personalize_permissions._documents.statements import BucketGrant, Sources, trust_policy

PAGE = json.loads((Path(__file__).parent / "page.json").read_text())
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ADMINISTRATION = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
FOREIGN = {
    "Sid": "Backup",
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::data/*",
}


def policy_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def outputs(made: PersonalizePermissions) -> pulumi.Output[dict[str, Any]]:
    return pulumi.Output.all(
        role=made.service_role_arn,
        role_name=made.service_role_name,
        policy=made.policy_arn,
        trust=made.trust_policy,
        buckets=made.bucket_policies,
        keys=made.key_policies,
    )


def test_with_defaults_the_documents_are_those_of_the_page(cloud: Any, run: Any) -> None:
    found = run(lambda: outputs(PersonalizePermissions("recs", {"users": ["alice"]})))
    assert json.loads(found["trust"]) == PAGE["trust_policy"]
    assert json.loads(cloud.of("Policy")["recs-access-policy"]["policy"]) == PAGE["custom_policy"]
    assert cloud.of("UserPolicyAttachment") == {
        "recs-access-personalize-alice": {"user": "alice", "policyArn": found["policy"]}
    }
    assert cloud.of("RolePolicyAttachment") == {
        "recs-service-personalize": {"role": found["role_name"], "policyArn": found["policy"]}
    }
    assert found["role"].endswith(":role/recs-service-role")


def test_managed_policy_and_cloudwatch_are_attached_in_the_providers_partition(cloud: Any, run: Any) -> None:
    cloud.partition, cloud.region = "aws-cn", "cn-north-1"
    found = run(
        lambda: outputs(
            PersonalizePermissions("recs", {"groups": ["data"], "policy": "managed", "cloudwatch": "full-access-v2"})
        )
    )
    assert found["policy"] == "arn:aws-cn:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    arns = {name: inputs["policyArn"] for name, inputs in cloud.of("GroupPolicyAttachment").items()}
    assert arns == {
        "recs-access-personalize-data": found["policy"],
        "recs-access-cloudwatch-data": "arn:aws-cn:iam::aws:policy/CloudWatchFullAccessV2",
    }
    assert cloud.of("Policy") == {}
    assert "arn:aws-cn:personalize:cn-north-1" in found["trust"]
    assert '"personalize.amazonaws.com"' in found["trust"]


def test_least_privilege_passes_one_role_and_the_role_passes_none(cloud: Any, run: Any) -> None:
    found = run(lambda: outputs(PersonalizePermissions("recs", {"roles": ["analyst"], "policy": "least-privilege"})))
    people = json.loads(cloud.of("Policy")["recs-access-policy"]["policy"])["Statement"]
    assert people[1]["Resource"] == found["role"]
    assert people[1]["Condition"] == PAGE["custom_policy"]["Statement"][1]["Condition"]
    service = json.loads(cloud.of("Policy")["recs-service-policy"]["policy"])["Statement"]
    assert [statement["Action"] for statement in service] == [["personalize:*"]]


def test_the_role_takes_every_setting(cloud: Any, run: Any) -> None:
    role = {
        "name": "personalize",
        "path": "/service-role/",
        "description": "reads training data",
        "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        "max_session_duration": 7200,
    }
    run(lambda: outputs(PersonalizePermissions("recs", {"service_role": role, "tags": {"team": "data"}})))  # type: ignore[typeddict-item] # a plain dict
    inputs = cloud.of("Role")["recs-service-role"]
    assert inputs["name"] == "personalize"
    assert inputs["path"] == "/service-role/"
    assert inputs["permissionsBoundary"] == role["permissions_boundary"]
    assert inputs["maxSessionDuration"] == 7200
    assert inputs["forceDetachPolicies"] is True
    assert inputs["tags"] == cloud.of("Policy")["recs-access-policy"]["tags"] == {"team": "data"}


def test_sources_are_pinned_as_given(run: Any) -> None:
    arn = "arn:aws:personalize:eu-west-1:210987654321:dataset-group/*"
    found = run(
        lambda: outputs(
            PersonalizePermissions("recs", {"source_accounts": [ACCOUNT, "210987654321"], "source_arns": [arn]})
        )
    )
    condition = json.loads(found["trust"])["Statement"][0]["Condition"]
    assert condition == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT, "210987654321"]},
        "ArnLike": {"aws:SourceArn": arn},
    }


@pytest.mark.parametrize("use", BucketUse)
@pytest.mark.parametrize("prefix", ["", "personalize/"])
def test_each_use_grants_its_actions_on_both_sides(use: BucketUse, prefix: str, cloud: Any, run: Any) -> None:
    found = run(
        lambda: outputs(
            PersonalizePermissions("recs", {"buckets": [{"bucket": "data", "uses": [use.value], "prefix": prefix}]})  # type: ignore[list-item] # every value
        )
    )
    role = json.loads(cloud.of("RolePolicy")["recs-data-role"]["policy"])["Statement"]
    bucket = json.loads(found["buckets"]["data"])["Statement"]
    assert cloud.of("BucketPolicy")["recs-data-bucket"]["policy"] == found["buckets"]["data"]

    def granted(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
        return {(action, statement["Resource"]) for statement in statements for action in statement["Action"]}

    objects = f"arn:aws:s3:::data/{prefix}*"
    expected = {(action, "arn:aws:s3:::data" if "List" in action else objects) for action in BUCKET_ACTIONS[use]}
    assert granted(bucket) == expected
    metrics = {("cloudwatch:PutMetricData", "*")} if use is BucketUse.METRICS else set()
    assert granted(role) == expected | metrics
    assert all(statement["Principal"] == {"Service": "personalize.amazonaws.com"} for statement in bucket)
    assert not any("Principal" in statement or "Condition" in statement for statement in role)


def test_an_existing_bucket_policy_is_merged_and_outlives_the_stack(cloud: Any, run: Any) -> None:
    cloud.bucket_policies["data"] = policy_of(FOREIGN)
    found = run(
        lambda: outputs(
            PersonalizePermissions(
                "recs", {"buckets": [{"bucket": "data", "uses": ["import"], "existing_policy": policy_of(FOREIGN)}]}
            )
        )
    )
    sids = [statement["Sid"] for statement in json.loads(found["buckets"]["data"])["Statement"]]
    assert sids[0] == "Backup"
    assert len(sids) == 3


def test_statements_of_others_stop_the_run(cloud: Any, run: Any) -> None:
    cloud.bucket_policies["data"] = policy_of(FOREIGN)
    with pytest.raises(InvalidArgumentsError, match=r'buckets\["data"\]\.existing_policy.*Sid Backup.*would be lost'):
        run(lambda: outputs(PersonalizePermissions("recs", {"buckets": [{"bucket": "data", "uses": ["import"]}]})))
    assert cloud.of("BucketPolicy") == {}


def test_a_policy_of_another_bucket_is_refused(cloud: Any, run: Any) -> None:
    """S3 would refuse it, after half of the stack is made."""
    told = {"bucket": "data", "uses": ["import"], "existing_policy": policy_of(FOREIGN).replace("data", "other")}
    with pytest.raises(InvalidArgumentsError, match=r"has resources of another bucket in Statement\[0\]"):
        run(lambda: PersonalizePermissions("recs", {"buckets": [told]}).bucket_policies)  # type: ignore[typeddict-item] # one error
    assert cloud.of("BucketPolicy") == {}


def test_its_own_statements_do_not_stop_the_next_run(cloud: Any, run: Any) -> None:
    def program() -> pulumi.Output[dict[str, Any]]:
        return outputs(PersonalizePermissions("recs", {"buckets": [{"bucket": "data", "uses": ["import"]}]}))

    cloud.bucket_policies["data"] = run(program)["buckets"]["data"]
    assert run(program)["buckets"]["data"] == cloud.bucket_policies["data"]


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (
            (
                "operation error S3: GetBucketPolicy, https response error StatusCode: 403, RequestID: 7QZ1, HostID: x+/=, "
                "api error AccessDenied: Access Denied"
            ),
            r"bucket_policy: would replace .* statements in the output. The lookup says: AccessDenied: Access Denied \(bucket\)$",
        ),
        (
            (
                "operation error S3: GetBucketPolicy, https response error StatusCode: 301, RequestID: 7QZ1, HostID: x+/=, "
                "api error PermanentRedirect: The bucket must be addressed using the specified endpoint."
            ),
            r"\.bucket: is a bucket of another region than us-east-1, .*of the bucket's region$",
        ),
    ],
    ids=["not allowed", "in another region"],
)
def test_a_bucket_policy_that_cannot_be_read_is_told_by_its_cause(
    error: str, refusal: str, cloud: Any, run: Any
) -> None:
    cloud.failures["data"] = f"reading S3 Bucket (data) Policy: {error}"
    with pytest.raises(InvalidArgumentsError, match=refusal):
        run(lambda: outputs(PersonalizePermissions("r", {"buckets": [{"bucket": "data", "uses": ["import"]}]})))
    assert cloud.of("BucketPolicy") == {}


def test_two_permission_sets_never_write_one_bucket_policy(run: Any) -> None:
    def program() -> pulumi.Output[list[dict[str, Any]]]:
        bucket = {"bucket": "data", "uses": ["import"]}
        return pulumi.Output.all(*(outputs(PersonalizePermissions(name, {"buckets": [bucket]})) for name in ("a", "b")))  # type: ignore[list-item] # a plain dict

    with pytest.raises(InvalidArgumentsError, match="a bucket has one policy"):
        run(program)


def test_two_permission_sets_share_a_key_as_the_refusal_tells(run: Any) -> None:
    key = {"key_arn": KEY, "existing_policy": KEY_ADMINISTRATION, "label": "key"}

    def as_told() -> pulumi.Output[dict[str, Any]]:
        first = PersonalizePermissions("a", {"keys": [{**key, "key_policy": "statements"}]})  # type: ignore[list-item] # a plain dict
        whole = first.key_policies[KEY]
        return outputs(PersonalizePermissions("b", {"keys": [{**key, "existing_policy": whole}]}))  # type: ignore[list-item] # a plain dict

    with pytest.raises(InvalidArgumentsError, match='"statements" here, with the `existing_policy` that is there, and'):
        run(lambda: [PersonalizePermissions(name, {"keys": [key]}).key_policies for name in ("a", "b")])  # type: ignore[list-item] # a plain dict
    statements = json.loads(run(as_told)["keys"][KEY])["Statement"]
    assert [statement["Principal"] for statement in statements].count({"Service": "personalize.amazonaws.com"}) == 2


def test_statements_are_handed_out_and_nothing_is_written(cloud: Any, run: Any) -> None:
    found = run(
        lambda: outputs(
            PersonalizePermissions(
                "recs",
                {
                    "buckets": [{"bucket": "data", "uses": ["batch"], "bucket_policy": "statements"}],
                    "keys": [{"key_arn": KEY, "key_policy": "statements"}],
                },
            )
        )
    )
    assert cloud.of("BucketPolicy") == cloud.of("KeyPolicy") == {}
    assert "getBucketPolicy" not in cloud.calls
    assert found["buckets"].keys() == {"data"}
    assert found["keys"].keys() == {KEY}


@pytest.mark.parametrize("export", [False, True])
def test_a_key_opens_for_the_service_the_role_and_people(export: bool, cloud: Any, run: Any) -> None:
    found = run(
        lambda: outputs(
            PersonalizePermissions(
                "recs",
                {
                    "users": ["alice"],
                    "keys": [{"key_arn": KEY, "existing_policy": KEY_ADMINISTRATION, "dataset_export": export}],
                },
            )
        )
    )
    root, service, role = json.loads(found["keys"][KEY])["Statement"]
    assert root["Action"] == ["kms:*"]
    identity = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants"}
    identity |= {"kms:GenerateDataKeyWithoutPlaintext"} if export else set()
    assert set(service["Action"]) == set(role["Action"]) == identity | {"kms:CreateGrant"}
    assert service["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert role["Principal"] == {"AWS": found["role"]}
    [people] = [json.loads(inputs["policy"]) for name, inputs in cloud.of("Policy").items() if name.endswith("-people")]
    [for_role] = [json.loads(inputs["policy"]) for inputs in cloud.of("RolePolicy").values()]
    assert set(people["Statement"][0]["Action"]) == set(for_role["Statement"][0]["Action"]) == identity
    assert people["Statement"][0]["Resource"] == KEY


LOCKOUTS = {
    "no administration": policy_of(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:Decrypt", "Resource": "*"}
    ),
    "another account": KEY_ADMINISTRATION.replace(ACCOUNT, "210987654321"),
    "only under a condition": policy_of(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ),
    "denied again": policy_of(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"},
    ),
}


@pytest.mark.parametrize("policy", LOCKOUTS.values(), ids=LOCKOUTS.keys())
def test_a_key_policy_that_locks_the_account_out_is_refused(policy: str, cloud: Any, run: Any) -> None:
    with pytest.raises(InvalidArgumentsError, match="lock the account out"):
        run(lambda: outputs(PersonalizePermissions("recs", {"keys": [{"key_arn": KEY, "existing_policy": policy}]})))
    assert cloud.of("KeyPolicy") == {}


def test_a_key_of_another_account_takes_statements_only(run: Any) -> None:
    key = KEY.replace(ACCOUNT, "210987654321")
    with pytest.raises(
        InvalidArgumentsError,
        match=r"keys\[\"us-east-1-[0-9a-f-]+\"\].key_arn: is a key of another account or region than 123456789012",
    ):
        run(
            lambda: outputs(
                PersonalizePermissions("r", {"keys": [{"key_arn": key, "existing_policy": KEY_ADMINISTRATION}]})
            )
        )
    found = run(lambda: outputs(PersonalizePermissions("r", {"keys": [{"key_arn": key, "key_policy": "statements"}]})))
    assert found["keys"].keys() == {key}


def test_confinement_reaches_the_service_and_never_the_role(run: Any) -> None:
    found = run(
        lambda: outputs(
            PersonalizePermissions(
                "recs",
                {
                    "confine_to_source": True,
                    "buckets": [{"bucket": "data", "uses": ["import"]}],
                    "keys": [{"key_arn": KEY, "key_policy": "statements"}],
                },
            )
        )
    )
    conditions = PAGE["trust_policy"]["Statement"][0]["Condition"]
    assert all(statement["Condition"] == conditions for statement in json.loads(found["buckets"]["data"])["Statement"])
    service, role = json.loads(found["keys"][KEY])["Statement"]
    assert service["Condition"] == conditions
    assert "Condition" not in role


def test_names_are_attached_once_whatever_their_order_and_case(cloud: Any, run: Any) -> None:
    run(lambda: outputs(PersonalizePermissions("recs", {"users": ["bob", "alice", "Bob", "alice"]})))
    first = cloud.of("UserPolicyAttachment")
    cloud.made.clear()
    run(lambda: outputs(PersonalizePermissions("recs", {"users": ["alice", "bob", "carol"]})))
    assert first.items() < cloud.of("UserPolicyAttachment").items()
    assert len(first) == 2


def test_names_that_are_outputs_are_attached_like_plain_ones(cloud: Any, run: Any) -> None:
    def program() -> pulumi.Output[dict[str, Any]]:
        user, bucket = aws.iam.User("alice", name="alice"), aws.s3.Bucket("data", bucket="data")
        return outputs(
            PersonalizePermissions(
                "recs", {"users": [user.name], "buckets": [{"bucket": bucket.bucket, "uses": ["import"]}]}
            )
        )

    found = run(program)
    assert cloud.of("UserPolicyAttachment").keys() == {"recs-access-personalize-alice"}
    assert found["buckets"].keys() == {"data"}


def test_a_label_names_what_is_not_known_yet(cloud: Any, run: Any) -> None:
    unknown = pulumi.Output.from_input("data").apply(lambda _: pulumi.output.Unknown())
    run(
        lambda: PersonalizePermissions(
            "recs", {"buckets": [{"bucket": unknown, "uses": ["import"], "label": "training"}]}
        ),  # type: ignore[typeddict-item] # an output
        preview=True,
    )
    assert "recs-training-role" in cloud.of("RolePolicy")


def test_a_secret_name_is_in_no_resource_name(cloud: Any, run: Any) -> None:
    run(lambda: outputs(PersonalizePermissions("recs", {"users": [pulumi.Output.secret("hunter2")]})))
    [(name, inputs)] = cloud.of("UserPolicyAttachment").items()
    assert "hunter2" not in name
    assert "hunter2" in str(inputs["user"])


def test_an_unknown_source_account_leaves_the_trust_policy_unknown_in_preview(cloud: Any, run: Any) -> None:
    unknown = pulumi.Output.from_input(None).apply(lambda _: pulumi.output.Unknown())
    run(
        lambda: PersonalizePermissions("recs", {"users": ["alice"], "source_accounts": [unknown]}).trust_policy,
        preview=True,
    )  # type: ignore[list-item] # an output
    assert cloud.of("UserPolicyAttachment")


def test_lookups_are_made_once(cloud: Any, run: Any) -> None:
    buckets = [{"bucket": f"bucket-{index}", "uses": ["import"]} for index in range(5)]
    run(lambda: outputs(PersonalizePermissions("recs", {"buckets": buckets})))  # type: ignore[typeddict-item] # plain dicts
    assert sorted(call for call in cloud.calls if call != "getBucketPolicy") == [
        "getCallerIdentity",
        "getPartition",
        "getRegion",
    ]


def test_the_parts_work_alone(cloud: Any, run: Any) -> None:
    def program() -> pulumi.Output[list[Any]]:
        role = PersonalizeServiceRole("role", {"policy": "least-privilege"})
        access = PersonalizeAccess(
            "people", {"users": ["alice"], "policy": "least-privilege", "service_role_arn": role.role_arn}
        )
        bucket = PersonalizeBucketAccess(
            "data", {"bucket": "data", "uses": ["import"], "service_role_name": role.role_name}
        )
        key = PersonalizeKeyAccess(
            "key", {"key_arn": KEY, "service_role_arn": role.role_arn, "key_policy": "statements"}
        )
        return pulumi.Output.all(role.trust_policy, access.policy_arn, bucket.bucket_policy, key.key_policy)

    trust, _, bucket, key = run(program)
    assert json.loads(trust) == PAGE["trust_policy"]
    assert PolicyDocument.parse(bucket)
    assert PolicyDocument.parse(key)


def test_every_trust_policy_that_can_be_built_passes_the_packs_rule() -> None:
    accounts = [(ACCOUNT,), (ACCOUNT, "210987654321")]
    resources = ["*", "dataset-group/*", "campaign/shop"]
    for named, resource, partition in itertools.product(accounts, resources, ("aws", "aws-cn")):
        arns = tuple(f"arn:{partition}:personalize:*:{account}:{resource}" for account in named)
        text = trust_policy(Sources(named, arns)).to_json()
        assert check_trust_policy(text) == ()
        assert check_trust_policy(text, TrustSettings(accounts=frozenset(named))) == ()


def test_bucket_documents_hold_what_any_of_their_uses_takes() -> None:
    for count in range(1, len(BucketUse) + 1):
        for uses in itertools.combinations(BucketUse, count):
            document = BucketGrant("aws", "data", frozenset(uses)).for_bucket("owner", None)
            actions = {action for statement in document.statements for action in statement.actions}
            assert actions == {action for use in uses for action in BUCKET_ACTIONS[use]}


def test_regions_are_those_of_botocore() -> None:
    session = botocore.session.get_session()
    known = {
        region for partition in ("aws", "aws-cn") for region in session.get_available_regions("personalize", partition)
    }
    assert known == REGIONS


def test_a_secret_prefix_makes_only_its_bucket_policy_secret(run: Any) -> None:
    bucket = {"bucket": "data", "uses": ["import"], "prefix": pulumi.Output.secret("in/")}

    def program() -> list[Any]:
        permissions = PersonalizePermissions("recs", {"buckets": [bucket]})  # type: ignore[list-item] # a plain dict
        given = (permissions.service_role_arn, permissions.service_role_name, permissions.bucket_policies)
        return [pulumi.Output.from_input(each.is_secret()) for each in given]

    assert run(program) == [False, False, True]


def test_the_roles_arn_depends_on_the_role_and_its_inline_policies_alone(run: Any) -> None:
    """What is given it is replaced with nothing else, and deleted before the role loses a permission."""

    async def names(output: pulumi.Output[str]) -> list[str]:
        urns = [await each.urn.future() for each in await output.resources()]
        return sorted(str(urn).rsplit("::", 1)[-1] for urn in urns)

    def program() -> Any:
        args: Any = {
            "users": ["alice"],
            "buckets": [{"bucket": "data", "uses": ["import"]}],
            "keys": [{"key_arn": KEY, "label": "key", "existing_policy": KEY_ADMINISTRATION}],
        }
        return pulumi.Output.from_input(names(PersonalizePermissions("recs", args).service_role_arn))

    assert run(program) == ["recs-data-role", "recs-key-role", "recs-service-role"]
