"""Immutable IAM policy documents: parse them from text or a mapping, merge them by Sid, and render them.

Standard library only. Reference: the IAM User Guide, "Grammar of the IAM JSON policy language" and
"IAM JSON policy elements reference".
"""

from __future__ import annotations

from personalize_guardrails.iam.arns import Arn, account_in, is_account_id, split_arn
from personalize_guardrails.iam.conditions import Condition, ConditionOperator, OperatorFamily, Quantifier
from personalize_guardrails.iam.documents import PolicyDocument
from personalize_guardrails.iam.errors import MalformedPolicy
from personalize_guardrails.iam.escaping import escape_unprintable
from personalize_guardrails.iam.principals import Principal, PrincipalKind
from personalize_guardrails.iam.statements import Effect, Statement

__all__ = [
    "Arn",
    "Condition",
    "ConditionOperator",
    "Effect",
    "MalformedPolicy",
    "OperatorFamily",
    "PolicyDocument",
    "Principal",
    "PrincipalKind",
    "Quantifier",
    "Statement",
    "account_in",
    "escape_unprintable",
    "is_account_id",
    "split_arn",
]
