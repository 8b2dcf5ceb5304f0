"""`aws:iam/role:Role`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from sandbox.emulator import iam_rules
from sandbox.emulator.calls import pages, tag_list, tag_map, unless_gone
from sandbox.emulator.documents import equivalent, normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.propagation import while_refused
from sandbox.emulator.resource import Resource
from sandbox.emulator.schema import Failure
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Props

_UNUSABLE: Final = "MalformedPolicyDocument"
"""How IAM refuses a principal that it does not know yet."""
_SESSION_SECONDS: Final = range(3600, 43201)


class Role(Resource):
    """An IAM role, with the inline and managed policies that its exclusive arguments name."""

    traits = Traits(
        kind="aws:iam/role:Role",
        label="IAM Role",
        name=AutoName(longest=iam_rules.LONGEST["role"]),
        replacing=frozenset({"name", "namePrefix", "path"}),
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        computed=frozenset({"inlinePolicies", "managedPolicyArns", "name", "namePrefix"}),
        documents=frozenset({"assumeRolePolicy"}),
        sets=frozenset({"managedPolicyArns"}),
        written=frozenset({"forceDetachPolicies"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.name_failures(props, "role")
        yield from iam_rules.text_failures(props)
        yield from iam_rules.arn_failures(props, "permissionsBoundary", "managedPolicyArns")
        yield from iam_rules.json_failures(props, "assumeRolePolicy")
        seconds = props.get("maxSessionDuration")
        if isinstance(seconds, int) and seconds not in _SESSION_SECONDS:
            bounds = f"expected maxSessionDuration in the range (3600 - 43200), got {seconds}"
            yield Failure("maxSessionDuration", bounds)

    @override
    def same(self, name: str, old: object, new: object) -> bool:
        """Inline policies are a set by name, each compared as a policy."""
        if name == "inlinePolicies" and isinstance(old, list) and isinstance(new, list):
            before, after = _by_name(old), _by_name(new)
            return before.keys() == after.keys() and all(equivalent(before[key], after[key]) for key in before)
        return super().same(name, old, new)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the role alone."""
        name = str(props["name"])
        optional = {"Description": props.get("description"), "PermissionsBoundary": props.get("permissionsBoundary")}
        while_refused(
            account.client("iam").create_role,
            _UNUSABLE,
            RoleName=name,
            Path=props.get("path", "/"),
            AssumeRolePolicyDocument=props["assumeRolePolicy"],
            MaxSessionDuration=int(props.get("maxSessionDuration", 3600)),
            Tags=tag_list(props.get("tagsAll")),
            **{key: value for key, value in optional.items() if value},
        )
        account.remember_name("role", name, taken=True)
        return name

    @override
    def complete(self, account: Account, identity: str, props: Props) -> None:
        """Put its inline policies, attach its managed ones."""
        for name, text in _by_name(props.get("inlinePolicies") or []).items():
            account.client("iam").put_role_policy(RoleName=identity, PolicyName=name, PolicyDocument=text)
        for arn in props.get("managedPolicyArns") or []:
            account.client("iam").attach_role_policy(RoleName=identity, PolicyArn=arn)

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The role with all its policies."""
        client = account.client("iam")
        answer = unless_gone(client.get_role, RoleName=identity)
        if answer is None:
            return None
        role = answer["Role"]
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": normalize(_text(role["AssumeRolePolicyDocument"])),
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description") or "",
            "inlinePolicies": _inline(client, identity),
            "managedPolicyArns": sorted(_attached(client, identity)),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "namePrefix": known.get("namePrefix", ""),
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "tags": tag_map(role.get("Tags")),
            "uniqueId": role["RoleId"],
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Each changed property by its own call, as the real provider does."""
        client = account.client("iam")
        if "assumeRolePolicy" in changed:
            trust = {"RoleName": identity, "PolicyDocument": news["assumeRolePolicy"]}
            while_refused(client.update_assume_role_policy, _UNUSABLE, **trust)
        if changed & {"description", "maxSessionDuration"}:
            client.update_role(
                RoleName=identity,
                Description=news.get("description", ""),
                MaxSessionDuration=int(news.get("maxSessionDuration", 3600)),
            )
        if "permissionsBoundary" in changed:
            _put_boundary(account, identity, news.get("permissionsBoundary"))
        self._replace_policies(account, identity, olds, news, changed)
        if changed & {"tags", "tagsAll"}:
            before_tags, after_tags = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
            if removed := [key for key in before_tags if key not in after_tags]:
                client.untag_role(RoleName=identity, TagKeys=removed)
            if after_tags:
                client.tag_role(RoleName=identity, Tags=tag_list(after_tags))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete; policies put on it elsewhere stand in the way unless forceDetachPolicies says otherwise."""
        client = account.client("iam")
        forced = bool(state.get("forceDetachPolicies"))
        if unless_gone(client.get_role, RoleName=identity) is None:
            return
        attached, inline = _attached(client, identity), _inline(client, identity)
        if forced or state.get("managedPolicyArns"):
            for arn in attached:
                unless_gone(client.detach_role_policy, RoleName=identity, PolicyArn=arn)
            attached = []
        if forced or state.get("inlinePolicies"):
            for policy in inline:
                unless_gone(client.delete_role_policy, RoleName=identity, PolicyName=policy["name"])
            inline = []
        if attached:
            raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
        if inline:
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.")
        unless_gone(client.delete_role, RoleName=identity)
        account.remember_name("role", identity, taken=False)

    def _replace_policies(
        self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]
    ) -> None:
        client = account.client("iam")
        if "inlinePolicies" in changed:
            for name in _by_name(olds.get("inlinePolicies") or []).keys() - _by_name(news["inlinePolicies"]).keys():
                unless_gone(client.delete_role_policy, RoleName=identity, PolicyName=name)
            self.complete(account, identity, {"inlinePolicies": news["inlinePolicies"]})
        if "managedPolicyArns" in changed:
            before, after = set(_attached(client, identity)), set(news["managedPolicyArns"])
            for arn in sorted(before - after):
                unless_gone(client.detach_role_policy, RoleName=identity, PolicyArn=arn)
            self.complete(account, identity, {"managedPolicyArns": sorted(after - before)})


def _put_boundary(account: Account, name: str, boundary: str | None) -> None:
    client = account.client("iam")
    if boundary:
        client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    else:
        client.delete_role_permissions_boundary(RoleName=name)


def _by_name(policies: list[Any]) -> dict[str, str]:
    return {item["name"]: item.get("policy") or "" for item in policies if isinstance(item, dict) and item.get("name")}


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _attached(client: Client, name: str) -> list[str]:
    attached = pages(client, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return [item["PolicyArn"] for item in attached]


def _inline(client: Client, name: str) -> list[dict[str, str]]:
    """The inline policies; one that goes meanwhile, by another resource of the same run, is not among them."""
    found = []
    for policy in pages(client, "list_role_policies", "PolicyNames", RoleName=name):
        answer = unless_gone(client.get_role_policy, RoleName=name, PolicyName=policy)
        if answer is not None:
            found.append({"name": policy, "policy": normalize(_text(answer["PolicyDocument"]))})
    return found
