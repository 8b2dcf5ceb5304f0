"""What is known of the requests of each service, and which condition keys they carry with which values.

A key that IAM says is in every request may be there, a key of a person's session or network never is; where neither is
documented, the key may be there or not.

Sources: Service Authorization Reference, "Amazon Personalize"; AWS General Reference, "Amazon Resource Names"; IAM User
Guide, "AWS global condition context keys" (the paragraphs "Availability") and "IAM and AWS STS condition context keys".
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from personalize_guardrails.guide import SERVICE, SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.trust.automata.domains import AnyText, Choice, Domain, Regions, Words
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN

UNTRUSTED: Final = "999988887777"
"""The untrusted account of examples."""
OWNER: Final = "111122223333"
"""The account that owns the role, in examples where it is not known."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProfile:
    """A service principal, the ARNs that it sends as aws:SourceArn, and the condition keys that it never sends."""

    principal: str
    partitions: tuple[str, ...]
    own_arns_only: bool
    """Whether every ARN is the service's own, with a region, an account, and no colon in the resource.

    Of the ARNs of other services nothing is taken for granted but the six components: any of them may send any.
    """
    never_sent: tuple[str, ...] = ()
    """Prefixes of keys that this service never sends, besides those that no service sends."""
    example_resource: str = "dataset-group/shop"
    """A resource as it usually looks in an ARN, for witnesses."""

    @property
    def prefix(self) -> str:
        """The service as its ARNs name it."""
        return self.principal.split(".", 1)[0]

    def never_sends(self, key: str) -> bool:
        """Return whether no request carries a key; those of an identity provider for the web begin with its domain."""
        is_of_provider = "." in key.partition(":")[0]
        return is_of_provider or key in _NEVER_SENT or key.startswith((*_NEVER_SENT_PREFIXES, *self.never_sent))

    def example_arn(self, account: str) -> str:
        """Return the ARN of a resource as it usually looks."""
        return f"arn:aws:{self.prefix}:us-east-1:{account}:{self.example_resource}"


@dataclass(frozen=True)
class Caller:
    """The service that makes a request: under which name, and who owns the role, which aws:ResourceAccount names."""

    profile: ServiceProfile
    principal: str
    owner: str | None

    @cached_property
    def sent(self) -> dict[str, str]:
        """The keys that every request carries, with their values."""
        sent = {"aws:principalisawsservice": "true", "aws:principalservicename": self.principal}
        return sent if self.owner is None else {**sent, RESOURCE_ACCOUNT: self.owner}


PERSONALIZE: Final = ServiceProfile(
    principal=SERVICE,
    partitions=("aws", "aws-cn"),
    own_arns_only=True,
    # Parameters of sts:AssumeRole.
    never_sent=("sts:externalid", "sts:sourceidentity", "sts:transitivetagkeys", "aws:requesttag/", "aws:tagkeys"),
)
_PROFILES: Final = {profile.principal: profile for profile in (PERSONALIZE,)}
_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def profile_of(service: str) -> ServiceProfile:
    """Return the profile of a service; without one, any of its requests may carry any ARN."""
    return _PROFILES.get(service) or ServiceProfile(principal=service, partitions=_PARTITIONS, own_arns_only=False)


def domain_of(key: str) -> Domain[Any]:
    """Return the values that a key can have where it is there."""
    return _DOMAINS.get(key, _ANY_TEXT)
