"""What gives permissions: attachments of managed policies, and inline policies, on roles, users and groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from sandbox.emulator import iam_rules
from sandbox.emulator.calls import pages, unless_gone
from sandbox.emulator.documents import normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.propagation import entity
from sandbox.emulator.resource import Resource
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.schema import Failure
    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Props

_PRINCIPALS: Final = {"role": "RoleName", "user": "UserName", "group": "GroupName"}


class _Attachment(Resource):
    """One managed policy on one principal; the id and import id are `principal/policy ARN`.

    The same policy twice on a principal is one attachment for IAM, so a replacement deletes first.
    """

    principal: ClassVar[str]

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.arn_failures(props, "policyArn")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Attach it."""
        name, arn, client = props[self.principal], props["policyArn"], account.client("iam")
        _require_entity(account, self.principal, name)
        attach = getattr(client, f"attach_{self.principal}_policy")
        attach(PolicyArn=arn, **{_PRINCIPALS[self.principal]: name})
        return f"{name}/{arn}"

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """Whether it is attached."""
        name, _, arn = identity.partition("/")
        try:
            attached = {item["PolicyArn"] for item in self._attached(account.client("iam"), name)}
        except account.client("iam").exceptions.NoSuchEntityException:
            return None
        return {self.principal: name, "policyArn": arn} if arn in attached else None

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Nothing: every change is a replacement."""

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Detach it."""
        detach = getattr(account.client("iam"), f"detach_{self.principal}_policy")
        unless_gone(detach, PolicyArn=state["policyArn"], **{_PRINCIPALS[self.principal]: state[self.principal]})

    def _attached(self, client: Client, name: str) -> Iterator[Any]:
        operation = f"list_attached_{self.principal}_policies"
        return pages(client, operation, "AttachedPolicies", **{_PRINCIPALS[self.principal]: name})


class _InlinePolicy(Resource):
    """One inline policy of one principal; the id and import id are `principal:policy name`."""

    principal: ClassVar[str]

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.name_failures(props, "policy")
        yield from iam_rules.json_failures(props, "policy")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Put it; the real provider, too, overwrites one of the same name."""
        self._put(account, props[self.principal], str(props["name"]), props["policy"])
        return f"{props[self.principal]}:{props['name']}"

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """Its text as IAM has it."""
        owner, _, name = identity.partition(":")
        get = getattr(account.client("iam"), f"get_{self.principal}_policy")
        answer = unless_gone(get, PolicyName=name, **{_PRINCIPALS[self.principal]: owner})
        if answer is None:
            return None
        text, prefix = _text(answer["PolicyDocument"]), known.get("namePrefix", "")
        return {self.principal: owner, "name": name, "namePrefix": prefix, "policy": normalize(text)}

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Put the new text."""
        owner, _, name = identity.partition(":")
        self._put(account, owner, name, news["policy"])

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete it."""
        owner, _, name = identity.partition(":")
        remove = getattr(account.client("iam"), f"delete_{self.principal}_policy")
        unless_gone(remove, PolicyName=name, **{_PRINCIPALS[self.principal]: owner})

    def _put(self, account: Account, owner: str, name: str, text: str) -> None:
        client, key = account.client("iam"), {_PRINCIPALS[self.principal]: owner}
        _require_entity(account, self.principal, owner)
        getattr(client, f"put_{self.principal}_policy")(PolicyName=name, PolicyDocument=text, **key)


def _require_entity(account: Account, principal: str, name: str) -> None:
    if entity(account, principal, name) is None:
        missing = f"The {principal} with name {name} cannot be found."
        raise AwsError("NoSuchEntity", missing)


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _attachment(principal: str) -> Traits:
    title = principal.capitalize()
    return Traits(
        kind=f"aws:iam/{principal}PolicyAttachment:{title}PolicyAttachment",
        label=f"IAM {title} Policy Attachment",
        replacing=frozenset({principal, "policyArn"}),
        delete_first=True,
    )


def _inline(principal: str) -> Traits:
    title = principal.capitalize()
    return Traits(
        kind=f"aws:iam/{principal}Policy:{title}Policy",
        label=f"IAM {title} Policy",
        name=AutoName(longest=iam_rules.LONGEST["policy"]),
        replacing=frozenset({principal, "name", "namePrefix"}),
        computed=frozenset({"name", "namePrefix"}),
        documents=frozenset({"policy"}),
    )


class RolePolicyAttachment(_Attachment):
    """A managed policy on a role."""

    principal = "role"
    traits = _attachment(principal)


class UserPolicyAttachment(_Attachment):
    """A managed policy on a user."""

    principal = "user"
    traits = _attachment(principal)


class GroupPolicyAttachment(_Attachment):
    """A managed policy on a group."""

    principal = "group"
    traits = _attachment(principal)


class RolePolicy(_InlinePolicy):
    """An inline policy of a role."""

    principal = "role"
    traits = _inline(principal)


class UserPolicy(_InlinePolicy):
    """An inline policy of a user."""

    principal = "user"
    traits = _inline(principal)


class GroupPolicy(_InlinePolicy):
    """An inline policy of a group."""

    principal = "group"
    traits = _inline(principal)
