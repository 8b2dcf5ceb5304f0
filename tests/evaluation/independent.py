"""A second, independent evaluation of requests against policies: plain dictionaries, regular expressions, no code shared.

It knows what the tests' policies are made of: the operators that AWS's examples use, one value a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Document = Mapping[str, Any]
_STAR = "\0"
"""A star that is a letter: it comes from the request."""


@dataclass(frozen=True)
class Asked:
    """`who` is the ARN of a user or role, or the name of a service."""

    who: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def decides(
    asked: Asked,
    identity: list[Document],
    resource: list[Document],
    boundary: Document | None = None,
    rule: str = "either",
) -> str:
    """`allowed`, `explicitly denied` or `implicitly denied`."""
    everything = [*identity, *([boundary] if boundary else [])]
    if any(_applies(each, asked, None) for document in everything for each in _of(document, "Deny")):
        return "explicitly denied"
    if any(_applies(each, asked, "deny") for document in resource for each in _of(document, "Deny")):
        return "explicitly denied"
    own = any(_applies(each, asked, None) for document in identity for each in _of(document, "Allow"))
    direct = any(_applies(each, asked, "allow") for document in resource for each in _of(document, "Allow"))
    left_to_account = any(_applies(each, asked, "account") for document in resource for each in _of(document, "Allow"))
    limited = boundary is not None and not any(_applies(each, asked, None) for each in _of(boundary, "Allow"))
    if not asked.who.startswith("arn:"):
        return "allowed" if direct else "implicitly denied"
    past_limit = direct and ":user/" in asked.who
    match rule:
        case "either":
            allowed = (own and not limited) or (direct and not limited) or past_limit
        case "both":
            allowed = own and (direct or left_to_account) and not limited
        case _:
            allowed = (own and left_to_account and not limited) or (direct and not limited) or past_limit
    return "allowed" if allowed else "implicitly denied"


def _of(document: Document, effect: str) -> Iterator[Document]:
    for each in _list(document["Statement"]):
        if each["Effect"] == effect:
            yield {**each, "variables": document.get("Version") == "2012-10-17"}


def _applies(statement: Document, asked: Asked, principals: str | None) -> bool:
    if principals and not _names(statement, asked.who, principals):
        return False
    return (
        _one_of(statement, "Action", lambda wanted: _like(wanted.lower(), asked.action.lower()))
        and _one_of(statement, "Resource", lambda wanted: _resource(_fill(wanted, statement, asked), asked.resource))
        and all(
            _meets(operator, key, _list(values), statement, asked)
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        )
    )


def _names(statement: Document, who: str, mode: str) -> bool:
    account = who.split(":")[4] if who.startswith("arn:") else ""
    accounts = {account, f"arn:aws:iam::{account}:root"} if account else set()
    element = statement.get("Principal", statement.get("NotPrincipal"))
    named = {"*"} if element == "*" else {name for kind in element.values() for name in _list(kind)}
    if "NotPrincipal" in statement:
        return not named & {who, "*", *accounts}
    if mode == "account":
        return bool(named & {"*", *accounts})
    return bool(named & {who, "*"}) or (mode == "deny" and bool(named & accounts))


def _one_of(statement: Document, element: str, matches: Any) -> bool:
    if element in statement:
        return any(matches(each) for each in _list(statement[element]))
    if f"Not{element}" in statement:
        return not any(matches(each) for each in _list(statement[f"Not{element}"]))
    return True


def _resource(wanted: str | None, actual: str) -> bool:
    if wanted is None:
        return False
    parts = wanted.split(":", 5)
    if len(parts) < 6:
        return _like(wanted, actual)
    return (
        re.fullmatch(":".join([*(_wild(each, "[^:]") for each in parts[:5]), _wild(parts[5], ".")]), actual) is not None
    )


def _meets(operator: str, key: str, wanted: list[Any], statement: Document, asked: Asked) -> bool:
    context = {name.lower(): value for name, value in asked.context.items()}
    actual = context.get(key.lower())
    if operator == "Null":
        return any((actual is None) == (str(each).lower() == "true") for each in wanted)
    base = operator.removesuffix("IfExists")
    negated = "Not" in base
    if actual is None:
        return negated or base != operator
    filled = [_fill(str(each), statement, asked) for each in wanted]
    matched = any(_matches(base.replace("Not", ""), each, actual) for each in filled if each is not None)
    return matched is not negated


def _matches(base: str, wanted: str, actual: str) -> bool:
    match base:
        case "StringEquals":
            return wanted.replace(_STAR, "*") == actual
        case "StringLike":
            return _like(wanted, actual)
        case "ArnLike" | "ArnEquals":
            return wanted.count(":") >= 5 and _resource(wanted, actual)
        case "Bool":
            return wanted.lower() == actual.lower()
        case "DateLessThan":
            return _moment(actual) < _moment(wanted)
        case "DateGreaterThan":
            return _moment(actual) > _moment(wanted)
    raise AssertionError(f"no test uses {base}")


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)


def _fill(wanted: str, statement: Document, asked: Asked) -> str | None:
    if not statement["variables"] or "${" not in wanted:
        return wanted
    context = {name.lower(): value for name, value in asked.context.items()}
    names = re.findall(r"\$\{([^}]+)\}", wanted)
    if any(name.lower() not in context for name in names):
        return None
    return re.sub(r"\$\{([^}]+)\}", lambda match: context[match[1].lower()].replace("*", _STAR), wanted)


def _like(wanted: str, actual: str) -> bool:
    return re.fullmatch(_wild(wanted, "."), actual, re.DOTALL) is not None


def _wild(pattern: str, letter: str) -> str:
    return "".join(
        {"*": f"{letter}*", "?": letter, _STAR: re.escape("*")}.get(each, re.escape(each)) for each in pattern
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
