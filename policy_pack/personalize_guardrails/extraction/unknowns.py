"""Values that are not known yet, and what is certain of a document in spite of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final


@final
class Unknown:
    """A value that the engine knows only when it has made something else first."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def has_unknown(value: object) -> bool:
    """Whether anything in a value is unknown."""
    waiting = [value]
    while waiting:  # no recursion: the value may be nested as deeply as JSON can be
        one = waiting.pop()
        if one is UNKNOWN:
            return True
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, Sequence) and not isinstance(one, str):
            waiting += one
    return False


def texts_in(value: object) -> Iterator[str]:
    """Every text in a value, names of members left out."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, Sequence):
            waiting += one


@dataclass(frozen=True, slots=True)
class Guard:
    """What a trust policy can name at best: a trusted account, and ARNs of it."""

    account: str
    arn: str

    @classmethod
    def of(cls, account: str) -> Guard:
        """All that the account has in Personalize."""
        return cls(account, f"arn:aws:personalize:us-east-1:{account}:*")


def at_best(document: Mapping[str, object], guard: Guard) -> dict[str, object]:
    """The document with every unknown taken for what restricts most: what is wrong with it then, is wrong for certain.

    An unknown condition on the source keys is the guard; an unknown principal or action does not reach the service;
    a statement of unknown effect, or one that is unknown as a whole, denies everything.
    """
    statements = document.get("Statement", [])
    if statements is UNKNOWN:
        return {"Statement": [_DENY_ALL]}
    listed = [statements] if isinstance(statements, Mapping) else statements
    best = [_best_statement(each, guard) for each in listed] if isinstance(listed, Sequence) else listed
    if isinstance(best, list) and any(statement is _DENY_ALL for statement in best):
        # What is unknown may guard both keys by denials; they stand last, so that every index stays.
        best += _denials(guard)
    return {**{key: value for key, value in document.items() if value is not UNKNOWN}, "Statement": best}


_DENY_ALL: Final[Mapping[str, object]] = {"Effect": "Deny", "Principal": "*", "Action": "*"}


def _denials(guard: Guard) -> list[Mapping[str, object]]:
    return [
        {**_DENY_ALL, "Condition": {"StringNotEquals": {"aws:SourceAccount": guard.account}}},
        {**_DENY_ALL, "Condition": {"ArnNotLike": {"aws:SourceArn": guard.arn}}},
    ]


def _best_statement(statement: object, guard: Guard) -> object:
    if statement is UNKNOWN:
        return _DENY_ALL
    if not isinstance(statement, Mapping) or not has_unknown(statement):
        return statement
    if statement.get("Effect") is UNKNOWN:
        return _DENY_ALL
    if statement.get("Effect") != "Allow":
        # What a denial covers may be more than is known of it: nothing that it could cover is certain.
        return _DENY_ALL
    known = {key: value for key, value in statement.items() if key not in {"Condition", "Sid"}}
    if has_unknown(known):
        return {**_DENY_ALL, "Effect": "Allow", "Action": "sts:TagSession"}
    return {**known, "Condition": _best_condition(statement["Condition"], guard)} if "Condition" in statement else known


def _best_condition(condition: object, guard: Guard) -> object:
    if condition is UNKNOWN:
        condition = {"": UNKNOWN}
    if not isinstance(condition, Mapping):
        return condition
    best: dict[str, object] = {}
    for operator, block in condition.items():
        if isinstance(block, Mapping):
            best[operator] = {key: _best_values(key, values, guard) for key, values in block.items()}
        elif block is not UNKNOWN:
            best[operator] = block
    if UNKNOWN in condition.values():
        _add(best, "aws:SourceAccount", guard.account, _EQUAL)
        _add(best, "aws:SourceArn", guard.arn, _ALIKE)
    return best


_EQUAL: Final = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals")
_ALIKE: Final = ("ArnLike", "ArnEquals", "StringLike", "ForAnyValue:ArnLike")


def _add(condition: dict[str, object], key: str, value: str, operators: Sequence[str]) -> None:
    """Have a condition restrict the key besides, under an operator that does not speak of it yet."""
    for operator in operators:
        block = condition.get(operator, {})
        if isinstance(block, Mapping) and key.lower() not in map(str.lower, block):
            condition[operator] = {**block, key: value}
            return


def _best_values(key: str, values: object, guard: Guard) -> object:
    if not has_unknown(values):
        return values
    # One value more restricts less, so those that are known are what is certain.
    known = [each for each in values if not has_unknown(each)] if isinstance(values, list) else []
    return known or (guard.arn if key.lower() == "aws:sourcearn" else guard.account)
