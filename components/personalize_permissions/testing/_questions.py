"""Checks that a question is about actions, ARNs, uses, accounts and services that exist.

A policy allows nothing that does not exist, so that an assertion of what is *not* allowed would always pass.
"""

import difflib
import re
from typing import Final

from personalize_guardrails import guide
from personalize_guardrails.iam import Arn, is_account_id
from personalize_permissions._documents.personalize_actions import ACTIONS
from personalize_permissions._documents.provider_api_calls import CALLS
from personalize_permissions.choices import BucketUse
from personalize_permissions.testing._errors import InvalidQuestionError

_ACTION: Final = re.compile(r"[\w-]+:\w+")
_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_OURS: Final = (guide.SERVICE, f"{guide.SERVICE}.cn")
_OTHER_ACTIONS: Final = (
    guide.GET_OBJECT,
    guide.PUT_OBJECT,
    guide.LIST_BUCKET,
    guide.PUT_METRICS,
    *guide.KEY_ACTIONS,
    guide.KEY_GRANT_ACTION,
    guide.KEY_EXPORT_ACTION,
    guide.PASS_ROLE,
    "sts:AssumeRole",
    *(call.action for calls in CALLS.values() for call in calls),
)
"""Actions of other services that this package grants; a text that nearly equals one is a misspelling of it."""
_KNOWN: Final = {action.lower(): action for action in (*ACTIONS, *_OTHER_ACTIONS)}
"""By the action in lower case."""
_ALMOST: Final = 0.95


def check_action(action: str) -> None:
    """Refuse anything but one action, unknown actions of Personalize, and misspellings of known ones."""
    if not _ACTION.fullmatch(action):
        raise InvalidQuestionError(
            f'"{action}" is not one action; write its service and its name, such as "s3:GetObject"'
        )
    lower = action.lower()
    if lower in _KNOWN:
        return
    is_ours = lower.startswith("personalize:")
    near = difflib.get_close_matches(lower, _KNOWN, n=1, cutoff=0.6 if is_ours else _ALMOST)
    if near or is_ours:
        hint = f"; did you mean {_KNOWN[near[0]]}?" if near else ""
        raise InvalidQuestionError(f'"{action}" is not an action that AWS has{hint}')


def check_arn(arn: str) -> None:
    """Refuse anything but an ARN or `*`."""
    try:
        if arn != "*":
            Arn.parse(arn)
    except ValueError as error:
        raise InvalidQuestionError(
            f'"{arn}" is not an ARN ({error}); write one, such as "arn:aws:s3:::data/some-object"'
        ) from None


def check_use(use: str | BucketUse) -> BucketUse:
    """Return the use of a bucket; refuse an unknown one."""
    try:
        return BucketUse(use)
    except ValueError:
        raise InvalidQuestionError(f'"{use}" is not one of {", ".join(each.value for each in BucketUse)}') from None


def check_account(account: str | None) -> str | None:
    """Return the account; refuse anything but twelve digits."""
    if account is not None and not is_account_id(account):
        raise InvalidQuestionError(f'"{account}" is not an AWS account; write its twelve digits')
    return account


def check_service(service: str) -> None:
    """Refuse anything but the name of a service, and misspellings of Personalize's."""
    misspelled = service not in _OURS and difflib.get_close_matches(service, _OURS, n=1, cutoff=_ALMOST)
    if misspelled or not _SERVICE.fullmatch(service):
        raise InvalidQuestionError(f'"{service}" is not a service; write its principal, such as "{guide.SERVICE}"')
