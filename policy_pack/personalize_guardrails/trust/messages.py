"""What the findings say. Nothing of a document is quoted: it may be a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.iam.escaping import escape_unprintable
from personalize_guardrails.trust.parse.conditions import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Collection

    from personalize_guardrails.trust.findings import Remedy, Witness

TOO_COMPLEX: Final = (
    "The trust policy is malformed: its conditions are too many and too entangled to decide. Name accounts and "
    "resources exactly, and drop what is not needed."
)


def malformed(path: str, message: str) -> str:
    """A part of the document is not what IAM takes."""
    return f"{path or 'The trust policy'} {message}."


def remedy(service: str, trusted: Collection[str], source_arns: tuple[str, ...]) -> Remedy:
    """The conditions that guard a statement, by operator and key."""
    owner = min(trusted) if len(trusted) == 1 else "ACCOUNT"
    partition = "aws-cn" if service.endswith(".cn") else "aws"
    arns = source_arns or (f"arn:{partition}:{service.split('.', 1)[0]}:REGION:{owner}:*",)
    return {
        "StringEquals": {"aws:SourceAccount": owner},
        "ArnLike": {"aws:SourceArn": arns[0] if len(arns) == 1 else arns},
    }


def remedy_in_words(conditions: Remedy) -> str:
    """The same as the sentence that ends a message."""
    written = [
        f'"{operator}": {{"{key}": {_value(value)}}}'
        for operator, test in conditions.items()
        for key, value in test.items()
    ]
    return f"Write into its Condition: {' and '.join(written)}."


def _value(value: str | tuple[str, ...]) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def unguarded(path: str, witness: Witness, trusted: Collection[str], missing: tuple[str, ...]) -> tuple[str, str]:
    """The code and the message of an attack: which statement, and who could abuse it."""
    account, arn = witness.source_account, witness.source_arn
    untrusted = account is not None and account not in trusted
    whom = f"account {account}" if account is not None else "any account, with no aws:SourceAccount"
    named = account_in(arn) if arn is not None else None
    if arn is None:
        code, how = "source-arn-absent", ", with no aws:SourceArn"
    elif named not in trusted:
        code, how = "source-arn-untrusted", f", for a resource of account {named}"
    elif account in trusted:
        code, how = "source-arn-untrusted", ", for a resource that is not among the settings' source ARNs"
    else:
        code, how = "source-account-untrusted", ""
    if untrusted and arn is not None:
        code = "source-account-untrusted"
    elif account is None:
        code = "source-account-absent"
    keys = ", ".join(sorted(map(escape_unprintable, witness.context)))
    extra = f", in a request that carries {keys}" if witness.context else ""
    lacks = _lacking(missing)
    return code, f"{path} lets {witness.service} assume the role for {whom}{how}{extra}.{lacks}"


def unsatisfiable(path: str, service: str, *, at_odds: bool) -> str:
    """The role is safe and useless. `at_odds`: its own conditions on the source keys are the reason."""
    if at_odds:
        why = "no account that it admits owns a resource that it admits"
        remedy = "Name the same account in aws:SourceAccount and aws:SourceArn"
    else:
        why = "its conditions on other keys, or a Deny, keep out whoever its source keys admit"
        remedy = "Remove the conditions that no request of the service meets, or the Deny"
    return f"{path} can never match: {why}, so {service} can never assume the role. {remedy}."


def _lacking(missing: tuple[str, ...]) -> str:
    if not missing:
        return ""
    words = " and ".join("aws:SourceAccount" if key == ACCOUNT else "aws:SourceArn" for key in missing)
    return f" It has no condition on {words}."
