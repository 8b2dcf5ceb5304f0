"""What to write so that a statement is guarded: only what is missing, never wider or narrower than the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.arns import ARN_PARTS, account_in, split_arn
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.parse.principal_matching import is_name_of
from personalize_guardrails.trust.settings import Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalize_guardrails.trust.findings import Remedy
    from personalize_guardrails.trust.search.counterexample import AllowSearch, Counterexample
    from personalize_guardrails.trust.settings import TrustSettings

ACCOUNT_PLACEHOLDER: Final = "ACCOUNT"
REGION_PLACEHOLDER: Final = "REGION"
_COLONS: Final = ARN_PARTS - 1
_KEYS: Final = {ACCOUNT: "aws:SourceAccount", ARN: "aws:SourceArn"}
_OPERATORS: Final = {
    ACCOUNT: ("StringEquals", "StringLike", "StringEqualsIgnoreCase"),
    ARN: ("ArnLike", "ArnEquals", "StringLike"),
}
"""Operators for a condition of its own, the usual first; a later one where the statement tests the key under it."""

_PLAIN_ARN: Final = re.compile(
    rf"arn:(\*|aws[a-z-]{{0,7}}):[a-z]+:(\*|[a-z]{{2}}(-[a-z]{{1,9}}){{1,2}}-\d|{REGION_PLACEHOLDER}):[^:]*:\*"
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about an unguarded statement: what to write into its Condition, by operator and key."""

    conditions: Remedy = field(default_factory=dict)
    first: str = ""
    """What is to be done before, or instead, as a sentence."""

    @property
    def remedy(self) -> Remedy | None:
        """The conditions, where the statement is the one to write them into."""
        return self.conditions if self.conditions and not self.first else None


def remedy_for(search: AllowSearch, counterexample: Counterexample, settings: TrustSettings) -> Advice:
    """Return what guards the statement of a counterexample."""
    service = search.caller.profile.principal
    principal = search.allow.elements.get("Principal")
    first = ""
    if not lets_in_only(principal, service):
        first = f"It lets in everybody: name who may assume the role, and {service} in a statement of its own."
        if services_in(principal, service):
            first = f"It lets in others too, whom conditions would keep out: give {service} a statement of its own."
    keys = [key for key in (ACCOUNT, ARN) if _is_needed(key, search, counterexample)]
    owners = _owners(search, keys)
    terms = _Terms(search, owners, settings)
    conditions: dict[str, dict[str, Any]] = {}
    for key in keys:
        operator, written, values = terms.condition(key)
        if not values:
            return Advice(
                first="It trusts accounts that are not among the trusted ones: remove them from "
                f"{_KEYS[key]}, or add them to the accounts of the settings."
            )
        if key == ARN and not settings.source_arns and not all(map(_quotes_nothing, values)):
            return Advice(
                first=f"In its condition on {_KEYS[key]}, keep the ARNs of trusted accounts, write the account in "
                "place of a wildcard, and leave the rest of each value as it is."
            )
        conditions.setdefault(operator, {})[written] = values[0] if len(values) == 1 else tuple(values)
    return Advice(conditions, first)


def _quotes_nothing(value: object) -> bool:
    """Return whether a remedy's ARN reveals only partition and region of the document: a resource may be a secret."""
    return not isinstance(value, str) or _PLAIN_ARN.fullmatch(value) is not None


def is_complete(conditions: Remedy) -> bool:
    """Return whether a remedy names the account and the region, so that a program can write it."""
    texts = [text for test in conditions.values() for value in test.values() for text in _listed(value)]
    marks = {ACCOUNT_PLACEHOLDER, REGION_PLACEHOLDER}
    return not any(isinstance(text, str) and marks & set(text.split(":")) for text in texts)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | list) else (value,)


def lets_in_only(principal: object, service: str) -> bool:
    """Return whether a Principal lets in nobody but the service."""
    if not isinstance(principal, dict) or principal.keys() != {"Service"}:
        return False
    return len(services_in(principal, service)) == len(_listed(principal["Service"]))


def services_in(principal: object, service: str) -> list[str]:
    """Return the names of a service that a Principal lists apart from everybody else; none where it lists everybody."""
    if not isinstance(principal, dict) or "*" in _listed(principal.get("AWS")):
        return []
    names = [name for name in _listed(principal.get("Service")) if isinstance(name, str) and is_name_of(name, service)]
    return [] if any("*" in name or "?" in name for name in names) else names


def _is_needed(key: str, search: AllowSearch, counterexample: Counterexample) -> bool:
    """Return whether a counterexample shows that a key has to be restricted."""
    if counterexample.unrestricted:
        return key in counterexample.unrestricted
    witness = counterexample.witness
    if key == ACCOUNT:
        is_bad = witness.source_account not in search.trusted
        return is_bad and not search.confines_account
    named = account_in(witness.source_arn)
    is_pinned = search.pinned is None or search.pinned.holds(witness.source_arn)
    is_confined = search.confines_arn or search.follows_account
    return not is_confined and (named not in search.trusted or not is_pinned)


def _owners(search: AllowSearch, needed: Sequence[str]) -> list[str]:
    """Return the accounts to write: those under the other key, else the only one that is trusted."""
    trusted, allow = search.trusted, search.allow
    if ACCOUNT not in needed or ARN not in needed:
        other = ARN if ACCOUNT in needed else ACCOUNT
        standing = [test for test in allow.tests if test.key == other and test.lists_values and not test.when_absent]
        named = [{account_in(text) if other == ARN else text for text in test.texts} for test in standing]
        if named and (both := set.intersection(*named) & trusted):
            return sorted(both)
    owner = search.caller.owner
    if owner in trusted and owner is not None:
        return [owner]
    return sorted(trusted) if len(trusted) == 1 else []


@dataclass(frozen=True, slots=True)
class _Terms:
    """The values of a remedy, in the language of the document."""

    search: AllowSearch
    owners: Sequence[str]
    settings: TrustSettings

    def condition(self, key: str) -> tuple[str, str, list[object]]:
        """Return operator, key and values: the present ones without what is too wide, else a condition of its own.

        There are no values where the present ones name untrusted accounts only.
        """
        for test in self.search.allow.tests:
            if test.key == key and test.texts and test.lists_values and not (test.when_absent or self.search.pinned):
                kept = [narrow for text in test.texts for narrow in self._narrowed(text, test)]
                is_exact = not any("*" in text or "?" in text or "${" in text for text in test.texts)
                if kept or is_exact:
                    return test.operator, self._written(test), [self._spelled(text) for text in dict.fromkeys(kept)]
        return self.new(key)

    def new(self, key: str) -> tuple[str, str, list[object]]:
        """Return a condition of its own, under an operator that the statement does not use for the key."""
        used = {operator for operator, block in self._blocks.items() if key in map(str.lower, block)}
        operator = next((name for name in _OPERATORS[key] if name not in used), _OPERATORS[key][0])
        owners = self.owners or [ACCOUNT_PLACEHOLDER]
        if key == ACCOUNT:
            return operator, _KEYS[key], [self._spelled(owner) for owner in owners]
        if self.settings.source_arns:
            return operator, _KEYS[key], list(self.settings.source_arns)
        is_present = any(test.key == ARN and test.always is None for test in self.search.allow.tests)
        region = "*" if is_present else self.settings.region or REGION_PLACEHOLDER
        partition = "aws-cn" if self.search.caller.principal.endswith(".cn") or region.startswith("cn-") else "aws"
        prefix = self.search.caller.profile.prefix
        return operator, _KEYS[key], [self._spelled(f"arn:{partition}:{prefix}:{region}:{owner}:*") for owner in owners]

    @property
    def _blocks(self) -> dict[str, Mapping[str, object]]:
        condition = self.search.allow.elements.get("Condition")
        found = condition.items() if isinstance(condition, dict) else ()
        return {operator: block for operator, block in found if isinstance(block, dict)}

    def _written(self, test: ConditionTest) -> str:
        """Return the key as the statement writes it."""
        return next((key for key in self._blocks.get(test.operator, ()) if key.lower() == test.key), _KEYS[test.key])

    def _narrowed(self, text: str, test: ConditionTest) -> list[str]:
        """Return what remains of a value without what is not trusted."""
        if test.key == ACCOUNT:
            return [text] if text in self.search.trusted else []
        parts = split_arn(text)
        if parts is None or "${" in text or (test.by_colons and text.count(":") > _COLONS):
            return []
        if parts[4] in self.search.trusted:
            return [text]
        if "*" not in parts[4] and "?" not in parts[4]:
            return []
        return [":".join((*parts[:4], one, parts[5])) for one in self.owners if matches_wildcards(parts[4], one)]

    def _spelled(self, text: str) -> object:
        """Return a value as the language writes it: a template has functions for its own account and region."""
        own = self.settings.template_account or self.settings.own_account or ACCOUNT_PLACEHOLDER
        parts = text.split(":", _COLONS)
        names = {own: "AWS::AccountId", ACCOUNT_PLACEHOLDER: "AWS::AccountId", REGION_PLACEHOLDER: "AWS::Region"}
        if self.settings.language is Language.JSON or not names.keys() & set(parts):
            return text
        if len(parts) == 1:
            return {"Ref": names[text]}
        names[parts[1]] = "AWS::Partition"
        if not self.settings.joins:
            return {"Fn::Sub": ":".join(f"${{{names[part]}}}" if part in names else part for part in parts)}
        joined = [{"Ref": names[part]} if part in names else part for part in parts]
        return {"Fn::Join": [":", joined]}
