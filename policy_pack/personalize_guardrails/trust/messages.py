"""What the findings say. Nothing of a document is quoted but trusted accounts: it may be a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.iam.conditions import ConditionOperator, nearest_operator
from personalize_guardrails.iam.escaping import escape_unprintable
from personalize_guardrails.trust.services import KEY_NAMES, OWNER
from personalize_guardrails.trust.settings import Language

if TYPE_CHECKING:
    from personalize_guardrails.trust.findings import Remedy, Witness
    from personalize_guardrails.trust.search.allow_search import AllowSearch
    from personalize_guardrails.trust.search.counterexample import Counterexample


def unguarded(search: AllowSearch, counterexample: Counterexample) -> tuple[str, str]:
    """Return the code and the message of an Allow that lets in too much: which it is, and who could abuse it."""
    witness, path = counterexample.witness, search.allow.path
    code, whom = _code_and_whom(witness, search)
    lacks = _lacking(search)
    if counterexample.doubt is None:
        keys = ", ".join(sorted(map(escape_unprintable, witness.context)))
        extra = f", in a request that carries {keys}" if witness.context else ""
        return code, f"{path} lets {witness.service} assume the role for {whom}{extra}.{lacks}"
    unproven = counterexample.doubt.value
    if counterexample.unrestricted:
        return code, f"{path} names {witness.service} without restricting for whom it acts; {unproven}.{lacks}"
    return code, f"{path} may let {witness.service} assume the role for {whom}; {unproven}.{lacks}"


def _code_and_whom(witness: Witness, search: AllowSearch) -> tuple[str, str]:
    """Return the code of a request that should not be allowed, and for whom it is made."""
    account, arn, trusted = witness.source_account, witness.source_arn, search.trusted
    whom = "any account, with no aws:SourceAccount" if account is None else _named(account, search)
    named = account_in(arn)
    how = ""
    if arn is None:
        how = ", with no aws:SourceArn"
    elif named not in trusted:
        how = f", for a resource of {_named(named, search) if named else 'no account'}"
    elif account in trusted:
        how = ", for a resource that is not among the settings' source ARNs"
    if account is None or arn is None:
        code = "source-account-absent" if account is None else "source-arn-absent"
    else:
        code = "source-arn-untrusted" if account in trusted else "source-account-untrusted"
    return code, f"{whom}{how}"


def _named(account: str, search: AllowSearch) -> str:
    """Return an account as a message names it; not by a number that is made up for the role's owner."""
    return "the role's own account" if account == search.caller.owner == OWNER else f"account {account}"


def _lacking(search: AllowSearch) -> str:
    """Return which source keys no condition restricts, and which conditions do not count."""
    tests = [test for statement in (search.allow, *search.denials) for test in statement.tests_on(*KEY_NAMES)]
    restricted = {test.key for test in tests if test.always is None or test.always is not test.when_absent}
    unread = {test.key: test.operator for test in tests if test.is_unread and test.key not in restricted}
    said = "".join(f" The condition on {KEY_NAMES[key]} has no effect: {_why_unread(unread[key])}." for key in unread)
    missing = [name for key, name in KEY_NAMES.items() if key not in restricted and key not in unread]
    return f" It has no condition on {' and '.join(missing)}.{said}" if missing else said


def _why_unread(operator: str) -> str:
    """Return why it is not known what a condition does."""
    try:
        ConditionOperator.parse(operator)
    except ValueError:
        nearest = nearest_operator(operator)
        return f"its operator is not one of IAM's{f' (did you mean {nearest}?)' if nearest else ''}"
    return f"it has no value that {operator} compares"


def remedy_in_words(conditions: Remedy, language: Language = Language.JSON, where: str = "its Condition") -> str:
    """Return the conditions of a remedy as a sentence, in the language of the document."""
    written = [
        f'"{operator}": {{"{key}": {_value(value, language)}}}'
        for operator, test in conditions.items()
        for key, value in test.items()
    ]
    return f"Write into {where}: {' and '.join(written)}."


def _value(value: object, language: Language) -> str:
    """Return a value as the language writes it: CloudFormation's functions have a short form in YAML."""
    if language is Language.CLOUDFORMATION_YAML and isinstance(value, dict):
        [(function, argument)] = value.items()
        return f"!{function.removeprefix('Fn::')} {argument if function == 'Ref' else _value(argument, language)}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(each, language) for each in value)}]"
    return json.dumps(value)
