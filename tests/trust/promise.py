"""What docs/rule.md promises, decided for one document by asking the simulator about every request of a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.trust.documents import ANOTHER, OTHER, OWN, REGIONAL, SERVICE, UNTRUSTED
from tests.trust.simulator import Request, allows

ACCOUNTS = [None, OWN, OTHER, UNTRUSTED, "123456789011", "023456789012", "123456780000"]
RESOURCES = ["campaign/x", "123456789012"]
REGIONS = ["us-east-1", "eu-west-1", "us-gov-west-1"]
CONTEXTS: dict[str, list[dict[str, str]]] = {
    "aws:requestedregion": [{}, {"aws:RequestedRegion": "us-east-1"}, {"aws:RequestedRegion": "eu-west-1"}],
    "aws:principalaccount": [{}, {"aws:PrincipalAccount": "000000000000"}],
    "aws:userid": [{}, {"aws:userid": "service"}],
}


@dataclass
class Verdict:
    """The requests of one service that a document allows, by what is wrong with them."""

    lacking: list[Request] = field(default_factory=list)
    untrusted: list[Request] = field(default_factory=list)
    """Those whose account and ARN agree on an untrusted account, or whose ARN names none."""
    disagreeing: list[Request] = field(default_factory=list)
    """Those whose account and ARN disagree, and one of which is not trusted."""
    trusted: list[Request] = field(default_factory=list)

    @property
    def is_unguarded(self) -> bool:
        return bool(self.lacking or self.untrusted or (self.disagreeing and self.trusted))

    def add(self, request: Request, trusted: frozenset[str]) -> None:
        named = None if request.arn is None else request.arn.split(":")[4]
        if request.account is None or request.arn is None:
            self.lacking.append(request)
        elif not named or (named == request.account and named not in trusted):
            self.untrusted.append(request)
        elif named == request.account:
            self.trusted.append(request)
        elif not {named, request.account} <= trusted:
            self.disagreeing.append(request)


def verdict(document: dict[str, Any], service: str, trusted: frozenset[str]) -> Verdict:
    found = Verdict()
    for request in requests(document, service):
        if allows(document, request):
            found.add(request, trusted)
    return found


def requests(document: dict[str, Any], service: str) -> Iterator[Request]:
    """The requests of the grid, with only those keys that the document asks about."""
    text = str(document).lower()
    contexts: list[dict[str, str]] = [{}]
    for key, values in CONTEXTS.items():
        if key in text:
            contexts = [{**one, **other} for one in contexts for other in values]
    for name in names_of(document, service):
        for account in ACCOUNTS:
            for arn in arns_of(service):
                for context in contexts:
                    yield Request(name, account, arn, context, OWN)


def arns_of(service: str) -> list[str | None]:
    prefix = service.split(".", maxsplit=1)[0]
    arns: list[str | None] = [None]
    arns += [
        f"arn:{partition}:{prefix}:{region}:{account}:{resource}"
        for partition, region in (("aws", "us-east-1"), ("aws", "eu-west-1"), ("aws-cn", "us-gov-west-1"))
        for account in ACCOUNTS[1:]
        for resource in RESOURCES
    ]
    if service == ANOTHER:
        arns += [f"arn:aws:s3:::{OWN}", f"arn:aws:personalize:us-east-1:{OWN}:campaign/x"]
        arns += [f"arn:aws:sagemaker:us-east-1:{UNTRUSTED}:model:{OWN}:x"]
        # Of the resources of other services nothing is known: one may be named by a star, or end with an account.
        arns += [
            f"arn:aws:{named}:us-east-1:{account}:{resource}"
            for named in ("personalize", prefix)
            for account in (OWN, OTHER)
            for resource in ("*", f"campaign/x:{OWN}", f"model/x:{OWN}", f"model/x:{OTHER}")
        ]
    return arns


def names_of(document: dict[str, Any], service: str) -> tuple[str, ...]:
    """The service's own name, and the regional one where an Allow spells it out."""
    allowed = [statement["Principal"] for statement in document["Statement"] if statement["Effect"] == "Allow"]
    has_regional = service == SERVICE and any(REGIONAL in str(principal) for principal in allowed)
    return (service, REGIONAL) if has_regional else (service,)
