"""Whether Personalize may assume roles, and whether buckets and keys admit it; and what failures say."""

from __future__ import annotations

import json
import re
import unittest
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from personalize_guardrails import TrustSettings
from personalize_permissions import PersonalizePermissions
from personalize_permissions.testing import (
    InvalidQuestionError,
    Location,
    PermissionsMocks,
    Recorded,
    UnknownDocumentError,
    assert_admits,
    assert_admits_to_key,
    assert_does_not_admit,
    assert_guarded,
    assert_may,
    assert_may_assume,
    assert_may_not,
    assert_may_not_assume,
    role,
    run,
    user,
)

ACCOUNT, OTHER = "123456789012", "999988887777"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(**condition: Any) -> Recorded:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    return run(lambda: aws.iam.Role("open", assume_role_policy=policy(statement)).arn)


def stack(**more: Any) -> Recorded:
    def program() -> pulumi.Output[Any]:
        bucket: Any = {"bucket": "data", "uses": ["import"], "prefix": "in/"}
        made = PersonalizePermissions("recs", {"buckets": [bucket], **more})  # type: ignore[typeddict-item] # a plain dict
        return pulumi.Output.all(role=made.service_role_arn, keys=made.key_policies)

    return run(program)


def test_a_role_of_the_component_is_assumed_for_its_own_account_only() -> None:
    recorded = stack()
    assert_guarded(recorded)
    assert_may_assume(recorded, "recs-service-role")
    assert_may_not_assume(recorded, "recs-service-role", account=OTHER)
    assert_may_not_assume(recorded, "recs-service-role", account=None)
    assert_may_not_assume(recorded, "recs-service-role", source_arn=None)
    assert_may_not_assume(recorded, "recs-service-role", source_arn=f"arn:aws:personalize:us-east-1:{OTHER}:dataset/x")
    assert_may_not_assume(recorded, "recs-service-role", service="forecast.amazonaws.com")


def test_the_account_of_the_role_is_the_value_of_its_variable() -> None:
    recorded = trusting(StringEquals={"aws:SourceAccount": "${aws:ResourceAccount}"})
    assert_may_assume(recorded, "open")
    assert_may_not_assume(recorded, "open", account=OTHER)


def test_a_role_of_another_provider_is_assumed_where_that_works() -> None:
    def program() -> pulumi.Output[Any]:
        far = pulumi.ResourceOptions(providers=[aws.Provider("far", region="eu-central-1")])
        return PersonalizePermissions("recs", {}, far).service_role_arn

    recorded = run(program, PermissionsMocks(providers={"far": Location(OTHER, "aws", "eu-central-1")}))
    assert_may_assume(recorded, "recs-service-role")
    assert_may_not_assume(recorded, "recs-service-role", account=ACCOUNT)


def unanswered() -> None:
    """A program whose documents come from a lookup that no mocks answer."""
    PersonalizePermissions("recs", {})
    document = aws.iam.get_policy_document_output(statements=[{"actions": ["s3:GetObject"], "resources": ["*"]}])
    role = aws.iam.Role("worker", assume_role_policy=document.json)
    aws.iam.RolePolicy("reads", role=role.name, policy=document.json)
    aws.s3.BucketPolicy("data", bucket="data", policy=document.json)


@pytest.mark.parametrize(
    ("question", "reported"),
    [
        (assert_guarded, "assumeRolePolicy of Role worker is not known here"),
        (lambda recorded: assert_may_not_assume(recorded, "worker"), "assumeRolePolicy of Role worker"),
        (lambda recorded: recorded.may(role("worker"), "s3:GetObject"), "policy of RolePolicy reads"),
        (lambda recorded: assert_does_not_admit(recorded, "data", "import"), "policy of BucketPolicy data"),
    ],
    ids=["guarded", "assumes", "may", "admits"],
)
def test_a_document_that_no_lookup_gave_is_no_answer(question: Any, reported: str) -> None:
    with pytest.raises(UnknownDocumentError, match=rf"{reported}.*get_policy_document"):
        question(run(unanswered))


def test_a_role_that_exists_already_is_not_the_programs_to_guard() -> None:
    def program() -> None:
        worker = aws.iam.Role.get("worker", "etl-worker")
        PersonalizePermissions("recs", {"roles": [worker.name]})

    recorded = run(program)
    assert_guarded(recorded)
    assert recorded.may(role("etl-worker"), "personalize:CreateDataset")
    with pytest.raises(UnknownDocumentError, match="made elsewhere"):
        recorded.may_assume("worker")


def test_the_statement_that_is_too_wide_is_printed() -> None:
    recorded = trusting()
    with pytest.raises(AssertionError) as reported:
        assert_may_not_assume(recorded, "open", account=OTHER)
    assert "Role open, Statement[0]" in str(reported.value)
    assert '"Service": "personalize.amazonaws.com"' in str(reported.value)
    assert "too wide" in str(reported.value)


def test_the_statement_that_is_missing_is_printed_with_what_comes_nearest() -> None:
    recorded = trusting(StringEquals={"aws:SourceAccount": OTHER})
    with pytest.raises(AssertionError) as reported:
        assert_may_assume(recorded, "open")
    lines = str(reported.value).splitlines()
    missing = json.loads(lines[lines.index("Missing, for example:") + 1])
    assert missing["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert f"StringEquals aws:SourceAccount does not hold: in the request it is {ACCOUNT}" in str(reported.value)


def test_the_statement_that_is_said_to_be_missing_is_the_one_that_helps() -> None:
    recorded = run(lambda: aws.s3.Bucket("elsewhere", bucket="elsewhere").id)
    for use in ("import", "batch", "export", "metrics", "deletion"):
        decision = recorded.admits("elsewhere", use)
        assert not decision
        missing = [json.loads(line) for line in decision.why.splitlines() if line.startswith("    {")]
        assert recorded.admits("elsewhere", use, policy=policy(*missing))


@pytest.mark.parametrize(
    "fails",
    [
        lambda recorded: assert_may(recorded, user("alice"), "s3:GetObject"),
        lambda recorded: assert_may_not(recorded, user("alice"), "personalize:CreateDataset"),
        lambda recorded: assert_may_assume(recorded, "recs-service-role", account=OTHER),
        lambda recorded: assert_may_not_assume(recorded, "recs-service-role"),
        lambda recorded: assert_admits(recorded, "data", "export"),
        lambda recorded: assert_does_not_admit(recorded, "data", "import", key="in/x"),
        lambda recorded: assert_admits_to_key(recorded, KEY, policy=policy(ROOT)),
        lambda recorded: assert_guarded(recorded, TrustSettings(accounts=frozenset({OTHER}))),
    ],
    ids=["may", "may not", "assumes", "assumes not", "admits", "admits not", "key", "guarded"],
)
def test_a_failure_shows_the_line_of_the_test_and_none_of_the_kits(fails: Any) -> None:
    with pytest.raises(AssertionError) as reported:
        fails(stack(users=["alice"]))
    assert {entry.path.name for entry in reported.traceback.filter(reported)} == {Path(__file__).name}
    result = unittest.TestResult()
    unittest.FunctionTestCase(lambda: fails(stack(users=["alice"]))).run(result)
    assert "asserting.py" not in result.failures[0][1]


def test_unguarded_trust_fails_with_the_rules_message_and_the_statement() -> None:
    with pytest.raises(AssertionError, match="assume the role for") as reported:
        assert_guarded(trusting())
    assert '{"Effect": "Allow"' in str(reported.value)


def test_accounts_that_are_trusted_are_settings_of_the_rule() -> None:
    recorded = stack()
    assert_guarded(recorded, TrustSettings(accounts=frozenset({ACCOUNT})))
    with pytest.raises(AssertionError, match=ACCOUNT):
        assert_guarded(recorded, TrustSettings(accounts=frozenset({OTHER})))


def test_a_role_that_can_never_be_assumed_and_a_document_that_is_none_fail() -> None:
    never = trusting(
        StringEquals={"aws:SourceAccount": ACCOUNT},
        ArnLike={"aws:SourceArn": f"arn:aws:personalize:us-east-1:{OTHER}:*"},
    )
    with pytest.raises(AssertionError, match="can never be assumed"):
        assert_guarded(never)
    with pytest.raises(AssertionError, match="malformed"):
        assert_guarded(run(lambda: aws.iam.Role("odd", assume_role_policy="{").arn))


def test_a_program_without_roles_asserts_nothing_and_says_so() -> None:
    with pytest.raises(AssertionError, match="no IAM role"):
        assert_guarded(run(lambda: aws.s3.Bucket("data").arn))


def test_a_role_that_is_not_there_is_a_mistake_of_the_test() -> None:
    with pytest.raises(InvalidQuestionError, match="did you mean recs-service-role"):
        stack().may_assume("recs-role")


def test_a_bucket_admits_the_use_that_it_was_opened_for() -> None:
    recorded = stack()
    assert_admits(recorded, "data", "import", "deletion", key="in/interactions.csv")
    assert_does_not_admit(recorded, "data", "batch", key="in/interactions.csv")
    assert_does_not_admit(recorded, "data", "import", key="out/interactions.csv")
    with pytest.raises(AssertionError, match="s3:PutObject"):
        assert_admits(recorded, "data", "import", "batch", key="in/interactions.csv")
    with pytest.raises(AssertionError, match=r"BucketPolicy recs-data-bucket, Statement\[0\]"):
        assert_does_not_admit(recorded, "data", "import", key="in/interactions.csv")
    with pytest.raises(InvalidQuestionError, match=r"reading.*import, deletion"):
        recorded.admits("data", "reading")


def test_a_bucket_that_denies_says_by_what() -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*"}
    allowed = {**denial, "Effect": "Allow", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}
    with pytest.raises(AssertionError, match=r"(?s)Deny.*denies s3:GetObject on arn:aws:s3:::data/some-object"):
        assert_admits(stack(), "data", "import", policy=policy(allowed, denial))


def test_a_policy_that_the_bucket_carries_decides_where_the_program_writes_none() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::data/*"]}
    carried = policy({**statement, "Resource": [*statement["Resource"], "arn:aws:s3:::data"]})
    mocks = PermissionsMocks(bucket_policies={"data": carried})
    bucket: Any = {"bucket": "data", "uses": ["import"], "bucket_policy": "statements"}
    recorded = run(lambda: PersonalizePermissions("recs", {"buckets": [bucket]}).policy_arn, mocks)
    assert_admits(recorded, "data", "import")
    with pytest.raises(AssertionError, match=r"the policy of data, Statement\[0\]"):
        assert_may_not(recorded, user("eve", outside=True), "s3:GetObject", on="arn:aws:s3:::data/x")
    written = run(lambda: aws.s3.BucketPolicy("data", bucket="data", policy=policy(ROOT)).id, mocks)
    assert_does_not_admit(written, "data", "import")


def test_a_bucket_confined_to_its_source_admits_nobody_elses_jobs() -> None:
    recorded = stack(confine_to_source=True)
    assert_admits(recorded, "data", "import", key="in/x")
    assert_does_not_admit(recorded, "data", "import", key="in/x", account=OTHER)
    assert_admits(stack(), "data", "import", key="in/x", account=OTHER)


def test_a_key_admits_the_service_and_the_role() -> None:
    key: Any = {"key_arn": KEY, "existing_policy": policy(ROOT)}
    recorded = stack(keys=[key])
    assert_admits_to_key(recorded, KEY)
    assert recorded.may(role("recs-service-role"), "kms:Decrypt", KEY)
    assert not recorded.may(role("recs-service-role"), "kms:PutKeyPolicy", KEY)
    with pytest.raises(AssertionError, match="kms:GenerateDataKeyWithoutPlaintext"):
        assert_admits_to_key(recorded, KEY, dataset_export=True)


def test_statements_that_are_handed_out_are_judged_as_a_policy() -> None:
    key: Any = {"key_arn": KEY, "key_policy": "statements", "dataset_export": True}
    recorded = stack(keys=[key])
    handed_out = recorded.result["keys"][KEY]
    assert not recorded.admits_to_key(KEY)
    assert_admits_to_key(recorded, KEY, dataset_export=True, policy=handed_out)


def test_a_key_of_the_program_is_found_by_its_logical_name() -> None:
    opened = policy(ROOT, {**ROOT, "Principal": {"Service": "personalize.amazonaws.com"}})
    recorded = run(lambda: aws.kms.Key("datasets", policy=opened).arn)
    assert_admits_to_key(recorded, "datasets")
    assert_admits_to_key(recorded, recorded.result)


def test_a_keys_own_policy_is_no_grant_where_another_resource_writes_it() -> None:
    def program() -> None:
        key = aws.kms.Key("datasets", policy=policy({**ROOT, "Principal": "*"}))
        aws.kms.KeyPolicy("datasets", key_id=key.arn, policy=policy(ROOT))

    [grant] = run(program).grants()
    assert re.fullmatch(
        rf"arn:aws:iam::{ACCOUNT}:root may kms:\* on key [0-9a-f-]+ \(by KeyPolicy datasets\)", str(grant)
    )


def test_grants_read_as_sentences() -> None:
    lines = [str(each) for each in stack(users=["alice"]).grants()]
    assert "user alice may personalize:* on * (by Policy recs-access-policy)" in lines
    assert (
        "personalize.amazonaws.com may s3:GetObject on arn:aws:s3:::data/in/* (by BucketPolicy recs-data-bucket)"
        in lines
    )
    assert any("may sts:AssumeRole on role recs-service-role" in line and ACCOUNT in line for line in lines)


def test_trust_policies_are_guarded_wherever_they_stand() -> None:
    service = {"Service": "personalize.amazonaws.com"}
    document = json.loads(policy({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}))
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template = json.dumps({"Resources": {"Hidden": role}})
    with pytest.raises(AssertionError, match=r"templateBody\.Resources\.Hidden\.Properties\.AssumeRolePolicyDocument"):
        assert_guarded(run(lambda: aws.cloudformation.Stack("roles", template_body=template).id))
    state = json.dumps({"AssumeRolePolicyDocument": document})
    with pytest.raises(AssertionError, match=r"desiredState\.AssumeRolePolicyDocument"):
        assert_guarded(run(lambda: aws.cloudcontrol.Resource("r", type_name="AWS::IAM::Role", desired_state=state).id))


ADMITTING = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "s3:*"}


@pytest.mark.parametrize(
    ("use", "condition", "admitted"),
    [
        ("import", {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ("import", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
        ("import", {"DateLessThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}}, True),
        ("import", {"DateGreaterThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}}, False),
        ("import", {"StringNotEquals": {"s3:ResourceAccount": ACCOUNT}}, True),
        ("import", {"ArnLike": {"aws:SourceArn": "arn:aws:personalize:*:*:dataset-export-job/*"}}, True),
        ("export", {"ArnLike": {"aws:SourceArn": "arn:aws:personalize:*:*:dataset-export-job/*"}}, False),
    ],
)
def test_what_every_request_of_a_use_carries_is_known(use: str, condition: dict[str, Any], admitted: bool) -> None:
    resources = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources, "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [{**ADMITTING, "Resource": resources}, denial]}
    assert bool(stack().admits("data", use, policy=json.dumps(document))) is admitted


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"DateLessThan": {"aws:CurrentTime": "2093-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}}, False),
        ({"StringEquals": {"aws:PrincipalTag/team": "recs"}}, True),
        ({"StringEquals": {"aws:ResourceAccount": ACCOUNT, "kms:CallerAccount": ACCOUNT}}, True),
        ({"Bool": {"aws:ViaAWSService": "true"}}, False),
    ],
)
def test_what_every_request_of_a_role_carries_is_known(condition: dict[str, Any], allowed: bool) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    def program() -> None:
        made = aws.iam.Role("worker", assume_role_policy=json.dumps(TRUST), tags={"team": "recs"})
        allow = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}
        aws.iam.RolePolicy("uses", role=made.name, policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))

    assert bool(run(program).may(role("worker"), "kms:Decrypt", key)) is allowed


TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
