"""Reads policy documents for the companion policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeVar

from personalize_guardrails.extraction.unknowns import has_unknown
from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Effect, MalformedPolicy, PolicyDocument, PrincipalKind, Statement
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust.parse.document import read
from personalize_guardrails.trust.parse.loading import Refused, load
from personalize_guardrails.trust.parse.principal_matching import admitted, is_name_of, names
from personalize_guardrails.trust.search.budget import TooComplex

T = TypeVar("T")


def allows_of(document: object) -> tuple[tuple[int, Statement], ...]:
    """Return the Allow statements with their indexes; none where the document is unknown or malformed."""
    return tuple((index, each) for index, each in enumerate(statements_of(document)) if each.effect is Effect.ALLOW)


def _cached_for_text(answer: Callable[[object], T]) -> Callable[[object], T]:
    """Cache the results of a function for documents in text form, since several policies read the same document."""
    of_text = lru_cache(maxsize=1024)(answer)
    return lambda document: of_text(document) if isinstance(document, str) else answer(document)


@_cached_for_text
def statements_of(document: object) -> tuple[Statement, ...]:
    """Return all statements of a document; none where it is unknown or malformed."""
    try:
        return PolicyDocument.parse(document).statements if isinstance(document, str | Mapping) else ()
    except MalformedPolicy:
        return ()  # AWS rejects it, so it grants nothing


def grants_service(statement: Statement) -> bool:
    """Return whether a statement of a bucket or key policy names Personalize."""
    return any(each.kind is PrincipalKind.SERVICE and is_name_of(each.value, SERVICE) for each in statement.principals)


@_cached_for_text
def lets_service_in(trust_policy: object) -> bool:
    """Return whether a trust policy lets Personalize assume its role, with or without conditions; False if unknown."""
    if not isinstance(trust_policy, str | Mapping) or has_unknown(trust_policy):
        return False
    try:
        allows = [statement for statement in read(load(trust_policy)).statements if statement.allow]
        known = names(allows, SERVICE)
    except (Refused, TooComplex):
        return False
    return any(admitted(allow, SERVICE, known) for allow in allows)


def covers(patterns: Iterable[str], value: str) -> bool:
    """Return whether one of the patterns, which may contain * and ?, matches the value."""
    return any(matches_wildcards(pattern, value) for pattern in patterns)


def allows_more_than(statement: Statement, actions: Iterable[str]) -> bool:
    """Return whether a statement applies to other actions than these."""
    known = {action.lower() for action in actions}
    return not statement.actions or any(action.lower() not in known for action in statement.actions)


def may_reach(statement: Statement, resource: str) -> bool:
    """Return whether a statement applies to a resource."""
    if statement.not_resources:
        return not covers(statement.not_resources, resource)
    return covers(statement.resources, resource)


BUCKET_ARN: Final = re.compile(r"arn:[a-z-]+:s3:::([^/*?$]+)(/.*)?")
"""An ARN that names one bucket, or objects in it."""
