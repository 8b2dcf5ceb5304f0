"""`aws:iam/policy:Policy`: managed policies and their versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from sandbox.emulator import iam_rules
from sandbox.emulator.calls import pages, tag_list, tag_map, unless_gone
from sandbox.emulator.documents import normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.resource import Resource
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.schema import Failure
    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Props

_VERSIONS_KEPT: Final = 5


class Policy(Resource):
    """A customer-managed policy; its id is its ARN."""

    traits = Traits(
        kind="aws:iam/policy:Policy",
        label="IAM Policy",
        name=AutoName(longest=iam_rules.LONGEST["policy"]),
        replacing=frozenset({"description", "name", "namePrefix", "path"}),
        defaults={"path": "/"},
        computed=frozenset({"name", "namePrefix"}),
        documents=frozenset({"policy"}),
        written=frozenset({"delayAfterPolicyCreationInMs"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.name_failures(props, "policy")
        yield from iam_rules.text_failures(props)
        yield from iam_rules.json_failures(props, "policy")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the policy with its first version."""
        name = str(props["name"])
        answer = account.client("iam").create_policy(
            PolicyName=name,
            Path=props.get("path", "/"),
            PolicyDocument=props["policy"],
            Description=props.get("description", ""),
            Tags=tag_list(props.get("tagsAll")),
        )
        account.remember_name("policy", name, taken=True)
        return str(answer["Policy"]["Arn"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The policy and its default version."""
        client = account.client("iam")
        answer = unless_gone(client.get_policy, PolicyArn=identity)
        if answer is None:
            return None
        policy = answer["Policy"]
        return {
            "arn": policy["Arn"],
            "attachmentCount": policy["AttachmentCount"],
            "description": policy.get("Description") or "",
            "name": policy["PolicyName"],
            "namePrefix": known.get("namePrefix", ""),
            "path": policy["Path"],
            "policy": default_document(client, policy),
            "policyId": policy["PolicyId"],
            "tags": tag_map(policy.get("Tags")),
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """A new default version; the oldest one gives way where there are five."""
        client = account.client("iam")
        if "policy" in changed:
            versions = _versions(client, identity)
            if len(versions) >= _VERSIONS_KEPT:
                oldest = min((item for item in versions if not item["IsDefaultVersion"]), key=_number)
                client.delete_policy_version(PolicyArn=identity, VersionId=oldest["VersionId"])
            client.create_policy_version(PolicyArn=identity, PolicyDocument=news["policy"], SetAsDefault=True)
        if changed & {"tags", "tagsAll"}:
            before, after = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
            if removed := [key for key in before if key not in after]:
                client.untag_policy(PolicyArn=identity, TagKeys=removed)
            if after:
                client.tag_policy(PolicyArn=identity, Tags=tag_list(after))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete it with its versions; refused while it is attached to anything."""
        client = account.client("iam")
        answer = unless_gone(client.get_policy, PolicyArn=identity)
        if answer is None:
            return
        if _is_attached(client, identity) or answer["Policy"].get("PermissionsBoundaryUsageCount"):
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
        for version in _versions(client, identity):
            if not version["IsDefaultVersion"]:
                unless_gone(client.delete_policy_version, PolicyArn=identity, VersionId=version["VersionId"])
        unless_gone(client.delete_policy, PolicyArn=identity)
        account.remember_name("policy", answer["Policy"]["PolicyName"], taken=False)


def default_document(client: Client, policy: dict[str, Any]) -> str:
    """The text of a managed policy's default version."""
    version = client.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    document = version["PolicyVersion"]["Document"]
    return normalize(document if isinstance(document, str) else json.dumps(document))


def _is_attached(client: Client, arn: str) -> bool:
    """Moto's own count goes wrong where an attachment was asked for twice, as happens where an answer is lost."""
    entities = client.list_entities_for_policy(PolicyArn=arn)
    return any(entities[f"Policy{kind}"] for kind in ("Roles", "Users", "Groups"))


def _versions(client: Client, arn: str) -> list[dict[str, Any]]:
    return list(pages(client, "list_policy_versions", "Versions", PolicyArn=arn))


def _number(version: dict[str, Any]) -> int:
    return int(version["VersionId"].removeprefix("v"))
