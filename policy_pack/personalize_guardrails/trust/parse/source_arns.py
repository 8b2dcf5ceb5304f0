"""Patterns of aws:SourceArn: examples of what they match, and `${aws:SourceAccount}` as their account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, ARN_PARTS, split_arn
from personalize_guardrails.iam.conditions import OperatorFamily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalize_guardrails.iam.conditions import ConditionOperator

_SOURCE_ACCOUNT: Final = re.compile(r"\$\{aws:SourceAccount\}", re.IGNORECASE)
_EXAMPLE_PARTS: Final = ("", "aws", "personalize", "us-east-1", "999988887777", "dataset-group/shop")


def names_source_account(text: str, operator: ConditionOperator) -> bool:
    """Return whether the account of an ARN is `${aws:SourceAccount}`, and nothing else in it is a variable.

    Without an ARN operator a star may cross colons: then the ARN has to have five of them.
    """
    if text.count("${") != 1 or operator.base.endswith("IgnoreCase"):
        return False
    parts = split_arn(_SOURCE_ACCOUNT.sub("", text))
    replaced = split_arn(with_any_account(text))
    if not parts or not replaced or parts[4] or replaced[4] != "?" * ACCOUNT_DIGITS:
        return False
    if operator.family is OperatorFamily.ARN:
        return True
    has_wildcards = any("*" in part or "?" in part for part in parts)
    return ":".join(parts).count(":") == ARN_PARTS - 1 and (operator.base.endswith("Like") or not has_wildcards)


def with_any_account(text: str) -> str:
    """Return the pattern with any twelve characters in place of the variable."""
    return _SOURCE_ACCOUNT.sub("?" * ACCOUNT_DIGITS, text)


def example_arns(texts: Sequence[str]) -> tuple[str, ...]:
    """Return ARNs that patterns may match, as they usually look: a witness should read well."""
    examples = []
    for text in texts:
        parts = split_arn(text)
        if parts and ("*" in text or "?" in text):
            filled = (part.replace("*", fill) for part, fill in zip(parts, _EXAMPLE_PARTS, strict=True))
            examples.append(":".join(filled).replace("?", "0"))
    return tuple(examples)
