"""What to write so that a statement is guarded: only what is missing, never wider or narrower than the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.arns import ARN_PARTS, account_in, split_arn
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest, read_test
from personalize_guardrails.trust.parse.principal_matching import as_list, lets_in_only, services_in
from personalize_guardrails.trust.parse.reading_mode import ReadingMode
from personalize_guardrails.trust.search.budget import TooComplex
from personalize_guardrails.trust.search.counterexample import AllowSearch
from personalize_guardrails.trust.search.satisfiability import admits_trusted
from personalize_guardrails.trust.services import OWNER
from personalize_guardrails.trust.settings import Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalize_guardrails.trust.findings import Remedy
    from personalize_guardrails.trust.search.counterexample import Counterexample
    from personalize_guardrails.trust.settings import TrustSettings

    _Conditions = Mapping[tuple[str, str], Sequence[str]]
    """The values of each condition by operator and key."""

ACCOUNT_PLACEHOLDER: Final = "ACCOUNT"
REGION_PLACEHOLDER: Final = "REGION"
_COLONS: Final = ARN_PARTS - 1
_KEYS: Final = {ACCOUNT: "aws:SourceAccount", ARN: "aws:SourceArn"}
_OPERATORS: Final = {
    ACCOUNT: ("StringEquals", "StringLike", "StringEqualsIgnoreCase"),
    ARN: ("ArnLike", "ArnEquals", "StringLike"),
}
"""Operators for a condition of its own, the usual first; a later one where the statement tests the key under it."""

_AS_WRITTEN: Final = ReadingMode(allow=True, variables=False)
_PLAIN_ARN: Final = re.compile(
    rf"arn:(\*|aws[a-z-]{{0,7}}):[a-z0-9-]+:(\*|[a-z]{{2}}(-[a-z]{{1,9}}){{1,2}}-\d|{REGION_PLACEHOLDER}):[^:]*:\*"
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
    """Return what guards the statement of a counterexample, and leaves it to trusted accounts."""
    service = search.caller.profile.principal
    needed = _needed(search, counterexample)
    conditions = _conditions(search, needed, settings)
    if conditions and (more := _still_needed(search, conditions) - needed):
        needed |= more
        conditions = _conditions(search, needed, settings)
    if not conditions:
        return Advice(first=_remove_others(search, settings))
    arns = [value for (_, key), values in conditions.items() if key.lower() == ARN for value in values]
    if not settings.source_arns and not all(map(_PLAIN_ARN.fullmatch, arns)):  # a resource may be a secret
        return Advice(
            first=f"In its condition on {_KEYS[ARN]}, keep the ARNs of trusted accounts, write the account in "
            "place of a wildcard, and leave the rest of each value as it is."
        )
    written: dict[str, dict[str, Any]] = {}
    for (operator, key), values in conditions.items():
        spelled = tuple(_spelled(value, settings, search.caller.owner) for value in values)
        written.setdefault(operator, {})[key] = spelled[0] if len(spelled) == 1 else spelled
    return Advice(written, _whom_to_name(search.allow.elements.get("Principal"), service))


def _remove_others(search: AllowSearch, settings: TrustSettings) -> str:
    """Return what to do where the statement's own values leave no trusted account."""
    if settings.source_arns:
        return f"It lets in none of the source ARNs of the settings: write one of them in {_KEYS[ARN]}, or add its own."
    tested = [name for key, name in _KEYS.items() if any(test.key == key for test in search.allow.tests)]
    return (
        "It trusts accounts that are not among the trusted ones: remove them from "
        f"{' and '.join(tested)}, or add them to the accounts of the settings."
    )


def _whom_to_name(principal: object, service: str) -> str:
    """Return what to do about a Principal that lets in others besides the service; nothing where it does not."""
    if lets_in_only(principal, service):
        return ""
    if services_in(principal, service):
        return f"It lets in others too, whom conditions would keep out: give {service} a statement of its own."
    if isinstance(principal, dict) and "*" not in as_list(principal.get("AWS")):
        return f"Its Principal may let in others too: give {service} a statement of its own, by this very name."
    return f"It lets in everybody: name who may assume the role, and {service} in a statement of its own."


def _conditions(search: AllowSearch, needed: set[str], settings: TrustSettings) -> _Conditions:
    """Return the conditions on some keys that leave the statement to a trusted account; none where none do."""
    owners = _owners(search, needed)
    for partition in _partitions(search, settings):
        terms = _Terms(search, owners, settings, partition)
        found = {(operator, written): values for operator, written, values in map(terms.condition, sorted(needed))}
        if all(found.values()) and (not owners or admits_trusted(search, _with_conditions(search, found))):
            return found
    return {}


def _partitions(search: AllowSearch, settings: TrustSettings) -> Sequence[str]:
    """Return the partitions that an ARN may name, the likely one first."""
    if search.caller.principal.endswith(".cn") or (settings.region or "").startswith("cn-"):
        return ("aws-cn",)
    return search.caller.profile.partitions


def _with_conditions(search: AllowSearch, conditions: _Conditions) -> list[ConditionTest]:
    """Return the tests of the statement with conditions written into it."""
    replaced = {(operator, key.lower()) for operator, key in conditions}
    tests = [test for test in search.allow.tests if (test.operator, test.key) not in replaced]
    for (operator, key), values in conditions.items():
        known = [value.replace(REGION_PLACEHOLDER, "*") for value in values]
        tests.append(read_test(operator, key.lower(), known, _AS_WRITTEN))
    return tests


def _still_needed(search: AllowSearch, conditions: _Conditions) -> set[str]:
    """Return the keys that have to be restricted besides, where conditions do not suffice."""
    allow = replace(search.allow, tests=tuple(_with_conditions(search, conditions)))
    after = AllowSearch(allow, search.denials, search.caller, search.trusted, search.budget, search.pinned)
    try:
        found = after.find() or after.find_disagreement()
    except TooComplex:
        return set()
    return _needed(after, found) if found else set()


def _needed(search: AllowSearch, counterexample: Counterexample) -> set[str]:
    return {key for key in _KEYS if _is_needed(key, search, counterexample)}


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


def _owners(search: AllowSearch, needed: set[str]) -> list[str]:
    """Return the accounts to write: those under the other key, else the only one that is trusted."""
    trusted, allow = search.trusted, search.allow
    if ACCOUNT not in needed or ARN not in needed:
        other = ARN if ACCOUNT in needed else ACCOUNT
        restricting = [test for test in allow.tests if test.key == other and test.lists_values and not test.when_absent]
        named = [{account_in(text) if other == ARN else text for text in test.texts} for test in restricting]
        if named and (both := set.intersection(*named) & trusted):
            return sorted(both)
    owner = search.caller.owner
    if owner in trusted and owner is not None:
        return [owner]
    return sorted(trusted) if len(trusted) == 1 else []


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
        for test in self.search.allow.tests:
            if test.key == key and test.texts and test.lists_values and not (test.when_absent or self.search.pinned):
                kept = [narrow for text in test.texts for narrow in self._narrowed(text, test)]
                is_exact = not any("*" in text or "?" in text or "${" in text for text in test.texts)
                if kept or is_exact:
                    return test.operator, self._written(test), list(dict.fromkeys(kept))
        return self.new(key)

    def new(self, key: str) -> tuple[str, str, Sequence[str]]:
        """Return a condition of its own, under an operator that the statement does not use for the key."""
        used = {operator for operator, block in self._blocks.items() if key in map(str.lower, block)}
        operator = next((name for name in _OPERATORS[key] if name not in used), _OPERATORS[key][0])
        owners = self.owners or [ACCOUNT_PLACEHOLDER]
        if key == ACCOUNT:
            return operator, _KEYS[key], owners
        if self.settings.source_arns:
            return operator, _KEYS[key], self.settings.source_arns
        is_present = any(test.key == ARN and test.always is None for test in self.search.allow.tests)
        region = "*" if is_present else self.settings.region or REGION_PLACEHOLDER
        prefix = self.search.caller.profile.prefix
        return operator, _KEYS[key], [f"arn:{self.partition}:{prefix}:{region}:{owner}:*" for owner in owners]

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


def _spelled(text: str, settings: TrustSettings, owner: str | None) -> object:
    """Return a value as the document's language writes it: a template has functions for its own account and region."""
    own = settings.template_account or settings.own_account or ACCOUNT_PLACEHOLDER
    parts = text.split(":", _COLONS)
    names = {own: "AWS::AccountId", ACCOUNT_PLACEHOLDER: "AWS::AccountId", REGION_PLACEHOLDER: "AWS::Region"}
    if settings.language is Language.JSON or not names.keys() & set(parts):
        is_made_up = owner == OWNER and settings.own_account is None
        return text.replace(OWNER, "${aws:ResourceAccount}") if is_made_up else text
    if len(parts) == 1:
        return {"Ref": names[text]}
    names[parts[1]] = "AWS::Partition"
    if not settings.joins:
        return {"Fn::Sub": ":".join(f"${{{names[part]}}}" if part in names else part for part in parts)}
    joined = [{"Ref": names[part]} if part in names else part for part in parts]
    return {"Fn::Join": [":", joined]}
