"""What to write in place of a Deny on a resource, so that it no longer denies the role and the service."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Final

from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Arn, Condition, Principal, PrincipalKind, Statement, is_account_id
from personalize_guardrails.iam.evaluation import Caller, CombinedAnswer, LocatedStatement, Request, Side
from personalize_permissions.doctor._situation import Situation

_Test = tuple[str, str]
_NOT_THEY: Final[_Test] = ("ArnNotEquals", "aws:PrincipalArn")
_SERVICES: Final[Mapping[_Test, str]] = {
    ("BoolIfExists", "aws:PrincipalIsAWSService"): "false",
    ("StringNotEquals", "aws:PrincipalServiceName"): SERVICE,
}
"""Conditions that leave out Personalize: with all services as AWS's examples do, or alone in a Deny about services."""


def exempting(situation: Situation, decided: CombinedAnswer) -> tuple[str, tuple[Statement, ...]]:
    """Say how a Deny lets Personalize through: on a resource the role and the service can be left out of it."""
    if decided.answer.side is not Side.RESOURCE:
        return "remove this Deny, or narrow it so that it does not match these requests", ()
    caller = decided.requests[0].caller
    exempt = {situation.role.arn: situation.role.name}
    if situation.person and caller.arn == situation.person.arn:
        exempt[caller.arn] = situation.person.name
    who, denying = f"{' and '.join(exempt.values())} and the service", decided.answer.statements
    for test, value in _SERVICES.items():
        added = {_NOT_THEY: tuple(map(str, exempt)), test: (value,)}
        rewritten = [replace(each, statement=_with(each.statement, added)) for each in denying]
        if not any(_applies(each, decided.requests) for each in rewritten) and all(
            _applies(each, _of_others(decided.requests, exempt, each.statement)) for each in rewritten
        ):
            return f"write this Deny so that it leaves out {who}", tuple(each.statement for each in rewritten)
    exempted = {Caller(arn).principal for arn in exempt} | {Caller.service(SERVICE).principal}
    if all(each.statement.principals and exempted.issuperset(each.statement.principals) for each in denying):
        return f"remove this Deny: it applies to nobody but {who}", ()
    return f"remove this Deny, or narrow it so that it does not match {who}", ()


def _applies(located: LocatedStatement, requests: Iterable[Request]) -> bool:
    return any(located.applies(each, of_resource=True) for each in requests)


def _with(statement: Statement, added: Mapping[_Test, tuple[str, ...]]) -> Statement:
    """Return a Deny with further conditions, or further values of those that it has."""
    conditions = {(str(each.operator), each.key): each for each in statement.conditions}
    for test, values in added.items():
        already = conditions[test].values if test in conditions else ()
        conditions[test] = Condition.of(*test, *already, *values)
    return replace(statement, conditions=tuple(conditions.values()))


def _of_others(requests: Iterable[Request], exempt: Iterable[Arn], statement: Statement) -> Iterator[Request]:
    """Yield the same requests of others: a Deny that matches none of them would be about nobody."""
    callers = [*_neighbors(next(iter(exempt))), *filter(None, map(_named_by, statement.principals))]
    for request, caller in product(requests, callers):
        shared = {key: values for key, values in request.context.items() if not key.startswith(_OF_CALLERS)}
        is_service = str(caller.arn is None).lower()
        own: dict[str, tuple[str, ...]] = {"aws:principalisawsservice": (is_service,)}
        if caller.arn:
            own |= {"aws:principalarn": (str(caller.arn),), "aws:principalaccount": (caller.arn.account,)}
            # Others may have the same tags, and be in the same organization.
            alike = {key: values for key, values in request.context.items() if key not in _IDS}
            yield replace(request, caller=caller, context={**alike, **own})
        else:
            own |= {key: values for key, values in request.context.items() if key.startswith("aws:source")}
            own["aws:principalservicename"] = (caller.service_name,)
        yield replace(request, caller=caller, context={**shared, **own})


_IDS: Final = ("aws:userid", "aws:username")
_OF_CALLERS: Final = ("aws:principal", "aws:source", *_IDS)
"""How the condition keys start that are about who makes a request."""


def _neighbors(arn: Arn) -> Iterator[Caller]:
    """Yield roles of like names and of other accounts, and a service."""
    path, _, name = arn.resource.rpartition("/")
    for resource in (f"{path}/{name}-other", f"{path}/other-{name}", "role/other"):
        yield Caller(replace(arn, resource=resource))
    yield Caller(replace(arn, account="111122223333", resource="role/other"))
    yield Caller.service("logs.amazonaws.com")


def _named_by(principal: Principal) -> Caller | None:
    """Return a caller whom a principal names: itself, or a role in an account; None for anything else."""
    if principal.kind is PrincipalKind.SERVICE:
        return Caller.service(principal.value)
    if is_account_id(principal.value):
        return Caller.identity(f"arn:aws:iam::{principal.value}:role/other")
    try:
        arn = Arn.parse(principal.value)
    except ValueError:
        return None
    return Caller(replace(arn, resource="role/other") if arn.resource == "root" else arn)
