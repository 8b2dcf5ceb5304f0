"""Evaluates what a use of a bucket takes, and finds what to write where it is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from personalize_guardrails.iam import Condition, Statement
from personalize_guardrails.iam.evaluation import (
    CombinedAnswer,
    Outcome,
    Side,
    evaluate_all,
    statements_that_miss,
)
from personalize_permissions._documents.statements import Sources, source_patterns, trust_policy
from personalize_permissions.doctor._checks import Check, checks_of
from personalize_permissions.doctor._findings import UNSEEN, Diagnosis, Fault, Health, Verdict
from personalize_permissions.doctor._situation import SOME_OBJECT, Situation

_NOT_SERVICE: Final = ("BoolIfExists", "aws:PrincipalIsAWSService")
_NOT_THEY: Final = ("ArnNotEquals", "aws:PrincipalArn")


def diagnose(situation: Situation) -> Diagnosis:
    """Evaluate every request that the use takes."""
    verdicts = tuple(_verdict(situation, check) for check in checks_of(situation))
    return Diagnosis(verdicts, situation.unknown, (*situation.notes, *UNSEEN))


def _verdict(situation: Situation, check: Check) -> Verdict:
    """Decide one check: it works, it is blocked by a fault, or a policy that decides it is unknown."""
    decided = evaluate_all(check.requests, check.policies)
    answer = decided.answer
    if check.unknown and answer.outcome is not Outcome.EXPLICITLY_DENIED:
        return Verdict(check.what, Health.UNKNOWN, unknown=check.unknown)
    if answer:
        return Verdict(check.what, Health.WORKS)
    if check.by_resource and answer.side is Side.IDENTITY and answer.outcome is Outcome.IMPLICITLY_DENIED:
        decided = replace(decided, answer=replace(answer, side=Side.RESOURCE))
    return Verdict(check.what, Health.BLOCKED, _fault(situation, check, decided))


def _fault(situation: Situation, check: Check, decided: CombinedAnswer) -> Fault:
    """Return what blocks a check, where it is, and what to write there."""
    answer, requests = decided.answer, tuple(map(str, decided.requests))
    where = {
        Side.IDENTITY: f"the policies of {check.identity}",
        Side.BOUNDARY: f"the permissions boundary of {check.identity}",
        Side.SESSION: f"the session policy of {check.identity}",
        Side.RESOURCE: check.resource,
    }[answer.side]
    if answer.outcome is Outcome.EXPLICITLY_DENIED:
        advice, remedy = _exempting(situation, decided)
        return Fault(answer.outcome, where, answer.statements, requests, advice, remedy)
    remedy = decided.missing_statements(*check.keys)
    if check.resource.startswith("the trust policy"):
        account = situation.account
        patterns = source_patterns(situation.role.arn.partition, situation.region, [account])
        remedy = trust_policy(Sources((account,), patterns)).statements
    else:
        remedy = tuple(replace(each, resources=tuple(map(_for_all_objects, each.resources))) for each in remedy)
    if " of key " in check.resource and answer.side is Side.RESOURCE:
        remedy = tuple(replace(each, resources=("*",)) for each in remedy)
    return Fault(answer.outcome, where, (), requests, f"add to {where}", remedy, tuple(_nearest(check, decided))[:1])


def _for_all_objects(resource: str) -> str:
    return f"{resource.removesuffix(SOME_OBJECT)}*" if resource.endswith(SOME_OBJECT) else resource


def _nearest(check: Check, decided: CombinedAnswer) -> Iterator[str]:
    """Return the Allow that misses the requests for the fewest reasons, on the side where one is missing."""
    side = decided.answer.side
    policies = check.policies
    statements = {
        Side.IDENTITY: policies.identity,
        Side.BOUNDARY: policies.boundary or (),
        Side.SESSION: policies.session or (),
        Side.RESOURCE: policies.resource,
    }[side]
    for request in decided.requests:
        for statement, reasons in statements_that_miss(request, statements, of_resource=side is Side.RESOURCE):
            if len(reasons) == 1:
                yield f"{statement}: {reasons[0]}"


def _exempting(situation: Situation, decided: CombinedAnswer) -> tuple[str, tuple[Statement, ...]]:
    """Say how a Deny lets Personalize through: on a resource the role and the service can be left out of it."""
    if decided.answer.side is not Side.RESOURCE:
        return "take this Deny out, or narrow it so that it does not match these requests", ()
    caller = decided.requests[0].caller
    exempt = {situation.role.arn: situation.role.name}
    if situation.person and caller.arn == situation.person.arn:
        exempt[caller.arn] = situation.person.name
    who = f"{' and '.join(exempt.values())} and the service"
    denying = decided.answer.statements
    rewritten = [replace(each, statement=_without(each.statement, map(str, exempt))) for each in denying]
    if any(each.applies(request, of_resource=True) for each in rewritten for request in decided.requests):
        return f"take this Deny out, or narrow it so that it does not match {who}", ()
    return f"write this Deny so that it leaves out {who}", tuple(each.statement for each in rewritten)


def _without(statement: Statement, arns: Iterable[str]) -> Statement:
    """Return a Deny with conditions that leave out identities, and every service."""
    conditions = {(str(each.operator), each.key): each for each in statement.conditions}
    already = conditions.get(_NOT_THEY, Condition.of(*_NOT_THEY))
    conditions[_NOT_THEY] = Condition.of(*_NOT_THEY, *already.values, *arns)
    conditions.setdefault(_NOT_SERVICE, Condition.of(*_NOT_SERVICE, "false"))
    return replace(statement, conditions=tuple(conditions.values()))
