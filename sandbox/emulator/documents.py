"""Policy documents as the provider compares and writes them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument, Principal, PrincipalKind

_ROOT: Final = re.compile(r"^arn:[\w-]+:iam::(\d{12}):root$")


def normalize(text: str) -> str:
    """Return the text without insignificant whitespace, keys sorted: how the provider writes a JSON document."""
    return json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def meaning(text: str) -> object:
    """Return the same for texts of the same policy: order, lists of one and the account for its root do not matter."""
    try:
        document = PolicyDocument.parse(text)
    except MalformedPolicy:  # then only the same text is the same
        return text
    statements = {
        replace(
            statement,
            sid=statement.sid or None,
            principals=tuple(map(_principal, statement.principals)),
            not_principals=tuple(map(_principal, statement.not_principals)),
        )
        for statement in document.statements
    }
    return document.version or "2008-10-17", document.id or "", statements


def _principal(principal: Principal) -> Principal:
    kind = PrincipalKind.AWS if principal.kind is PrincipalKind.ANY else principal.kind
    return Principal(kind, _ROOT.sub(r"\1", principal.value))
