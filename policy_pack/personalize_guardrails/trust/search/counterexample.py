"""A request that should not be allowed, and what keeps it from being certain that it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from personalize_guardrails.iam.conditions import Condition
from personalize_guardrails.iam.evaluation.conditions import holds
from personalize_guardrails.trust.findings import Witness
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.assignments import Values
    from personalize_guardrails.trust.search.spaces import Pair
    from personalize_guardrails.trust.services import Caller

    Context = Mapping[str, str | None]


class Doubt(Enum):
    """Why a request is no witness, although nothing shows that it is kept out; the values are clauses of messages."""

    OTHER_KEYS = "whether a request can meet all its conditions on other keys is not decided"
    VARIABLES = "whether a request has such values for the policy variables is not known"
    NONE_ALLOWED = "its conditions on other keys, or a Deny, exclude every request that would show it"
    NOT_SEARCHED = "no request that shows it was found in the time allowed"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A request that should not be allowed. It is certain that it is, unless there is a doubt."""

    witness: Witness
    doubt: Doubt | None = None
    unrestricted: tuple[str, ...] = ()
    """The source keys that nothing restricts, where these and no request are why the Allow is unguarded."""

    @classmethod
    def of(
        cls, allow: TrustStatement, denials: Sequence[TrustStatement], caller: Caller, pair: Pair, others: Values
    ) -> Counterexample:
        """Return a request that is allowed; in doubt where it is not with its own values for policy variables."""
        statements, (account, arn) = (allow, *denials), pair
        witness = Witness(caller.principal, account, arn, _as_written(others, statements), allow.index)
        if not any(statement.has_variables for statement in statements):
            return cls(witness)
        known = {**caller.sent, ACCOUNT: account, ARN: arn, **dict(others)}
        return cls(witness, None if _fits_variables(allow, denials, known) else Doubt.VARIABLES)


def first_certain(found: Iterable[Counterexample]) -> Counterexample | None:
    """Return the first that is certain; if there is none, the first."""
    first = None
    try:
        for each in found:
            if each.doubt is None:
                return each
            first = first or each
    except TooComplex:
        if first is None:
            raise
    return first


def _as_written(values: Values, statements: Iterable[TrustStatement]) -> Mapping[str, str]:
    """Return the values of some keys by their names as a document writes them."""
    written: dict[str, str] = {}
    for statement in statements if values else ():
        for name in chain(*statement.condition_blocks.values()):
            written.setdefault(name.lower(), name)
    return MappingProxyType({written.get(key, key): value for key, value in values})


def _fits_variables(allow: TrustStatement, denials: Sequence[TrustStatement], context: Context) -> bool:
    """Return whether an Allow holds, and no denial with variables does, with a request's values for the variables.

    The search takes most variables as text that is not known; IAM puts in what the request carries.
    """
    variable = [test for test in allow.tests if test.has_variables]
    denying = (denial.tests for denial in denials if denial.has_variables)
    return _hold(variable, context) and not any(_hold(tests, context) for tests in denying)


def _hold(tests: Sequence[ConditionTest], context: Context) -> bool:
    """Return whether some tests hold for a request, whose values stand for the variables."""
    values = {key: (value,) for key, value in context.items() if value is not None}
    return all(
        holds(Condition.of(test.operator, test.key, *test.texts), values, variables=True)
        if test.has_variables and test.key in values
        else test.holds(context.get(test.key))
        for test in tests
    )
