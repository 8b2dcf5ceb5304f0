"""Which condition keys a service's request carries, and which values they can have.

Source: IAM User Guide, "AWS global condition context keys" (the paragraphs "Availability") and "IAM and AWS STS
condition context keys". A key that IAM says is in every request may be there, a key of a person's session or
network never is; where neither is documented, the key may be there or not.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.guide import SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.trust.automata.domains import AnyText, Choice, Domain, Regions, Words
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN

if TYPE_CHECKING:
    from personalize_guardrails.trust.services import ServiceProfile

RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
KEY_NAMES: Final = {ACCOUNT: SOURCE_ACCOUNT, ARN: SOURCE_ARN}
"""The source keys as documents write them."""
_NEVER_SENT: Final = frozenset(
    {
        "aws:assumedroot",
        "aws:chatbotsourcearn",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceidentity",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
        "lambda:sourcefunctionarn",
    }
)
"""Keys of a person, a session or a network: no request of a service's own carries them."""
_NEVER_SENT_PREFIXES: Final = ("aws:principaltag/", "saml:")
_SESSION_NAME: Final = frozenset(string.ascii_letters + string.digits + "_+=,.@-")
_DOMAINS: Final[dict[str, Domain[Any]]] = {
    "aws:principalaccount": Choice("000000000000"),
    "aws:principalarn": Choice("service"),
    "aws:userid": Choice("service"),
    "aws:currenttime": AnyText("2030-01-01T00:00:00Z"),
    "aws:epochtime": AnyText("1893456000"),
    "aws:requestedregion": Regions(),
    "aws:securetransport": Choice("true", "false"),
    "aws:sourceip": AnyText("203.0.113.7"),
    "aws:viaawsservice": Choice("true", "false"),
    "sts:rolesessionname": Words(_SESSION_NAME, "session", shortest=2, longest=64),
}
"""What is known of values. A service's own identity is AWS's: one value, which no document names, represents it."""
_ANY_TEXT: Final = AnyText()


def is_never_sent(key: str, profile: ServiceProfile) -> bool:
    """Return whether a request of the service never carries the key.

    The keys of an identity provider for the web begin with its domain.
    """
    is_of_provider = "." in key.partition(":")[0]
    return is_of_provider or key in _NEVER_SENT or key.startswith((*_NEVER_SENT_PREFIXES, *profile.never_sent))


def sent_values(principal: str, owner: str | None) -> dict[str, str]:
    """Return the keys that every request carries, with their values.

    `owner` is the account that owns the role, which aws:ResourceAccount names.
    """
    sent = {"aws:principalisawsservice": "true", "aws:principalservicename": principal}
    return sent if owner is None else {**sent, RESOURCE_ACCOUNT: owner}


def domain_of(key: str) -> Domain[Any]:
    """Return the values that a key can have where it is there."""
    return _DOMAINS.get(key, _ANY_TEXT)
