"""Evaluates what a use of a bucket takes, and finds what to write where it is refused."""

from collections.abc import Iterator
from dataclasses import replace

from personalize_guardrails import check_trust_policy
from personalize_guardrails.iam import PolicyDocument
from personalize_guardrails.iam.documents import CURRENT_VERSION
from personalize_guardrails.iam.evaluation import CombinedAnswer, Outcome, Side, evaluate_all, statements_that_miss
from personalize_permissions.doctor._additions import statements_to_add
from personalize_permissions.doctor._checks import Check, checks_of
from personalize_permissions.doctor._exemptions import exempting
from personalize_permissions.doctor._findings import UNSEEN, Diagnosis, Fault, Health, Verdict
from personalize_permissions.doctor._situation import Situation


def diagnose(situation: Situation) -> Diagnosis:
    """Evaluate every request that the use takes."""
    verdicts = tuple(_verdict(situation, check) for check in checks_of(situation))
    aliases = (
        f"which key {each} is, that encrypts bucket {situation.bucket} (write its ARN as --key)"
        for each in situation.unknown_aliases
    )
    return Diagnosis(verdicts, (*situation.unknown, *aliases), (*situation.notes, *UNSEEN), tuple(_notes(situation)))


def _notes(situation: Situation) -> Iterator[str]:
    """Yield what may be meant otherwise, and what the policy pack refuses although the access works."""
    prefix = situation.prefix
    if prefix and not prefix.endswith("/") and "." not in prefix.rsplit("/", 1)[-1]:
        yield f'the prefix "{prefix}" is taken as one object; write "{prefix}/" if it is a folder'
    version = CURRENT_VERSION if all(each.variables for each in situation.trust) else None
    document = PolicyDocument(tuple(each.statement for each in situation.trust), version)
    for finding in check_trust_policy(document.to_dict())[:1]:
        yield f"the policy pack refuses the trust policy of {situation.role.name}: {finding.message}"


def _verdict(situation: Situation, check: Check) -> Verdict:
    """Decide one check: it works, it is blocked by a fault, or a policy that decides it is unknown."""
    if needed := check.unknown.deciding(check.requests, check.policies):
        return Verdict(check.what, Health.UNKNOWN, unknown=needed)
    decided = evaluate_all(check.requests, check.unknown.allowing(check.policies))
    if decided.answer:
        return Verdict(check.what, Health.WORKS)
    return Verdict(check.what, Health.BLOCKED, _fault(situation, check, decided))


def _fault(situation: Situation, check: Check, decided: CombinedAnswer) -> Fault:
    """Return what blocks a check, where it is, and what to write there."""
    answer, requests = decided.answer, tuple(map(str, decided.requests))
    if check.by_resource and answer.side is Side.IDENTITY and answer.outcome is Outcome.IMPLICITLY_DENIED:
        answer = replace(answer, side=Side.RESOURCE)
        decided = replace(decided, answer=answer)
    where = {
        Side.IDENTITY: f"the policies of {check.identity}",
        Side.BOUNDARY: f"the permissions boundary of {check.identity}",
        Side.SESSION: f"the session policy of {check.identity}",
        Side.RESOURCE: check.resource,
    }[answer.side]
    if answer.outcome is Outcome.EXPLICITLY_DENIED:
        return Fault(answer.outcome, where, answer.statements, requests, *exempting(situation, decided))
    nearest = tuple(_nearest(check, decided))[:1]
    if check.advice:
        return Fault(answer.outcome, where, (), requests, check.advice, nearest=nearest)
    remedy = statements_to_add(situation, check, decided)
    return Fault(answer.outcome, where, (), requests, f"add to {where}", remedy, nearest)


def _nearest(check: Check, decided: CombinedAnswer) -> Iterator[str]:
    """Return the Allow that misses the requests for the fewest reasons, on the side where one is missing."""
    side = decided.answer.side
    for request in decided.requests:
        known = check.policies.by_side[side]
        for statement, reasons in statements_that_miss(request, known, of_resource=side is Side.RESOURCE):
            if len(reasons) == 1:
                yield f"{statement}: {reasons[0]}"
