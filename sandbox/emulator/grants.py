"""What gives permissions: attachments of managed policies and inline policies, on roles, users and groups."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from typing_extensions import override

from sandbox.emulator.resource import Resource, document, name_of

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values
    from sandbox.emulator.session import Account


class _Grant(Resource):
    """A grant to one kind of principal: `role`, `user` or `group`."""

    def __init__(self, principal: str) -> None:
        super().__init__(f"IAM {principal.capitalize()} Policy")
        self._kind = principal
        self._parameter = f"{principal.capitalize()}Name"


class Attachment(_Grant):
    """One managed policy on one principal. Imported as `principal/policy ARN`."""

    @override
    def doing(self, verb: str, identity: str, values: Values) -> str:
        done = {"create": ("attaching", "to"), "delete": ("detaching", "from")}.get(verb, ("reading", "of"))
        title = f"IAM {self._kind.capitalize()} ({values[self._kind]})"
        return f"{done[0]} IAM Policy ({values['policy_arn']}) {done[1]} {title}"

    @override
    def create(self, account: Account, wanted: Values) -> str:
        named = {self._parameter: wanted[self._kind], "PolicyArn": wanted["policy_arn"]}
        account.call("iam", f"attach_{self._kind}_policy", **named)
        return f"{wanted[self._kind]}-{token_hex(13)}"

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        name, arn = known[self._kind], known["policy_arn"]
        if account.find("iam", f"get_{self._kind}", **{self._parameter: name}) is None:
            return None
        operation = f"list_attached_{self._kind}_policies"
        attached = account.pages("iam", operation, "AttachedPolicies", **{self._parameter: name})
        found = any(policy["PolicyArn"] == arn for policy in attached)
        return {self._kind: name, "policy_arn": arn} if found else None

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        named = {self._parameter: state[self._kind], "PolicyArn": state["policy_arn"]}
        account.find("iam", f"detach_{self._kind}_policy", **named)

    @override
    def adopt(self, identity: str) -> Values:
        name, _, arn = identity.partition("/")
        return {"id": f"{name}-{token_hex(13)}", self._kind: name, "policy_arn": arn}


class Inline(_Grant):
    """One inline policy of one principal; its id is `principal:policy name`."""

    @override
    def doing(self, verb: str, identity: str, values: Values) -> str:
        principal, name = values.get(self._kind), values.get("name") or ""
        done = "putting" if verb in {"create", "update"} else f"{verb.removesuffix('e')}ing"
        return f"{done} IAM {self._kind.capitalize()} ({principal}) Policy ({name})"

    @override
    def create(self, account: Account, wanted: Values) -> str:
        identity = f"{wanted[self._kind]}:{name_of(wanted)}"
        self.update(account, identity, {}, wanted, frozenset())
        return identity

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        named = self._named(identity)
        answer = account.find("iam", f"get_{self._kind}_policy", **named)
        if answer is None:
            return None
        text = document(answer["PolicyDocument"])
        return {self._kind: named[self._parameter], "name": named["PolicyName"], "policy": text}

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        named = self._named(identity)
        account.call("iam", f"put_{self._kind}_policy", **named, PolicyDocument=document(wanted["policy"]))

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        account.find("iam", f"delete_{self._kind}_policy", **self._named(identity))

    def _named(self, identity: str) -> dict[str, str]:
        principal, _, name = identity.partition(":")
        return {self._parameter: principal, "PolicyName": name}
