"""The shape that nearly every guarded statement has, recognized at sight; whatever else comes is gone through in full.

One positive condition on each source key, with exact accounts, and ARN patterns that each spell out their account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import is_account_id
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest, is_exact
from personalize_guardrails.trust.settings import PERSONALIZE

if TYPE_CHECKING:
    from personalize_guardrails.trust.parse.document import TrustStatement

_COLONS: Final = 5


def is_plainly_guarded(allow: TrustStatement, service: str, trusted: frozenset[str]) -> bool | None:
    """Whether a guarded statement can be used at all; None where it is not of the plain shape, or not guarded."""
    if service != PERSONALIZE or len(allow.tests) != 2:
        return None
    by_key = {test.key: test for test in allow.tests}
    account, arn = by_key.get(ACCOUNT), by_key.get(ARN)
    if account is None or arn is None or not is_exact(account) or not _plain(arn):
        return None
    if any("*" in text or "?" in text for text in arn.literals):
        return None  # a letter like any other to this operator, and one that no region has
    if not account.literals <= trusted:
        return None
    named = _named(allow)
    if named is None or not named <= trusted:
        return None
    return bool(account.literals & named)


def _plain(test: ConditionTest) -> bool:
    return not test.when_absent and not test.negated and test.always is None and test.comparison is None


def _named(allow: TrustStatement) -> frozenset[str] | None:
    """The accounts that the ARN patterns spell out; None where one does not, or is no ARN of Personalize.

    A Personalize ARN has five colons, so a pattern of five has its components where the ARN has them, even where `*`
    may cross colons.
    """
    condition = allow.elements["Condition"]
    found: set[str] = set()
    for operator, block in condition.items() if isinstance(condition, dict) else ():
        if not isinstance(block, dict) or operator.endswith("IgnoreCase"):
            return None
        for key, values in block.items():
            if key.lower() != ARN:
                continue
            for text in values if isinstance(values, list) else [values]:
                parts = text.split(":") if isinstance(text, str) else []
                if len(parts) != _COLONS + 1 or parts[0] != "arn" or parts[2] != "personalize" or "${" in text:
                    return None
                partition, region, account, resource = parts[1], *parts[3:]
                if partition not in {"aws", "aws-cn"} or not region or not resource:
                    return None
                if not is_account_id(account):
                    return None
                found.add(account)
    return frozenset(found)
