"""Patterns of aws:SourceArn: examples of what they match, and `${aws:SourceAccount}` as their account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from personalize_guardrails.iam.arns import ACCOUNT_DIGITS, account_in, split_arn
from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily

_SOURCE_ACCOUNT: Final = re.compile(r"\$\{aws:SourceAccount\}", re.IGNORECASE)
_ANY_ACCOUNT: Final = "?" * ACCOUNT_DIGITS
_ACCOUNT_PART: Final = 4
_EXAMPLE_PARTS: Final = ("", "aws", "personalize", "us-east-1", "999988887777", "dataset-group/shop")


def names_source_account(text: str, operator: ConditionOperator) -> bool:
    """Return whether a value has `${aws:SourceAccount}` as the account of the ARN, and no other variable.

    ARN operators compare by components. For others the variable has to end at a colon: of an ARN with five colons
    only the account ends so in twelve digits.
    """
    if text.count("${") != 1 or operator.base.endswith("IgnoreCase"):
        return False
    before, *after = _SOURCE_ACCOUNT.split(text)
    if operator.family is OperatorFamily.ARN:
        parts = split_arn(with_any_account(text))
        return bool(after) and before.count(":") == _ACCOUNT_PART and parts is not None and parts[4] == _ANY_ACCOUNT
    has_wildcards = "*" in text or "?" in text
    return bool(after) and after[0].startswith(":") and (operator.base.endswith("Like") or not has_wildcards)


def with_any_account(text: str) -> str:
    """Return the pattern with any twelve characters in place of the variable."""
    return _SOURCE_ACCOUNT.sub(_ANY_ACCOUNT, text)


def with_account(arn: str, account: str) -> str:
    """Return an ARN with an account in place of the one that it names, and of the variable."""
    filled = _SOURCE_ACCOUNT.sub(account, arn)
    return filled.replace(account_in(filled) or " ", account)


def example_arns(texts: Sequence[str]) -> tuple[str, ...]:
    """Return ARNs that patterns may match, as they usually look: a witness should read well."""
    examples = []
    for text in texts:
        parts = split_arn(text)
        if parts and any(mark in text for mark in ("*", "?", "${")):
            filled = (part.replace("*", fill) for part, fill in zip(parts, _EXAMPLE_PARTS, strict=True))
            examples.append(":".join(filled).replace("?", "0"))
    return tuple(examples)
