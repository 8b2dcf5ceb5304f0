"""An independent evaluation of one request against a trust policy, as IAM documents it.

It shares no code with the rule: it matches concrete values with regular expressions, one condition at a time. In doubt
it takes the same side as the rule does: an Allow admits, a Deny does not apply.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """`service` is the name under which the service comes: the name with a region is another principal."""

    service: str
    account: str | None
    arn: str | None
    context: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    """The account that owns the role."""

    def value(self, key: str) -> str | None:
        keys = {"aws:sourceaccount": self.account, "aws:sourcearn": self.arn}
        keys |= {"aws:principalisawsservice": "true", "aws:principalservicename": self.service}
        keys |= {"aws:resourceaccount": self.owner}
        keys |= {name.lower(): value for name, value in self.context.items()}
        return keys.get(key.lower())


def allows(document: Mapping[str, Any], request: Request, exact: bool = False) -> bool:
    """Whether a well-formed document lets the service assume the role by this request.

    `exact`: variables have the request's values, and one that it does not carry matches nothing.
    """
    statements = document["Statement"]
    statements = [statements] if isinstance(statements, Mapping) else statements
    variables = document.get("Version") == "2012-10-17"

    def applies(statement: Mapping[str, Any]) -> bool:
        allow = statement["Effect"] == "Allow"
        return (
            _principal(statement, request.service, allow)
            and _action(statement)
            and all(
                _condition(operator, key, values, request, allow, variables, exact)
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            )
        )

    allowed = any(applies(statement) for statement in statements if statement["Effect"] == "Allow")
    return allowed and not any(applies(statement) for statement in statements if statement["Effect"] == "Deny")


def _principal(statement: Mapping[str, Any], service: str, allow: bool) -> bool:
    if "Principal" in statement:
        return _holds(statement["Principal"], service, lambda name: allow and _may_be(name, service))
    if allow:
        return not _holds(statement["NotPrincipal"], service, lambda _: False)
    return not _holds(statement["NotPrincipal"], service, lambda name: _of_one_service(name, service))


def _holds(principal: Any, service: str, may_name_it: Callable[[str], bool]) -> bool:
    if principal == "*":
        return True
    for kind, names in principal.items():
        for name in [names] if isinstance(names, str) else names:
            if name == "*" and kind == "AWS":
                return True
            if kind == "Service" and (name == service or may_name_it(name.lower())):
                return True
    return False


def _may_be(name: str, service: str) -> bool:
    return bool(re.fullmatch(_wild(name, "."), service))


def _of_one_service(name: str, service: str) -> bool:
    """Whether two names are of one service: its region and the suffix of China may differ."""
    either = [re.sub(r"^([a-z-]+)(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$", r"\1", each) for each in (name, service)]
    return either[0] == either[1] or _may_be(name, service)


def _action(statement: Mapping[str, Any]) -> bool:
    names = statement.get("Action", statement.get("NotAction"))
    names = [names] if isinstance(names, str) else names
    matched = any(re.fullmatch(_wild(name.lower(), "."), "sts:assumerole") for name in names)
    return matched if "Action" in statement else not matched


def _condition(
    operator: str, key: str, values: Any, request: Request, allow: bool, variables: bool, exact: bool
) -> bool:
    values = values if isinstance(values, list) else [values]
    if not values or any(value is None or isinstance(value, dict) for value in values):
        return allow
    actual = request.value(key)
    quantifier, _, base = operator.rpartition(":")
    if base == "Null":
        return any((actual is None) == (str(value).lower() == "true") for value in values)
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    known = {"StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike"}
    known |= {"ArnEquals", "ArnNotLike", "ArnNotEquals", "StringNotEqualsIgnoreCase", "Bool"}
    source = key.lower() in {"aws:sourceaccount", "aws:sourcearn"}
    mismatched = (source and base == "Bool") or (base.startswith("Arn") and key.lower() == "aws:sourceaccount")
    if base not in known or quantifier not in {"", "ForAllValues", "ForAnyValue"} or mismatched:
        return allow
    negated = "Not" in base
    if actual is None:
        if quantifier == "ForAllValues":
            return True
        if quantifier == "ForAnyValue":
            return if_exists and allow
        return if_exists or negated
    texts = [_text(value) for value in values]
    if variables and exact:
        texts = [text for each in texts if (text := _as_sent(each, request)) is not None]
    elif variables:
        texts = [_filled(text, base, key, request) for text in texts]
    matched = any(_matches(base, text, actual, allow is not negated, variables) for text in texts)
    return matched is not negated


def _filled(text: str, base: str, key: str, request: Request) -> str:
    """The text with the variables whose values a request tells: the others are unknown text.

    `${aws:SourceAccount}` is one only where it can be nothing but the account of an ARN, beside no unknown text.
    """
    if request.owner is not None:
        text = re.sub(r"\$\{aws:ResourceAccount\}", request.owner, text, flags=re.IGNORECASE)
    whole = re.fullmatch(r"(.*)\$\{aws:SourceAccount\}(:.*)", text, re.IGNORECASE)
    if key.lower() != "aws:sourcearn" or request.account is None or whole is None or "IgnoreCase" in base:
        return text
    start, end = whole.groups()
    if base.startswith("Arn"):
        plain = start.count(":") == 4
    else:
        # Of an ARN with five colons nothing but the account ends in twelve digits before a colon.
        plain = request.service.startswith("personalize.") and ("Like" in base or not re.search(r"[*?]", start + end))
    return f"{start}{request.account}{end}" if plain and "${" not in start + end else text


def _as_sent(text: str, request: Request) -> str | None:
    """The text with the request's values for its variables, which hold no wildcards here; None where one is absent."""
    names = re.findall(r"\$\{([^}*?$]+)\}", text)
    if any(request.value(name) is None for name in names):
        return None
    return re.sub(r"\$\{([^}*?$]+)\}", lambda found: str(request.value(found[1])), text)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _matches(base: str, wanted: str, actual: str, widen: bool, variables: bool) -> bool:
    if variables and "${" in wanted:
        wild = "Like" in base or base.startswith("Arn")
        pieces = re.split(r"(\$\{[^}]*\})", wanted)
        if any(piece.startswith("${") and piece[2:-1] not in "*?$" for piece in pieces) and not widen:
            return False
        pattern = "".join(_piece(piece, wild) for piece in pieces)
        return bool(re.fullmatch(pattern, actual, re.DOTALL | re.IGNORECASE if base.endswith("Case") else re.DOTALL))
    if "Like" in base and base.startswith("String"):
        return bool(re.fullmatch(_wild(wanted, "."), actual, re.DOTALL))
    if base.startswith("Arn"):
        parts = wanted.split(":", 5)
        if len(parts) < 6:
            return widen and bool(re.fullmatch(_wild(wanted, "."), actual, re.DOTALL))
        pattern = ":".join([_wild(part, "[^:]") for part in parts[:5]] + [_wild(parts[5], ".")])
        return bool(re.fullmatch(pattern, actual, re.DOTALL))
    if base == "Bool" or base.endswith("IgnoreCase"):
        return wanted.lower() == actual.lower()
    return wanted == actual


def _piece(piece: str, wild: bool) -> str:
    if piece.startswith("${"):
        return re.escape(piece[2:-1]) if piece[2:-1] in {"*", "?", "$"} else ".*"
    return _wild(piece, ".") if wild else re.escape(piece)


@functools.cache
def _wild(pattern: str, any_letter: str) -> str:
    return "".join({"*": f"{any_letter}*", "?": any_letter}.get(letter, re.escape(letter)) for letter in pattern)
