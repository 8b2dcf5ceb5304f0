"""One concrete request, and whether a statement is about it.

Source: IAM User Guide, "Policy evaluation logic", and the pages of the elements Principal, Action and Resource.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from personalize_guardrails.iam import Effect, Principal, PrincipalKind, Statement
from personalize_guardrails.iam.patterns import arn_like, like
from personalize_permissions.testing.conditions import Context, filled, holds


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, as policies of resources name it: an ARN and an account, or a service."""

    arn: str = ""
    account: str = ""
    service: str = ""

    def named_by(self, principal: Principal) -> bool:
        """Whether a principal is this very caller, or everybody."""
        if principal.kind is PrincipalKind.ANY or (principal.kind, principal.value) == (PrincipalKind.AWS, "*"):
            return True
        if principal.kind is PrincipalKind.SERVICE:
            return bool(self.service) and principal.value == self.service
        own = {self.arn, self.account} if self.arn.endswith(":root") else {self.arn}
        return bool(self.arn) and principal.kind is PrincipalKind.AWS and principal.value in own

    def of_account(self) -> "Caller":
        """The caller's account itself, as its root is."""
        partition = self.arn.split(":")[1] if self.arn else "aws"
        return Caller(f"arn:{partition}:iam::{self.account}:root", self.account)

    def belongs_to(self, principal: Principal) -> bool:
        """Whether a principal is the caller's account: it lets the account's own policies decide."""
        if not self.account or principal.kind is not PrincipalKind.AWS:
            return False
        parts = principal.value.split(":")
        root = len(parts) == len(_ROOT) and (parts[2], parts[4], parts[5]) == ("iam", self.account, "root")
        return principal.value == self.account or root


_ROOT = ["arn", "aws", "iam", "", "account", "root"]


@dataclass(frozen=True, slots=True)
class Request:
    """`caller` wants to do `action` on `resource`; "*" as a resource stands for every resource."""

    caller: Caller
    action: str
    resource: str
    context: Context

    @classmethod
    def of(
        cls,
        caller: Caller,
        action: str,
        resource: str,
        context: Mapping[str, str | Iterable[str]],
    ) -> Self:
        """A request; each key of its context has one value or several."""
        values = {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in context.items()}
        return cls(caller, action, resource, values)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and where it stands."""

    statement: Statement
    place: str
    """Such as `Policy recs-access-policy`."""
    index: int
    variables: bool = True
    """Whether the version of its document knows policy variables."""

    def mismatches(self, request: Request, *, of_resource: bool = False) -> list[str]:
        """Why the statement does not apply to the request; empty where it does. `of_resource`: principals count."""
        found = []
        if of_resource and not self._is_about(request.caller):
            found.append("its Principal is not the caller")
        if not self._acts(request):
            found.append(f"its Action does not match {request.action}")
        if not self._is_on(request):
            found.append(f"its Resource does not match {request.resource}")
        for condition in self.statement.conditions:
            if not holds(condition, request.context, variables=self.variables):
                actual = request.context.get(condition.key.lower())
                has = f"is {', '.join(actual)}" if actual else "is absent"
                found.append(f"{condition.operator} {condition.key} does not hold: in the request it {has}")
        return found

    def applies(self, request: Request, *, of_resource: bool = False) -> bool:
        """Whether the statement decides about the request."""
        return not self.mismatches(request, of_resource=of_resource)

    def __str__(self) -> str:
        return f"{self.place}, Statement[{self.index}]"

    def _is_about(self, caller: Caller) -> bool:
        statement = self.statement
        if statement.not_principals:
            return not any(caller.named_by(each) or caller.belongs_to(each) for each in statement.not_principals)
        if any(caller.named_by(principal) for principal in statement.principals):
            return True
        # To deny the account is to deny everybody in it; to allow it only lets the account's own policies decide.
        return statement.effect is Effect.DENY and any(caller.belongs_to(each) for each in statement.principals)

    def _acts(self, request: Request) -> bool:
        action, statement = request.action.lower(), self.statement
        listed = statement.actions or statement.not_actions
        matched = any(like(each.lower(), variables=False).matches(action) for each in listed)
        return matched is bool(statement.actions)

    def _is_on(self, request: Request) -> bool:
        statement = self.statement
        listed = statement.resources or statement.not_resources
        if not listed:
            return True  # a trust policy has no resources
        matched = any(self._covers(each, request) for each in listed)
        return matched is bool(statement.resources)

    def _covers(self, pattern: str, request: Request) -> bool:
        wanted = filled(pattern, request.context) if self.variables else pattern
        if wanted is None:
            return False
        glob = arn_like(wanted, variables=self.variables) or like(wanted, variables=self.variables)
        return glob.matches(request.resource)
