"""Replaces values that are not known yet, to find what is certain without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from personalize_guardrails.guide import SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.iam.json_text import nested_values


@final
class Unknown:
    """A value that the engine does not know before it creates another resource."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
UNKNOWN_ACCOUNT: Final = "000000000000"
"""The account of a stack where it is not known: no real account has this number."""
NOBODY: Final = f"arn:aws:iam::{UNKNOWN_ACCOUNT}:root"


def has_unknown(value: object) -> bool:
    """Return whether anything in a value is unknown."""
    return any(one is UNKNOWN for one in nested_values(value))


def texts_in(value: object) -> Iterator[str]:
    """Return every string in a value, except the names of members."""
    return (one for one in nested_values(value) if isinstance(one, str))


@dataclass(frozen=True, slots=True)
class Guard:
    """The most restrictive values of the source conditions: a trusted account, and a pattern of its ARNs."""

    account: str
    arn: str

    @classmethod
    def of(cls, account: str) -> Guard:
        """Return the guard that admits every Personalize resource of the account."""
        return cls(account, f"arn:aws:personalize:us-east-1:{account}:*")


def most_restrictive(document: Mapping[str, object], guard: Guard) -> dict[str, object]:
    """Return the document with every unknown value replaced by the most restrictive one: its violations are certain.

    An unknown condition on the source keys becomes the guard. An Allow with an unknown principal or action becomes one
    that lets nobody assume the role. An unknown statement, and one with unknown parts that may be a Deny, becomes a
    Deny of everything.
    """
    statements = document.get("Statement", [])
    if statements is UNKNOWN:
        return {"Statement": [_DENY_ALL]}
    listed = [statements] if isinstance(statements, Mapping) else statements
    best = [_restrict_statement(each, guard) for each in listed] if isinstance(listed, Sequence) else listed
    if isinstance(best, list) and any(statement is _DENY_ALL for statement in best):
        # The unknown statements may be denials that guard both keys. They come last, so that every index stays.
        best += [
            {**_DENY_ALL, "Condition": {"StringNotEquals": {SOURCE_ACCOUNT: guard.account}}},
            {**_DENY_ALL, "Condition": {"ArnNotLike": {SOURCE_ARN: guard.arn}}},
        ]
    return {**{key: value for key, value in document.items() if value is not UNKNOWN}, "Statement": best}


def least_restrictive(document: Mapping[str, object]) -> dict[str, object] | None:
    """Return the document with every unknown replaced by what restricts least; None where it may name any principal.

    A request that it does not allow is not allowed with any values of the unknowns.
    """
    statements = document.get("Statement")
    listed = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(listed, list):
        return None
    admitting: list[dict[str, object]] = []
    for statement in listed:
        if not isinstance(statement, Mapping):
            return None
        if statement.get("Effect") == "Deny":
            continue  # a denial with unknown values may cover nothing
        known = {key: value for key, value in statement.items() if not has_unknown(value)}
        if isinstance(condition := statement.get("Condition"), Mapping):
            known["Condition"] = _known_tests(condition)
        known["Effect"] = "Allow"
        if not {"Action", "NotAction"} & known.keys():
            known["Action"] = "sts:AssumeRole"
        if not {"Principal", "NotPrincipal"} & known.keys():
            principal = statement.get("Principal")
            if not isinstance(principal, Mapping) or has_unknown(principal.get("Service")):
                return None
            # The unknown values name accounts, users and identity providers, and no service.
            known["Principal"] = {"AWS": NOBODY, **{key: principal[key] for key in principal if key == "Service"}}
        admitting.append(known)
    return {"Version": "2012-10-17", "Statement": admitting}


def _known_tests(condition: Mapping[str, object]) -> dict[str, object]:
    """Return a condition with its known tests only, which admits more."""
    return {
        name: {key: values for key, values in block.items() if not has_unknown(values)}
        for name, block in condition.items()
        if isinstance(block, Mapping)
    }


_DENY_ALL: Final[Mapping[str, object]] = {"Effect": "Deny", "Principal": "*", "Action": "*"}


def _restrict_statement(statement: object, guard: Guard) -> object:
    """Return the most restrictive statement that this one may be."""
    if statement is UNKNOWN:
        return _DENY_ALL
    if not isinstance(statement, Mapping) or not has_unknown(statement):
        return statement
    if statement.get("Effect") != "Allow":
        return _DENY_ALL  # what a denial with unknown values could cover is not certain
    known = {key: value for key, value in statement.items() if key not in {"Condition", "Sid"}}
    if has_unknown(known):
        return {**_DENY_ALL, "Effect": "Allow", "Action": "sts:TagSession"}
    if "Condition" in statement:
        known["Condition"] = _restrict_condition(statement["Condition"], guard)
    return known


def _restrict_condition(condition: object, guard: Guard) -> object:
    """Return the most restrictive condition that this one may be."""
    if condition is UNKNOWN:
        condition = {"": UNKNOWN}
    if not isinstance(condition, Mapping):
        return condition
    restricted: dict[str, object] = {}
    for operator, block in condition.items():
        if isinstance(block, Mapping):
            restricted[operator] = {key: _restrict_values(key, values, guard) for key, values in block.items()}
        elif block is not UNKNOWN:
            restricted[operator] = block
    if UNKNOWN in condition.values():
        _add(restricted, SOURCE_ACCOUNT, guard.account, _EQUAL)
        _add(restricted, SOURCE_ARN, guard.arn, _ALIKE)
    return restricted


_EQUAL: Final = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals")
_ALIKE: Final = ("ArnLike", "ArnEquals", "StringLike", "ForAnyValue:ArnLike")


def _add(condition: dict[str, object], key: str, value: str, operators: Sequence[str]) -> None:
    """Add a restriction of the key to a condition, under an operator that does not test the key yet."""
    for operator in operators:
        block = condition.get(operator, {})
        if isinstance(block, Mapping) and key.lower() not in map(str.lower, block):
            condition[operator] = {**block, key: value}
            return


def _restrict_values(key: str, values: object, guard: Guard) -> object:
    """Return the known values of a condition; where there are none, the most restrictive value of its key."""
    if not has_unknown(values):
        return values
    # More values restrict less, so the known values alone restrict most.
    known = [each for each in values if not has_unknown(each)] if isinstance(values, list) else []
    return known or (guard.arn if key.lower() == SOURCE_ARN.lower() else guard.account)
