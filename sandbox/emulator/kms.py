"""KMS: keys and their policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from sandbox.emulator.resource import Resource, document, retag, retry, tag_list, tag_map

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values
    from sandbox.emulator.session import Account

_DELETION_DAYS: Final = 30
_UNUSABLE: Final = "MalformedPolicyDocumentException"
"""How KMS refuses a principal that it does not know yet."""


class Key(Resource):
    """A key; deleting it schedules its deletion, as KMS never deletes at once. Its id is the key's."""

    @override
    def create(self, account: Account, wanted: Values) -> str:
        call = {
            "Policy": document(wanted["policy"]) if wanted["policy"] else None,
            "Description": wanted["description"],
            "KeySpec": wanted["customer_master_key_spec"],
            "KeyUsage": wanted["key_usage"],
            "MultiRegion": wanted["multi_region"],
            "BypassPolicyLockoutSafetyCheck": wanted["bypass_policy_lockout_safety_check"],
            "Tags": tag_list(wanted["tags_all"], "Tag"),
        }
        answer = retry(lambda: account.call("kms", "create_key", **call), _UNUSABLE)
        return str(answer["KeyMetadata"]["KeyId"])

    @override
    def complete(self, account: Account, identity: str, wanted: Values) -> None:
        if wanted["enable_key_rotation"]:
            account.call("kms", "enable_key_rotation", KeyId=identity)

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        metadata = _find_key(account, identity)
        if metadata is None:
            return None
        rotated = account.call("kms", "get_key_rotation_status", KeyId=identity)["KeyRotationEnabled"]
        return {
            "arn": metadata["Arn"],
            "customer_master_key_spec": metadata["KeySpec"],
            "description": metadata.get("Description", ""),
            "enable_key_rotation": rotated,
            "key_id": metadata["KeyId"],
            "key_usage": metadata["KeyUsage"],
            "multi_region": metadata.get("MultiRegion", False),
            "policy": _policy_of(account, identity),
            "tags_all": tag_map(account.call("kms", "list_resource_tags", KeyId=identity).get("Tags"), "Tag"),
        }

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        key = {"KeyId": identity}
        if "enable_key_rotation" in changed:
            account.call("kms", f"{'enable' if wanted['enable_key_rotation'] else 'disable'}_key_rotation", **key)
        if "description" in changed:
            account.call("kms", "update_key_description", **key, Description=wanted["description"] or "")
        if "policy" in changed:
            _put_policy(account, identity, wanted)
        retag(account, "kms", "resource", key, before, wanted, "Tag")

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        if _find_key(account, identity) is not None:
            days = state["deletion_window_in_days"] or _DELETION_DAYS
            account.call("kms", "schedule_key_deletion", KeyId=identity, PendingWindowInDays=days)


class KeyPolicy(Resource):
    """A key's one policy: putting it replaces whatever was there, deleting it puts the default one back.

    Its id is what the program gave for the key when it was made; an update writes to that key, whatever the program
    says by then.
    """

    words = dict.fromkeys(("create", "update", "delete"), "attaching KMS Key policy ({key_id})")

    @override
    def create(self, account: Account, wanted: Values) -> str:
        _put_policy(account, wanted["key_id"], wanted)
        return str(wanted["key_id"])

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        metadata = _find_key(account, identity)
        if metadata is None:
            return None
        return {"key_id": metadata["KeyId"], "policy": _policy_of(account, metadata["KeyId"])}

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        if "policy" in changed:
            _put_policy(account, identity, wanted)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        if _find_key(account, identity) is not None and not state["bypass_policy_lockout_safety_check"]:
            _put_policy(account, identity, {**state, "policy": _default_policy(account)})


def _find_key(account: Account, key: str) -> Any:  # noqa: ANN401 - what KMS answers
    """Return a key's metadata; None where there is no such key, or it waits for its deletion."""
    answer = account.find("kms", "describe_key", KeyId=key)
    return None if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion" else answer["KeyMetadata"]


def _put_policy(account: Account, key: str, wanted: Values) -> None:
    policy = {
        "KeyId": key,
        "PolicyName": "default",
        "Policy": document(wanted["policy"]),
        "BypassPolicyLockoutSafetyCheck": wanted["bypass_policy_lockout_safety_check"],
    }
    retry(lambda: account.call("kms", "put_key_policy", **policy), _UNUSABLE)


def _policy_of(account: Account, key: str) -> str:
    return document(account.call("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"])


def _default_policy(account: Account) -> str:
    """Return the policy that a key has when none is given: the account's own IAM decides."""
    owner = {"AWS": f"arn:{account.partition}:iam::{account.identity['Account']}:root"}
    statement = {"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"}
    named = {"Sid": "Enable IAM User Permissions", **statement}
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [named]})
