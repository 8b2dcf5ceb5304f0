"""Write the remedies of a trust policy into it: what is missing, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from personalize_guardrails.iam.errors import MalformedPolicy
from personalize_guardrails.iam.json_text import load_json
from personalize_guardrails.trust.check import check_trust_policy
from personalize_guardrails.trust.findings import Kind, Remedy
from personalize_guardrails.trust.parse.principal_matching import as_list, lets_in_only, services_in
from personalize_guardrails.trust.remedy_conditions import ACCOUNT_PLACEHOLDER, REGION_PLACEHOLDER
from personalize_guardrails.trust.settings import TrustSettings


def remedied_document(
    document: str | Mapping[str, Any],
    settings: TrustSettings = TrustSettings(),  # noqa: B008 - it is frozen
) -> str | dict[str, Any] | None:
    """Return the document with the conditions that guard it, as JSON text where it is text, else as a new object.

    A statement that lets in others besides the service keeps them as they are: the service gets a statement of its own.
    None where nothing is to be done, and where it cannot be done: the document is malformed, the account or the region
    is not known (`TrustSettings.region`), or a statement lets the service in as a part of everybody.
    """
    try:
        loaded = load_json(document) if isinstance(document, str) else deepcopy(dict(document))
    except MalformedPolicy:
        return None
    body = _guarded(loaded, settings) if isinstance(loaded, dict) else None
    return json.dumps(body, default=str) if isinstance(document, str) and body is not None else body


def _guarded(body: dict[str, Any], settings: TrustSettings) -> dict[str, Any] | None:
    """Apply one remedy after the other to a document until it is guarded; None where that does not succeed."""
    findings = check_trust_policy(body, settings)
    if not any(finding.kind is Kind.UNGUARDED for finding in findings):
        return None
    listed = body["Statement"]
    statements: list[Any] = [listed] if isinstance(listed, dict) else listed
    written: list[_Part] = []
    for _ in range(2 * len(statements) * len(settings.services)):
        unguarded = next((finding for finding in findings if finding.kind is Kind.UNGUARDED), None)
        if unguarded is None or any(finding.kind is Kind.MALFORMED for finding in findings):
            break
        index = int(unguarded.path.partition("[")[2].removesuffix("]") or 0)
        if unguarded.remedy is not None:
            if not _is_complete(unguarded.remedy):
                return None
            written += _write(statements[index], unguarded.remedy)
        elif (own := _split(statements[index], settings)) is not None:
            statements.insert(index + 1, own)
            body["Statement"] = statements
        else:
            return None
        findings = check_trust_policy(body, settings)
    if any(finding.kind is not Kind.UNSATISFIABLE for finding in findings):
        return None
    for part in written if len(written) > 1 else ():
        part.take_back_if_needless(body, settings)
    return body


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition that was written into a statement, and what it replaced: None where the key was not there."""

    condition: dict[str, Any]
    operator: str
    key: str
    replaced: object

    def take_back_if_needless(self, body: dict[str, Any], settings: TrustSettings) -> None:
        """Restore what was there where that guards the document: a later part may have made this one needless."""
        block = self.condition[self.operator]
        value = block.pop(self.key)
        if self.replaced is not None:
            block[self.key] = self.replaced
        if not block:
            del self.condition[self.operator]
        if any(finding.kind is Kind.UNGUARDED for finding in check_trust_policy(body, settings)):
            self.condition.setdefault(self.operator, {})[self.key] = value


def _write(statement: dict[str, Any], remedy: Remedy) -> Iterator[_Part]:
    """Write the conditions of a remedy into a statement; a key that it has under the same operator is replaced."""
    if statement.get("Condition") is None:  # null is none, as the rule reads it
        statement["Condition"] = {}
    condition = statement["Condition"]
    for operator, test in remedy.items():
        for key, value in test.items():
            block = condition.setdefault(operator, {})
            yield _Part(condition, operator, key, block.get(key))
            block[key] = list(value) if isinstance(value, tuple) else value


def _split(statement: dict[str, Any], settings: TrustSettings) -> dict[str, Any] | None:
    """Take a checked service out of a statement that it shares, and return the statement of its own that it gets.

    None, and the statement as it was, where others are not named apart from it.
    """
    for service in settings.services:
        principal = statement.get("Principal")
        names = services_in(principal, service)
        if not names or lets_in_only(principal, service) or not isinstance(principal, dict):
            continue
        rest = [name for name in as_list(principal["Service"]) if name not in names]
        others = {**principal, "Service": rest} if rest else {k: v for k, v in principal.items() if k != "Service"}
        own = {key: deepcopy(value) for key, value in statement.items() if key != "Sid"}
        own["Principal"] = {"Service": names[0] if len(names) == 1 else names}
        statement["Principal"] = others
        return own
    return None


def _is_complete(conditions: Remedy) -> bool:
    """Return whether a remedy names the account and the region, so that a program can write it."""
    texts = [text for test in conditions.values() for value in test.values() for text in as_list(value)]
    marks = {ACCOUNT_PLACEHOLDER, REGION_PLACEHOLDER}
    return not any(isinstance(text, str) and marks & set(text.split(":")) for text in texts)
