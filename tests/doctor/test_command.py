"""The command: files in any order or a folder, table and JSON, exit codes, and messages for what cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from personalize_permissions.__main__ import main
from tests.doctor.worlds import KEY, ROLE, healthy

QUESTION = ["--role", "recs", "--bucket", "data", "--use", "import", "--prefix", "in/"]
KEY_ID = KEY.rsplit("/", 1)[-1]
WHOLE = [*QUESTION, "--person", "alice"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return healthy("import", key=True, boundary=True).files(tmp_path)


def doctor(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main(["doctor", *map(str, arguments)])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def rewrite(file: Path, **members: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **members}))


def test_files_in_any_order_and_a_folder_give_one_answer(folder: Path, capsys: Any) -> None:
    files = sorted(folder.glob("*.json"))
    assert len(files) == 4
    answers = {doctor(capsys, *order, *WHOLE) for order in (files, files[::-1], [folder])}
    [(code, out, err)] = answers
    assert (code, err) == (0, "")
    assert "None of these policies prevents the access." in out
    assert "policies of VPC endpoints" in out


def test_what_is_in_the_way_is_reported_with_what_to_write(folder: Path, capsys: Any) -> None:
    world = healthy("import", key=True, boundary=True).without("role", 0)
    code, out, _ = doctor(capsys, world.files(folder), *WHOLE)
    assert code == 1
    assert "The first problem is in the policies of role recs:" in out
    assert "s3:GetObject on arn:aws:s3:::data/in/some-object: implicitly denied" in out
    assert '"Resource": "arn:aws:s3:::data/in/*"' in out


def test_json_says_the_same(folder: Path, capsys: Any) -> None:
    world = healthy("import", key=True, boundary=True).without("bucket", 0)
    code, out, _ = doctor(capsys, world.files(folder), *WHOLE, "--format", "json")
    reported = json.loads(out)
    assert code == 1
    assert reported["health"] == "blocked"
    assert reported["fault"]["policy"] == "the policy of bucket data"
    assert reported["fault"]["remedy"][0]["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert [each["health"] for each in reported["checks"]].count("blocked") == 1
    code, out, _ = doctor(capsys, healthy("import", key=True, boundary=True).files(folder), *WHOLE, "--format", "json")
    assert (code, json.loads(out)["fault"], json.loads(out)["health"]) == (0, None, "works")


def test_without_files_it_prints_the_commands_that_gather_them(capsys: Any) -> None:
    code, out, err = doctor(capsys, *QUESTION, "--key", KEY, "--region", "us-east-1")
    assert (code, err) == (2, "")
    assert [line.strip() for line in out.splitlines() if " aws " in f" {line.strip()}"] == [
        "aws iam get-account-authorization-details > account.json",
        "aws s3api get-bucket-policy --bucket data > bucket-policy.json",
        "aws s3api get-bucket-encryption --bucket data > bucket-encryption.json",
        (
            f"aws kms get-key-policy --key-id {KEY} --policy-name default --region us-east-1 "
            "> key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json"
        ),
    ]


def test_a_keys_arn_makes_no_name_of_a_file(capsys: Any) -> None:
    """The encryption shows the key by its ARN, whose slash a shell would take for a folder's."""
    _, out, _ = doctor(capsys, *QUESTION)
    [line] = [line for line in out.splitlines() if "KEY" in line]
    assert line.count("KEY", 0, line.index("#")) == 1
    assert "> key-policy.json" in line


@pytest.mark.parametrize(
    ("missing", "needed", "commands"),
    [
        (
            "bucket-policy.json",
            "the policy of bucket data",
            ["aws s3api get-bucket-policy --bucket data > bucket-policy.json"],
        ),
        (
            "encryption.json",
            "the encryption of bucket data",
            ["aws s3api get-bucket-encryption --bucket data > bucket-encryption.json"],
        ),
        (
            "key.json",
            f"the policy of key {KEY}",
            [
                f"aws kms get-key-policy --key-id {KEY} --policy-name default --region us-east-1 > key-policy-{KEY_ID}.json"
            ],
        ),
    ],
)
def test_what_a_missing_file_would_tell_is_never_guessed(
    folder: Path, missing: str, needed: str, commands: list[str], capsys: Any
) -> None:
    (folder / missing).unlink()
    code, out, err = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert f"  - {needed}" in out
    gathering = [line.strip() for line in err.splitlines() if line.strip().startswith("aws ")]
    assert gathering[: len(commands)] == commands
    assert all("KEY" in line for line in gathering[len(commands) :])


def test_a_policy_whose_document_is_not_there_is_needed(folder: Path, capsys: Any) -> None:
    rewrite(folder / "account.json", Policies=[])
    code, out, err = doctor(capsys, folder, *WHOLE)
    assert code == 2
    for policy in ("person", "boundary"):
        assert f"  - the document of policy arn:aws:iam::123456789012:policy/{policy}" in out
    assert "aws iam get-account-authorization-details > account.json  # the whole list" in err


def test_a_bucket_without_a_policy_leaves_an_empty_file(folder: Path, capsys: Any) -> None:
    (folder / "bucket-policy.json").write_text("")
    code, out, _ = doctor(capsys, folder, *WHOLE)
    assert code == 1
    assert "The first problem is in the policy of bucket data:" in out


def test_the_region_is_the_keys_or_one_that_the_trust_policy_admits(folder: Path, capsys: Any) -> None:
    world = healthy("import", key=False, boundary=False)
    world.sides["trust"][0]["Condition"]["ArnLike"] = {"aws:SourceArn": "arn:aws:personalize:eu-west-1:123456789012:*"}
    (folder / "key.json").unlink()
    code, out, _ = doctor(capsys, world.files(folder), *WHOLE)
    assert code == 0
    assert (
        "whether the dataset group is in eu-west-1 (the trust policy allows no other region; pass --region to check another)"
        in out
    )
    code, out, _ = doctor(capsys, folder, *WHOLE, "--region", "us-east-1")
    assert code == 1
    assert "The first problem is in the trust policy of role recs:" in out


def test_an_alias_of_a_key_has_to_be_given(folder: Path, capsys: Any) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/data"}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    rewrite(folder / "encryption.json", ServerSideEncryptionConfiguration={"Rules": rules})
    code, out, _ = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert "which key alias/data is, that encrypts bucket data (write its ARN as --key)" in out
    assert doctor(capsys, folder, *WHOLE, "--key", KEY)[0] == 0


@pytest.mark.parametrize(
    ("change", "arguments", "reported"),
    [
        (None, ["--role", "rec"], 'the account has no role "rec": it has recs'),
        (None, ["--person", "mallory"], 'the account has no user, role or group "mallory"'),
        (None, ["--bucket", "s3://data/in"], "s3://data/in is a URL; write the bucket's name alone"),
        (None, ["--key", "alias/data"], "alias/data is not a KMS key; write its ARN or its id, not an alias"),
        (None, ["--region", "us-west-1"], "us-west-1 is a region without Personalize"),
        (None, ["--bucket-account", "1234"], "1234 is not an AWS account; write its twelve digits"),
        (("account.json", ""), [], "account.json is empty: run the command again"),
        (("account.json", "{"), [], "account.json: the text is not JSON"),
        (("account.json", "[]"), [], "account.json holds no JSON object"),
        (("account.json", '{"RoleDetailList": "recs"}'), [], "RoleDetailList is not a list of objects"),
        (("account.json", '{"Roles": []}'), [], "account.json is not a file that the doctor reads"),
        (
            ("bucket-policy.json", '{"Policy": "{}"}'),
            [],
            "bucket-policy.json: the text of its Policy is malformed: a policy has a Statement",
        ),
    ],
)
def test_what_cannot_be_used_is_named(
    folder: Path, change: tuple[str, str] | None, arguments: list[str], reported: str, capsys: Any
) -> None:
    if change:
        (folder / change[0]).write_text(change[1])
    code, out, err = doctor(capsys, folder, *WHOLE, *arguments)
    assert (code, out) == (2, "")
    assert reported in err
    assert "Traceback" not in err


def test_a_malformed_policy_of_somebody_else_is_nobodys_business(folder: Path, capsys: Any) -> None:
    account = json.loads((folder / "account.json").read_text())
    account["RoleDetailList"].append({"RoleName": "other", "Arn": ROLE, "AssumeRolePolicyDocument": "{"})
    (folder / "account.json").write_text(json.dumps(account))
    assert doctor(capsys, folder, *WHOLE)[0] == 0
    code, _, err = doctor(capsys, folder, *WHOLE, "--role", "other")
    assert code == 2
    assert "the trust policy of role recs is malformed" in err


def test_it_is_a_command_of_the_package(folder: Path) -> None:
    command = [sys.executable, "-m", "personalize_permissions", "doctor", str(folder), *WHOLE]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
