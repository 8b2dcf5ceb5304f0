"""The pack answers the engine alike with less work and without, whatever the values are, and where the SDK is another."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto, rpc
from pulumi_policy import EnforcementLevel
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from personalize_guardrails.policies import pack_policies, read_types
from personalize_guardrails.policies.sdk import _KNOWN, sdk, speed_up

SERVICE = "personalize.amazonaws.com"
ACCOUNT = "123456789012"
RULE = "trust-policy-source-conditions"
REPLACED = ("_PolicyAnalyzerServicer", "json_format", "deserialize_properties")


@pytest.fixture(autouse=True)
def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `speed_up` replaces in the SDK is put back after each test."""
    for name in REPLACED:
        monkeypatch.setattr(sdk, name, getattr(sdk, name))


def trust(**condition: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def secret(value: Any) -> dict[str, Any]:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


GUARD = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
}
WIDE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
RESOURCES: list[tuple[str, dict[str, Any]]] = [
    ("aws:iam/role:Role", {"name": "open", "arn": "arn:aws:iam::1:role/open", "assumeRolePolicy": json.dumps(trust())}),
    ("aws:iam/role:Role", {"name": "fine", "arn": "arn:aws:iam::1:role/fine", "assumeRolePolicy": json.dumps(trust(**GUARD))}),
    ("aws:iam/role:Role", {"name": "late", "assumeRolePolicy": UNKNOWN_STRING_VALUE}),
    ("aws:iam/role:Role", {"name": "veiled", "description": secret("x"), "assumeRolePolicy": secret(json.dumps(trust()))}),
    ("aws-native:iam:Role", {"assumeRolePolicyDocument": trust(StringEquals={"aws:SourceAccount": UNKNOWN_STRING_VALUE})}),
    ("aws-native:iam:Role", {"assumeRolePolicyDocument": trust(StringEquals={"aws:SourceAccount": secret(ACCOUNT)})}),
    ("aws:iam/rolePolicy:RolePolicy", {"role": "open", "policy": WIDE}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"policy": secret(WIDE)}),
    ("aws:kms/key:Key", {}),
    ("aws:iam/user:User", {"name": "alice", "tags": {"team": UNKNOWN_STRING_VALUE}}),
]  # fmt: skip


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def server(**rule: Any) -> Any:
    servicer = sdk._PolicyAnalyzerServicer("pack", "0.0.1", pack_policies(), EnforcementLevel.ADVISORY)
    level = proto.REMEDIATE if rule.pop("remediate", False) else proto.MANDATORY
    config = {RULE: proto.PolicyConfig(enforcementLevel=level, properties=struct(rule))}
    # As the engine, which gives every policy its level.
    for policy in pack_policies():
        config.setdefault(policy.name, proto.PolicyConfig(enforcementLevel=proto.ADVISORY))
    servicer.Configure(proto.ConfigureAnalyzerRequest(policyConfig=config), None)
    return servicer


def requests() -> list[Any]:
    return [
        proto.AnalyzeRequest(
            type=kind, properties=struct(properties), urn=f"urn:pulumi:s::p::{kind}::r{index}", name=f"r{index}"
        )
        for index, (kind, properties) in enumerate(RESOURCES)
    ]


def answers(servicer: Any) -> list[Any]:
    """All that the pack says of the resources: of each, of the stack, and what it makes of each."""
    stack = [
        proto.AnalyzerResource(type=each.type, properties=each.properties, urn=each.urn, name=each.name)
        for each in requests()
    ]
    return [
        *(servicer.Analyze(each, None) for each in requests()),
        servicer.AnalyzeStack(proto.AnalyzeStackRequest(resources=stack), None),
        *(servicer.Remediate(each, None) for each in requests()),
    ]


def count(answered: list[Any]) -> int:
    return sum(len(getattr(each, "diagnostics", ())) + len(getattr(each, "remediations", ())) for each in answered)


@pytest.mark.parametrize("remediate", [False, True])
def test_answers_are_the_same_with_less_work(remediate: bool) -> None:
    plain = answers(server(accounts=[ACCOUNT], remediate=remediate))
    assert count(plain) > 8
    assert speed_up(read_types())
    swift = answers(server(accounts=[ACCOUNT], remediate=remediate))
    # Where nothing is read, the SDK only adds that policies without a remediation have none.
    for one, other in zip(plain, swift, strict=True):
        for each in (one, other):
            del each.not_applicable[:]
        assert one == other


def test_a_resource_is_deserialized_once_and_one_that_nothing_reads_never(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    deserialize: Callable[..., Any] = sdk.deserialize_properties

    def counted(props: Any, proxy_secrets: bool = False) -> Any:
        calls.append(props)
        return deserialize(props, proxy_secrets)

    monkeypatch.setattr(sdk, "deserialize_properties", counted)
    assert speed_up(read_types())
    servicer = server()
    role, user = requests()[0], requests()[-1]
    servicer.Analyze(user, None)
    assert calls == []
    servicer.Analyze(role, None)
    assert len(calls) == 1
    servicer.Analyze(role, None)
    assert len(calls) == 2  # nothing is remembered beyond a request


def test_the_policies_of_the_trust_rule_share_its_configuration() -> None:
    assert speed_up(read_types())
    exemption = {"name": "r0", "reason": "moves", "expires": "2999-12-31"}
    servicer = server(exemptions=[exemption])
    assert servicer._get_policy_config("trust-policy-exemptions") == {"exemptions": [exemption]}
    assert servicer._get_policy_config("bucket-policy-service-grants") is None


def _missing(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    *way, last = path.split(".")
    owner = sdk
    for name in way:
        owner = getattr(owner, name)
    monkeypatch.delattr(owner, last)


@pytest.mark.parametrize("path", _KNOWN)
def test_an_sdk_that_lacks_a_name_is_left_as_it_is(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as lacking:
        _missing(lacking, path)
        before = {name: getattr(sdk, name, None) for name in REPLACED}
        assert not speed_up(read_types())
        assert {name: getattr(sdk, name, None) for name in REPLACED} == before


def test_an_sdk_whose_functions_take_other_things_runs_the_pack_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = answers(server(accounts=[ACCOUNT]))
    deserialize: Callable[..., Any] = sdk.deserialize_properties

    def another(body: Any, /, keep_secrets: bool = False) -> Any:
        return deserialize(body, keep_secrets)

    monkeypatch.setattr(sdk, "deserialize_properties", another)
    assert not speed_up(read_types())
    assert answers(server(accounts=[ACCOUNT])) == expected
