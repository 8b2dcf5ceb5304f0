"""What to write so that a statement is guarded: only what is missing, never wider or narrower than the document."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.arns import ARN_PARTS, account_in
from personalize_guardrails.trust.messages import remedy_in_words
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN
from personalize_guardrails.trust.parse.principal_matching import as_list, lets_in_only, services_in
from personalize_guardrails.trust.remedy_conditions import (
    ACCOUNT_PLACEHOLDER,
    REGION_PLACEHOLDER,
    conditions_for,
    with_conditions,
)
from personalize_guardrails.trust.search.budget import TooComplex
from personalize_guardrails.trust.search.satisfiability import unrestricted_keys
from personalize_guardrails.trust.services import KEY_NAMES, OWNER
from personalize_guardrails.trust.settings import Language, TrustSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalize_guardrails.trust.findings import Remedy
    from personalize_guardrails.trust.remedy_conditions import Conditions
    from personalize_guardrails.trust.search.allow_search import AllowSearch
    from personalize_guardrails.trust.search.counterexample import Counterexample

_PLAIN_ARN: Final = re.compile(
    rf"arn:(\*|aws[a-z-]{{0,7}}):[a-z0-9-]+:(\*|[a-z]{{2}}(-[a-z]{{1,9}}){{1,2}}-\d|{REGION_PLACEHOLDER}):[^:]*:\*"
)


def remedy_for(
    search: AllowSearch, counterexample: Counterexample, by_name: Sequence[AllowSearch], settings: TrustSettings
) -> tuple[Remedy | None, str]:
    """Return what guards the statement of a counterexample, and leaves it to trusted accounts: also as a sentence.

    `by_name` are the searches of the statement under all names of the service. None where the statement is not the one
    to write conditions into; the sentence says what to do.
    """
    needed = _needed(search, counterexample)
    conditions = conditions_for(search, needed, settings)
    is_enough = all(
        (each.confined.account or ACCOUNT in needed) and (each.confined.arn or each.confined.follows or ARN in needed)
        for each in by_name
    )
    is_known = not any(ACCOUNT_PLACEHOLDER in value for values in conditions.values() for value in values)
    if is_known and not is_enough and (more := _still_needed(by_name, conditions) - needed):
        needed |= more
        conditions = conditions_for(search, needed, settings)
    if not conditions:
        return None, _remove_others(search, settings)
    arns = [value for (_, key), values in conditions.items() if key.lower() == ARN for value in values]
    if not settings.source_arns and not all(map(_PLAIN_ARN.fullmatch, arns)):  # a resource may be a secret
        return None, (
            f"In its condition on {KEY_NAMES[ARN]}, keep the ARNs of trusted accounts, write the account in place of a "
            "wildcard, and leave the rest of each value as it is."
        )
    written: dict[str, dict[str, Any]] = {}
    for (operator, key), values in conditions.items():
        spelled = tuple(_spelled(value, settings, search.caller.owner) for value in values)
        written.setdefault(operator, {})[key] = spelled[0] if len(spelled) == 1 else spelled
    if first := _whom_to_name(search.allow.elements.get("Principal"), search.caller.profile.principal):
        return None, f"{first} {remedy_in_words(written, settings.language, 'the Condition of that statement')}"
    return written, remedy_in_words(written, settings.language)


def _remove_others(search: AllowSearch, settings: TrustSettings) -> str:
    """Return what to do where the statement's own values leave no trusted account."""
    if settings.source_arns:
        return f"It lets in none of the settings' source ARNs: write one of them in {KEY_NAMES[ARN]}, or add its own."
    tested = [name for key, name in KEY_NAMES.items() if search.allow.tests_on(key)]
    return (
        f"No trusted account meets its conditions on {' and '.join(tested)}: write a trusted one there, or add the "
        "account to those of the settings."
    )


def _whom_to_name(principal: object, service: str) -> str:
    """Return what to do about a Principal that lets in others besides the service; nothing where it does not."""
    if lets_in_only(principal, service):
        return ""
    if services_in(principal, service):
        return f"It also names other principals, which conditions would exclude: give {service} a statement of its own."
    if isinstance(principal, dict) and "*" not in as_list(principal.get("AWS")):
        return f"Its Principal may let in others too: give {service} a statement of its own, by this very name."
    return f"It lets in everybody: name who may assume the role, and {service} in a statement of its own."


def _still_needed(by_name: Sequence[AllowSearch], conditions: Conditions) -> set[str]:
    """Return the keys that have to be restricted besides, where conditions do not suffice."""
    found: set[str] = set()
    for search in by_name:
        after = replace(search, allow=replace(search.allow, tests=tuple(with_conditions(search, conditions))))
        try:
            if counterexample := after.find() or after.find_disagreement():
                found |= _needed(after, counterexample)
            found.update(unrestricted_keys([after]))
        except TooComplex:
            continue
    return found


def _needed(search: AllowSearch, counterexample: Counterexample) -> set[str]:
    """Return the keys of which a counterexample shows that they have to be restricted."""
    if counterexample.unrestricted:
        return set(counterexample.unrestricted)
    account, arn, confined = counterexample.witness.source_account, counterexample.witness.source_arn, search.confined
    is_arn_trusted = account_in(arn) in search.trusted and search.is_pinned(arn)
    is_needed = {
        ACCOUNT: account not in search.trusted and not confined.account,
        ARN: not is_arn_trusted and not (confined.arn or confined.follows),
    }
    return {key for key in is_needed if is_needed[key]}


def _spelled(text: str, settings: TrustSettings, owner: str | None) -> object:
    """Return a value as the document's language writes it: a template has functions for its own account and region."""
    own = settings.template_account or settings.own_account or ACCOUNT_PLACEHOLDER
    parts = text.split(":", ARN_PARTS - 1)
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
