"""Concrete requests and their callers.

Source: IAM User Guide, "The request context" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from personalize_guardrails.iam.arns import Arn
from personalize_guardrails.iam.conditions import Condition
from personalize_guardrails.iam.principals import ANYONE, Principal, PrincipalKind
from personalize_guardrails.iam.statements import Effect, Statement

Context = Mapping[str, tuple[str, ...]]
"""The values of a request's condition keys, by the key in lower case."""
_ROOT = "root"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request: a user, role or account root by its ARN, or a service by its name."""

    arn: Arn | None = None
    service_name: str = ""

    @classmethod
    def identity(cls, arn: str) -> Caller:
        """Return the user, group or role with this ARN; ValueError where it is not an ARN."""
        return cls(Arn.parse(arn))

    @classmethod
    def service(cls, name: str) -> Caller:
        """Return a service, such as `personalize.amazonaws.com`."""
        return cls(service_name=name)

    @property
    def is_role(self) -> bool:
        """Whether it is a role: permissions boundaries limit what a resource's policy gives to one."""
        return self.arn is not None and self.arn.resource.startswith("role/")

    @property
    def root(self) -> Caller:
        """The root of the caller's account."""
        return replace(self, arn=replace(self.arn, resource=_ROOT)) if self.arn else self

    @property
    def principal(self) -> Principal:
        """The principal that names exactly this caller in the policy of a resource."""
        return Principal.aws(str(self.arn)) if self.arn else Principal.service(self.service_name)

    def is_named_by(self, principal: Principal) -> bool:
        """Return whether a principal names this caller, or everybody."""
        if principal.value == ANYONE and principal.kind in {PrincipalKind.ANY, PrincipalKind.AWS}:
            return True
        if self.arn and self.arn.resource == _ROOT and self.is_in_account_of(principal):
            return True
        return principal == self.principal

    def is_in_account_of(self, principal: Principal) -> bool:
        """Return whether a principal is the caller's account, which leaves the decision to its own policies."""
        if not self.arn or principal.kind is not PrincipalKind.AWS:
            return False
        root = f":iam::{self.arn.account}:{_ROOT}"
        return principal.value == self.arn.account or (
            principal.value.startswith("arn:") and principal.value.endswith(root)
        )


@dataclass(frozen=True, slots=True)
class Request:
    """`caller` wants to do `action` on `resource`; "*" as a resource means every resource."""

    caller: Caller
    action: str
    resource: str
    context: Context

    @classmethod
    def of(
        cls, caller: Caller, action: str, resource: str = "*", context: Mapping[str, str | Iterable[str]] | None = None
    ) -> Request:
        """Return a request; each key of its context has one value or several."""
        values = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in (context or {}).items()
        }
        return cls(caller, action, resource, values)

    def missing_statement(self, *keys: str, names_caller: bool = False) -> Statement:
        """Return the narrowest statement that allows the request, with conditions on those of `keys` that it has.

        `names_caller`: the statement is for the policy of the resource, which names its principal.
        """
        return Statement(
            effect=Effect.ALLOW,
            principals=(self.caller.principal,) if names_caller else (),
            actions=(self.action,),
            resources=() if self.action == "sts:AssumeRole" else (self.resource,),
            conditions=tuple(
                Condition.of("ArnLike" if values[0].startswith("arn:") else "StringEquals", key, *values)
                for key in keys
                if (values := self.context.get(key.lower()))
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"
