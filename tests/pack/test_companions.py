"""The companion policies on what the SDK hands to policies: a compliant stack, and one thing broken at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import UNKNOWN, policy_arguments, stack_arguments
from tests.pack.spellings import ACCOUNT, ROLE_ARN, SPELLINGS, resource

POLICIES: dict[str, Any] = {policy.name: policy for policy in pack_policies()}
SERVICE = {"Service": "personalize.amazonaws.com"}
CASES = json.loads((Path(__file__).parent / "cases/service_grants.json").read_text())
PLACES = {
    "bucket": {
        "aws:s3/bucketPolicy:BucketPolicy": "policy",
        "aws-native:s3:BucketPolicy": "policyDocument",
    },
    "key": {
        "aws:kms/keyPolicy:KeyPolicy": "policy",
        "aws:kms/key:Key": "policy",
        "aws-native:kms:Key": "keyPolicy",
    },
}
DECLARED = {"bucket": ("AWS::S3::BucketPolicy", "PolicyDocument"), "key": ("AWS::KMS::Key", "KeyPolicy")}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def reported(rule: str, kind: str, properties: dict[str, Any]) -> list[str]:
    found: list[str] = []
    POLICIES[rule].validate(policy_arguments(kind, properties), lambda message, _urn=None: found.append(message))
    return found


def to(principal: Any, case: dict[str, Any]) -> dict[str, Any]:
    return document(*({"Effect": "Allow", "Principal": principal, **each} for each in case["statements"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['name']}")
def test_what_a_policy_gives_personalize(case: dict[str, Any]) -> None:
    rule = f"{case['kind']}-policy-service-grants"
    given = to(SERVICE, case)
    kind, field = DECLARED[case["kind"]]
    places: list[tuple[str, dict[str, Any], str]] = [
        (place, {name: written}, name)
        for place, name in PLACES[case["kind"]].items()
        for written in (given, json.dumps(given))
    ]
    state = {"typeName": kind, "desiredState": json.dumps({field: given})}
    places.append(("aws:cloudcontrol/resource:Resource", state, f"desiredState.{field}"))
    body = {"templateBody": json.dumps({"Resources": {"It": {"Type": kind, "Properties": {field: given}}}})}
    places.append(("aws:cloudformation/stack:Stack", body, f"templateBody.Resources.It.Properties.{field}"))
    for place, properties, path in places:
        messages = reported(rule, place, properties)
        assert len(messages) == len(case["said"]), (case["why"], place, messages)
        for expected, message in zip(case["said"], messages, strict=True):
            assert expected in message
            assert f"({path}" in message
    others = json.dumps(to({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, case))
    for place, name in PLACES[case["kind"]].items():
        assert reported(rule, place, {name: others}) == []


@pytest.mark.parametrize("name", ["bucket-policy-service-grants", "key-policy-service-grants"])
def test_an_unknown_policy_says_nothing(name: str) -> None:
    for places in PLACES.values():
        for kind, field in places.items():
            assert reported(name, kind, {field: UNKNOWN}) == []
    assert reported(name, "aws:cloudformation/stack:Stack", {"templateBody": UNKNOWN}) == []


BUCKET = "arn:aws:s3:::data"
TRUST = document({"Effect": "Allow", "Principal": SERVICE, "Action": "sts:AssumeRole"})
PASSED = {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}
READS = allow("s3:GetObject", f"{BUCKET}/*")
WRITES = allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*")
PASSES = allow("iam:PassRole", "*", Condition=PASSED)
STACK_POLICIES = ("pass-role-to-service", "service-role-least-privilege", "bucket-access-both-sides")


def advised(resources: list[Any]) -> list[tuple[str, str]]:
    """Policy and message of everything that the stack policies say."""
    arguments = stack_arguments(resources)
    found: list[tuple[str, str]] = []
    for name in STACK_POLICIES:
        POLICIES[name].validate(arguments, lambda message, _urn=None, name=name: found.append((name, message)))
    return found


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    ("why", "role", "bucket", "people", "said"),
    [
        ("compliant", READS, READS, PASSES, []),
        ("passed to any service", READS, READS, allow("iam:PassRole", "*"), ["pass-role-to-service"]),
        ("bucket lacks it", WRITES, READS, PASSES, ["bucket-access-both-sides"]),
        ("role lacks it", READS, WRITES, PASSES, ["bucket-access-both-sides"]),
        ("role passes roles", allow(["s3:GetObject", "iam:PassRole"], f"{BUCKET}/*"), READS, PASSES, ["service-role-least-privilege"]),
    ],
)  # fmt: skip
def test_a_stack_is_read_however_it_is_written(
    spelling: str, why: str, role: dict[str, Any], bucket: dict[str, Any], people: dict[str, Any], said: list[str]
) -> None:
    written = SPELLINGS[spelling]
    resources = written(TRUST, document(role), document({**bucket, "Principal": SERVICE}), document(people))
    assert [name for name, _ in advised(resources)] == said, why


def stack(role: dict[str, Any], bucket: dict[str, Any], people: dict[str, Any], trust: Any = TRUST) -> list[Any]:
    return SPELLINGS["inline"](trust, document(role), document({**bucket, "Principal": SERVICE}), document(people))


@pytest.mark.parametrize(
    ("why", "people", "reported"),
    [
        ("by pattern", allow("iam:*", ROLE_ARN), True),
        ("another role", allow("iam:PassRole", f"{ROLE_ARN}-other"), False),
        ("all but another role", {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": f"{ROLE_ARN}-other"}, True),
        ("an absent key passes", allow("iam:PassRole", "*", Condition={"StringEqualsIfExists": PASSED["StringEquals"]}), True),
        ("no value is all values", allow("iam:PassRole", "*", Condition={"ForAllValues:StringEquals": PASSED["StringEquals"]}), True),
        ("another service too", allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": ["personalize.amazonaws.com", "ec2.amazonaws.com"]}}), True),
        ("other services alone, for roles of theirs", allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "logs.amazonaws.com"}}), False),
        ("to some service", allow("iam:PassRole", "*", Condition={"Null": {"iam:PassedToService": "false"}}), True),
        ("by a pattern", allow("iam:PassRole", "*", Condition={"StringLike": {"iam:PassedToService": "p*"}}), True),
        ("any service but one", allow("iam:PassRole", "*", Condition={"StringNotEquals": PASSED["StringEquals"]}), True),
    ],
)  # fmt: skip
def test_who_may_pass_the_role_to_whom(why: str, people: dict[str, Any], reported: bool) -> None:
    assert [name for name, _ in advised(stack(READS, READS, people))] == ["pass-role-to-service"] * reported, why


OTHERS = {"StringNotEquals": PASSED["StringEquals"]}


@pytest.mark.parametrize(
    ("why", "denial", "reported"),
    [
        ("nobody passes anything", {"Resource": "*"}, False),
        ("to others it is denied", {"Resource": "*", "Condition": OTHERS}, False),
        ("to others, of this role", {"Resource": ROLE_ARN, "Condition": OTHERS}, False),
        ("another role", {"Resource": f"{ROLE_ARN}-other"}, True),
        ("by a pattern", {"Resource": "*", "Condition": {"StringNotLike": {"iam:PassedToService": "*.amazonaws.com"}}}, True),
        ("one other service stays", {"Resource": "*", "Condition": {"StringNotEquals": {"iam:PassedToService": ["personalize.amazonaws.com", "ec2.amazonaws.com"]}}}, True),
        ("only now and then", {"Resource": "*", "Condition": {**OTHERS, "Bool": {"aws:SecureTransport": "false"}}}, True),
        ("to one service", {"Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}, True),
    ],
)  # fmt: skip
def test_a_denial_in_the_same_policy_counts(why: str, denial: dict[str, Any], reported: bool) -> None:
    policy = document(allow("*", "*"), {"Effect": "Deny", "Action": "iam:PassRole", **denial})
    resources = SPELLINGS["inline"](TRUST, document(READS), document({**READS, "Principal": SERVICE}), policy)
    assert [name for name, _ in advised(resources)] == ["pass-role-to-service"] * reported, why


def test_a_service_role_that_is_denied_to_pass_roles_passes_none() -> None:
    denial = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}
    wide = document(allow(["iam:*", "s3:GetObject"], f"{BUCKET}/*"), denial)
    resources = SPELLINGS["inline"](TRUST, wide, document({**READS, "Principal": SERVICE}), document(PASSES))
    assert advised(resources) == []


@pytest.mark.parametrize(
    "wide",
    [
        allow("s3:GetObject", "*"),
        allow("s3:*", "arn:aws:s3:::*/*"),
        allow("s3:*", "arn:aws-cn:s3:::*"),
        {"Effect": "Allow", "Action": "s3:PutObject", "NotResource": f"{BUCKET}/*"},
        allow("iam:PassRole", ROLE_ARN, Condition=PASSED),
    ],
)
def test_a_service_role_that_reaches_too_far_is_reported_and_another_role_is_not(wide: dict[str, Any]) -> None:
    for service, count in (("personalize", 1), ("ec2", 0)):
        trust = json.loads(json.dumps(TRUST).replace("personalize", service))
        names = [name for name, _ in advised(stack(wide, READS, PASSES, trust))]
        assert names.count("service-role-least-privilege") == count


def test_a_pattern_on_one_side_covers_the_bucket_of_the_other() -> None:
    named = {"Service": "personalize.amazonaws.com"}
    managed = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    for bucket, said in (("my-personalize-data", []), ("shop", ["bucket-access-both-sides"])):
        policy = document(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Principal=named))
        resources = [
            resource("aws:iam/role:Role", name="r", arn=ROLE_ARN, assumeRolePolicy=json.dumps(TRUST), managedPolicyArns=[managed]),
            resource("aws:s3/bucketPolicy:BucketPolicy", policy=json.dumps(policy)),
        ]  # fmt: skip
        assert [name for name, _ in advised(resources) if name.startswith("bucket")] == said


AWS_MANAGED = {
    "AdministratorAccess": {"pass roles", "reach every bucket", "other services"},
    "PowerUserAccess": {"reach every bucket"},
    "IAMFullAccess": {"pass roles", "other services"},
    "AmazonS3FullAccess": {"reach every bucket"},
    "AmazonS3ReadOnlyAccess": {"reach every bucket"},
    "service-role/AmazonPersonalizeFullAccess": {"pass roles"},
    "CloudWatchFullAccess": set(),
}


@pytest.mark.parametrize("name", AWS_MANAGED)
def test_policies_of_aws_are_known_by_what_they_give(name: str) -> None:
    trusting = {"name": "service", "arn": ROLE_ARN, "assumeRolePolicy": json.dumps(TRUST)}
    arn = f"arn:aws:iam::aws:policy/{name}"
    attached = resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="service", policyArn=arn)
    as_table = [message for _, message in advised([resource("aws:iam/role:Role", **trusting), attached])]
    for message in as_table:
        assert message.startswith(f"AWS's managed policy {name.rsplit('/', 1)[-1]} lets")
        assert "(policyArn)" in message

    # The same answers from the document that AWS has published, as moto carries it.
    published = json.loads(aws_managed_policies_data)[name.rsplit("/", 1)[-1]]["Document"]
    inline = resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=json.dumps(published))
    as_published = [message for _, message in advised([resource("aws:iam/role:Role", **trusting), inline])]
    for messages in (as_table, as_published):
        assert {words for words in AWS_MANAGED["AdministratorAccess"] if any(words in each for each in messages)} == AWS_MANAGED[name]  # fmt: skip


def test_what_a_refreshed_role_lists_is_reported_where_it_was_given() -> None:
    arn, wide = "arn:aws:iam::aws:policy/AmazonS3FullAccess", json.dumps(document(allow("s3:GetObject", "*")))
    refreshed = {"managedPolicyArns": [arn], "inlinePolicies": [{"name": "wide", "policy": wide}]}
    role = resource("aws:iam/role:Role", name="service", arn=ROLE_ARN, assumeRolePolicy=json.dumps(TRUST), **refreshed)
    attached = resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="service", policyArn=arn)
    inline = resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=wide)
    places = [message.rsplit("(", 1)[1] for _, message in advised([role, attached, inline])]
    assert places == ["policyArn).", "policy.Statement[0])."]
    assert len(advised([role])) == 2


def test_a_policy_of_aws_on_a_person_lets_them_pass_the_role() -> None:
    role = resource("aws:iam/role:Role", name="service", arn=ROLE_ARN, assumeRolePolicy=json.dumps(TRUST))
    arn = "arn:aws:iam::aws:policy/IAMFullAccess"
    person = resource("aws:iam/userPolicyAttachment:UserPolicyAttachment", user="alice", policyArn=arn)
    [(name, message)] = advised([role, person])
    assert name == "pass-role-to-service"
    assert message.startswith("AWS's managed policy IAMFullAccess lets its principals pass role service")


def test_names_inside_a_template_are_followed() -> None:
    body = """
Resources:
  Data: {Type: 'AWS::S3::Bucket'}
  Service:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: {Effect: Allow, Principal: {Service: personalize.amazonaws.com}, Action: 'sts:AssumeRole'}
  Reads:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Service
      PolicyDocument:
        Version: '2012-10-17'
        Statement: {Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Data.Arn}/*'}
  Opens:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {Service: personalize.amazonaws.com}
          Action: ['s3:GetObject', 's3:PutObject']
          Resource: !Join ['', [!GetAtt Data.Arn, '/*']]
  People:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement: {Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Service.Arn}
"""
    said = advised([resource("aws:cloudformation/stack:Stack", templateBody=body)])
    assert [name for name, _ in said] == ["pass-role-to-service", "bucket-access-both-sides"]
    assert "pass role resource.Service, which" in said[0][1]
    assert "bucket resource.data lets Personalize s3:PutObject" in said[1][1]


def test_what_is_not_known_yet_is_reported_at_the_update() -> None:
    role = resource("aws:iam/role:Role", name="service", arn=UNKNOWN, assumeRolePolicy=UNKNOWN)
    wide = json.dumps(document(allow("iam:PassRole", "*")))
    unread = resource("aws:iam/rolePolicy:RolePolicy", role=UNKNOWN, policy=wide)
    assert advised([role, unread, resource("aws:iam/policy:Policy", arn=UNKNOWN, policy=UNKNOWN)]) == []
    known = resource("aws:iam/role:Role", name="service", arn=UNKNOWN, assumeRolePolicy=json.dumps(TRUST))
    assert [name for name, _ in advised([known, unread])] == ["pass-role-to-service"]


def test_a_policy_that_is_not_known_yet_may_be_the_other_side() -> None:
    """In the first preview of a stack that makes its bucket, the bucket's policy waits for the bucket."""
    role = SPELLINGS["inline"](TRUST, document(READS), document({**READS, "Principal": SERVICE}), document(PASSES))
    for index, kind in ((1, "aws:s3/bucketPolicy:BucketPolicy"), (3, "aws:iam/rolePolicy:RolePolicy")):
        assert role[index].type == kind
        later = [*role[:index], resource(kind, role="service", policy=UNKNOWN), *role[index + 1 :]]
        assert advised(later) == []
        assert [name for name, _ in advised([*role[:index], *role[index + 1 :]])] == ["bucket-access-both-sides"]
