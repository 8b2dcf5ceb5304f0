"""Trust policies as long as IAM takes, of the kinds that take the rule longest; the tests read them, too."""

from __future__ import annotations

import json
import random
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_CHARACTERS: Final = 4096
"""What IAM takes, not counting white space."""
ACCOUNT: Final = "123456789012"
ALLOW: Final = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
Statements = list[dict[str, Any]]


def compact(statements: Statements) -> str:
    """Return a trust policy as JSON without white space."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def longest_documents() -> Mapping[str, str]:
    """Return a document of every kind, with as many values or statements as fit."""
    return {name: _filled(make) for name, make in _KINDS.items()}


def _filled(make: Callable[[int, random.Random], Statements]) -> str:
    """Return the longest document that IAM takes."""
    grown = (compact(make(size, random.Random(1))) for size in count(1))  # noqa: S311 - documents, no secrets
    *_, longest = takewhile(lambda text: len(text) <= MOST_CHARACTERS, grown)
    return longest


def _deny(*conditions: tuple[str, str, object]) -> dict[str, Any]:
    found: dict[str, dict[str, object]] = {}
    for operator, key, values in conditions:
        found.setdefault(operator, {})[key] = values
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": found}


def _letters(chance: random.Random, many: int) -> list[str]:
    return [chance.choice(_LETTERS) for _ in range(many)]


def _digits(chance: random.Random, many: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(many))


def _open_accounts(size: int, chance: random.Random) -> Statements:
    arns = [f"arn:aws:personalize:*:{_digits(chance, 12)}:*" for _ in range(size)]
    return [{**ALLOW, "Condition": {"StringLike": {"aws:SourceAccount": "1*", "aws:SourceArn": arns}}}]


def _other_accounts_denied(size: int, chance: random.Random) -> Statements:
    accounts = [_digits(chance, 12) for _ in range(size)]
    return [
        ALLOW,
        _deny(("StringNotEquals", "aws:SourceAccount", accounts)),
        _deny(("ArnNotLike", "aws:SourceArn", f"arn:aws:personalize:*:{accounts[0]}:*")),
    ]


def _denials_of_stars(size: int, _chance: random.Random) -> Statements:
    return [
        {**ALLOW, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"}}},
        _deny(("StringNotEquals", "aws:SourceAccount", ACCOUNT)),
        *(_deny(("ArnLike", "aws:SourceArn", f"arn:*:*:*:*:*{n}*a*{n}")) for n in range(size)),
    ]


def _one_of_two_names(size: int, chance: random.Random) -> Statements:
    names = [[f"*dataset/{''.join(_letters(chance, 2))}*" for _ in range(2)] for _ in range(size)]
    return [ALLOW, *(_deny(("ArnNotLike", "aws:SourceArn", each)) for each in names)]


def _session_names(size: int, chance: random.Random) -> Statements:
    return [
        {**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
        *(
            _deny(
                ("StringNotLikeIfExists", "sts:RoleSessionName", [f"*{one}*" for one in _letters(chance, 2)]),
                ("ArnLike", "aws:SourceArn", f"arn:*{_digits(chance, 12)}*"),
            )
            for _ in range(size)
        ),
    ]


def _two_other_keys(size: int, chance: random.Random) -> Statements:
    return [
        ALLOW,
        *(
            _deny(
                ("StringNotLike", "sts:RoleSessionName", "*{}*{}*".format(*_letters(chance, 2))),
                ("StringNotLike", "aws:RequestedRegion", "*{}*".format(*_letters(chance, 1))),
            )
            for _ in range(size)
        ),
    ]


def _parts_of_accounts(size: int, chance: random.Random) -> Statements:
    return [
        ALLOW,
        _deny(("StringNotLike", "aws:SourceAccount", ["*{}*{}*{}*".format(*_digits(chance, 3)) for _ in range(size)])),
        _deny(("ForAllValues:StringLike", "aws:SourceAccount", [f"*{_digits(chance, 2)}" for _ in range(size)])),
    ]


def _parts_of_all(size: int, chance: random.Random) -> Statements:
    def arn() -> str:
        region, resource = _letters(chance, 1), _letters(chance, 2)
        return f"arn:aws:personalize:*{region[0]}*:*{_digits(chance, 1)}*:*{''.join(resource)}*"

    return [ALLOW, *(_deny(("StringNotLikeIfExists", "aws:SourceArn", [arn() for _ in range(5)])) for _ in range(size))]


def _denied_parts(size: int, chance: random.Random) -> Statements:
    arns = [f"arn:aws*:personalize:*:*{_digits(chance, 3)}*:*" for _ in range(size)]
    arn = "arn:aws:personalize:us-east-1:${aws:SourceAccount}:x"
    return [
        {**ALLOW, "Condition": {"ForAnyValue:ArnEquals": {"aws:SourceArn": arn}}},
        _deny(("ForAllValues:StringLike", "aws:SourceArn", arns)),
    ]


def _nothing_in_common(size: int, chance: random.Random) -> Statements:
    allowed = [f"arn:aws:personalize:*:{_digits(chance, 12)}:dataset/*" for _ in range(size)]
    needed = [f"arn:aws:personalize:*:{_digits(chance, 12)}:campaign/*" for _ in range(size)]
    return [
        {**ALLOW, "Condition": {"ArnLike": {"aws:SourceArn": allowed}}},
        _deny(("ArnNotLike", "aws:SourceArn", needed)),
    ]


def _many_allows(size: int, chance: random.Random) -> Statements:
    arn = {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"}}
    return [
        {**ALLOW, "Condition": {**arn, "StringNotLike": {"aws:SourceAccount": "*{}*{}*".format(*_digits(chance, 2))}}}
        for _ in range(size)
    ]


def _groups_of_parts(size: int, chance: random.Random) -> Statements:
    groups = [[f"*{_digits(chance, 2)}*" for _ in range(chance.randint(1, 4))] for _ in range(size)]
    return [ALLOW, *(_deny(("StringNotLike", "aws:SourceAccount", each)) for each in groups)]


def _parts_needed_and_denied(size: int, chance: random.Random) -> Statements:
    groups = [[f"*{_digits(chance, 2)}*" for _ in range(6)] for _ in range(size)]
    operators = [chance.choice(["StringLike", "StringNotLike"]) for _ in range(size)]
    return [
        ALLOW,
        *(_deny((operator, "aws:SourceAccount", each)) for operator, each in zip(operators, groups, strict=True)),
    ]


def _digits_at_places(size: int, chance: random.Random) -> Statements:
    groups = [[f"{'?' * place}{_digits(chance, 1)}*" for place in chance.sample(range(11), 3)] for _ in range(size)]
    return [ALLOW, *(_deny(("StringNotLike", "aws:SourceAccount", each)) for each in groups)]


def _groups_of_session_names(size: int, chance: random.Random) -> Statements:
    groups = [[f"*{''.join(_letters(chance, 2))}*" for _ in range(3)] for _ in range(size)]
    return [ALLOW, *(_deny(("StringNotLike", "sts:RoleSessionName", each)) for each in groups)]


def _parts_of_either_key(size: int, chance: random.Random) -> Statements:
    return [
        ALLOW,
        *(
            _deny(
                ("StringNotLike", "aws:SourceAccount", f"*{_digits(chance, 2)}*"),
                ("ArnNotLike", "aws:SourceArn", f"arn:*:*:*:*:*{''.join(_letters(chance, 2))}*"),
            )
            for _ in range(size)
        ),
    ]


_KINDS: Final[dict[str, Callable[[int, random.Random], Statements]]] = {
    "open accounts and many ARNs": _open_accounts,
    "all but many accounts denied": _other_accounts_denied,
    "many denials of many stars": _denials_of_stars,
    "denials of all but one of two names": _one_of_two_names,
    "denials of session names and ARNs": _session_names,
    "denials of two other keys": _two_other_keys,
    "accounts by their parts": _parts_of_accounts,
    "ARNs by all their parts": _parts_of_all,
    "denied parts of accounts, and a variable": _denied_parts,
    "an Allow and a Deny with nothing in common": _nothing_in_common,
    "an Allow for all but each of many accounts": _many_allows,
    "an account of many groups of parts": _groups_of_parts,
    "parts of accounts that are needed, and denied": _parts_needed_and_denied,
    "an account of digits at their places": _digits_at_places,
    "session names of many groups of parts": _groups_of_session_names,
    "parts of the account or of the ARN": _parts_of_either_key,
}
