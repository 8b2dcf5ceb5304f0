"""What KMS accepts as a key policy (KMS Developer Guide, "Key policies", "Default key policy")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.emulator.session import Account

_POLICY_BYTES: Final = 32768
_CODE: Final = "MalformedPolicyDocumentException"
_NEEDED: Final = "kms:putkeypolicy"


def default_policy(account: Account) -> str:
    """The policy that a key has when none is given: the account's own IAM decides."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{account.partition}:iam::{account.account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [statement]})
