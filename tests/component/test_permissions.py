"""What the permission set registers, for every argument and default."""

from __future__ import annotations

import itertools
import json
from collections import Counter
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
from personalize_permissions._documents.grants import BUCKET_ACTIONS, JOBS, REGIONS
from personalize_permissions._documents.statements import BucketGrant, Sources, trust_policy
from personalize_permissions.testing import PermissionsMocks, Recorded, run

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

DATA = {"bucket": "data", "uses": ["import"]}


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


def unknown() -> pulumi.Output[str]:
    return pulumi.Output.from_input("").apply(lambda _: pulumi.output.Unknown())


def provision(args: Any, mocks: PermissionsMocks | None = None, *, preview: bool = False) -> Recorded:
    """Run a program of one permission set, whose outputs are the result."""
    return run(lambda: outputs(PersonalizePermissions("recs", args)), mocks, preview=preview)


def assert_refused(args: Any, message: str, mocks: PermissionsMocks | None = None) -> None:
    """Assert that arguments are refused before the policy of a bucket or key is written."""
    mocks = mocks or PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match=message):
        provision(args, mocks)
    assert not Recorded(mocks).of("BucketPolicy")
    assert not Recorded(mocks).of("KeyPolicy")


class Lookups(PermissionsMocks):
    """Mocks that count lookups, and answer those of bucket policies with an error where one is given."""

    def __init__(self, error: str = "") -> None:
        super().__init__()
        self.error = error
        self.lookups: Counter[str] = Counter()

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        token = args.token.rsplit(":", 1)[-1]
        self.lookups[token] += 1
        if self.error and token == "getBucketPolicy":
            return {}, [("bucket", self.error)]
        return super().call(args)


def test_with_defaults_the_documents_are_those_of_the_page() -> None:
    recorded = provision({"users": ["alice"]})
    found = recorded.result
    assert json.loads(found["trust"]) == PAGE["trust_policy"]
    assert json.loads(recorded.of("Policy")["recs-access-policy"].inputs["policy"]) == PAGE["custom_policy"]
    [(name, person)] = recorded.of("UserPolicyAttachment").items()
    assert name == "recs-access-personalize-alice"
    assert person.inputs == {"user": "alice", "policyArn": found["policy"]}
    [(name, role)] = recorded.of("RolePolicyAttachment").items()
    assert name == "recs-service-personalize"
    assert role.inputs == {"role": found["role_name"], "policyArn": found["policy"]}
    assert found["role"] == recorded.of("Role")["recs-service-role"].outputs["arn"]


def test_managed_policy_and_cloudwatch_are_attached_in_the_providers_partition() -> None:
    args = {"groups": ["data"], "policy": "managed", "cloudwatch": "full-access-v2"}
    recorded = provision(args, PermissionsMocks(partition="aws-cn", region="cn-north-1"))
    found = recorded.result
    assert found["policy"] == "arn:aws-cn:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    arns = {name: made.inputs["policyArn"] for name, made in recorded.of("GroupPolicyAttachment").items()}
    assert arns == {
        "recs-access-personalize-data": found["policy"],
        "recs-access-cloudwatch-data": "arn:aws-cn:iam::aws:policy/CloudWatchFullAccessV2",
    }
    assert not recorded.of("Policy")
    assert "arn:aws-cn:personalize:cn-north-1" in found["trust"]
    assert '"personalize.amazonaws.com"' in found["trust"]


def test_least_privilege_passes_one_role_and_the_role_passes_none() -> None:
    recorded = provision({"roles": ["analyst"], "policy": "least-privilege"})
    people = json.loads(recorded.of("Policy")["recs-access-policy"].inputs["policy"])["Statement"]
    assert people[1]["Resource"] == recorded.result["role"]
    assert people[1]["Condition"] == PAGE["custom_policy"]["Statement"][1]["Condition"]
    service = json.loads(recorded.of("Policy")["recs-service-policy"].inputs["policy"])["Statement"]
    assert [statement["Action"] for statement in service] == [["personalize:*"]]


def test_the_role_takes_every_setting() -> None:
    role = {
        "name": "personalize",
        "path": "/service-role/",
        "description": "reads training data",
        "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        "max_session_duration": 7200,
    }
    recorded = provision({"service_role": role, "tags": {"team": "data"}})
    inputs = recorded.of("Role")["recs-service-role"].inputs
    assert inputs["name"] == "personalize"
    assert inputs["path"] == "/service-role/"
    assert inputs["permissionsBoundary"] == role["permissions_boundary"]
    assert inputs["maxSessionDuration"] == 7200
    assert inputs["forceDetachPolicies"] is True
    assert inputs["tags"] == recorded.of("Policy")["recs-access-policy"].inputs["tags"] == {"team": "data"}


def test_sources_are_pinned_as_given() -> None:
    arn = "arn:aws:personalize:eu-west-1:210987654321:dataset-group/*"
    found = provision({"source_accounts": [ACCOUNT, "210987654321"], "source_arns": [arn]}).result
    condition = json.loads(found["trust"])["Statement"][0]["Condition"]
    assert condition == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT, "210987654321"]},
        "ArnLike": {"aws:SourceArn": arn},
    }


@pytest.mark.parametrize("use", BucketUse)
@pytest.mark.parametrize("prefix", ["", "personalize/"])
def test_each_use_grants_its_actions_on_both_sides(use: BucketUse, prefix: str) -> None:
    recorded = provision({"buckets": [{"bucket": "data", "uses": [use.value], "prefix": prefix}]})
    found = recorded.result
    role = json.loads(recorded.of("RolePolicy")["recs-data-role"].inputs["policy"])["Statement"]
    bucket = json.loads(found["buckets"]["data"])["Statement"]
    assert recorded.of("BucketPolicy")["recs-data-bucket"].inputs["policy"] == found["buckets"]["data"]

    def granted(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
        return {(action, statement["Resource"]) for statement in statements for action in statement["Action"]}

    objects = f"arn:aws:s3:::data/{prefix}*"
    expected = {(action, "arn:aws:s3:::data" if "List" in action else objects) for action in BUCKET_ACTIONS[use]}
    assert granted(bucket) == expected
    metrics = {("cloudwatch:PutMetricData", "*")} if use is BucketUse.METRICS else set()
    assert granted(role) == expected | metrics
    assert all(statement["Principal"] == {"Service": "personalize.amazonaws.com"} for statement in bucket)
    assert not any("Principal" in statement or "Condition" in statement for statement in role)


def test_an_existing_bucket_policy_is_merged_and_outlives_the_stack() -> None:
    mocks = PermissionsMocks(bucket_policies={"data": policy_of(FOREIGN)})
    found = provision({"buckets": [{**DATA, "existing_policy": policy_of(FOREIGN)}]}, mocks).result
    sids = [statement["Sid"] for statement in json.loads(found["buckets"]["data"])["Statement"]]
    assert sids[0] == "Backup"
    assert len(sids) == 3


def test_statements_of_others_stop_the_run() -> None:
    mocks = PermissionsMocks(bucket_policies={"data": policy_of(FOREIGN)})
    assert_refused({"buckets": [DATA]}, r'buckets\["data"\]\.existing_policy.*Sid Backup.*would be lost', mocks)


def test_a_policy_of_another_bucket_is_refused() -> None:
    """S3 would refuse it, after half of the stack is made."""
    wrong = {**DATA, "existing_policy": policy_of(FOREIGN).replace("data", "other")}
    assert_refused({"buckets": [wrong]}, r"has resources of another bucket in Statement\[0\]")


def test_its_own_statements_do_not_stop_the_next_run() -> None:
    written = provision({"buckets": [DATA]}).result["buckets"]
    assert provision({"buckets": [DATA]}, PermissionsMocks(bucket_policies=written)).result["buckets"] == written


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
def test_a_bucket_policy_that_cannot_be_read_is_refused_with_its_cause(error: str, refusal: str) -> None:
    assert_refused({"buckets": [DATA]}, refusal, Lookups(f"reading S3 Bucket (data) Policy: {error}"))


def test_two_permission_sets_never_write_one_bucket_policy() -> None:
    def program() -> pulumi.Output[list[dict[str, Any]]]:
        return pulumi.Output.all(*(outputs(PersonalizePermissions(name, {"buckets": [DATA]})) for name in ("a", "b")))  # type: ignore[list-item] # a plain dict

    with pytest.raises(InvalidArgumentsError, match="a bucket has one policy"):
        run(program)


def test_two_permission_sets_share_a_key_as_the_refusal_says() -> None:
    key = {"key_arn": KEY, "existing_policy": KEY_ADMINISTRATION, "label": "key"}

    def as_it_says() -> pulumi.Output[dict[str, Any]]:
        first = PersonalizePermissions("a", {"keys": [{**key, "key_policy": "statements"}]})  # type: ignore[list-item] # a plain dict
        whole = first.key_policies[KEY]
        return outputs(PersonalizePermissions("b", {"keys": [{**key, "existing_policy": whole}]}))  # type: ignore[list-item] # a plain dict

    with pytest.raises(InvalidArgumentsError, match='"statements" here, keep `existing_policy`, and'):
        run(lambda: [PersonalizePermissions(name, {"keys": [key]}).key_policies for name in ("a", "b")])  # type: ignore[list-item] # a plain dict
    statements = json.loads(run(as_it_says).result["keys"][KEY])["Statement"]
    assert [statement["Principal"] for statement in statements].count({"Service": "personalize.amazonaws.com"}) == 2


def test_statements_are_handed_out_and_nothing_is_written() -> None:
    mocks = Lookups()
    args = {
        "buckets": [{"bucket": "data", "uses": ["batch"], "bucket_policy": "statements"}],
        "keys": [{"key_arn": KEY, "key_policy": "statements"}],
    }
    recorded = provision(args, mocks)
    assert recorded.of("BucketPolicy") == recorded.of("KeyPolicy") == {}
    assert "getBucketPolicy" not in mocks.lookups
    assert recorded.result["buckets"].keys() == {"data"}
    assert recorded.result["keys"].keys() == {KEY}


@pytest.mark.parametrize("export", [False, True])
def test_a_key_opens_for_the_service_the_role_and_people(export: bool) -> None:
    key = {"key_arn": KEY, "existing_policy": KEY_ADMINISTRATION, "dataset_export": export}
    recorded = provision({"users": ["alice"], "keys": [key]})
    found = recorded.result
    root, service, role = json.loads(found["keys"][KEY])["Statement"]
    assert root["Action"] == ["kms:*"]
    identity = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants"}
    identity |= {"kms:GenerateDataKeyWithoutPlaintext"} if export else set()
    assert set(service["Action"]) == set(role["Action"]) == identity | {"kms:CreateGrant"}
    assert service["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert role["Principal"] == {"AWS": found["role"]}
    [people] = [made.inputs for name, made in recorded.of("Policy").items() if name.endswith("-people")]
    [for_role] = [made.inputs for made in recorded.of("RolePolicy").values()]
    [for_people] = json.loads(people["policy"])["Statement"]
    assert set(for_people["Action"]) == set(json.loads(for_role["policy"])["Statement"][0]["Action"]) == identity
    assert for_people["Resource"] == KEY


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
def test_a_key_policy_that_locks_the_account_out_is_refused(policy: str) -> None:
    assert_refused({"keys": [{"key_arn": KEY, "existing_policy": policy}]}, "lock the account out")


def test_a_key_of_another_account_takes_statements_only() -> None:
    key = KEY.replace(ACCOUNT, "210987654321")
    message = r"keys\[\"us-east-1-[0-9a-f-]+\"\].key_arn: is a key of another account or region than 123456789012"
    assert_refused({"keys": [{"key_arn": key, "existing_policy": KEY_ADMINISTRATION}]}, message)
    assert provision({"keys": [{"key_arn": key, "key_policy": "statements"}]}).result["keys"].keys() == {key}


def test_confinement_reaches_the_service_and_never_the_role() -> None:
    keys = [{"key_arn": KEY, "key_policy": "statements"}]
    found = provision({"confine_to_source": True, "buckets": [DATA], "keys": keys}).result
    conditions = PAGE["trust_policy"]["Statement"][0]["Condition"]
    assert all(statement["Condition"] == conditions for statement in json.loads(found["buckets"]["data"])["Statement"])
    service, role = json.loads(found["keys"][KEY])["Statement"]
    assert service["Condition"] == conditions
    assert "Condition" not in role


def test_names_are_attached_once_whatever_their_order_and_case() -> None:
    first, second = (
        {name: made.inputs for name, made in provision({"users": users}).of("UserPolicyAttachment").items()}
        for users in (["bob", "alice", "Bob", "alice"], ["alice", "bob", "carol"])
    )
    assert first.items() < second.items()
    assert len(first) == 2


def test_names_that_are_outputs_are_attached_like_plain_ones() -> None:
    def program() -> pulumi.Output[dict[str, Any]]:
        user, bucket = aws.iam.User("alice", name="alice"), aws.s3.Bucket("data", bucket="data")
        args: Any = {"users": [user.name], "buckets": [{"bucket": bucket.bucket, "uses": ["import"]}]}
        return outputs(PersonalizePermissions("recs", args))

    recorded = run(program)
    assert recorded.of("UserPolicyAttachment").keys() == {"recs-access-personalize-alice"}
    assert recorded.result["buckets"].keys() == {"data"}


def test_a_label_names_what_is_not_known_yet() -> None:
    recorded = run(
        lambda: PersonalizePermissions(
            "recs", buckets=[{"bucket": unknown(), "uses": ["import"], "label": "training"}]
        ),
        preview=True,
    )
    assert "recs-training-role" in recorded.of("RolePolicy")


def test_a_secret_name_is_in_no_resource_name() -> None:
    recorded = run(lambda: PersonalizePermissions("recs", users=[pulumi.Output.secret("hunter2")]))
    [(name, made)] = recorded.of("UserPolicyAttachment").items()
    assert "hunter2" not in name
    assert made.inputs["user"] == "hunter2"


def test_an_unknown_source_account_leaves_the_trust_policy_unknown_in_preview() -> None:
    recorded = run(
        lambda: PersonalizePermissions("recs", users=["alice"], source_accounts=[unknown()]).trust_policy, preview=True
    )
    assert recorded.result is None
    assert recorded.of("UserPolicyAttachment")


def test_lookups_are_made_once() -> None:
    buckets = [{"bucket": f"bucket-{index}", "uses": ["import"]} for index in range(5)]
    mocks = Lookups()
    provision({"buckets": buckets}, mocks)
    once = {"getCallerIdentity": 1, "getPartition": 1, "getRegion": 1}
    assert mocks.lookups == {**once, "getBucketPolicy": len(buckets)}


def test_the_parts_work_alone() -> None:
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

    trust, _, bucket, key = run(program).result
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


def test_each_use_has_its_actions_and_its_job() -> None:
    assert BUCKET_ACTIONS.keys() == JOBS.keys() == set(BucketUse)


def test_regions_are_those_of_botocore() -> None:
    session = botocore.session.get_session()
    known = {
        region for partition in ("aws", "aws-cn") for region in session.get_available_regions("personalize", partition)
    }
    assert known == REGIONS


def test_a_secret_prefix_makes_only_its_bucket_policy_secret() -> None:
    def program() -> list[Any]:
        bucket: Any = {**DATA, "prefix": pulumi.Output.secret("in/")}
        permissions = PersonalizePermissions("recs", {"buckets": [bucket]})
        given = (permissions.service_role_arn, permissions.service_role_name, permissions.bucket_policies)
        return [pulumi.Output.from_input(each.is_secret()) for each in given]

    assert run(program).result == [False, False, True]


def test_the_roles_arn_depends_on_the_role_and_its_inline_policies_alone() -> None:
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

    assert run(program).result == ["recs-data-role", "recs-key-role", "recs-service-role"]
