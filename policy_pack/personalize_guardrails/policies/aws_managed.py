"""The statements about PassRole and buckets in AWS managed policies that are often attached to service roles.

Source: AWS Managed Policy Reference Guide, the page of each policy. Other statements are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from personalize_guardrails.guide import MANAGED_POLICY, PASS_ROLE, PASSED_TO_SERVICE, SERVICE

_ARN: Final = re.compile(r"arn:[a-z-]+:iam::aws:policy/(.+)")


def aws_managed(arn: str) -> tuple[str, Mapping[str, object]] | None:
    """Return name and document of the managed policy with this ARN; None for any other."""
    named = _ARN.fullmatch(arn)
    document = _DOCUMENTS.get(named[1]) if named else None
    return (arn.rsplit("/", 1)[-1], document) if document else None


def _grants(*statements: Mapping[str, object]) -> Mapping[str, object]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}


_PERSONALIZE_BUCKETS: Final = ["arn:aws:s3:::*Personalize*", "arn:aws:s3:::*personalize*"]
_DOCUMENTS: Final[Mapping[str, Mapping[str, object]]] = {
    "AdministratorAccess": _grants({"Action": "*", "Resource": "*"}),
    "AmazonS3FullAccess": _grants({"Action": ["s3:*"], "Resource": "*"}),
    "AmazonS3ReadOnlyAccess": _grants({"Action": ["s3:Get*", "s3:List*", "s3:Describe*"], "Resource": "*"}),
    "IAMFullAccess": _grants({"Action": ["iam:*"], "Resource": "*"}),
    "PowerUserAccess": _grants({"NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}),
    MANAGED_POLICY: _grants(
        {
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
            "Resource": _PERSONALIZE_BUCKETS,
        },
        {"Action": [PASS_ROLE], "Resource": "*", "Condition": {"StringEquals": {PASSED_TO_SERVICE: SERVICE}}},
    ),
}
