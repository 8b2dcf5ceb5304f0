"""Compiles the values of conditions to globs, as each operator reads them.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from personalize_guardrails.iam.arns import split_arn
from personalize_guardrails.iam.globs import ANY, ANY_WITHIN, STAR, STAR_WITHIN, Glob, Token, compile_glob

WILDCARDS: Final = frozenset("*?")
_CROSSING: Final[Mapping[str, Token]] = {"*": STAR, "?": ANY}
_WITHIN: Final[Mapping[str, Token]] = {"*": STAR_WITHIN, "?": ANY_WITHIN}
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_MOST_KEPT: Final = 1024
"""The number of compiled patterns to keep, since the documents of a stack or account repeat them."""
_ESCAPED: Final = frozenset("*?$")


def has_variable(text: str) -> bool:
    """Return whether a text holds a policy variable whose value is not known here."""
    return any(match[1] not in _ESCAPED for match in _VARIABLE.finditer(text))


@lru_cache(maxsize=_MOST_KEPT)
def equal(text: str, *, variables: bool, ignore_case: bool = False) -> Glob:
    """Return the glob of a value of StringEquals and its like: `*` is a letter like any other."""
    return compile_glob(_tokens(text, {}, variables=variables), ignore_case=ignore_case)


@lru_cache(maxsize=_MOST_KEPT)
def like(text: str, *, variables: bool) -> Glob:
    """Return the glob of a value of StringLike: `*` crosses colons."""
    return compile_glob(_tokens(text, _CROSSING, variables=variables))


@lru_cache(maxsize=_MOST_KEPT)
def arn_like(text: str, *, variables: bool) -> Glob | None:
    """Return the glob of a value of an ARN operator, whose wildcards match no colon; None if it lacks a component."""
    parts = split_arn(text)
    if parts is None:
        return None
    tokens: list[Token] = []
    for part in parts[:-1]:
        tokens += [*_tokens(part, _WITHIN, variables=variables), ":"]
    return compile_glob(tokens + _tokens(parts[-1], _CROSSING, variables=variables))


def matches_wildcards(pattern: str, text: str) -> bool:
    """Return whether a text matches a pattern with wildcards: `*` is any text, `?` any character."""
    return pattern == text or (("*" in pattern or "?" in pattern) and like(pattern, variables=False).matches(text))


def _tokens(text: str, wildcards: Mapping[str, Token], *, variables: bool) -> list[Token]:
    """Return a value as tokens of a glob: strings, wildcards, and a star for each variable."""
    tokens: list[Token] = []
    for place, part in enumerate(_VARIABLE.split(text) if variables else [text]):
        if place % 2:  # what is inside `${...}`
            tokens.append(part if part in _ESCAPED else STAR)
        elif wildcards and ("*" in part or "?" in part):
            tokens += [wildcards.get(character, character) for character in part]
        else:
            tokens.append(part)
    return tokens
