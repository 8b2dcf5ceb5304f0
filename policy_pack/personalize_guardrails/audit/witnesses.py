"""Renders witnesses for the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalize_guardrails.guide import SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.iam import escape_unprintable

if TYPE_CHECKING:
    from personalize_guardrails.trust import Witness


def witness_object(witness: Witness | None) -> dict[str, Any] | None:
    """Return a witness as JSON; a key that is absent from the request is null."""
    if witness is None:
        return None
    return {
        "service": witness.service,
        "sourceAccount": witness.source_account,
        "sourceArn": witness.source_arn,
        "context": dict(witness.context),
        "statement": witness.statement,
    }


def witness_sentence(witness: Witness) -> str:
    """Return a witness as a sentence without the full stop."""
    keys = {SOURCE_ACCOUNT: witness.source_account, SOURCE_ARN: witness.source_arn, **witness.context}
    values = ", ".join(f"{key} {'absent' if value is None else value}" for key, value in keys.items())
    return escape_unprintable(f"sts:AssumeRole by {witness.service}, {values}")
