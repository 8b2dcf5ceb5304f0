"""KMS keys, their policies and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from sandbox.emulator import iam_rules, kms_rules
from sandbox.emulator.calls import pages, tag_list, tag_map, unless_gone
from sandbox.emulator.documents import normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.propagation import while_refused
from sandbox.emulator.resource import Resource
from sandbox.emulator.schema import Failure
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Json, Props

_DELETION_DAYS: Final = 30
_TAGS: Final = {"key": "TagKey", "value": "TagValue"}


class Key(Resource):
    """A customer-managed key; deleting it schedules its deletion, as KMS never deletes at once."""

    traits = Traits(
        kind="aws:kms/key:Key",
        label="KMS Key",
        replacing=frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"}),
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": False,
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        computed=frozenset({"description", "multiRegion", "policy", "rotationPeriodInDays"}),
        documents=frozenset({"policy"}),
        written=frozenset({"bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"}),
        absent=frozenset({"customKeyStoreId", "xksKeyId"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.json_failures(props, "policy")
        days = props.get("deletionWindowInDays")
        if isinstance(days, int) and not 7 <= days <= _DELETION_DAYS:
            yield Failure("deletionWindowInDays", f"expected deletionWindowInDays in the range (7 - 30), got {days}")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the key with its policy."""
        policy = props.get("policy")
        answer = account.client("kms", props.get("region")).create_key(
            Policy=policy or kms_rules.default_policy(account),
            BypassPolicyLockoutSafetyCheck=bool(props.get("bypassPolicyLockoutSafetyCheck")),
            Description=props.get("description", ""),
            KeySpec=props.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            KeyUsage=props.get("keyUsage", "ENCRYPT_DECRYPT"),
            MultiRegion=bool(props.get("multiRegion")),
            Tags=tag_list(props.get("tagsAll"), **_TAGS),
        )
        return str(answer["KeyMetadata"]["KeyId"])

    @override
    def complete(self, account: Account, identity: str, props: Props) -> None:
        """Rotation, and disabling where asked."""
        client = account.client("kms", props.get("region"))
        if props.get("enableKeyRotation"):
            client.enable_key_rotation(KeyId=identity, RotationPeriodInDays=int(props.get("rotationPeriodInDays", 365)))
        if props.get("isEnabled") is False:
            client.disable_key(KeyId=identity)

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The key; one that waits for its deletion is gone."""
        client = account.client("kms", known.get("region"))
        metadata = find_key(client, identity)
        if metadata is None or metadata["KeyState"] == "PendingDeletion":
            return None
        rotation = client.get_key_rotation_status(KeyId=identity)
        rotated = bool(rotation.get("KeyRotationEnabled"))
        tags = client.list_resource_tags(KeyId=identity).get("Tags")
        return {
            "arn": metadata["Arn"],
            "customerMasterKeySpec": metadata.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "description": metadata.get("Description", ""),
            "enableKeyRotation": rotated,
            "isEnabled": metadata["Enabled"],
            "keyId": metadata["KeyId"],
            "keyUsage": metadata["KeyUsage"],
            "multiRegion": metadata.get("MultiRegion", False),
            "policy": normalize(client.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]),
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays") if rotated else None,
            "tags": tag_map(tags, **_TAGS),
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Each changed property by its own call."""
        client = account.client("kms", news.get("region"))
        if changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            if news.get("enableKeyRotation"):
                client.enable_key_rotation(
                    KeyId=identity, RotationPeriodInDays=int(news.get("rotationPeriodInDays", 365))
                )
            else:
                client.disable_key_rotation(KeyId=identity)
        if "isEnabled" in changed:
            (client.enable_key if news.get("isEnabled", True) else client.disable_key)(KeyId=identity)
        if "description" in changed:
            client.update_key_description(KeyId=identity, Description=news.get("description", ""))
        if "policy" in changed:
            _put_policy(client, identity, news)
        if changed & {"tags", "tagsAll"}:
            before, after = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
            if removed := [key for key in before if key not in after]:
                client.untag_resource(KeyId=identity, TagKeys=removed)
            if after:
                client.tag_resource(KeyId=identity, Tags=tag_list(after, **_TAGS))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Schedule its deletion."""
        client = account.client("kms", state.get("region"))
        metadata = find_key(client, identity)
        if metadata is None or metadata["KeyState"] == "PendingDeletion":
            return
        days = int(state.get("deletionWindowInDays") or _DELETION_DAYS)
        client.schedule_key_deletion(KeyId=identity, PendingWindowInDays=days)


class KeyPolicy(Resource):
    """A key's one policy: putting it replaces whatever was there, deleting it puts the default one back."""

    traits = Traits(
        kind="aws:kms/keyPolicy:KeyPolicy",
        label="KMS Key Policy",
        replacing=frozenset({"keyId"}),
        defaults={"bypassPolicyLockoutSafetyCheck": False},
        documents=frozenset({"policy"}),
        written=frozenset({"bypassPolicyLockoutSafetyCheck", "keyId"}),
    )

    @override
    def doing(self, verb: str, name: str, props: Props) -> str:
        """The real provider's words."""
        if verb == "reading":
            return super().doing(verb, name, props)
        return f"attaching KMS Key policy ({props.get('keyId', name)})"

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.json_failures(props, "policy")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Put it."""
        key = str(props["keyId"])
        _put_policy(account.client("kms", props.get("region")), key, props)
        return key

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The policy that the key has."""
        client = account.client("kms", known.get("region"))
        metadata = find_key(client, identity)
        if metadata is None or metadata["KeyState"] == "PendingDeletion":
            return None
        policy = client.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"]
        return {"keyId": metadata["KeyId"], "policy": normalize(policy)}

    @override
    def state(self, account: Account, identity: str, known: Props) -> Props | None:
        """A key named by its ARN stays named by its ARN: replacing the policy for that would help nobody."""
        state = super().state(account, identity, known)
        return state and ({**state, "keyId": known.get("keyId") or identity})

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Put the new one."""
        if "policy" in changed:
            _put_policy(account.client("kms", news.get("region")), identity, news)

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Put the default policy back; with the lockout check bypassed the real provider leaves it as it is."""
        client = account.client("kms", state.get("region"))
        metadata = find_key(client, identity)
        if metadata is None or metadata["KeyState"] == "PendingDeletion" or state.get("bypassPolicyLockoutSafetyCheck"):
            return
        client.put_key_policy(KeyId=metadata["KeyId"], PolicyName="default", Policy=kms_rules.default_policy(account))


class Alias(Resource):
    """A key's alias; its id is its name."""

    traits = Traits(
        kind="aws:kms/alias:Alias",
        label="KMS Alias",
        name=AutoName(longest=256, prefix="alias/"),
        replacing=frozenset({"name", "namePrefix"}),
        computed=frozenset({"name", "namePrefix"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        name = props.get("name")
        if isinstance(name, str) and (not name.startswith("alias/") or name.startswith("alias/aws/")):
            yield Failure("name", f"name must begin with 'alias/' and not be 'alias/aws/...': {name}")

    @override
    def same(self, name: str, old: object, new: object) -> bool:
        """A key's id and its ARN name the same key."""
        if name == "targetKeyId" and isinstance(old, str) and isinstance(new, str):
            return old.rsplit("/", 1)[-1] == new.rsplit("/", 1)[-1]
        return super().same(name, old, new)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create it."""
        client = account.client("kms", props.get("region"))
        require_key(client, str(props["targetKeyId"]))
        client.create_alias(AliasName=props["name"], TargetKeyId=props["targetKeyId"])
        return str(props["name"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The alias and its key."""
        region = known.get("region") or account.region
        found = find_alias(account.client("kms", region), identity)
        if found is None:
            return None
        key = found["TargetKeyId"]
        return {
            "arn": found["AliasArn"],
            "name": found["AliasName"],
            "namePrefix": known.get("namePrefix", ""),
            "targetKeyArn": f"arn:{account.partition}:kms:{region}:{account.account_id}:key/{key}",
            "targetKeyId": key,
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Point it to another key."""
        client = account.client("kms", news.get("region"))
        require_key(client, str(news["targetKeyId"]))
        client.update_alias(AliasName=identity, TargetKeyId=news["targetKeyId"])

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete it; the key stays."""
        unless_gone(account.client("kms", state.get("region")).delete_alias, AliasName=identity)


def find_key(client: Client, key: str) -> Json:
    """A key's metadata by id, ARN or alias; None when there is no such key."""
    answer = unless_gone(client.describe_key, KeyId=key)
    if answer is None:
        return None
    return {"KeyUsage": "ENCRYPT_DECRYPT", **answer["KeyMetadata"]}  # moto leaves out the use that nobody asked for


def find_alias(client: Client, name: str) -> Json:
    """An alias with a target, None when there is none of that name."""
    found = (item for item in pages(client, "list_aliases", "Aliases") if item["AliasName"] == name)
    alias = next(found, None)
    return alias if alias and alias.get("TargetKeyId") else None


def require_key(client: Client, key: str) -> Json:
    """The metadata of a key that can be used; AwsError when it does not exist or waits for its deletion."""
    metadata = find_key(client, key)
    if metadata is None:
        raise AwsError("NotFoundException", f"Key '{key}' does not exist")
    if metadata["KeyState"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{metadata['Arn']} is pending deletion.")
    return metadata


def _put_policy(client: Client, key: str, props: Props) -> None:
    if key.startswith("alias/") or ":alias/" in key:
        raise AwsError("InvalidArnException", f"Invalid keyId {key}")
    metadata = require_key(client, key)
    while_refused(
        client.put_key_policy,
        "MalformedPolicyDocumentException",  # a principal that KMS does not know yet
        KeyId=metadata["KeyId"],
        PolicyName="default",
        Policy=props["policy"],
        BypassPolicyLockoutSafetyCheck=bool(props.get("bypassPolicyLockoutSafetyCheck")),
    )
