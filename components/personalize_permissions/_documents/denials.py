"""Deny statements in a bucket's policy that refuse what Personalize is granted, such as those of a VPC-only bucket."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from personalize_guardrails.iam import PolicyDocument
from personalize_guardrails.iam.evaluation import Request, statements_of
from personalize_permissions._documents.grants import JOBS
from personalize_permissions._documents.requests import SOME_OBJECT, request_of_service, resource_keys, sources_of
from personalize_permissions._documents.statements import BucketGrant
from personalize_permissions.choices import BucketUse

_OF_ORGANIZATIONS: Final = ("aws:sourceorg", "aws:resourceorg")
"""How the condition keys start whose values only the organization shows."""


def denials(policy: PolicyDocument, grant: BucketGrant, account: str, region: str) -> list[str]:
    """Return what denies Personalize something of the grant: `Statement[0] (s3:GetObject)`; the rest may be secret.

    The requests have every condition key that Personalize may send, so a Deny that applies here applies for certain;
    a Deny that depends on the organization of the account is left out.
    """
    requests = [request for use in sorted(grant.uses) for request in _requests(grant, use, account, region)]
    found = []
    for located in statements_of(policy, "the bucket's policy"):
        keys = [each.key.lower() for each in located.statement.conditions]
        if not located.denies or any(key.startswith(_OF_ORGANIZATIONS) for key in keys):
            continue
        denied = dict.fromkeys(each.action for each in requests if located.applies(each, of_resource=True))
        if denied:
            found.append(f"Statement[{located.index}] ({', '.join(denied)})")
    return found


def _requests(grant: BucketGrant, use: BucketUse, account: str, region: str) -> Iterator[Request]:
    """Return what Personalize asks of the bucket for one of the grant's uses."""
    sources = sources_of(grant.partition, region, account, JOBS[use])
    for statement in replace(grant, uses=frozenset({use})).for_role().statements:
        for action, resource in product(statement.actions, statement.resources):
            if action.startswith("s3:"):
                on = resource.replace("*", SOME_OBJECT)
                yield request_of_service(action, on, region, sources, resource_keys(action, account, account))
