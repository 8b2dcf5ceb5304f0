"""What is known of the requests of each service: one profile a service.

Sources: Service Authorization Reference, "Amazon Personalize"; AWS General Reference, "Amazon Resource Names".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from personalize_guardrails.guide import SERVICE

UNTRUSTED: Final = "999988887777"
"""The untrusted account of examples."""
OWNER: Final = "111122223333"
"""The account that owns the role, in examples where it is not known."""


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

    prefix: str = field(init=False)
    """The service as its ARNs name it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", self.principal.split(".", 1)[0])

    def example_arn(self, account: str, region: str = "us-east-1") -> str:
        """Return the ARN of a resource as it usually looks."""
        return f"arn:aws:{self.prefix}:{region}:{account}:{self.example_resource}"


PERSONALIZE: Final = ServiceProfile(
    principal=SERVICE,
    partitions=("aws", "aws-cn"),
    own_arns_only=True,
    never_sent=(
        "sts:externalid",
        "sts:sourceidentity",
        "sts:transitivetagkeys",
        "aws:requesttag/",
        "aws:tagkeys",
    ),  # parameters of sts:AssumeRole
)
_PROFILES: Final = {profile.principal: profile for profile in (PERSONALIZE,)}
_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def profile_of(service: str) -> ServiceProfile:
    """Return the profile of a service; without one, any of its requests may carry any ARN."""
    return _PROFILES.get(service) or ServiceProfile(principal=service, partitions=_PARTITIONS, own_arns_only=False)
