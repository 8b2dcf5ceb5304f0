"""Decides whether a condition holds for one concrete request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context keys" and "IAM policy
elements: Variables and tags".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.conditions import Condition, OperatorFamily, Quantifier
from personalize_guardrails.iam.patterns import arn_like, equal, like
from personalize_guardrails.iam.scalars import RELATIONS, is_within, read_date, read_network, read_number

if TYPE_CHECKING:
    from personalize_guardrails.iam.evaluation.requests import Context

_VARIABLE: Final = re.compile(r"\$\{([^}*?$][^},]*)(?:,\s*'([^']*)')?\}")
_WILDCARDS: Final = re.compile(r"[*?$]")


def holds(condition: Condition, context: Context, *, variables: bool) -> bool:
    """Return whether the context of a request meets a condition. `variables`: the document's version has `${...}`."""
    actual = context.get(condition.key.lower())
    operator = condition.operator
    if operator.family is OperatorFamily.NULL:
        return str(actual is None).lower() in {value.lower() for value in condition.values}
    if not actual:
        if operator.quantifier is Quantifier.FOR_ANY_VALUE:
            return False
        return operator.if_exists or operator.negated or operator.quantifier is Quantifier.FOR_ALL_VALUES
    met = [_meets(condition, value, context, variables=variables) for value in actual]
    # Without a quantifier, a negated operator requires all values of the request to differ; others require a match.
    every = operator.quantifier is Quantifier.FOR_ALL_VALUES or (operator.quantifier is None and operator.negated)
    return all(met) if every else any(met)


def fill_variables(wanted: str, context: Context) -> str | None:
    """Return a pattern with the request's values, which match literally, for its variables; None if one is absent."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        found = context.get(match[1].strip().lower())
        known = found[0] if found else match[2]
        missing = missing or known is None
        return _WILDCARDS.sub(lambda letter: f"${{{letter[0]}}}", known or "")

    replaced = _VARIABLE.sub(value, wanted)
    return None if missing else replaced


def _meets(condition: Condition, actual: str, context: Context, *, variables: bool) -> bool:
    """Return whether one value of the request meets a condition."""
    wanted = [fill_variables(value, context) if variables else value for value in condition.values]
    matched = any(_matches(condition, value, actual, variables=variables) for value in wanted if value is not None)
    return matched is not condition.operator.negated


def _matches(condition: Condition, wanted: str, actual: str, *, variables: bool) -> bool:
    """Return whether a value of the request matches a value of a condition."""
    base = condition.operator.base
    match condition.operator.family:
        case OperatorFamily.STRING if base.endswith("Like"):
            return like(wanted, variables=variables).matches(actual)
        case OperatorFamily.STRING:
            return equal(wanted, variables=variables, ignore_case="IgnoreCase" in base).matches(actual)
        case OperatorFamily.ARN:
            pattern = arn_like(wanted, variables=variables)
            return pattern is not None and pattern.matches(actual)
        case OperatorFamily.NUMERIC:
            return _compared(base.removeprefix("Numeric"), read_number(actual), read_number(wanted))
        case OperatorFamily.DATE:
            return _compared(base.removeprefix("Date"), read_date(actual), read_date(wanted))
        case OperatorFamily.BOOL:
            return wanted.lower() == actual.lower()
        case OperatorFamily.IP_ADDRESS:
            network = read_network(wanted)
            return network is not None and is_within(actual, network)
        case _:
            return wanted == actual


def _compared(relation: str, actual: object, wanted: object) -> bool:
    return actual is not None and wanted is not None and RELATIONS[relation](actual, wanted)
