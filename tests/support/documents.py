"""Documents that tables of cases name as `${...}`, and the account in which every case begins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

Aws = Any
"""`aws("iam")`: a boto3 client of the account."""

ACCOUNT = "123456789012"
ROOT = {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
_PERSONALIZE = {"Service": "personalize.amazonaws.com"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(action: Any, resource: Any = None, **more: Any) -> dict[str, Any]:
    place = {} if resource is None else {"Resource": resource}
    return {"Effect": "Allow", "Action": action, **place, **more}


_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": _PERSONALIZE}
_BUCKET = "arn:aws:s3:::data-bucket"
_READ = _allow(["s3:GetObject", "s3:ListBucket"], [_BUCKET, f"{_BUCKET}/*"], Principal=_PERSONALIZE)
_KEY = {**ROOT, "Resource": "*"}
_KEY_BY_ID = {**_KEY, "Principal": {"AWS": [ACCOUNT]}}
_GRANT = _allow(["kms:Decrypt", "kms:GenerateDataKey"], "*", Principal=_PERSONALIZE)
_TEMPLATE = {"T": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(document(_TRUST))}}}
_CLOUD_CONTROL = {"RoleName": "controlled", "AssumeRolePolicyDocument": json.loads(document(_TRUST))}

TEXTS = {
    "trust": document(_TRUST),
    "trust reordered": json.dumps(
        {
            "Statement": {
                **_TRUST,
                "Action": ["sts:AssumeRole"],
                "Principal": {"Service": ["personalize.amazonaws.com"]},
            },
            "Version": "2012-10-17",
        },
        indent=2,
    ),
    "trust of ec2": document({**_TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}),
    "identity": document(_allow("personalize:*", "*")),
    "identity spaced": json.dumps(json.loads(document(_allow(["personalize:*"], ["*"]))), indent=4),
    "identity of s3": document(_allow("s3:GetObject", f"{_BUCKET}/*")),
    "identity of a Cyrillic prefix": document(_allow("s3:GetObject", f"{_BUCKET}/*")).replace("*", "папка/*"),
    "bucket policy": document(_READ),
    "bucket policy reordered": document(
        {**_READ, "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [f"{_BUCKET}/*", _BUCKET]}
    ),
    "bucket policy of put": document(_allow("s3:PutObject", f"{_BUCKET}/*", Principal=_PERSONALIZE)),
    "key policy": document(_KEY, _GRANT),
    "key policy reordered": document(_GRANT, _KEY_BY_ID),
    "key policy of others": document(_KEY),
    "template": json.dumps({"Resources": _TEMPLATE}),
    "template of two": json.dumps({"Resources": {**_TEMPLATE, "U": {"Type": "AWS::IAM::User"}}}),
    "cloud control role": json.dumps(_CLOUD_CONTROL),
    "cloud control role described": json.dumps({**_CLOUD_CONTROL, "Description": "now described"}),
}


def furnish(aws: Aws, *, keys: bool = True) -> dict[str, str]:
    """An account with people, a role, a policy, buckets and (slow to make) keys; the texts that only it knows."""
    iam, s3, kms = aws("iam"), aws("s3"), aws("kms")
    for user in ("ana", "ben"):
        iam.create_user(UserName=user)
    for group in ("team", "ops"):
        iam.create_group(GroupName=group)
    iam.create_role(RoleName="existing", AssumeRolePolicyDocument=TEXTS["trust"])
    policy = iam.create_policy(PolicyName="Shared", PolicyDocument=TEXTS["identity"])["Policy"]["Arn"]
    for bucket in ("data-bucket", "other-bucket"):
        s3.create_bucket(Bucket=bucket)
    if not keys:
        return {"policy": policy}
    made = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    return {"policy": policy, "key": made[0], "other key": made[1]}


def table(file: Path) -> list[Any]:
    """The cases of a JSON table, each with its `name` as id."""
    cases = json.loads(file.read_text(encoding="utf-8"))
    assert all(case["why"] for case in cases), "a case without its reason"
    return [pytest.param(case, id=case["name"]) for case in cases]


def filled(value: Any, own: dict[str, str]) -> Any:
    """The value with every `${name}` in its texts replaced."""
    if isinstance(value, dict):
        return {name: filled(item, own) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, own) for item in value]
    if isinstance(value, str):
        texts = {**TEXTS, **own}
        return re.sub(r"\$\{([^}]+)\}", lambda match: texts[match.group(1)], value)
    return value
