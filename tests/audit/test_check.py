"""`python -m personalize_guardrails check` over every kind of file, in every format."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from personalize_guardrails.__main__ import main

ACCOUNT = "123456789012"
ALLOW = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
GUARD = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
}
OPEN = {"Version": "2012-10-17", "Statement": [ALLOW]}
FINE = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Condition": GUARD}]}


def role(name: str, document: Any, path: str = "/") -> dict[str, Any]:
    return {
        "RoleName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        "AssumeRolePolicyDocument": document,
    }


FILES = {
    "trust.json": json.dumps(OPEN),
    "guarded.json": json.dumps(FINE),
    "state.json": json.dumps(
        {
            "version": 3,
            "deployment": {
                "resources": [
                    {
                        "urn": "urn:pulumi:p::s::aws:iam/role:Role::open",
                        "type": "aws:iam/role:Role",
                        "inputs": {"assumeRolePolicy": json.dumps(OPEN)},
                    },
                    {
                        "urn": "urn:pulumi:p::s::aws:iam/role:Role::fine",
                        "type": "aws:iam/role:Role",
                        "inputs": {"assumeRolePolicy": json.dumps(FINE)},
                    },
                    {"urn": "urn:pulumi:p::s::aws:iam/user:User::alice", "type": "aws:iam/user:User", "inputs": {}},
                ]
            },
        }
    ),
    "account.json": json.dumps({"RoleDetailList": [role("open", OPEN), role("fine", quote(json.dumps(FINE)))]})
    + "\n"
    + json.dumps({"RoleDetailList": [role("linked", OPEN, "/aws-service-role/x/"), role("also-open", OPEN)]}),
    "template.yaml": "Resources:\n  Open:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
    "        Statement: {Effect: Allow, Principal: {Service: personalize.amazonaws.com}, Action: 'sts:AssumeRole'}\n",
}
FILES["quoted.yaml"] = FILES["template.yaml"].replace("Resources", '"Resources"')


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "unguarded", "code"),
    [
        ("trust.json", ["trust policy"], 1),
        ("guarded.json", [], 0),
        ("state.json", ["open"], 1),
        ("account.json", ["open", "also-open"], 1),
        ("template.yaml", ["Open"], 1),
        ("quoted.yaml", ["Open"], 1),
    ],
)
def test_each_kind_of_file(
    name: str, unguarded: list[str], code: int, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(files / name), "--format", "json"]) == code
    results = json.loads(capsys.readouterr().out)
    assert [result["name"] for result in results if result["findings"]] == unguarded
    for result in results:
        for finding in result["findings"]:
            assert finding["witness"]["service"] == "personalize.amazonaws.com"


def test_a_bad_file_does_not_stop_the_rest(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "broken.json").write_text('{"Statement": PlantedSecret')
    assert main(["check", str(files / "nowhere.json"), str(files / "broken.json"), str(files / "trust.json")]) == 2
    said = capsys.readouterr().out
    assert "there is no such file" in said
    assert "broken.json\n  cannot be checked: it is not JSON" in said
    assert "unguarded: Statement[0] lets personalize.amazonaws.com" in said
    assert "witness: sts:AssumeRole by personalize.amazonaws.com" in said
    assert "PlantedSecret" not in said


def test_standard_input(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(FILES["account.json"]))
    assert main(["check", "-"]) == 1
    assert "3 trust policies: 2 with violations" in capsys.readouterr().out


def test_sarif_has_a_result_for_each_finding(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(files / "account.json"), str(files / "nowhere"), "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    [run] = log["runs"]
    assert log["version"] == "2.1.0"
    assert [result["level"] for result in run["results"]] == ["error", "error"]
    assert {result["ruleId"] for result in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert not run["invocations"][0]["executionSuccessful"]


def test_junit_fails_what_violates(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(files / "state.json"), "--format", "junit"])
    suite = ET.fromstring(capsys.readouterr().out)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_trusted_accounts_are_asked_for(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(files / "guarded.json"), "--account", "210987654321"]) == 1
    with pytest.raises(SystemExit):
        main(["check", str(files / "guarded.json"), "--account", "12"])
    assert "twelve digits" in capsys.readouterr().err


def test_it_runs_with_the_standard_library_but_yaml(files: Path) -> None:
    code = (
        "import sys\nfrom personalize_guardrails.__main__ import main\n"
        f"main(['check', {str(files / 'account.json')!r}])\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'pulumi', 'pulumi_policy', 'pulumi_aws', 'boto3', 'grpc'}, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_policies_load_no_aws_sdk() -> None:
    code = (
        "import sys, personalize_guardrails\nassert not {'pulumi', 'pulumi_aws'} & set(sys.modules)\n"
        "import personalize_guardrails.policies\nassert not {'pulumi_aws', 'boto3', 'botocore'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
