"""What AWS refuses, asked for by plain boto3: the account refuses it, whatever the provider."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.support.documents import TEXTS, Aws, document, filled, furnish, table

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

_ABSENT = {"RoleName": "thing", "PolicyName": "thing"}
"""What a case that is not about names leaves out."""


def parameters_of(case: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    given = dict(case.get("with", {}))
    for name, statements in case.get("document", {}).items():
        given[name] = document(*(statements if isinstance(statements, list) else [statements]))
    if given.get("Tags") == "${51 tags}":
        given["Tags"] = own["51 tags"]
    result: dict[str, Any] = filled(given, own)
    return result


@pytest.mark.parametrize("case", table(Path(__file__).with_name("refusals.json")))
def test_account_refuses(case: Any, furnished: dict[str, Any], aws: Aws) -> None:
    service, operation = case["call"].split(":")
    client = aws(service, case.get("region", "us-east-1"))
    required = client.meta.service_model.operation_model(operation).input_shape.required_members
    given = {name: value for name, value in _ABSENT.items() if name in required} | parameters_of(case, furnished)
    with pytest.raises(ClientError) as refused:
        getattr(client, xform_name(operation))(**given)
    error = refused.value.response["Error"]
    assert f"{error['Code']}: {error['Message']}".startswith(case["refused"])


def test_every_text_of_the_account_is_used(furnished: dict[str, Any]) -> None:
    cases = Path(__file__).with_name("refusals.json").read_text(encoding="utf-8")
    assert {name for name in furnished if f"${{{name}}}" not in cases} == {"other key"}


def test_a_bucket_of_another_region_redirects(furnished: dict[str, Any], account: Cloud) -> None:
    scope = "Credential=tests/20260101/us-east-1/s3/aws4_request"
    request = urllib.request.Request(
        f"{account.endpoint}/eu-bucket?policy", headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, Signature=x"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    assert refused.value.code == 301
    assert refused.value.headers["x-amz-bucket-region"] == "eu-west-1"
    assert b"<Code>PermanentRedirect</Code>" in refused.value.read()


def test_boto3_follows_the_redirect(furnished: dict[str, Any], aws: Aws) -> None:
    assert aws("s3").get_bucket_location(Bucket="eu-bucket")["LocationConstraint"] == "eu-west-1"
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        aws("s3").get_bucket_policy(Bucket="eu-bucket")


def test_a_long_document_of_whitespace_is_taken(account: Cloud, aws: Aws) -> None:
    account.reset()
    spaced = TEXTS["identity"].replace(" ", " " * 1000)
    assert len(spaced) > 6144
    assert aws("iam").create_policy(PolicyName="spaced", PolicyDocument=spaced)


def test_an_eleventh_policy_is_refused(account: Cloud, aws: Aws) -> None:
    account.reset()
    furnish(aws, keys=False)
    iam = aws("iam")
    arns = [iam.create_policy(PolicyName=f"p{n}", PolicyDocument=TEXTS["identity"])["Policy"]["Arn"] for n in range(11)]
    for arn in [*arns[:10], arns[0]]:  # the one that is attached already is no eleventh
        iam.attach_role_policy(RoleName="existing", PolicyArn=arn)
    with pytest.raises(ClientError, match=r"\(LimitExceeded\).* Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName="existing", PolicyArn=arns[10])


def test_inline_policies_count_together(account: Cloud, aws: Aws) -> None:
    account.reset()
    furnish(aws, keys=False)
    allowed = {"Effect": "Allow", "Action": "personalize:*", "Resource": "*"}
    half = document(*({**allowed, "Sid": f"s{n}"} for n in range(80)))
    for _ in range(2):  # the same one again is counted once
        aws("iam").put_role_policy(RoleName="existing", PolicyName="a", PolicyDocument=half)
    with pytest.raises(ClientError, match="Maximum policy size of 10240 bytes exceeded for role existing"):
        aws("iam").put_role_policy(RoleName="existing", PolicyName="b", PolicyDocument=half)


def test_a_key_policy_may_lock_out_where_the_check_is_bypassed(account: Cloud, aws: Aws) -> None:
    account.reset()
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    principal = {"Service": "personalize.amazonaws.com"}
    locked = document({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": principal})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == locked


def test_a_principal_of_another_account_must_exist_there(account: Cloud, aws: Aws) -> None:
    account.reset()
    arn = "arn:aws:iam::999988887777:role/theirs"
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}})
    other = aws("sts").assume_role(RoleArn="arn:aws:iam::999988887777:role/x", RoleSessionName="x")["Credentials"]
    with pytest.raises(ClientError, match="Invalid principal in policy"):
        aws("iam").create_role(RoleName="ours", AssumeRolePolicyDocument=trust)
    theirs = aws("iam", key=other["AccessKeyId"])
    theirs.create_role(RoleName="theirs", AssumeRolePolicyDocument=TEXTS["trust"])
    assert aws("iam").create_role(RoleName="ours", AssumeRolePolicyDocument=trust)
