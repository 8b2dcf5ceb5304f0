"""Conditions of a statement, and the parts of their operators.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys".
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class OperatorFamily(StrEnum):
    """The kind of value that an operator compares."""

    STRING = "String"
    ARN = "Arn"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Bool"
    BINARY = "Binary"
    IP_ADDRESS = "IpAddress"
    NULL = "Null"


class Quantifier(StrEnum):
    """How an operator treats a key with several values in the request."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


_ORDERED: Final = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_RELATIONS: Final[Mapping[OperatorFamily, tuple[str, ...]]] = {
    OperatorFamily.STRING: ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
    OperatorFamily.ARN: ("Equals", "NotEquals", "Like", "NotLike"),
    OperatorFamily.NUMERIC: _ORDERED,
    OperatorFamily.DATE: _ORDERED,
    OperatorFamily.BOOL: ("",),
    OperatorFamily.BINARY: ("Equals",),
    OperatorFamily.IP_ADDRESS: ("",),
    OperatorFamily.NULL: ("",),
}
_FAMILIES: Final = {
    **{f"{family}{relation}": family for family, relations in _RELATIONS.items() for relation in relations},
    "NotIpAddress": OperatorFamily.IP_ADDRESS,
}
"""The family of each operator, by its base, such as `StringNotLike`."""
_NULL: Final = "Null"
_IF_EXISTS: Final = "IfExists"
_QUANTIFIERS: Final = {quantifier.value: quantifier for quantifier in Quantifier}


def nearest_operator(name: str) -> str | None:
    """Return the operator that is most similar to a misspelled one; None where none is."""
    quantifier, colon, base = name[:64].rpartition(":")
    operators = [*_FAMILIES, *(f"{each}{_IF_EXISTS}" for each in _FAMILIES if each != _NULL)]
    found = _nearest(base, operators)
    meant = _nearest(quantifier, _QUANTIFIERS) if colon else ""
    return None if found is None or meant is None else f"{meant}{colon}{found}"


def _nearest(text: str, among: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(text, list(among), n=1, cutoff=0.75)), None)


@dataclass(frozen=True, slots=True)
class ConditionOperator:
    """An operator in its parts: `ForAllValues:StringEqualsIfExists` is quantifier, base and `if_exists`."""

    base: str
    quantifier: Quantifier | None = None
    if_exists: bool = False

    @classmethod
    def parse(cls, text: str) -> ConditionOperator:
        """Read an operator's name, which is case-sensitive. ValueError names the nearest known one."""
        prefix, colon, base = text.rpartition(":")
        quantifier = _QUANTIFIERS.get(prefix)
        if colon and quantifier is None:
            raise ValueError("the prefix of a condition operator is ForAllValues or ForAnyValue")
        if_exists = base.endswith(_IF_EXISTS)
        base = base.removesuffix(_IF_EXISTS)
        if base not in _FAMILIES:
            nearest = nearest_operator(base)
            raise ValueError("unknown condition operator" + (f"; did you mean {nearest}?" if nearest else ""))
        if base == _NULL and (if_exists or quantifier):
            raise ValueError("Null takes neither IfExists nor ForAllValues or ForAnyValue")
        return cls(base, quantifier, if_exists)

    @property
    def family(self) -> OperatorFamily:
        """The kind of value that is compared."""
        return _FAMILIES[self.base]

    @property
    def negated(self) -> bool:
        """Whether the operator is true where no value matches, and where the key is missing."""
        return "Not" in self.base

    def __str__(self) -> str:
        prefix = f"{self.quantifier.value}:" if self.quantifier else ""
        return f"{prefix}{self.base}{_IF_EXISTS if self.if_exists else ''}"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator; values are sorted and unique, numbers and booleans are their JSON text."""

    operator: ConditionOperator
    key: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a condition names its key")
        if isinstance(self.values, str):
            raise TypeError("the values of a condition are a tuple of strings, not a string")
        object.__setattr__(self, "values", tuple(sorted(set(self.values))))

    @classmethod
    def of(cls, operator: str, key: str, *values: str) -> Condition:
        """Return a condition: `Condition.of("StringEquals", "aws:SourceAccount", "123456789012")`."""
        return cls(ConditionOperator.parse(operator), key, values)
