"""The conditions that a remedy writes: for which accounts, under which operators, with which values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import ARN_PARTS, account_in, split_arn
from personalize_guardrails.iam.patterns import WILDCARDS, matches_wildcards
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, WITHOUT_VARIABLES, ConditionTest, read_test
from personalize_guardrails.trust.search.fast_path import accounts_in_plain_arns
from personalize_guardrails.trust.search.satisfiability import admits_trusted
from personalize_guardrails.trust.services import KEY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalize_guardrails.trust.search.allow_search import AllowSearch
    from personalize_guardrails.trust.settings import TrustSettings

    Conditions = Mapping[tuple[str, str], Sequence[str]]
    """The values of each condition by operator and key."""

ACCOUNT_PLACEHOLDER: Final = "ACCOUNT"
REGION_PLACEHOLDER: Final = "REGION"
_OPERATORS: Final = {
    ACCOUNT: ("StringEquals", "StringLike", "StringEqualsIgnoreCase"),
    ARN: ("ArnLike", "ArnEquals", "StringLike"),
}
"""Operators for a condition of its own, the usual first; a later one where the statement tests the key under it."""


def conditions_for(search: AllowSearch, needed: set[str], settings: TrustSettings) -> Conditions:
    """Return the conditions on some keys that leave the statement to a trusted account; none where none do."""
    named = _named_owners(search, needed)
    owners = named or _likely_owners(search)
    tests = search.allow.tests_on(*KEY_NAMES)
    is_plain = all(test.key not in needed and _is_plain(test) for test in tests)
    is_certain = not owners or (is_plain and bool(named or not tests))
    for partition in _partitions(search, settings):
        terms = _Terms(search, owners, settings, partition)
        found = {(operator, written): values for operator, written, values in map(terms.condition, sorted(needed))}
        if all(found.values()) and (is_certain or admits_trusted(search, with_conditions(search, found))):
            return found
    return {}


def _is_plain(test: ConditionTest) -> bool:
    """Return whether a trusted account that a condition names obviously meets it."""
    if not test.lists_values or test.when_absent:
        return False
    return test.key == ACCOUNT or (
        WILDCARDS.isdisjoint("".join(test.literals)) and bool(accounts_in_plain_arns(test.texts))
    )


def _partitions(search: AllowSearch, settings: TrustSettings) -> Sequence[str]:
    """Return the partitions that an ARN may name, the likely one first."""
    if search.caller.principal.endswith(".cn") or (settings.region or "").startswith("cn-"):
        return ("aws-cn",)
    return search.caller.profile.partitions


def with_conditions(search: AllowSearch, conditions: Conditions) -> list[ConditionTest]:
    """Return the tests of the statement with conditions written into it."""
    replaced = {(operator, key.lower()) for operator, key in conditions}
    tests = [test for test in search.allow.tests if (test.operator, test.key) not in replaced]
    for (operator, key), values in conditions.items():
        known = [value.replace(REGION_PLACEHOLDER, "*") for value in values]
        tests.append(read_test(operator, key.lower(), known, WITHOUT_VARIABLES))
    return tests


def _named_owners(search: AllowSearch, needed: set[str]) -> list[str]:
    """Return the trusted accounts that stand under the key that is not needed."""
    if len(needed) > 1:
        return []
    other = ARN if ACCOUNT in needed else ACCOUNT
    tests = [test for test in search.allow.tests_on(other) if test.lists_values and not test.when_absent]
    named = [{account_in(text) if other == ARN else text for text in test.texts} for test in tests]
    return sorted(set.intersection(*named) & search.trusted) if named else []


def _likely_owners(search: AllowSearch) -> list[str]:
    """Return the role's own account where it is trusted, else the only account that is."""
    owner = search.caller.owner
    if owner in search.trusted and owner is not None:
        return [owner]
    return sorted(search.trusted) if len(search.trusted) == 1 else []


@dataclass(frozen=True, slots=True)
class _Terms:
    """The conditions of a remedy, for some accounts and a partition."""

    search: AllowSearch
    owners: Sequence[str]
    settings: TrustSettings
    partition: str

    def condition(self, key: str) -> tuple[str, str, Sequence[str]]:
        """Return operator, key and values: the present ones without what is too wide, else a condition of its own.

        There are no values where the present ones name untrusted accounts only.
        """
        for test in self.search.allow.tests_on(key):
            if test.texts and test.lists_values and not (test.when_absent or self.search.pinned):
                kept = [narrow for text in test.texts for narrow in self._narrowed(text, test)]
                is_exact = not any("*" in text or "?" in text or "${" in text for text in test.texts)
                if kept or is_exact:
                    return test.operator, self._written(test), list(dict.fromkeys(kept))
        return self.new(key)

    def new(self, key: str) -> tuple[str, str, Sequence[str]]:
        """Return a condition of its own, under an operator that the statement does not use for the key."""
        blocks = self.search.allow.condition_blocks
        used = {operator for operator, block in blocks.items() if key in map(str.lower, block)}
        operator = next((name for name in _OPERATORS[key] if name not in used), _OPERATORS[key][0])
        owners = self.owners or [ACCOUNT_PLACEHOLDER]
        if key == ACCOUNT:
            return operator, KEY_NAMES[key], owners
        if self.settings.source_arns:
            return operator, KEY_NAMES[key], self.settings.source_arns
        is_present = any(test.always is None for test in self.search.allow.tests_on(ARN))
        region = "*" if is_present else self.settings.region or REGION_PLACEHOLDER
        prefix = self.search.caller.profile.prefix
        return operator, KEY_NAMES[key], [f"arn:{self.partition}:{prefix}:{region}:{owner}:*" for owner in owners]

    def _written(self, test: ConditionTest) -> str:
        """Return the key as the statement writes it."""
        block = self.search.allow.condition_blocks.get(test.operator, ())
        return next((key for key in block if key.lower() == test.key), KEY_NAMES[test.key])

    def _narrowed(self, text: str, test: ConditionTest) -> list[str]:
        """Return what remains of a value without what is not trusted."""
        if test.key == ACCOUNT:
            return [text] if text in self.search.trusted else []
        parts = split_arn(text)
        is_open = not self.search.caller.profile.own_arns_only and not WILDCARDS.isdisjoint(text)
        if parts is None or "${" in text or (test.by_colons and (is_open or text.count(":") >= ARN_PARTS)):
            return []  # a wildcard may cross colons
        if parts[4] in self.search.trusted:
            return [text]
        if "*" not in parts[4] and "?" not in parts[4]:
            return []
        return [":".join((*parts[:4], one, parts[5])) for one in self.owners if matches_wildcards(parts[4], one)]
