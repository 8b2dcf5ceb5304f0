"""Answers the companion policies' questions about policy documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from personalize_guardrails.extraction.unknowns import has_unknown
from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Effect, MalformedPolicy, PolicyDocument, PrincipalKind, Statement
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust.parse.document import read
from personalize_guardrails.trust.parse.loading import Refused, load
from personalize_guardrails.trust.parse.principal_matching import admitted, is_name_of, names
from personalize_guardrails.trust.search.budget import TooComplex


def allows_of(document: object) -> tuple[tuple[int, Statement], ...]:
    """Return the Allow statements with their indexes; none where the document is unknown or malformed."""
    return tuple((index, each) for index, each in enumerate(statements_of(document)) if each.effect is Effect.ALLOW)


def statements_of(document: object) -> tuple[Statement, ...]:
    """Return all statements of a document; none where it is unknown or malformed."""
    if isinstance(document, str):
        return _statements_of_text(document)
    return _statements(document) if isinstance(document, Mapping) else ()


def _statements(document: str | Mapping[str, object]) -> tuple[Statement, ...]:
    try:
        return PolicyDocument.parse(document).statements
    except MalformedPolicy:
        return ()  # AWS refuses it, so it grants nothing


_statements_of_text = lru_cache(maxsize=1024)(_statements)  # several policies ask about the same document


def grants_service(statement: Statement) -> bool:
    """Return whether a statement of a bucket or key policy names Personalize."""
    return any(each.kind is PrincipalKind.SERVICE and is_name_of(each.value, SERVICE) for each in statement.principals)


def lets_service_in(trust_policy: object) -> bool:
    """Return whether a trust policy lets Personalize assume its role, guarded or not."""
    if isinstance(trust_policy, str):
        return _text_lets_service_in(trust_policy)
    return isinstance(trust_policy, Mapping) and not has_unknown(trust_policy) and _lets_service_in(trust_policy)


def _lets_service_in(trust_policy: str | Mapping[str, object]) -> bool:
    """Return what `lets_service_in` does for a document without unknown values."""
    try:
        allows = [statement for statement in read(load(trust_policy)).statements if statement.allow]
        known = names(allows, SERVICE)
    except (Refused, TooComplex):
        return False
    return any(admitted(allow, SERVICE, known) for allow in allows)


_text_lets_service_in = lru_cache(maxsize=1024)(_lets_service_in)


def covers(patterns: Iterable[str], value: str, *, ignore_case: bool = False) -> bool:
    """Return whether a pattern with * and ? matches the value."""
    if ignore_case:
        patterns, value = (pattern.lower() for pattern in patterns), value.lower()
    return any(matches_wildcards(pattern, value) for pattern in patterns)


def allows_action(statement: Statement, action: str) -> bool:
    """Return whether a statement applies to an action."""
    if statement.actions:
        return covers(statement.actions, action, ignore_case=True)
    return not covers(statement.not_actions, action, ignore_case=True)


def allows_more_than(statement: Statement, actions: Iterable[str]) -> bool:
    """Return whether a statement applies to more than these actions."""
    known = {action.lower() for action in actions}
    return not statement.actions or any(action.lower() not in known for action in statement.actions)


def may_reach(statement: Statement, resource: str) -> bool:
    """Return whether a statement applies to a resource."""
    if statement.not_resources:
        return not covers(statement.not_resources, resource)
    return covers(statement.resources, resource)


BUCKET_ARN: Final = re.compile(r"arn:[a-z-]+:s3:::([^/*?$]+)(/.*)?")
"""An ARN that names one bucket, or objects in it."""
