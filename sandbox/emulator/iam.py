"""IAM: roles, managed policies, users and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from sandbox.emulator.resource import Resource, document, name_of, retag, retry, tag_list, tag_map

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values
    from sandbox.emulator.session import Account

_UNUSABLE: Final = "MalformedPolicyDocument"
"""How IAM refuses a principal that it does not know yet."""
_VERSIONS_KEPT: Final = 5


class Role(Resource):
    """A role, with the managed policies that its exclusive argument names. Its id is its name."""

    @override
    def create(self, account: Account, wanted: Values) -> str:
        name = name_of(wanted)
        call = {
            "RoleName": name,
            "Path": wanted["path"],
            "AssumeRolePolicyDocument": document(wanted["assume_role_policy"]),
            "Description": wanted["description"],
            "MaxSessionDuration": wanted["max_session_duration"],
            "PermissionsBoundary": wanted["permissions_boundary"],
            "Tags": tag_list(wanted["tags_all"]),
        }
        retry(lambda: account.call("iam", "create_role", **call), _UNUSABLE)
        for arn in wanted["managed_policy_arns"] or ():  # a failure here is no partial creation for the provider
            account.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
        return name

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        answer = account.find("iam", "get_role", RoleName=identity)
        if answer is None:
            return None
        role = answer["Role"]
        inline = []
        for name in account.pages("iam", "list_role_policies", "PolicyNames", RoleName=identity):
            found = account.find("iam", "get_role_policy", RoleName=identity, PolicyName=name)
            if found is not None:  # another resource of the same run may delete it meanwhile
                inline.append({"name": name, "policy": document(found["PolicyDocument"])})
        return {
            **_entity(role, "Role"),
            "assume_role_policy": document(role["AssumeRolePolicyDocument"]),
            "create_date": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description") or "",
            "inline_policy": inline,
            "managed_policy_arns": sorted(_attached(account, identity)),
            "max_session_duration": role.get("MaxSessionDuration", 3600),
            "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
            "tags_all": tag_map(role.get("Tags")),
        }

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        role = {"RoleName": identity}
        if "assume_role_policy" in changed:
            trust = {**role, "PolicyDocument": document(wanted["assume_role_policy"])}
            retry(lambda: account.call("iam", "update_assume_role_policy", **trust), _UNUSABLE)
        if "description" in changed:
            account.call("iam", "update_role_description", **role, Description=wanted["description"] or "")
        if "max_session_duration" in changed:
            account.call("iam", "update_role", **role, MaxSessionDuration=wanted["max_session_duration"])
        if "permissions_boundary" in changed and wanted["permissions_boundary"]:
            boundary = wanted["permissions_boundary"]
            account.call("iam", "put_role_permissions_boundary", **role, PermissionsBoundary=boundary)
        elif "permissions_boundary" in changed:
            account.call("iam", "delete_role_permissions_boundary", **role)
        if "managed_policy_arns" in changed:
            for arn in set(before["managed_policy_arns"] or ()) - set(wanted["managed_policy_arns"]):
                account.find("iam", "detach_role_policy", **role, PolicyArn=arn)
            for arn in set(wanted["managed_policy_arns"]) - set(before["managed_policy_arns"] or ()):
                account.call("iam", "attach_role_policy", **role, PolicyArn=arn)
        retag(account, "iam", "role", role, before, wanted)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        role = {"RoleName": identity}
        forced = state["force_detach_policies"]
        for arn in _attached(account, identity) if forced or state["managed_policy_arns"] else ():
            account.find("iam", "detach_role_policy", **role, PolicyArn=arn)
        inline = account.pages("iam", "list_role_policies", "PolicyNames", **role)
        for name in inline if forced or state["inline_policy"] else ():
            account.find("iam", "delete_role_policy", **role, PolicyName=name)
        account.find("iam", "delete_role", **role)


class Policy(Resource):
    """A managed policy; its id is its ARN."""

    @override
    def create(self, account: Account, wanted: Values) -> str:
        answer = account.call(
            "iam",
            "create_policy",
            PolicyName=name_of(wanted),
            Path=wanted["path"],
            PolicyDocument=document(wanted["policy"]),
            Description=wanted["description"],
            Tags=tag_list(wanted["tags_all"]),
        )
        return str(answer["Policy"]["Arn"])

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        answer = account.find("iam", "get_policy", PolicyArn=identity)
        if answer is None:
            return None
        policy = answer["Policy"]
        return {
            "arn": policy["Arn"],
            "attachment_count": policy["AttachmentCount"],
            "description": policy.get("Description") or "",
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": _default_document(account, policy),
            "policy_id": policy["PolicyId"],
            "tags_all": tag_map(policy.get("Tags")),
        }

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        policy = {"PolicyArn": identity}
        if "policy" in changed:
            versions = account.pages("iam", "list_policy_versions", "Versions", **policy)
            if len(versions) >= _VERSIONS_KEPT:
                old = (version["VersionId"] for version in versions if not version["IsDefaultVersion"])
                oldest = min(old, key=lambda version: int(version.removeprefix("v")))
                account.call("iam", "delete_policy_version", **policy, VersionId=oldest)
            text = document(wanted["policy"])
            account.call("iam", "create_policy_version", **policy, PolicyDocument=text, SetAsDefault=True)
        retag(account, "iam", "policy", policy, before, wanted)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        for version in account.pages("iam", "list_policy_versions", "Versions", PolicyArn=identity):
            if not version["IsDefaultVersion"]:
                account.find("iam", "delete_policy_version", PolicyArn=identity, VersionId=version["VersionId"])
        account.find("iam", "delete_policy", PolicyArn=identity)


class Person(Resource):
    """A user or a group. Its id is its name."""

    def __init__(self, title: str) -> None:
        super().__init__(f"IAM {title}")
        self._title = title

    def _call(self, account: Account, verb: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever AWS answers
        return account.call("iam", f"{verb}_{self._title.lower()}", **parameters)

    @override
    def create(self, account: Account, wanted: Values) -> str:
        named = {f"{self._title}Name": wanted["name"], "Path": wanted["path"]}
        self._call(account, "create", **named, Tags=tag_list(wanted.get("tags_all")))
        return str(wanted["name"])

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        name = known.get("name") or identity  # after a renaming, the id is still the one of before
        answer = account.find("iam", f"get_{self._title.lower()}", **{f"{self._title}Name": name})
        if answer is None:
            return None
        found = answer[self._title]
        return {**_entity(found, self._title), "id": name, "tags_all": tag_map(found.get("Tags"))}

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        if changed & {"name", "path"}:
            new = {f"New{self._title}Name": wanted["name"], "NewPath": wanted["path"]}
            self._call(account, "update", **{f"{self._title}Name": before["name"]}, **new)
        retag(account, "iam", "user", {"UserName": wanted["name"]}, before, wanted)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        name = {f"{self._title}Name": state["name"]}
        if self._title == "User":
            for group in account.pages("iam", "list_groups_for_user", "Groups", **name):
                account.find("iam", "remove_user_from_group", **name, GroupName=group["GroupName"])
        account.find("iam", f"delete_{self._title.lower()}", **name)


def _default_document(account: Account, policy: dict[str, Any]) -> str:
    """Return the text of a managed policy's default version."""
    named = {"PolicyArn": policy["Arn"], "VersionId": policy["DefaultVersionId"]}
    return document(account.call("iam", "get_policy_version", **named)["PolicyVersion"]["Document"])


def _entity(found: dict[str, Any], title: str) -> Values:
    return {
        "arn": found["Arn"],
        "name": found[f"{title}Name"],
        "path": found["Path"],
        "unique_id": found[f"{title}Id"],
    }


def _attached(account: Account, role: str) -> list[str]:
    attached = account.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role)
    return [policy["PolicyArn"] for policy in attached]
