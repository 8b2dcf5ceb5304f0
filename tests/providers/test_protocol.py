"""What the engine relies on: previews, unknown and secret values, names, and difference by meaning."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from google.protobuf import empty_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from sandbox.bridge.wire import UNKNOWN, decode, encode, has_unknown
from tests.providers.driver import (
    BUCKET,
    POLICY,
    ROLE,
    ROLE_ATTACHMENT,
    TRUST,
    Engine,
    RefusedError,
    Start,
    urn,
)
from tests.support.documents import Aws

JSON = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON), st.data())
def test_values_pass_the_wire_unharmed(props: dict[str, object], data: st.DataObject) -> None:
    secrets = data.draw(st.sets(st.sampled_from(sorted(props)))) if props else set()
    decoded, marked = decode(encode(props, secrets))
    assert decoded == props
    assert marked == secrets


def test_unknown_values_pass_the_wire_as_unknown() -> None:
    decoded, _ = decode(encode({"a": UNKNOWN, "b": [{"c": UNKNOWN}], "d": 1}))
    assert decoded["a"] is UNKNOWN
    assert has_unknown(decoded["b"])
    assert not has_unknown(decoded["d"])


def test_plugin_info_is_the_installed_version(engine: Engine) -> None:
    import importlib.metadata

    info = engine.stub.GetPluginInfo(empty_pb2.Empty())
    assert info.version == importlib.metadata.version("pulumi-aws")


def test_handshake_attach_and_cancel_answer(engine: Engine) -> None:
    shake = engine.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert shake.accept_secrets
    assert shake.supports_autonaming_configuration
    assert engine.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == empty_pb2.Empty()
    assert engine.stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()


def test_a_type_that_nobody_has_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(RefusedError, match="has no type for aws:sqs/cue:Cue"):
        engine.check("aws:sqs/cue:Cue", "q", {})


class TestPreview:
    def test_of_a_creation_knows_the_inputs_and_not_what_aws_will_say(self, engine: Engine) -> None:
        outputs = engine.preview(ROLE, "r", assumeRolePolicy=TRUST, tags={"a": "b"})
        assert json.loads(outputs["assumeRolePolicy"]) == json.loads(TRUST)
        assert outputs["tagsAll"] == {"a": "b"}
        assert outputs["maxSessionDuration"] == 3600
        assert outputs["arn"] is UNKNOWN
        assert outputs["uniqueId"] is UNKNOWN
        assert "description" not in outputs

    def test_touches_nothing(self, engine: Engine, aws: Aws) -> None:
        engine.preview(ROLE, "r", assumeRolePolicy=TRUST)
        engine.preview(BUCKET, "b")
        assert aws("iam").list_roles()["Roles"] == []
        assert aws("s3").list_buckets()["Buckets"] == []

    def test_passes_unknown_inputs_through(self, engine: Engine) -> None:
        outputs = engine.preview(ROLE_ATTACHMENT, "a", role=UNKNOWN, policyArn=UNKNOWN)
        assert (outputs["role"], outputs["policyArn"]) == (UNKNOWN, UNKNOWN)
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
        arn = "arn:aws:iam::aws:policy/CloudWatchFullAccess"
        made = engine.create(ROLE_ATTACHMENT, "a", role=role.identity, policyArn=arn)
        assert list(engine.diff(made, role=UNKNOWN, policyArn=arn).replaces) == ["role"]


class TestSecrets:
    def test_stay_secret_in_inputs_and_outputs(self, engine: Engine) -> None:
        checked = engine.check(ROLE, "r", {"assumeRolePolicy": TRUST, "description": "hush"}, secrets=["description"])
        assert decode(checked.inputs)[1] == {"description"}
        made = engine.create(
            ROLE, "r", ["description", "tags"], assumeRolePolicy=TRUST, description="x", tags={"a": "b"}
        )
        assert made.secrets == {"description", "tags", "tagsAll"}

    def test_do_not_reach_a_message(self, engine: Engine) -> None:
        engine.create(ROLE, "r", name="hush", assumeRolePolicy=TRUST)
        props = engine.checked(POLICY, "p", {"policy": '{"Statement": "hush-hush"}'})
        request = provider_pb2.CreateRequest(urn=urn(POLICY, "p"), properties=encode(props, ["policy"]))
        import grpc

        with pytest.raises(grpc.RpcError) as refused:
            engine.stub.Create(request)
        assert "hush" not in str(refused.value)


class TestNames:
    def test_are_made_of_the_seed_alone(self, engine: Engine) -> None:
        first, second = (engine.checked(ROLE, "r", {"assumeRolePolicy": TRUST})["name"] for _ in range(2))
        assert first == second
        assert re.fullmatch(r"r-[0-9a-f]{7}", first)
        assert engine.checked(ROLE, "s", {"assumeRolePolicy": TRUST})["name"][-7:] != first[-7:]

    def test_are_lower_case_for_buckets(self, engine: Engine) -> None:
        assert re.fullmatch(r"mydata-[0-9a-f]{7}", engine.checked(BUCKET, "myData", {})["bucket"])

    def test_that_were_made_once_are_kept(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", assumeRolePolicy=TRUST)
        assert made.inputs["__defaults"] == ["forceDetachPolicies", "maxSessionDuration", "name", "path"]
        again = engine.checked(ROLE, "r", {"assumeRolePolicy": TRUST}, made.inputs | {"name": "from-an-older-seed"})
        assert again["name"] == "from-an-older-seed"

    def test_that_the_program_took_back_are_made_anew(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", name="chosen", assumeRolePolicy=TRUST)
        difference = engine.diff(made, assumeRolePolicy=TRUST)
        assert list(difference.replaces) == ["name"]
        assert not difference.deleteBeforeReplace

    def test_begin_with_a_prefix_that_the_program_gives(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", namePrefix="team-", assumeRolePolicy=TRUST)
        assert re.fullmatch(r"team-[0-9a-f]{26}", made.outputs["name"])
        assert engine.changes(made, namePrefix="team-", assumeRolePolicy=TRUST) == set()

    @pytest.mark.parametrize(
        ("mode", "name", "reason"),
        [
            (provider_pb2.CheckRequest.AutonamingOptions.ENFORCE, "proposed", None),
            (provider_pb2.CheckRequest.AutonamingOptions.PROPOSE, "proposed", None),
            (provider_pb2.CheckRequest.AutonamingOptions.DISABLE, "", "automatic naming is disabled"),
        ],
    )
    def test_follow_the_stacks_naming_rules(self, engine: Engine, mode: int, name: str, reason: str | None) -> None:
        request = provider_pb2.CheckRequest(urn=urn(ROLE, "r"), news=encode({"assumeRolePolicy": TRUST}))
        request.autonaming.mode = mode  # type: ignore[assignment] # the stubs give the enum a type of its own
        request.autonaming.proposed_name = name
        response = engine.stub.Check(request)
        if reason:
            assert reason in response.failures[0].reason
        else:
            assert decode(response.inputs)[0]["name"] == name


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
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST, tags={"a": "1"})
        aws("iam").tag_role(RoleName="r", Tags=[{"Key": "b", "Value": "foreign"}])
        aws("iam").update_role(RoleName="r", Description="foreign", MaxSessionDuration=7200)
        refreshed = engine.read(made)
        assert refreshed is not None
        inputs: Any = {"name": "r", "assumeRolePolicy": TRUST, "tags": {"a": "1"}}
        assert engine.changes(refreshed, **inputs) == {"description", "maxSessionDuration", "tags"}
        engine.update(refreshed, **inputs)
        role = aws("iam").get_role(RoleName="r")["Role"]
        assert role["Tags"] == [{"Key": "a", "Value": "1"}]
        assert role["MaxSessionDuration"] == 3600

    def test_lets_others_attach_policies(self, engine: Engine, aws: Aws) -> None:
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST)
        arn = "arn:aws:iam::aws:policy/CloudWatchFullAccess"
        aws("iam").attach_role_policy(RoleName="r", PolicyArn=arn)
        refreshed = engine.read(made)
        assert refreshed is not None
        assert refreshed.outputs["managedPolicyArns"] == [arn]
        assert engine.changes(refreshed, name="r", assumeRolePolicy=TRUST) == set()

    def test_finds_a_trust_policy_that_others_rewrote(self, engine: Engine, aws: Aws) -> None:
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST)
        foreign = json.loads(TRUST)
        foreign["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
        aws("iam").update_assume_role_policy(RoleName="r", PolicyDocument=json.dumps(foreign))
        refreshed = engine.read(made)
        assert refreshed is not None
        assert json.loads(refreshed.inputs["assumeRolePolicy"]) == foreign
        assert engine.changes(refreshed, name="r", assumeRolePolicy=TRUST) == {"assumeRolePolicy"}

    def test_versions_of_a_policy_stay_five(self, engine: Engine, aws: Aws) -> None:
        made = engine.create(POLICY, "p", policy=document_of(0))
        for number in range(1, 8):
            made = engine.update(made, policy=document_of(number))
        versions = aws("iam").list_policy_versions(PolicyArn=made.identity)["Versions"]
        assert len(versions) == 5
        assert json.loads(made.outputs["policy"]) == json.loads(document_of(7))
        engine.delete(made)
        assert engine.read(made) is None


def document_of(number: int) -> str:
    statement = {"Sid": f"s{number}", "Effect": "Allow", "Action": "personalize:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class TestPolicyObjects:
    def test_become_their_json_text(self, engine: Engine) -> None:
        made = engine.create(ROLE, "r", assumeRolePolicy=json.loads(TRUST))
        assert json.loads(made.outputs["assumeRolePolicy"]) == json.loads(TRUST)
        assert engine.changes(made, assumeRolePolicy=json.loads(TRUST)) == set()


def test_default_tags_are_on_everything_and_in_no_input(start: Start, aws: Aws) -> None:
    engine = start(region="us-east-1", defaultTags=json.dumps({"tags": {"team": "x", "a": "default"}}))
    made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TRUST, tags={"a": "own"})
    assert made.outputs["tags"] == {"a": "own"}
    assert made.outputs["tagsAll"] == {"team": "x", "a": "own"}
    tags = {tag["Key"]: tag["Value"] for tag in aws("iam").get_role(RoleName="r")["Role"]["Tags"]}
    assert tags == {"team": "x", "a": "own"}
    assert engine.changes(made, name="r", assumeRolePolicy=TRUST, tags={"a": "own"}) == set()
    plain = start(region="us-east-1")
    assert plain.changes(made, name="r", assumeRolePolicy=TRUST, tags={"a": "own"}) == {"tagsAll"}
    updated = plain.update(made, name="r", assumeRolePolicy=TRUST, tags={"a": "own"})
    assert updated.outputs["tagsAll"] == {"a": "own"}
