"""The longest documents that IAM takes are decided, and soon."""

from __future__ import annotations

import time

import pytest

from benchmarks.longest import MOST_CHARACTERS, longest_documents
from personalize_guardrails import Kind, TrustSettings, check_trust_policy
from personalize_guardrails.trust.search.budget import Budget

LONGEST = longest_documents()


@pytest.mark.parametrize("text", LONGEST.values(), ids=LONGEST.keys())
def test_no_kind_of_document_is_too_complex_or_slow(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_CHARACTERS * 0.95 < len(text) <= MOST_CHARACTERS
    spent = 0
    spend = Budget.spend

    def count(budget: Budget, steps: int) -> None:
        nonlocal spent
        spent += steps
        spend(budget, steps)

    monkeypatch.setattr(Budget, "spend", count)
    started = time.process_time()
    findings = check_trust_policy(text, TrustSettings(accounts=None))
    assert not any(finding.kind is Kind.MALFORMED for finding in findings)
    # Steps do not depend on the machine; `make bench` has the time, which a busy one multiplies.
    assert spent < 500_000
    assert time.process_time() - started < 5
