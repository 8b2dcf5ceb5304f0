"""What to add where an Allow is missing: the narrowest statement, or the nearest one with its conditions corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from personalize_guardrails import guide
from personalize_guardrails.iam import Condition, OperatorFamily, Statement
from personalize_guardrails.iam.evaluation import CombinedAnswer, LocatedStatement, Request, Side
from personalize_guardrails.iam.evaluation.conditions import holds
from personalize_permissions._documents.requests import SOME_OBJECT
from personalize_permissions._documents.statements import Sources, source_patterns, trust_policy
from personalize_permissions.doctor._checks import Check
from personalize_permissions.doctor._situation import Situation


def statements_to_add(situation: Situation, check: Check, decided: CombinedAnswer) -> tuple[Statement, ...]:
    """Return the statements to add where an Allow is missing."""
    side = decided.answer.side
    if decided.requests[0].action == "sts:AssumeRole":
        return trust_policy(_sources(situation)).statements
    found = []
    for statement in decided.missing_statements(*check.keys):
        requests = [each for each in decided.requests if each.resource in statement.resources]
        conditions = _kept(situation, requests, check.policies.by_side[side], of_resource=side is Side.RESOURCE)
        # The policy of a key is about that key.
        is_own = side is Side.RESOURCE and requests[0].action.startswith("kms:")
        resources = ("*",) if is_own else statement.resources
        found.append(
            replace(
                statement,
                resources=tuple(map(_for_all_objects, resources)),
                conditions=conditions or statement.conditions,
            )
        )
    return tuple(found)


def _sources(situation: Situation) -> Sources:
    account = situation.account
    return Sources((account,), source_patterns(situation.role.arn.partition, situation.region, [account]))


def _for_all_objects(resource: str) -> str:
    return f"{resource.removesuffix(SOME_OBJECT)}*" if resource.endswith(SOME_OBJECT) else resource


def _kept(
    situation: Situation, requests: Sequence[Request], statements: Iterable[LocatedStatement], *, of_resource: bool
) -> tuple[Condition, ...]:
    """Return the conditions of an Allow that misses the requests by its conditions only, with their values corrected.

    A statement without these conditions would allow more than the existing one.
    """
    for located in statements:
        bare = replace(located, statement=replace(located.statement, conditions=()))
        if located.denies or not all(bare.applies(each, of_resource=of_resource) for each in requests):
            continue
        conditions: dict[tuple[str, str], Condition] = {}
        for each in located.statement.conditions:
            if corrected := _corrected(situation, each, requests):
                conditions.setdefault((str(corrected.operator), corrected.key), corrected)
        kept = tuple(conditions.values())
        if all(holds(each, request.context, variables=True) for each in kept for request in requests):
            return kept
    return ()


def _corrected(situation: Situation, condition: Condition, requests: Sequence[Request]) -> Condition | None:
    """Return a condition with the values that the requests have; None where no value of it can match."""
    if all(holds(condition, each.context, variables=True) for each in requests):
        return condition
    values = {value for each in requests for value in each.context.get(condition.key.lower(), ())}
    comparable = condition.operator.family in {OperatorFamily.STRING, OperatorFamily.ARN, OperatorFamily.BOOL}
    if not values or not comparable or condition.operator.negated:
        return None
    if condition.key.lower() == guide.SOURCE_ARN.lower():
        return Condition.of("ArnLike", guide.SOURCE_ARN, *_sources(situation).arns)
    return replace(condition, values=tuple(values))
