"""Whatever comes from outside: an answer or the error that is documented, soon, and nothing of it quoted."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import hypothesis.strategies as st
import pulumi
import pytest
from hypothesis import HealthCheck, example, given, settings

from personalize_guardrails import check_trust_policy
from personalize_guardrails.__main__ import main
from personalize_guardrails.audit import Result, check_files, check_text
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.iam import MalformedPolicy, PolicyDocument
from personalize_guardrails.resource_check import check_resource
from personalize_permissions import PersonalizePermissions
from personalize_permissions._documents.merging import foreign_statements, keeps_administration
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions.testing import run
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, everything, foreign_policy
from tests.security.junk import dumped, garbled, spoiled
from tests.security.test_secrets import FILES, SIGNED, TRUST, state

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TEMPLATE = """
Parameters: {Account: {Type: String, Default: '123456789012'}, Secret: {Type: String, NoEcho: true}}
Conditions: {Prod: !Equals [!Ref Account, '1']}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Join ['-', [a, !Ref Account]]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub '${AWS::Region}-role'
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
        - Effect: !If [Prod, Allow, Deny]
          Principal: {Service: personalize.amazonaws.com}
          Action: sts:AssumeRole
          Condition: {StringEquals: {aws:SourceAccount: !Ref Account, aws:SourceArn: !GetAtt Bucket.Arn}}
"""
JSON_SEEDS = [
    json.loads(text) for name, text in FILES.items() if name in {"a state", "details of an account", "a template"}
]
JSON_SEEDS.append(json.loads(state(assumeRolePolicy={**SIGNED, "plaintext": json.dumps(json.dumps(TRUST))})))
YAML_PIECES = [
    *(
        "!!bool x",
        "!!int x",
        "!!float x",
        "!!timestamp x",
        "!!binary x",
        "!!set {a}",
        "!!omap [a]",
        "!!null x",
        "!!str",
    ),
    *(
        "&a ",
        "*a",
        "<<: ",
        "<<: *a",
        "? ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "!",
        "!Sub",
        "!Ref ",
        "!If ",
        "!GetAtt",
    ),
    *(
        "|\n",
        ">\n",
        "---\n",
        "...\n",
        "%YAML 9.9\n",
        "%TAG ! x\n",
        "\t",
        "#",
        "'",
        '"',
        "0x",
        "1:30",
        "=",
        "~",
        "@",
        "`",
    ),
]
JSON_PIECES = ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "NaN", "-", "1e999", "null", '{"Statement":', "/*"]
QUICK = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def audited(text: str) -> None:
    """A report of a text in every format: text that can be written, whatever stood in the file."""
    results = list(check_text("file", io.StringIO(text).read))
    assert all(isinstance(each, Result) for each in results)
    for write in FORMATS.values():
        out = io.StringIO()
        write(Audit(results, PackConfig()), out)
        out.getvalue().encode()


@QUICK
@given(st.sampled_from(JSON_SEEDS).flatmap(spoiled).map(dumped))
@example('{"deployment": {"resources": [{"type": []}]}}')
@example(state(assumeRolePolicy={**SIGNED, "plaintext": "no JSON"}))
def test_an_export_of_any_shape_is_reported(text: str) -> None:
    audited(text)


@QUICK
@given(spoiled(TRUST))
@example({**TRUST, "Statement": [{**TRUST["Statement"][0], "Condition": {"StringEquals": {"a:\x1b[2J": "b"}}}]})  # type: ignore[dict-item]
def test_a_finding_can_be_printed_whatever_it_is_about(document: Any) -> None:
    for finding in check_trust_policy(document):
        assert f"{finding.message} {finding.path}".isprintable()


@QUICK
@given(garbled([TEMPLATE], YAML_PIECES))
@example("Resources: {R: {Type: 'AWS::IAM::Role', Properties: !!bool x}}")
@example("Resources: !!timestamp x")
def test_a_garbled_template_is_reported(text: str) -> None:
    audited(text)


@QUICK
@given(garbled([dumped(seed) for seed in JSON_SEEDS], JSON_PIECES))
def test_a_garbled_export_is_reported(text: str) -> None:
    audited(text)


@settings(max_examples=30)
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf" + json.dumps(TRUST).encode())
@example(b"\xff\xfe" + json.dumps(TRUST).encode("utf-16-le"))
@example(b"\x00" * 100)
@example(b"{" + b'"\xed\xa0\x80": 1}')
def test_bytes_of_any_kind_are_reported(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("bytes") / "file"
    file.write_bytes(data)
    results = list(check_files([str(file)]))
    assert all(each.fault or not each.violates or each.findings for each in results)


CONFIG = {
    "services": ["personalize.amazonaws.com"],
    "accounts": [ACCOUNT],
    "sourceArns": ["arn:aws:personalize:*:123456789012:*"],
    "exemptions": [
        {"name": "old*", "path": "/x/", "urn": "*", "service": "a", "reason": "why", "expires": "2099-01-01"}
    ],
}


@QUICK
@given(spoiled(CONFIG))
def test_a_configuration_of_any_shape_is_taken_or_refused(config: Any) -> None:
    if not isinstance(config, Mapping):
        return
    try:
        taken = PackConfig.read(config)
    except ValueError:
        return
    check_resource("aws:iam/role:Role", "urn", "old", {"assumeRolePolicy": json.dumps(TRUST)}, taken)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", "{", "null", '{"trust-policy-source-conditions": {"accounts": 5}}']
)
def test_a_configuration_file_of_any_kind_is_refused(
    text: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_text(text)
    (tmp_path / "trust.json").write_text(json.dumps(TRUST))
    with pytest.raises(SystemExit) as ended:
        main(["check", str(tmp_path / "trust.json"), "--config", str(tmp_path / "config.json")])
    assert ended.value.code == 2
    assert "configuration" in capsys.readouterr().err


@QUICK
@given(spoiled(json.loads(foreign_policy("b"))) | spoiled(json.loads(KEY_ADMINISTRATION)), st.booleans())
def test_an_existing_policy_of_any_shape_is_read_or_refused(document: Any, as_text: bool) -> None:
    try:
        parsed = PolicyDocument.parse(dumped(document) if as_text else document)
    except MalformedPolicy:
        return
    assert PolicyDocument.parse(parsed.to_json()) == parsed
    parsed.to_json().encode()
    keeps_administration(parsed, ACCOUNT)
    foreign_statements(parsed.to_json(), parsed, frozenset())


ARGUMENTS = everything(KEY)


@st.composite
def given_arguments(draw: st.DrawFn) -> tuple[Any, list[bool], bool]:
    """Arguments of any shape, which of them are outputs, and whether they are written in the words of the schema."""
    return draw(spoiled(ARGUMENTS)), draw(st.lists(st.booleans(), min_size=12, max_size=12)), draw(st.booleans())


def outputs_of(value: Any, which: list[bool]) -> Any:
    """The value with some of its members as secret outputs."""
    if not isinstance(value, dict):
        return value
    return {
        key: pulumi.Output.secret(item) if which[index % len(which)] else item
        for index, (key, item) in enumerate(value.items())
    }


@settings(QUICK, max_examples=max(40, settings().max_examples // 5))
@given(given_arguments())
@example(({"service_role": -1}, [False], False))
@example(({"users": None}, [True], False))
@example(({"service_role": {"max_session_duration": float("inf")}}, [False], False))
@example(({"\ud800": 1}, [False], True))
def test_arguments_of_any_shape_are_taken_or_refused(drawn: tuple[Any, list[bool], bool]) -> None:
    value, which, in_schema = drawn

    def program() -> None:
        args = outputs_of(value, which)
        PersonalizePermissions("recs", python_names(argument_schemas.PERMISSIONS, args) if in_schema else args)  # type: ignore[arg-type]

    try:
        run(program)
    except pulumi.RunError as error:
        reported = str(error).replace("\n", "")
    else:
        return
    assert reported.isprintable()
    assert len(reported) < 20_000


def steps(work: Callable[[], object]) -> int:
    """How many functions are called: a measure that no busy machine changes."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def lines(line: str, size: int) -> str:
    return "Resources:\n" + "\n".join(line.format(index) for index in range(size))


def merges(levels: int) -> str:
    """YAML that merges mappings which merge mappings: each level could double what the reader copies."""
    rows = [
        "a0: &a0 {x: 1}",
        *(f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}]}}" for level in range(1, levels)),
    ]
    return "\n".join([*rows, "Resources: {}"])


def aliases(levels: int) -> str:
    rows = ["a0: &a0 [x]", *(f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]" for level in range(1, levels))]
    role = f"R: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: *a{levels - 1}}}}}"
    return "\n".join([*rows, f"Resources: {{{role}}}"])


def policy_of(size: int) -> str:
    statement = json.loads(foreign_policy("b"))["Statement"][0]
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": f"S{n}"} for n in range(size)]})


GROWING: dict[str, tuple[int, Callable[[int], Callable[[], object]]]] = {
    "roles of a state": (40, lambda n: on_text(dumped({"deployment": {"resources": [JSON_SEEDS[0]["deployment"]["resources"][1]] * n}}))),
    "roles of an account": (40, lambda n: on_text(dumped({"RoleDetailList": JSON_SEEDS[1]["RoleDetailList"] * n}))),
    "roles of a template": (20, lambda n: on_text(lines("  R{0}: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {{}}}}}}", n))),
    "other resources of a template": (50, lambda n: on_text(lines("  R{0}: {{Type: 'AWS::S3::Bucket'}}", n))),
    "mappings merged in YAML": (20, lambda n: on_text(merges(n))),
    "lists repeated in YAML": (20, lambda n: on_text(aliases(n))),
    "nesting": (300, lambda n: on_text('{"deployment": ' + "[" * n)),
    "nesting in YAML": (40, lambda n: on_text("Resources: " + "[" * n)),
    "text that is none of it": (2000, lambda n: on_text("x\n" * n)),
    "exemptions": (50, lambda n: lambda: PackConfig.read({"exemptions": CONFIG["exemptions"] * n})),
    "statements of an existing policy": (20, lambda n: lambda: foreign_statements(policy_of(n), PolicyDocument.parse(policy_of(n)), frozenset())),
    "people": (20, lambda n: on_arguments({"users": [f"user-{index}" for index in range(n)]})),
    "mistakes": (20, lambda n: on_arguments({"users": [f"user {index}" for index in range(n)]})),
    "buckets": (5, lambda n: on_arguments({"buckets": [{"bucket": f"bucket-{index}", "uses": ["metrics"]} for index in range(n)]})),
}  # fmt: skip


def on_text(text: str) -> Callable[[], object]:
    return lambda: list(check_text("file", io.StringIO(text).read))


def on_arguments(args: Any) -> Callable[[], object]:
    def work() -> None:
        try:
            run(lambda: PersonalizePermissions("recs", args))
        except pulumi.RunError:
            return

    return work


@pytest.mark.parametrize(("size", "build"), GROWING.values(), ids=GROWING)
def test_twice_as_much_takes_less_than_three_times_the_steps(
    size: int, build: Callable[[int], Callable[[], object]]
) -> None:
    build(size + 1)()  # what is loaded once is loaded; another text, since parsed texts are remembered
    once, twice = steps(build(size)), steps(build(2 * size))
    assert twice < 3 * once, (once, twice)
