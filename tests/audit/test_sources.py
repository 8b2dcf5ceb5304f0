"""What an audit makes of exports: read as streams, drift above intent, secrets checked and not shown."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_guardrails.audit import Result, check_text
from personalize_guardrails.audit.streaming import BadJsonError, JsonStream
from personalize_guardrails.configuration import PackConfig

ACCOUNT, UNTRUSTED = "123456789012", "210987654321"
ROLE = "aws:iam/role:Role"
SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def trust(account: str | None = None) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if account:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{account}:*"},
        }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def export(**members: Any) -> str:
    resource = {"urn": f"urn:pulumi:p::s::{ROLE}::role", "type": ROLE, **members}
    return json.dumps({"version": 3, "deployment": {"manifest": {"time": "x"}, "resources": [resource]}})


def audit(text: str, config: PackConfig | None = None) -> list[Result]:
    return list(check_text("file", io.StringIO(text).read, config))


def test_what_stands_in_the_cloud_counts_more_than_what_was_written() -> None:
    [drifted] = audit(export(inputs={"assumeRolePolicy": trust(ACCOUNT)}, outputs={"assumeRolePolicy": trust()}))
    assert drifted.violates
    [mended] = audit(export(inputs={"assumeRolePolicy": trust()}, outputs={"assumeRolePolicy": trust(ACCOUNT)}))
    assert not mended.findings


def test_a_role_that_pins_another_account_than_its_own_is_found() -> None:
    outputs = {"assumeRolePolicy": trust(UNTRUSTED), "arn": f"arn:aws:iam::{ACCOUNT}:role/role"}
    [result] = audit(export(outputs=outputs))
    assert result.violates
    [trusted] = audit(export(outputs=outputs), PackConfig.read({"accounts": [UNTRUSTED]}))
    assert not trusted.violates


def test_an_encrypted_policy_is_a_fault_and_a_shown_one_is_checked() -> None:
    [hidden] = audit(export(inputs={"assumeRolePolicy": {**SIGNED, "ciphertext": "v1:PlantedSecret"}}))
    assert "--show-secrets" in hidden.fault
    [shown] = audit(export(inputs={"assumeRolePolicy": {**SIGNED, "plaintext": json.dumps(trust())}}))
    assert shown.violates
    assert "PlantedSecret" not in repr((hidden, shown))


@pytest.mark.parametrize("whole", [True, False], ids=["the policy", "an account in it"])
def test_nothing_of_a_shown_secret_is_quoted(whole: bool) -> None:
    shown = {**SIGNED, "plaintext": json.dumps(UNTRUSTED)}
    document = json.loads(trust(UNTRUSTED))
    del document["Statement"][0]["Condition"]["ArnLike"]
    if whole:
        policy = {"assumeRolePolicy": {**SIGNED, "plaintext": json.dumps(json.dumps(document))}}
    else:
        document["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"] = shown
        policy = {"assumeRolePolicy": document}
    [result] = audit(export(inputs=policy))
    [finding] = result.findings
    assert finding.message.startswith("Statement[0] is unguarded (source-arn-absent). It is secret")
    assert UNTRUSTED not in repr(result)


def test_a_secret_beside_the_policy_keeps_nothing_back() -> None:
    description = {**SIGNED, "plaintext": '"ours"'}
    [result] = audit(export(inputs={"assumeRolePolicy": trust(), "description": description}))
    assert result.findings[0].witness


def test_resources_that_wait_for_their_deletion_are_left_out() -> None:
    assert audit(export(delete=True, inputs={"assumeRolePolicy": trust()})) == []


def test_exemptions_of_the_pack_hold_and_are_listed() -> None:
    exempt = {"exemptions": [{"name": "role", "reason": "moves soon", "expires": "2999-12-31"}]}
    [result] = audit(export(inputs={"assumeRolePolicy": trust()}), PackConfig.read(exempt))
    assert not result.violates
    [(finding, exemption)] = result.exempted
    assert (finding.code, exemption.reason) == ("source-arn-absent", "moves soon")


@pytest.mark.parametrize("selector", [{"urn": f"arn:aws:iam::{ACCOUNT}:role/old-*"}, {"name": "old-?"}, {"path": "/"}])
def test_in_an_account_exemptions_go_by_arn_name_and_path(selector: dict[str, str]) -> None:
    role = {
        "RoleName": "old-1",
        "Path": "/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/old-1",
        "AssumeRolePolicyDocument": trust(),
    }
    exempt = {"exemptions": [{**selector, "reason": "moves soon", "expires": "2999-12-31"}]}
    [result] = audit(json.dumps({"RoleDetailList": [role]}), PackConfig.read(exempt))
    assert len(result.exempted) == 1


def test_an_exemption_that_was_over_does_not_stand_before_one_that_holds() -> None:
    exemptions = [
        {"name": "role", "reason": "old", "expires": "2020-12-31"},
        {"name": "role", "reason": "renewed", "expires": "2999-12-31"},
    ]
    [result] = audit(export(inputs={"assumeRolePolicy": trust()}), PackConfig.read({"exemptions": exemptions}))
    assert not result.violates


def test_a_role_without_its_trust_policy_is_a_fault() -> None:
    [result] = audit('{"RoleDetailList": [{"RoleName": "cut-short", "Arn": ""}]}')
    assert (result.name, result.findings) == ("cut-short", ())
    assert result.fault.startswith("its trust policy is missing")


def test_an_account_or_a_stack_without_roles_is_no_fault() -> None:
    assert audit('{"RoleDetailList": []}') == []
    assert audit('{"version": 3, "deployment": {"resources": []}}') == []


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("nothing", "", "it is empty"),
        ("prose", "Dear reader", "the audit does not recognize it"),
        ("a list", "[1]", "the audit does not recognize it"),
        ("something else", '{"a": 1}', "the audit does not recognize it"),
        ("a CDK manifest", '{"version": "36.0.0", "artifacts": {}}', "a CDK manifest; check its folder"),
        ("neither JSON nor YAML", "a: [", "neither JSON nor YAML"),
        ("cut off", export(inputs={})[:-9], "it is not JSON"),
        ("a comma too many", '{"RoleDetailList": [],}', "a comma too many"),
        ("a comma missing", '{"RoleDetailList": [] "a": 1}', "a comma is missing"),
        ("nested deeply", '{"RoleDetailList": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, text: str, why: str) -> None:
    [result] = audit(text)
    assert why in result.fault
    assert not result.findings


@pytest.mark.parametrize(
    "text",
    [
        "deployment: {resources: [&a {type: aws:iam/role:Role, outputs: {assumeRolePolicy: *a}}]}",
        "format_version: '1.0'\nvalues: {root_module: &m {child_modules: [*m]}}",
        "&a [*a]",
        "Roles: [&a {AssumeRolePolicyDocument: *a}]",
        "Statement: &a [*a]",
        "a: &a {Statement: [{Principal: *a}]}",
        "TypeName: AWS::IAM::Role\nProperties: &a {AssumeRolePolicyDocument: *a}",
    ],
)
def test_an_alias_inside_what_it_names_is_a_fault(text: str) -> None:
    [result] = audit(text)
    assert result.fault.endswith("an alias in it is inside what it names")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def in_bits(text: str, size: int) -> Callable[[int], str]:
    source = io.StringIO(text)
    return lambda _: source.read(size)


@given(st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=5), st.integers(1, 7))
def test_a_stream_gives_what_the_whole_text_gives(value: dict[str, Any], size: int) -> None:
    arrays = {key for key, item in value.items() if isinstance(item, list)}
    expected = [(key, each) for key, item in value.items() if key in arrays for each in item]
    rest = {key: [] if key in arrays else item for key, item in value.items()}
    text = json.dumps(value)
    read = list(JsonStream(in_bits(text, size)).elements(arrays, ()))
    assert [(each.path, each.value) for each in read] == [*expected, ("", rest)]
    assert read[-1].origin.text == text


@given(st.lists(JSON_VALUES, max_size=4), st.integers(1, 7), st.sampled_from([None, 1]))
def test_every_element_of_a_stream_knows_its_text_and_position(
    values: list[Any], size: int, indent: int | None
) -> None:
    text = "\n\n " + json.dumps({"a": {"b": values}}, indent=indent)
    lines = text.split("\n")
    for each in list(JsonStream(in_bits(text, size)).elements({"a.b"}, {"a"}))[:-1]:
        line, column = each.origin.position("")
        assert "\n".join([lines[line - 1][column - 1 :], *lines[line:]]).startswith(each.origin.text)
        assert json.loads(each.origin.text) == each.value


@given(st.text(alphabet='{}[]",:01 \\ua.-', max_size=40))
def test_no_text_breaks_the_stream_but_as_bad_json(text: str) -> None:
    try:
        list(JsonStream(in_bits(text, 3)).elements({"a"}, {"b"}))
    except BadJsonError:
        return
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip(" "):
        at += len(text[at:]) - len(text[at:].lstrip(" "))
        _, at = decoder.raw_decode(text, at)


def test_memory_does_not_grow_with_the_export() -> None:
    role = json.dumps(
        {"RoleName": "r", "Path": "/", "Arn": "", "AssumeRolePolicyDocument": trust(ACCOUNT), "x": "y" * 9000}
    )
    peaks = []
    for count in (1000, 4000):
        parts = iter(
            ['{"RoleDetailList": [', *(role + ("," if index + 1 < count else "") for index in range(count)), "]}"]
        )
        tracemalloc.start()
        assert sum(1 for _ in check_text("file", lambda _, parts=parts: next(parts, ""))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
