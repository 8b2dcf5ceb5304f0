"""What the engine relies on: previews, unknown and secret values, partial creations, imports, lookups, refusals."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from sandbox.bridge.wire import UNKNOWN, decode, encode
from tests.faults.injection import Fault, FaultyCloud, Rule
from tests.providers.driver import (
    BUCKET,
    BUCKET_POLICY,
    ROLE,
    ROLE_ATTACHMENT,
    TRUST,
    Engine,
    RefusedError,
    Start,
    urn,
)
from tests.support.documents import Aws, furnish

FULL_ACCESS = "arn:aws:iam::aws:policy/CloudWatchFullAccess"


class TestPreview:
    def test_knows_the_inputs_and_not_what_aws_will_say(self, engine: Engine, aws: Aws) -> None:
        outputs = engine.preview(ROLE, "r", assumeRolePolicy=TRUST, tags={"a": "b"})
        assert json.loads(outputs["assumeRolePolicy"]) == json.loads(TRUST)
        assert outputs["maxSessionDuration"] == 3600
        assert outputs["arn"] is UNKNOWN
        assert "description" not in outputs
        assert aws("iam").list_roles()["Roles"] == []

    def test_passes_unknown_inputs_through(self, engine: Engine) -> None:
        outputs = engine.preview(ROLE_ATTACHMENT, "a", role=UNKNOWN, policyArn=UNKNOWN)
        assert outputs["role"] is outputs["policyArn"] is UNKNOWN
        outputs = engine.preview(ROLE, "r", assumeRolePolicy=UNKNOWN, tags={"a": UNKNOWN}, managedPolicyArns=[UNKNOWN])
        assert outputs["tags"] is outputs["managedPolicyArns"] is UNKNOWN

    def test_of_an_update_with_an_unknown_value(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", assumeRolePolicy=TRUST)
        assert engine.changes(made, assumeRolePolicy=UNKNOWN) == {"assumeRolePolicy"}
        previewed = engine.update(made, preview=True, assumeRolePolicy=UNKNOWN)
        assert previewed.outputs["assumeRolePolicy"] is UNKNOWN
        assert previewed.outputs["arn"] == made.outputs["arn"]

    def test_of_an_attachment_to_something_unknown_is_a_replacement(self, engine: Engine) -> None:
        role = engine.create(ROLE, "r", assumeRolePolicy=TRUST)
        made = engine.create(ROLE_ATTACHMENT, "a", role=role.identity, policyArn=FULL_ACCESS)
        difference = engine.diff(made, role=UNKNOWN, policyArn=FULL_ACCESS)
        assert list(difference.replaces) == ["role"]
        assert difference.deleteBeforeReplace


class TestChecks:
    @pytest.mark.parametrize(
        ("inputs", "reason"),
        [
            (
                {"assumeRolePolicy": TRUST, "desription": "x"},
                "unknown property 'desription', did you mean 'description'",
            ),
            ({}, 'The argument "assume_role_policy" is required'),
            ({"assumeRolePolicy": "not JSON"}, "contains an invalid JSON policy"),
            ({"assumeRolePolicy": '{"Version": "2012-10-17", "Version": "2012-10-17"}'}, "duplicate JSON key"),
            ({"assumeRolePolicy": TRUST, "tags": "a"}, "expected a map for 'tags', got a string"),
            ({"assumeRolePolicy": TRUST, "maxSessionDuration": "long"}, "expected a number for 'maxSessionDuration'"),
            ({"assumeRolePolicy": [TRUST]}, "expected a string for 'assumeRolePolicy', got a list"),
        ],
    )
    def test_refuse_in_the_preview(self, inputs: Any, reason: str, engine: Engine) -> None:
        with pytest.raises(RefusedError) as refused:
            engine.checked(ROLE, "r", inputs)
        assert reason in str(refused.value)

    def test_fill_in_names_and_defaults(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", assumeRolePolicy=TRUST)
        assert re.fullmatch(r"r-[0-9a-f]{7}", made.identity)
        assert made.inputs["__defaults"] == ["forceDetachPolicies", "maxSessionDuration", "name", "path"]
        again = engine.checked(ROLE, "r", {"assumeRolePolicy": TRUST}, made.inputs | {"name": "from-an-older-seed"})
        assert again["name"] == "from-an-older-seed"
        assert re.fullmatch(r"mydata-[0-9a-f]{7}", engine.checked(BUCKET, "myData", {})["bucket"])
        prefixed = engine.create(ROLE, "r", namePrefix="team-", assumeRolePolicy=TRUST)
        assert re.fullmatch(r"team-[0-9a-f]{26}", prefixed.outputs["name"])
        assert engine.changes(prefixed, namePrefix="team-", assumeRolePolicy=TRUST) == set()

    @pytest.mark.parametrize(("mode", "name"), [("ENFORCE", "proposed"), ("PROPOSE", "proposed"), ("DISABLE", None)])
    def test_follow_the_stack_s_naming_rules(self, mode: str, name: str | None, engine: Engine) -> None:
        request = provider_pb2.CheckRequest(urn=urn(ROLE, "r"), news=encode({"assumeRolePolicy": TRUST}))
        request.autonaming.mode = provider_pb2.CheckRequest.AutonamingOptions.Mode.Value(mode)
        request.autonaming.proposed_name = name or ""
        response = engine.stub.Check(request)
        if name:
            assert decode(response.inputs)[0]["name"] == name
        else:
            assert "automatic naming is disabled" in response.failures[0].reason

    def test_documents_may_be_objects(self, engine: Engine) -> None:
        assert engine.create(ROLE, "r", assumeRolePolicy=json.loads(TRUST)).identity

    def test_types_that_aws_does_not_have_are_refused(self, engine: Engine) -> None:
        with pytest.raises(RefusedError, match="terraform-provider-aws has no type for aws:iam/rule:Rule"):
            engine.check("aws:iam/rule:Rule", "r", {})


class TestSecrets:
    def test_stay_secret(self, engine: Engine) -> None:
        made = engine.create(
            ROLE, "r", ["description", "tags"], assumeRolePolicy=TRUST, description="x", tags={"a": "b"}
        )
        assert made.secrets == {"description", "tags", "tagsAll"}

    def test_do_not_reach_a_message(self, engine: Engine) -> None:
        engine.create(ROLE, "r", name="hush-hush", assumeRolePolicy=TRUST)
        with pytest.raises(RefusedError, match="EntityAlreadyExists") as refused:
            engine.create(ROLE, "s", ["name"], name="hush-hush", assumeRolePolicy=TRUST)
        assert "creating IAM Role ([secret])" in str(refused.value)
        assert "hush" not in str(refused.value)


class TestDifference:
    def test_names_each_tag(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", assumeRolePolicy=TRUST, tags={"a": "1", "b": "2"})
        detail = engine.diff(made, assumeRolePolicy=TRUST, tags={"a": "9", "c": "3"}).detailedDiff
        kinds = provider_pb2.PropertyDiff.Kind
        assert {path: kinds.Name(item.kind) for path, item in detail.items()} == {
            'tags["a"]': "UPDATE",
            'tags["b"]': "DELETE",
            'tags["c"]': "ADD",
        }

    def test_sees_what_others_changed_after_a_refresh(self, engine: Engine, aws: Aws) -> None:
        inputs: Any = {"name": "r", "assumeRolePolicy": TRUST, "tags": {"a": "1"}}
        made = engine.create(ROLE, "r", **inputs)
        aws("iam").tag_role(RoleName="r", Tags=[{"Key": "b", "Value": "foreign"}])
        aws("iam").update_role(RoleName="r", Description="foreign", MaxSessionDuration=7200)
        refreshed = engine.read(made)
        assert refreshed is not None
        assert engine.changes(refreshed, **inputs) == {"description", "maxSessionDuration", "tags"}
        engine.update(refreshed, **inputs)
        role = aws("iam").get_role(RoleName="r")["Role"]
        assert role["Tags"] == [{"Key": "a", "Value": "1"}]
        assert role["MaxSessionDuration"] == 3600

    def test_default_tags_are_on_everything_and_in_no_input(self, start: Start, aws: Aws, account: Any) -> None:
        account.reset()
        inputs: Any = {"name": "r", "assumeRolePolicy": TRUST, "tags": {"a": "own"}}
        engine = start(region="us-east-1", defaultTags=json.dumps({"tags": {"team": "x", "a": "default"}}))
        made = engine.create(ROLE, "r", **inputs)
        assert made.outputs["tagsAll"] == {"team": "x", "a": "own"}
        assert engine.changes(made, **inputs) == set()
        plain = start(region="us-east-1")
        assert plain.changes(made, **inputs) == {"tagsAll"}
        assert plain.update(made, **inputs).outputs["tagsAll"] == {"a": "own"}


class TestFailures:
    def test_of_a_creation_keep_what_was_made(self, start: Start, account: Any, monkeypatch: Any) -> None:
        account.reset()
        with FaultyCloud.before(account) as faulty:
            monkeypatch.setenv("AWS_ENDPOINT_URL", faulty.cloud.endpoint)
            engine = start(region="us-east-1")
            faulty.plan = Rule(meets=Fault.REFUSED, calls="s3:PutBucketVersioning", times=9)
            with pytest.raises(RefusedError, match="AccessDenied") as refused:
                engine.create(BUCKET, "b", bucket="data", versioning={"enabled": True})
        assert refused.value.partial is not None
        assert refused.value.partial["id"] == "data"
        assert not refused.value.partial.get("versioning", {}).get("enabled"), "what is there, not what was planned"

    def test_of_an_update_keep_what_is_there(self, start: Start, account: Any, monkeypatch: Any) -> None:
        account.reset()
        with FaultyCloud.before(account) as faulty:
            monkeypatch.setenv("AWS_ENDPOINT_URL", faulty.cloud.endpoint)
            engine = start(region="us-east-1")
            inputs: Any = {"name": "r", "assumeRolePolicy": TRUST}
            made = engine.create(ROLE, "r", **inputs, description="first")
            faulty.plan = Rule(meets=Fault.REFUSED, calls="iam:UpdateRole*", times=9)
            with pytest.raises(RefusedError, match="AccessDenied") as refused:
                engine.update(made, **inputs, description="second")
        assert refused.value.partial is not None
        assert refused.value.partial["description"] == "first"

    def test_of_names_that_are_taken_make_nothing(self, engine: Engine) -> None:
        engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST)
        with pytest.raises(RefusedError, match="EntityAlreadyExists") as refused:
            engine.create(ROLE, "s", name="r", assumeRolePolicy=TRUST)
        assert refused.value.partial is None


class TestLookups:
    @pytest.mark.parametrize(
        ("token", "arguments", "expected"),
        [
            ("aws:iam/getGroup:getGroup", {"groupName": "team"}, {"arn": "arn:aws:iam::123456789012:group/team"}),
            ("aws:iam/getPolicy:getPolicy", {"name": "Shared"}, {"arn": "arn:aws:iam::123456789012:policy/Shared"}),
            ("aws:iam/getRole:getRole", {"name": "existing"}, {"maxSessionDuration": 3600}),
            ("aws:iam/getUser:getUser", {"userName": "ana"}, {"arn": "arn:aws:iam::123456789012:user/ana"}),
            ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "123456789012"}),
            ("aws:index/getPartition:getPartition", {}, {"partition": "aws", "dnsSuffix": "amazonaws.com"}),
            ("aws:index/getRegion:getRegion", {}, {"region": "us-east-1"}),
            ("aws:s3/getBucket:getBucket", {"bucket": "data-bucket"}, {"arn": "arn:aws:s3:::data-bucket"}),
        ],
    )
    def test_answer_what_is_there(self, token: str, arguments: Any, expected: Any, engine: Engine, aws: Aws) -> None:
        furnish(aws, keys=False)
        answer = engine.invoke(token, **arguments)
        assert {name: answer[name] for name in expected} == expected

    def test_answer_a_policy_document(self, engine: Engine) -> None:
        statement = {
            "actions": ["s3:GetObject"],
            "resources": ["*"],
            "principals": [{"type": "Service", "identifiers": ["personalize.amazonaws.com"]}],
            "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["123456789012"]}],
        }
        answer = engine.invoke("aws:iam/getPolicyDocument:getPolicyDocument", statements=[statement])
        assert (
            json.loads(answer["json"])["Statement"]
            == {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "*",
                "Principal": {"Service": "personalize.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
            or json.loads(answer["json"])["Statement"][0]["Condition"]
        )

    @pytest.mark.parametrize(
        ("token", "arguments", "text"),
        [
            ("aws:iam/getRole:getRole", {"name": "none"}, "reading IAM Role (none): couldn't find resource"),
            ("aws:s3/getBucketPolicy:getBucketPolicy", {"bucket": "none"}, "S3 Bucket (none) Policy: couldn't find"),
            (
                "aws:iam/getNothing:getNothing",
                {},
                "terraform-provider-aws has no type for aws:iam/getNothing:getNothing",
            ),
            ("aws:iam/getRole:getRole", {"roleName": "x"}, "unknown property 'roleName', did you mean"),
            ("aws:iam/getRole:getRole", {}, 'The argument "name" is required'),
            (
                "aws:s3/getBucket:getBucket",
                {"bucket": "b", "region": "eu-west-1"},
                "this provider works in us-east-1 only",
            ),
        ],
    )
    def test_that_fail_say_why(self, token: str, arguments: Any, text: str, engine: Engine) -> None:
        with pytest.raises(RefusedError) as refused:
            engine.invoke(token, **arguments)
        assert text in str(refused.value)


class TestImports:
    def test_of_what_is_not_there_find_nothing(self, engine: Engine) -> None:
        assert engine.adopt(ROLE, "none") is None
        assert engine.adopt(BUCKET_POLICY, "none") is None

    def test_of_a_role_match_the_program_that_made_it(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST, tags={"a": "1"})
        adopted = engine.adopt(ROLE, made.identity)
        assert adopted is not None
        assert engine.changes(adopted, name="r", assumeRolePolicy=TRUST, tags={"a": "1"}) == set()


class TestProviderInputs:
    @pytest.mark.parametrize(
        ("inputs", "reason"),
        [
            ({"regoin": "us-east-1"}, "unknown property 'regoin'"),
            ({"endpoints": '[{"iam": "https://iam.amazonaws.com"}]'}, "https://iam.amazonaws.com is not loopback"),
            ({"defaultTags": "{"}, "a structured provider input is not JSON"),
            ({"allowedAccountIds": '["111122223333"]'}, "AWS account ID not allowed: 123456789012"),
        ],
    )
    def test_that_are_wrong_are_refused(self, inputs: Any, reason: str, start: Start) -> None:
        with pytest.raises(RefusedError) as refused:
            start(**{"region": "us-east-1", **inputs})
        assert reason in str(refused.value)

    def test_lead_to_another_account_and_region(self, start: Start) -> None:
        roles = json.dumps([{"roleArn": "arn:aws:iam::999988887777:role/x"}])
        other = start(region="cn-north-1", assumeRoles=roles)
        assert other.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "999988887777"
        assert other.invoke("aws:index/getPartition:getPartition")["partition"] == "aws-cn"

    def test_cancel_answers(self, start: Start) -> None:
        assert start(region="us-east-1").stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
