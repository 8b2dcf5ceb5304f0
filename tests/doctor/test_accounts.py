"""Which role, person, bucket and key of the files are meant, and what is said where the files do not show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.doctor.test_command import KEY_ID, QUESTION, WHOLE, doctor, rewrite
from tests.doctor.worlds import ACCOUNT, ALICE, BUCKET, KEY, ROLE, healthy

ACCOUNT_COMMAND = "aws iam get-account-authorization-details > account.json"
OTHER = "999999999999"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return healthy("import", key=True, boundary=True).files(tmp_path)


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the details of the role."""
    account = json.loads((folder / "account.json").read_text())
    change(account["RoleDetailList"][0])
    (folder / "account.json").write_text(json.dumps(account))


def encrypted(folder: Path, **default: str) -> None:
    """Encrypt the bucket otherwise."""
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **default}}]
    rewrite(folder / "encryption.json", ServerSideEncryptionConfiguration={"Rules": rules})


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", ROLE],
        ["--role", "service-role/recs"],
        ["--role", "role/recs"],
        ["--role", "role/service-role/recs"],
        ["--role", f"arn:aws:sts::{ACCOUNT}:assumed-role/recs/me"],
        ["--person", ALICE],
        ["--person", "user/alice"],
    ],
)
def test_a_name_is_taken_as_it_is_printed_anywhere(folder: Path, arguments: list[str], capsys: Any) -> None:
    code, _, err = doctor(capsys, folder, *WHOLE, *arguments)
    assert (code, err) == (0, "")


def test_a_person_in_a_session_of_a_role_is_the_role(folder: Path, capsys: Any) -> None:
    code, out, _ = doctor(capsys, folder, *QUESTION, "--person", f"arn:aws:sts::{ACCOUNT}:assumed-role/recs/me")
    assert code == 1
    assert "role recs may pass role recs to Personalize" in out


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (["--role", ROLE.replace(ACCOUNT, OTHER)], f"the files are of account {ACCOUNT}, not of {OTHER}"),
        (["--person", ALICE.replace(ACCOUNT, OTHER)], f"the files are of account {ACCOUNT}, not of {OTHER}"),
        (["--person", f"arn:aws:iam::{ACCOUNT}:root"], "is not the ARN of a user, role or group; write one, or a name"),
        (["--role", ALICE], "is not the ARN of a role; write one, or a name"),
        (["--role", "arn:aws:iam"], "is not an ARN (an ARN has six parts"),
        (["--prefix", "s3://data/in/"], 'names a bucket too; write the start of the object keys alone, such as "in/"'),
        (["--prefix", "/in/"], 'starts with a slash, and object keys do not; write it without, such as "in/"'),
        (["--bucket", "arn:aws:s3:::data"], 'is an ARN; write the bucket\'s name alone, such as "data"'),
        (["--key", "1234"], "1234 is not a KMS key; write its ARN or its id"),
    ],
)
def test_what_is_in_no_file_is_not_answered(folder: Path, arguments: list[str], reported: str, capsys: Any) -> None:
    code, out, err = doctor(capsys, folder, *WHOLE, *arguments)
    assert (code, out) == (2, "")
    assert reported in err


def test_two_accounts_with_one_role_name_are_told_apart_by_the_arn(folder: Path, capsys: Any) -> None:
    account = (folder / "account.json").read_text()
    (folder / "other-account.json").write_text(
        account.replace(ACCOUNT, OTHER).replace("personalize.amaz", "lambda.amaz")
    )
    code, _, err = doctor(capsys, folder, *QUESTION)
    assert code == 2
    assert f'the files have "recs" in accounts {ACCOUNT}, {OTHER}; write the ARN' in err
    assert doctor(capsys, folder, *QUESTION, "--role", ROLE)[0] == 0
    assert doctor(capsys, folder, *QUESTION, "--role", ROLE.replace(ACCOUNT, OTHER))[0] == 1


def test_a_user_and_a_role_of_one_name_are_told_apart_by_the_kind(folder: Path, capsys: Any) -> None:
    changed(folder, lambda role: role.update(RoleName="alice", Arn=ROLE.replace("recs", "alice")))
    code, _, err = doctor(capsys, folder, *QUESTION, "--role", "alice", "--person", "alice")
    assert code == 2
    assert '"alice" is a user and a role; write user/alice or role/alice' in err


@pytest.mark.parametrize("name", ["a.json", "z.json"])
def test_two_policies_of_the_bucket_are_refused_whatever_their_order(folder: Path, name: str, capsys: Any) -> None:
    (folder / name).write_text(policy(DENY))
    code, out, err = doctor(capsys, folder, *WHOLE)
    assert (code, out) == (2, "")
    assert "hold different policies of a bucket; pass only the file that applies" in err
    assert name in err
    assert "bucket-policy.json" in err


def test_the_policy_of_another_bucket_is_told_by_its_resources(folder: Path, capsys: Any) -> None:
    other = {**DENY, "Resource": ["arn:aws:s3:::other/*"]}
    (folder / "z.json").write_text(policy(other))
    assert doctor(capsys, folder, *WHOLE)[0] == 0


def test_two_encryptions_are_refused(folder: Path, capsys: Any) -> None:
    (folder / "same.json").write_text((folder / "encryption.json").read_text())
    assert doctor(capsys, folder, *WHOLE)[0] == 0
    (folder / "z.json").write_text(json.dumps({"ServerSideEncryptionConfiguration": {"Rules": []}}))
    code, _, err = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert "hold different encryptions of a bucket" in err


def test_two_states_of_one_account_are_refused(folder: Path, capsys: Any) -> None:
    (folder / "z-account.json").write_text((folder / "account.json").read_text())
    assert doctor(capsys, folder, *WHOLE)[0] == 0
    changed(folder, lambda role: role.update(RolePolicyList=[]))
    code, _, err = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert "z-account.json holds other details of role recs than a file before it" in err
    (folder / "account.json").write_text((folder / "z-account.json").read_text())
    version = {"IsDefaultVersion": True, "Document": "{}"}
    other = {"Arn": f"arn:aws:iam::{ACCOUNT}:policy/person", "PolicyVersionList": [version]}
    rewrite(folder / "z-account.json", Policies=[other])
    assert "holds another document of policy" in doctor(capsys, folder, *WHOLE)[2]


def test_two_policies_of_one_key_are_refused(folder: Path, capsys: Any) -> None:
    (folder / "key.json").rename(folder / f"key-policy-{KEY_ID}.json")
    (folder / f"old-key-policy-{KEY_ID}.json").write_text(policy({**DENY, "Action": "kms:*", "Resource": "*"}))
    code, _, err = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert f"hold different policies of key {KEY}" in err


@pytest.mark.parametrize("default", [{}, {"KMSMasterKeyID": "alias/aws/s3"}])
def test_the_key_of_s3_itself_is_open_to_the_account_and_denied_by_a_deny(
    folder: Path, default: dict[str, str], capsys: Any
) -> None:
    encrypted(folder, **default)
    code, out, _ = doctor(capsys, folder, *QUESTION)
    assert code == 0
    assert "works      role recs may use the key alias/aws/s3" in out
    own = json.loads((folder / "bucket-policy.json").read_text())["Policy"]
    allow = {**DENY, "Effect": "Allow", "Principal": {"AWS": ROLE}}
    (folder / "bucket-policy.json").write_text(policy(*json.loads(own)["Statement"], allow))
    code, out, _ = doctor(capsys, folder, *QUESTION, "--bucket-account", OTHER)
    assert code == 1
    assert "The first problem is in the policy of key alias/aws/s3:" in out
    assert "encrypt bucket data with SSE-S3 or with a KMS key of its own" in out
    changed(folder, lambda role: role["RolePolicyList"].append(no_keys()))
    code, out, _ = doctor(capsys, folder, *QUESTION)
    assert code == 1
    assert "The first problem is in the policies of role recs:" in out
    assert "kms:Decrypt on" in out


def test_a_large_object_is_written_to_the_key_of_s3_in_parts_that_are_read_again(folder: Path, capsys: Any) -> None:
    encrypted(folder)
    changed(folder, lambda role: role["RolePolicyList"].append(no_keys("kms:Decrypt")))
    question = ["export" if each == "import" else each for each in QUESTION]
    _, out, _ = doctor(capsys, folder, *question)
    assert "blocked    role recs may use the key alias/aws/s3" in out


def no_keys(actions: str = "kms:*") -> dict[str, Any]:
    statement = {"Effect": "Deny", "Action": actions, "Resource": "*"}
    return {"PolicyName": "no-keys", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


ATTACHED = {"PolicyName": "more", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/more"}
OF_AWS = {"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}


@pytest.mark.parametrize(
    ("change", "code", "needed"),
    [
        # Nothing else lets the role read: the policy that is not there may do it.
        ({"RolePolicyList": [], "AttachedManagedPolicies": [ATTACHED]}, 2, "policy/more"),
        ({"RolePolicyList": [], "AttachedManagedPolicies": [OF_AWS]}, 2, "policy/AmazonS3ReadOnlyAccess"),
        # What is known suffices, and the policy that is not there may deny; AWS's own policies deny nothing.
        ({"AttachedManagedPolicies": [ATTACHED]}, 2, "policy/more"),
        ({"AttachedManagedPolicies": [OF_AWS]}, 0, ""),
        ({"PermissionsBoundary": {"PermissionsBoundaryArn": ATTACHED["PolicyArn"]}}, 2, "policy/more"),
        # Whatever an unknown policy holds, a Deny that is known decides.
        ({"RolePolicyList": [no_keys()], "AttachedManagedPolicies": [ATTACHED]}, 1, "policy/more"),
    ],
)
def test_a_policy_that_is_in_no_file_may_hold_anything(
    folder: Path, change: dict[str, Any], code: int, needed: str, capsys: Any
) -> None:
    changed(folder, lambda role: role.update(change))
    ended, out, err = doctor(capsys, folder, *QUESTION)
    assert ended == code, out
    assert ("  - the document of policy" in out) is bool(needed)
    assert needed in out
    assert (ACCOUNT_COMMAND in err) is bool(needed)


def test_the_group_of_a_person_may_be_in_no_file(folder: Path, capsys: Any) -> None:
    rewrite(folder / "account.json", GroupDetailList=[])
    code, out, _ = doctor(capsys, folder, *WHOLE)
    assert code == 2
    assert "  - the policies of group analysts" in out


@pytest.mark.parametrize("kept", [[], ["bucket-policy.json"]])
def test_the_account_is_asked_for_where_no_file_holds_it(folder: Path, kept: list[str], capsys: Any) -> None:
    for file in folder.iterdir():
        if file.name not in kept:
            file.unlink()
    code, out, err = doctor(capsys, folder, *WHOLE)
    assert (code, out) == (2, "")
    assert ACCOUNT_COMMAND in err
    assert ("get-bucket-policy" in err) is (not kept)


@pytest.mark.parametrize("mark", [{"IsTruncated": True}, {"Marker": "next"}, {"NextToken": "next"}])
def test_a_list_that_goes_on_is_not_the_account(folder: Path, mark: dict[str, Any], capsys: Any) -> None:
    rewrite(folder / "account.json", **mark, RoleDetailList=[])
    code, out, err = doctor(capsys, folder, *WHOLE)
    assert (code, out) == (2, "")
    assert "account.json, which holds a part of the list; run" in err
    assert ACCOUNT_COMMAND in err


def test_the_command_for_an_alias_is_shown(folder: Path, capsys: Any) -> None:
    encrypted(folder, KMSMasterKeyID="alias/data")
    code, _, err = doctor(capsys, folder, *QUESTION)
    assert code == 2
    assert (
        "aws kms describe-key --key-id alias/data --query KeyMetadata.Arn --output text  # write that as --key" in err
    )


@pytest.mark.parametrize(
    ("name", "content", "code", "reported"),
    [
        ("bucket-policy.json", "\nAn error occurred (NoSuchBucketPolicy) when calling GetBucketPolicy", 1, ""),
        ("encryption.json", "An error occurred (ServerSideEncryptionConfigurationNotFoundError) when", 0, ""),
        ("bucket-policy.json", "An error occurred (AccessDenied) when calling", 2, "an error of the AWS CLI, AccessDenied"),
        ("bucket-policy.json", "Policy: '{}'", 2, "is not JSON: run the command again with --output json"),
        ("account.json", "-----\n| Get |", 2, "is not JSON: run the command again with --output json"),
        ("bucket-policy.json", '{"Policy": "{,}"}', 2, "the text of its Policy is malformed: the text is not JSON"),
        ("package.json", '{"name": "shop"}', 0, "passed over: "),
        ("list.json", "[1]", 0, "passed over: "),
    ],
)  # fmt: skip
def test_what_a_file_holds_besides(
    folder: Path, name: str, content: str, code: int, reported: str, capsys: Any
) -> None:
    (folder / name).write_text(content)
    ended, _, err = doctor(capsys, folder, *WHOLE)
    assert ended == code, err
    assert (name in err) is bool(reported)
    assert reported in err
    assert "usage:" not in err


def test_a_file_that_is_named_is_not_passed_over(folder: Path, capsys: Any) -> None:
    (folder / "package.json").write_text('{"name": "shop"}')
    code, _, err = doctor(capsys, folder / "package.json", *WHOLE)
    assert code == 2
    assert "package.json is not a file that the doctor reads" in err


def test_a_prefix_without_a_slash_is_an_object_and_noted(folder: Path, capsys: Any) -> None:
    code, out, _ = doctor(capsys, folder, *QUESTION, "--prefix", "in")
    assert code == 1
    assert 'Note: the prefix "in" is taken as one object; write "in/" if it is a folder' in out
    code, out, _ = doctor(capsys, folder, *QUESTION, "--prefix", "in/items.csv")
    assert code == 0
    assert "Note:" not in out


def test_a_trust_policy_that_works_and_restricts_nobody_is_noted(folder: Path, capsys: Any) -> None:
    changed(folder, lambda role: role["AssumeRolePolicyDocument"]["Statement"][0].pop("Condition"))
    code, out, _ = doctor(capsys, folder, *QUESTION)
    assert code == 0
    assert out.count("Note: the policy pack refuses the trust policy of role recs: Statement[0] lets") == 1
    _, out, _ = doctor(capsys, folder, *QUESTION, "--format", "json")
    assert len(json.loads(out)["notes"]) == 1


def test_a_keys_region_is_in_the_command_for_its_policy(folder: Path, capsys: Any) -> None:
    key = KEY.replace("us-east-1", "eu-west-1")
    encrypted(folder, KMSMasterKeyID=key)
    (folder / "key.json").unlink()
    _, _, err = doctor(capsys, folder, *QUESTION)
    assert f"--key-id {key} --policy-name default --region eu-west-1 > " in err
