"""Decides whether a statement applies to a request, and why not.

Source: IAM User Guide, the pages of the policy elements Principal, NotPrincipal, Action, NotAction, Resource and
NotResource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from personalize_guardrails.iam.documents import CURRENT_VERSION, PolicyDocument
from personalize_guardrails.iam.evaluation.conditions import fill_variables, holds
from personalize_guardrails.iam.patterns import arn_like, like, matches_wildcards
from personalize_guardrails.iam.statements import Effect, Statement

if TYPE_CHECKING:
    from personalize_guardrails.iam.evaluation.requests import Caller, Request
    from personalize_guardrails.iam.globs import Glob


@dataclass(frozen=True, slots=True)
class LocatedStatement:
    """A statement and where it is written."""

    statement: Statement
    policy: str
    """The name of its policy, such as `Policy recs-access-policy`."""
    index: int
    variables: bool = True
    """Whether the version of its document has policy variables."""

    @property
    def denies(self) -> bool:
        """Whether the statement is a Deny."""
        return self.statement.effect is Effect.DENY

    def applies(self, request: Request, *, of_resource: bool = False) -> bool:
        """Return whether the statement applies to a request. `of_resource`: its principals must include the caller."""
        return next(self._reasons(request, of_resource=of_resource), None) is None

    def mismatches(self, request: Request, *, of_resource: bool = False) -> list[str]:
        """Return the reasons why the statement does not apply to a request; an empty list where it does."""
        return list(self._reasons(request, of_resource=of_resource))

    def _reasons(self, request: Request, *, of_resource: bool) -> Iterator[str]:
        """Yield why the statement does not apply to a request; nothing where it does."""
        if of_resource and not self._is_about(request.caller):
            yield "its Principal is not the caller"
        if not covers_action(self.statement, request.action):
            yield f"its Action does not match {request.action}"
        if not self._covers_resource(request):
            yield f"its Resource does not match {request.resource}"
        for condition in self.statement.conditions:
            if not holds(condition, request.context, variables=self.variables):
                actual = request.context.get(condition.key.lower())
                has = f"is {', '.join(actual)}" if actual else "is absent"
                yield f"{condition.operator} {condition.key} does not hold: in the request it {has}"

    def __str__(self) -> str:
        return f"{self.policy}, Statement[{self.index}]"

    def _is_about(self, caller: Caller) -> bool:
        """Return whether a statement's principals include the caller."""
        statement = self.statement
        if statement.not_principals:
            return not any(
                caller.is_named_by(each) or caller.is_in_account_of(each) for each in statement.not_principals
            )
        # Denying the account denies everybody in it. Allowing it only lets the account's own policies decide.
        return any(
            caller.is_named_by(each) or (self.denies and caller.is_in_account_of(each)) for each in statement.principals
        )

    def _covers_resource(self, request: Request) -> bool:
        """Return whether a statement's resources include the one of the request."""
        listed = self.statement.resources or self.statement.not_resources
        if not listed:
            return True  # a trust policy has no resources
        matched = any(self._matches_resource(each, request) for each in listed)
        return matched is bool(self.statement.resources)

    def _matches_resource(self, pattern: str, request: Request) -> bool:
        wanted = fill_variables(pattern, request.context) if self.variables else pattern
        return wanted is not None and (
            wanted in {"*", request.resource} or _glob(wanted, self.variables).matches(request.resource)
        )


@lru_cache(maxsize=1024)
def _glob(pattern: str, variables: bool) -> Glob:  # noqa: FBT001 - a key of the cache
    return arn_like(pattern, variables=variables) or like(pattern, variables=variables)


def covers_action(statement: Statement, action: str) -> bool:
    """Return whether a statement applies to an action, by its Action or its NotAction."""
    listed = statement.actions or statement.not_actions
    matched = any(matches_wildcards(each.lower(), action.lower()) for each in listed)
    return matched is bool(statement.actions)


def statements_of(document: PolicyDocument | str | Mapping[str, object], policy: str) -> tuple[LocatedStatement, ...]:
    """Return the statements of a document in the policy of that name; MalformedPolicy where it is malformed."""
    parsed = document if isinstance(document, PolicyDocument) else PolicyDocument.parse(document)
    variables = parsed.version == CURRENT_VERSION
    return tuple(LocatedStatement(each, policy, index, variables) for index, each in enumerate(parsed.statements))


def statements_that_miss(
    request: Request, statements: Iterable[LocatedStatement], *, of_resource: bool = False
) -> list[tuple[LocatedStatement, list[str]]]:
    """Return the Allow statements that do not apply to a request, each with the reasons, the fewest reasons first."""
    missing = [
        (each, reasons)
        for each in statements
        if not each.denies and (reasons := each.mismatches(request, of_resource=of_resource))
    ]
    return sorted(missing, key=lambda pair: len(pair[1]))
