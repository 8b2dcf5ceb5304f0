"""A secret planted in every place where one can be, and looked for wherever something is said or kept."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from rich.console import Console

from personalize_guardrails import check_trust_policy
from personalize_guardrails.__main__ import main
from personalize_guardrails.audit.formats import FORMATS
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.validators import Field, ListOf, ObjectSchema
from sandbox.granted import grants
from sandbox.picture import picture
from sandbox.session import Project, Sandbox
from sandbox.show import table
from tests.engine.programs import KEY_ADMINISTRATION, foreign_policy, people_and_things
from tests.engine.test_unknown import shown
from tests.security.planting import WORD, planted
from tests.trust.test_cases import CASES, settings_of

ROWS = [row for case in CASES[::4] if len(json.dumps((row := case.values[0])["document"])) < 1500]


def without_condition_keys(document: Any) -> Any:
    """Messages name condition keys: they are words of the language, and say which request is allowed."""
    statements = document["Statement"] if isinstance(document.get("Statement"), list) else [document.get("Statement")]
    return [
        block.keys()
        for statement in statements
        if isinstance(statement, dict) and isinstance(statement.get("Condition"), dict)
        for block in statement["Condition"].values()
        if isinstance(block, dict)
    ]


def test_no_finding_says_what_a_trust_policy_says() -> None:
    count = 0
    for row in ROWS:
        document = row["document"]
        if not isinstance(document, dict):
            continue
        for one in planted(document):
            if any(WORD in key for keys in without_condition_keys(one) for key in keys):
                continue
            for finding in check_trust_policy(one, settings_of(row)):
                count += 1
                assert WORD not in f"{finding.message} {finding.path} {finding.remedy}".casefold(), row["name"]
    assert count > 300


TRUST = {
    "Version": "2012-10-17",
    "Id": f"id-{WORD}",
    "Statement": [
        {
            "Sid": f"sid{WORD}",
            "Effect": "Allow",
            "Principal": {"Service": "personalize.amazonaws.com", "AWS": f"arn:aws:iam::123456789012:role/{WORD}"},
            "Action": ["sts:AssumeRole", f"sts:{WORD}"],
        }
    ],
}
SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def state(**inputs: Any) -> str:
    urn = "urn:pulumi:s::p::aws:iam/role:Role::role"
    role = {"urn": urn, "type": "aws:iam/role:Role", "inputs": inputs, "description": WORD, "tags": {WORD: WORD}}
    other = {"urn": "urn:pulumi:s::p::a:b:C::other", "type": "a:b:C", "inputs": {WORD: WORD}, "outputs": {"x": WORD}}
    return json.dumps({"version": 3, "deployment": {"secrets_providers": {"state": WORD}, "resources": [other, role]}})


FILES = {
    "a trust policy": json.dumps(TRUST),
    "a state": state(assumeRolePolicy=json.dumps(TRUST)),
    "a state with an encrypted policy": state(assumeRolePolicy={**SIGNED, "ciphertext": WORD}),
    "a state with a policy of no sense": state(assumeRolePolicy={**SIGNED, "plaintext": json.dumps(WORD)}),
    "a state with a policy that is shown": state(
        assumeRolePolicy={
            **SIGNED,
            "plaintext": json.dumps(
                json.dumps(
                    {
                        **TRUST,
                        "Statement": {**TRUST["Statement"][0], "Condition": {"StringEquals": {"sts:ExternalId": WORD}}},  # type: ignore[dict-item]
                    }
                )
            ),
        }
    ),
    "details of an account": json.dumps(
        {
            "UserDetailList": [{"UserName": WORD, "UserPolicyList": [{"PolicyDocument": WORD}]}],
            "RoleDetailList": [
                {
                    "RoleName": "role",
                    "Arn": "arn:aws:iam::123456789012:role/role",
                    "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
                    "RolePolicyList": [{"PolicyName": WORD, "PolicyDocument": {WORD: WORD}}],
                    "Tags": [{"Key": WORD, "Value": WORD}],
                }
            ],
        }
    ),
    "a template": json.dumps(
        {
            "Description": WORD,
            "Parameters": {"Secret": {"Type": "String", "NoEcho": True, "Default": WORD}},
            "Metadata": {WORD: WORD},
            "Resources": {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Metadata": {WORD: WORD},
                    "Properties": {"AssumeRolePolicyDocument": {**TRUST, "Id": {"Ref": "Secret"}}, "Description": WORD},
                }
            },
        }
    ),
    "a template of no sense": f"Resources:\n  Role: {{Type: 'AWS::IAM::Role', Properties: [{WORD}\n",
    "a template with a tag of its own": f"Resources:\n  Role: !{WORD} {WORD}\n",
    "JSON that is cut off": json.dumps(TRUST)[:-3],
    "JSON with more after it": json.dumps(TRUST) + WORD,
    "a policy with unknown elements": json.dumps({**TRUST, WORD: WORD, "Statement": [{WORD: WORD}, WORD]}),
    "prose": WORD,
}


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_says_what_a_file_says(form: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for number, text in enumerate(FILES.values()):
        file = tmp_path / f"file-{number}"
        file.write_text(text)
        files.append(str(file))
    assert main(["check", *files, "--format", form]) == 2
    said = capsys.readouterr()
    assert "role" in said.out
    assert WORD not in said.out + said.err


PINEAPPLES = {"users": ["pineapple-user"], "groups": ["pineapple-group"], "roles": ["pineapple-role"]}
PERSONALIZE = "arn:aws:personalize:us-east-1:123456789012"
SECRET = {
    **PINEAPPLES,
    "tags": {"pineapple key": "pineapple tag"},
    "source_accounts": ["313131313131"],
    "source_arns": ["arn:aws:personalize:us-east-1:313131313131:dataset-group/pineapple*"],
    "service_role": {
        "description": "pineapple description",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/pineapple-boundary",
    },
    "buckets": [
        {"bucket": "pineapple-bucket", "prefix": "pineapple/", "existing_policy": foreign_policy("pineapple-bucket")}
    ],
    "keys": [
        {"key_arn": "KEY", "existing_policy": KEY_ADMINISTRATION.replace("Administration", "PineappleAdministration")}
    ],
    "applications": [
        {
            **PINEAPPLES,
            **{
                f"{kind}s": [f"{PERSONALIZE}:{kind}/pineapple"]
                for kind in ("campaign", "recommender", "filter", "dataset")
            },
        }
    ],
    "readers": [PINEAPPLES],
    "data_scientists": [{**PINEAPPLES, "resource_tags": {"pineapple key": "pineapple tag"}}],
}
WRONG_PEOPLE = {
    "users": ["pineapple user"],
    "groups": ["arn:aws:iam::123456789012:group/pineapple"],
    "roles": ["pineapple?"],
}
WRONG = {
    **WRONG_PEOPLE,
    "policy_name": "pineapple name",
    "policy_path": "pineapple",
    "tags": {"aws:pineapple": "pineapple\x00"},
    "source_accounts": ["pineapple"],
    "source_arns": ["arn:aws:s3:::pineapple"],
    "service_role": {
        "name": "pineapple name",
        "path": "pineapple",
        "description": "pineapple\u2014",
        "permissions_boundary": "pineapple",
        "max_session_duration": "pineapple",
    },
    "buckets": [
        {"bucket": "s3://pineapple", "uses": ["pineapple"], "prefix": "/pineapple", "existing_policy": "{pineapple"}
    ],
    "keys": [{"key_arn": "alias/pineapple", "existing_policy": "pineapple", "dataset_export": "pineapple"}],
    "confine_to_source": "pineapple",
    "applications": [
        {
            **WRONG_PEOPLE,
            "campaigns": ["pineapple"],
            "recommenders": [f"{PERSONALIZE}:pineapple/shop"],
            "filters": ["arn:aws:s3:::pineapple"],
            "datasets": [f"{PERSONALIZE}:dataset/pineapple!"],
            "record_events": "pineapple",
        }
    ],
    "readers": [WRONG_PEOPLE],
    "data_scientists": [{**WRONG_PEOPLE, "resource_tags": {"aws:pineapple": "pineapple\x00"}}],
}
NOT_SECRET = {
    "policy_name": "the ARN and the id of what is made have it, which Pulumi keeps no secret",
    "policy_path": "the same",
    "service_role.name": "the same",
    "service_role.path": "the same",
    "service_role.max_session_duration": "a number",
    "buckets.uses": "one of five words",
    "keys.dataset_export": "yes or no",
    "confine_to_source": "yes or no",
    "applications.record_events": "yes or no",
}


def leaves(fields: Mapping[str, Field], start: str = "") -> Iterator[str]:
    """Every argument that may be an output, by its path."""
    for name, field in fields.items():
        shape = field.validator.item if isinstance(field.validator, ListOf) else field.validator
        if isinstance(shape, ObjectSchema):
            yield from leaves(shape.fields, f"{start}{name}.")
        elif not field.static:
            yield start + name


def paths(value: Any, start: str = "") -> Iterator[str]:
    for name, item in value.items():
        one = item[0] if isinstance(item, list) else item
        if isinstance(one, dict) and not name.endswith("tags"):
            yield from paths(one, f"{start}{name}.")
        else:
            yield start + name


def test_every_argument_is_planted() -> None:
    every = set(leaves(argument_schemas.PERMISSIONS.fields))
    assert set(paths(SECRET)) | NOT_SECRET.keys() == every
    assert set(paths(WRONG)) == every


PROGRAM = """
import json
from pathlib import Path

import pulumi
from personalize_permissions import PersonalizePermissions

def veiled(value):
    if isinstance(value, dict):
        return {name: veiled(item) for name, item in value.items()}
    return [veiled(item) for item in value] if isinstance(value, list) else pulumi.Output.secret(value)

given = json.loads(Path("args.json").read_text())
args = {**veiled(given), "tags": pulumi.Output.secret(given["tags"])}  # its keys are free text as well
for bucket in args["buckets"]:
    bucket.setdefault("uses", ["import"])
for name in ("applications", "readers", "data_scientists"):
    for entry in args[name]:
        entry["label"] = name
args["data_scientists"][0]["resource_tags"] = pulumi.Output.secret(given["data_scientists"][0]["resource_tags"])
permissions = PersonalizePermissions("recs", args)
for name in ("policy_arn", "trust_policy", "bucket_policies", "key_policies", "service_role_arn"):
    pulumi.export(name, getattr(permissions, name))
"""


def project(sandbox: Sandbox, args: dict[str, Any]) -> Project:
    """Secrets of the program alone: what the configuration holds in secret, the engine itself hides in what it says."""
    stack = sandbox.program(PROGRAM)
    (stack.folder / "args.json").write_text(json.dumps(args))
    return stack


@pytest.mark.engine
def test_secret_arguments_are_in_nothing_that_is_said_or_kept(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    iam = sandbox.cloud.iam()
    iam.create_user(UserName="pineapple-user")
    iam.create_group(GroupName="pineapple-group")
    iam.create_role(RoleName="pineapple-role", AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))
    iam.create_policy(PolicyName="pineapple-boundary", PolicyDocument=foreign_identity())
    sandbox.cloud.s3().create_bucket(Bucket="pineapple-bucket")
    stack = project(sandbox, json.loads(json.dumps(SECRET).replace("KEY", key, 1)))
    results = [stack.preview(), stack.up(), stack.refresh()]
    asked = [
        sandbox.run([*command, "--stack", "test"], stack.folder)
        for command in (["stack", "output", "--json"], ["stack"])
    ]
    text = shown(stack, *results) + "\n".join(each.output for each in asked)
    assert "recs-service-role" in text
    assert [text[max(0, at.start() - 200) : at.end() + 60] for at in re.finditer(WORD, text, re.IGNORECASE)] == []
    assert "313131313131" not in text
    assert "PineappleAdministration" in sandbox.cloud.kms().get_key_policy(KeyId=key, PolicyName="default")["Policy"]

    # What was granted is read from the account itself, where nothing is secret.
    found = grants(sandbox.cloud, stack.resources())
    console = Console(record=True, width=200, file=io.StringIO())
    console.print(table(found))
    reported = console.export_text() + picture(found, "What is granted")
    assert "(secret)" in reported
    assert WORD not in reported.casefold()


ROLE_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}],
}


def foreign_identity() -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.mark.engine
def test_a_refusal_of_every_secret_argument_says_none(sandbox: Sandbox) -> None:
    done = project(sandbox, WRONG).preview(check=False)
    assert not done.ok
    assert "arguments need a change" in done.output, done.output
    for path in paths(WRONG):
        assert path.rsplit(".", 1)[-1] in done.output
    assert WORD not in done.output.casefold()
    assert "Traceback" not in done.output
