"""Deny statements in a bucket's policy that refuse what Personalize is granted, such as those of a VPC-only bucket."""

from typing import Final

from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import PolicyDocument
from personalize_guardrails.iam.evaluation import Caller, Request, statements_of
from personalize_permissions._documents.statements import ACCOUNT_KEY, ARN_KEY, BucketGrant

_SOME_OBJECT: Final = "some-object"


def denials(policy: PolicyDocument, grant: BucketGrant, account: str, region: str) -> list[str]:
    """Return what denies Personalize something of the grant: `Statement[0] (s3:GetObject)`; the rest may be secret.

    Requests carry every condition key that Personalize may send, so that what is denied here is denied for certain.
    """
    sent = {
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": SERVICE,
        "aws:RequestedRegion": region,
        ACCOUNT_KEY: account,
        ARN_KEY: f"arn:{grant.partition}:personalize:{region}:{account}:dataset-import-job/some-job",
    }
    requests = [
        Request.of(Caller.service(SERVICE), action, resource.replace("*", _SOME_OBJECT), sent)
        for statement in grant.for_role().statements
        for action in statement.actions
        if action.startswith("s3:")
        for resource in statement.resources
    ]
    found = []
    for located in statements_of(policy, "the bucket's policy"):
        denied = [each.action for each in requests if located.denies and located.applies(each, of_resource=True)]
        if denied:
            found.append(f"Statement[{located.index}] ({', '.join(denied)})")
    return found
