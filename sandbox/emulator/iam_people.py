"""IAM users, groups, and which users are in which groups."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from typing_extensions import override

from sandbox.emulator import iam_rules
from sandbox.emulator.calls import pages, tag_list, tag_map, unless_gone
from sandbox.emulator.errors import AwsError
from sandbox.emulator.resource import Resource
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.schema import Failure
    from sandbox.emulator.session import Account
    from sandbox.emulator.wire import Props


class User(Resource):
    """An IAM user; its id is its name."""

    traits = Traits(
        kind="aws:iam/user:User",
        label="IAM User",
        name=AutoName(longest=iam_rules.LONGEST["user"]),
        defaults={"forceDestroy": False, "path": "/"},
        computed=frozenset({"name"}),
        written=frozenset({"forceDestroy"}),
        absent=frozenset({"permissionsBoundary"}),  # moto keeps boundaries of roles alone
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.name_failures(props, "user")
        yield from iam_rules.text_failures(props)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the user."""
        name = str(props["name"])
        account.client("iam").create_user(
            UserName=name, Path=props.get("path", "/"), Tags=tag_list(props.get("tagsAll"))
        )
        account.remember_name("user", name, taken=True)
        return name

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The user as IAM has it; after a renaming its id is still the old name."""
        name = str(known.get("name") or identity)
        answer = unless_gone(account.client("iam").get_user, UserName=name)
        if answer is None:
            return None
        user = answer["User"]
        return {
            "arn": user["Arn"],
            "name": user["UserName"],
            "path": user["Path"],
            "tags": tag_map(user.get("Tags")),
            "uniqueId": user["UserId"],
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Each changed property by its own call."""
        client, name = account.client("iam"), str(news["name"])
        if changed & {"name", "path"}:
            client.update_user(UserName=olds.get("name", identity), NewUserName=name, NewPath=news["path"])
            account.remember_name("user", olds.get("name", identity), taken=False)
            account.remember_name("user", name, taken=True)
        if changed & {"tags", "tagsAll"}:
            before, after = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
            if removed := [key for key in before if key not in after]:
                client.untag_user(UserName=name, TagKeys=removed)
            if after:
                client.tag_user(UserName=name, Tags=tag_list(after))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete; group memberships go with it, policies stand in the way."""
        client, identity = account.client("iam"), str(state.get("name") or identity)
        if unless_gone(client.get_user, UserName=identity) is None:
            return
        for group in list(pages(client, "list_groups_for_user", "Groups", UserName=identity)):
            unless_gone(client.remove_user_from_group, UserName=identity, GroupName=group["GroupName"])
        if any(pages(client, "list_attached_user_policies", "AttachedPolicies", UserName=identity)):
            raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
        if any(pages(client, "list_user_policies", "PolicyNames", UserName=identity)):
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.")
        keys = list(pages(client, "list_access_keys", "AccessKeyMetadata", UserName=identity))
        if keys and not state.get("forceDestroy"):
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete access keys first.")
        for key in keys:
            unless_gone(client.delete_access_key, UserName=identity, AccessKeyId=key["AccessKeyId"])
        unless_gone(client.delete_user, UserName=identity)
        account.remember_name("user", identity, taken=False)


class Group(Resource):
    """An IAM group; its id is its name."""

    traits = Traits(
        kind="aws:iam/group:Group",
        label="IAM Group",
        name=AutoName(longest=iam_rules.LONGEST["group"]),
        defaults={"path": "/"},
        computed=frozenset({"name"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.name_failures(props, "group")
        yield from iam_rules.text_failures(props)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the group."""
        name = str(props["name"])
        account.client("iam").create_group(GroupName=name, Path=props.get("path", "/"))
        account.remember_name("group", name, taken=True)
        return name

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The group as IAM has it; after a renaming its id is still the old name."""
        name = str(known.get("name") or identity)
        answer = unless_gone(account.client("iam").get_group, GroupName=name)
        if answer is None:
            return None
        group = answer["Group"]
        return {"arn": group["Arn"], "name": group["GroupName"], "path": group["Path"], "uniqueId": group["GroupId"]}

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Rename or move it, in place."""
        account.client("iam").update_group(
            GroupName=olds.get("name", identity), NewGroupName=news["name"], NewPath=news["path"]
        )
        account.remember_name("group", olds.get("name", identity), taken=False)
        account.remember_name("group", news["name"], taken=True)

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete; members and policies stand in the way."""
        client, name = account.client("iam"), str(state.get("name") or identity)
        answer = unless_gone(client.get_group, GroupName=name)
        if answer is None:
            return
        if answer["Users"]:
            raise AwsError("DeleteConflict", "Cannot delete entity, must remove users from group first.")
        if any(pages(client, "list_attached_group_policies", "AttachedPolicies", GroupName=name)):
            raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
        if any(pages(client, "list_group_policies", "PolicyNames", GroupName=name)):
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.")
        unless_gone(client.delete_group, GroupName=name)
        account.remember_name("group", name, taken=False)


class UserGroupMembership(Resource):
    """The groups that this resource puts a user in; other memberships are left alone. Imported as `user/group/...`."""

    traits = Traits(
        kind="aws:iam/userGroupMembership:UserGroupMembership",
        label="IAM User Group Membership",
        replacing=frozenset({"user"}),
        sets=frozenset({"groups"}),
    )

    @override
    def create(self, account: Account, props: Props) -> str:
        """Put the user in each group."""
        _join(account, props["user"], props["groups"])
        return f"terraform-{token_hex(13)}"

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """Those of the groups in which the user really is."""
        user, *asked = [known["user"], *known["groups"]] if known.get("user") else identity.split("/")
        client = account.client("iam")
        if unless_gone(client.get_user, UserName=user) is None:
            return None
        joined = {group["GroupName"] for group in pages(client, "list_groups_for_user", "Groups", UserName=user)}
        return {"groups": [group for group in asked if group in joined], "user": user}

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Leave the groups that are no longer named, join the new ones."""
        before, after = set(olds["groups"]), set(news["groups"])
        _leave(account, news["user"], sorted(before - after))
        _join(account, news["user"], sorted(after - before))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Leave the groups."""
        _leave(account, state["user"], state["groups"])


def _join(account: Account, user: str, groups: list[str]) -> None:
    for group in groups:
        account.client("iam").add_user_to_group(UserName=user, GroupName=group)


def _leave(account: Account, user: str, groups: list[str]) -> None:
    for group in groups:
        unless_gone(account.client("iam").remove_user_from_group, UserName=user, GroupName=group)
