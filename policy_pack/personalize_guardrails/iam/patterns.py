"""The values of conditions as globs, as each operator reads them.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from personalize_guardrails.iam.arns import split_arn
from personalize_guardrails.iam.globs import ANY, ANY_WITHIN, STAR, STAR_WITHIN, Glob, Token, compile_glob

WILDCARDS: Final = frozenset("*?")
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_MOST_KEPT: Final = 1024
"""Patterns that stay compiled: the documents of one stack or account repeat them."""
_ESCAPED: Final = frozenset("*?$")


def has_variable(text: str) -> bool:
    """Return whether a text holds a policy variable whose value is not known here."""
    return any(match[1] not in _ESCAPED for match in _VARIABLE.finditer(text))


@lru_cache(maxsize=_MOST_KEPT)
def equal(text: str, *, variables: bool, ignore_case: bool = False) -> Glob:
    """Return the glob of a value of an Equals operator of strings: `*` is a letter like any other."""
    return compile_glob(_tokens(text, variables, wild=False, within=False), ignore_case=ignore_case)


@lru_cache(maxsize=_MOST_KEPT)
def like(text: str, *, variables: bool) -> Glob:
    """Return the glob of a value of StringLike: `*` crosses colons."""
    return compile_glob(_tokens(text, variables, wild=True, within=False))


@lru_cache(maxsize=_MOST_KEPT)
def arn_like(text: str, *, variables: bool) -> Glob | None:
    """Return the glob of a value of an ARN operator, whose wildcards stay in their component; None without six."""
    parts = split_arn(text)
    if parts is None:
        return None
    tokens: list[Token] = []
    for part in parts[:-1]:
        tokens += [*_tokens(part, variables, wild=True, within=True), ":"]
    return compile_glob(tokens + _tokens(parts[-1], variables, wild=True, within=False))


def matches_wildcards(pattern: str, text: str) -> bool:
    """Return whether a text matches a pattern with wildcards: `*` is any text, `?` any character."""
    return pattern == text or (("*" in pattern or "?" in pattern) and like(pattern, variables=False).matches(text))


def _tokens(text: str, variables: bool, *, wild: bool, within: bool) -> list[Token]:  # noqa: FBT001 - passed through
    """Return a value as tokens of a glob: texts, wildcards, and a star for each variable."""
    if not variables or "${" not in text:
        return _wild(text, within=within) if wild else [text]
    tokens: list[Token] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        before = text[end : match.start()]
        tokens += _wild(before, within=within) if wild else [before]
        tokens.append(match[1] if match[1] in _ESCAPED else STAR)
        end = match.end()
    return tokens + (_wild(text[end:], within=within) if wild else [text[end:]])


def _wild(text: str, *, within: bool) -> list[Token]:
    if "*" not in text and "?" not in text:
        return [text]
    wildcards = {"*": STAR_WITHIN if within else STAR, "?": ANY_WITHIN if within else ANY}
    return [wildcards.get(character, character) for character in text]
