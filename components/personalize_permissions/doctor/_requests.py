"""The requests of a situation, with every condition key whose value is known."""

from personalize_guardrails import guide
from personalize_guardrails.iam import Arn, account_in
from personalize_guardrails.iam.evaluation import Request
from personalize_permissions._documents.requests import request_of_identity, request_of_service, resource_keys
from personalize_permissions.doctor._situation import Holder, Situation


def by_identity(situation: Situation, holder: Holder, action: str, resource: str) -> Request:
    """Return a request of the role or the person."""
    arn = holder.arn
    more = _of_resource(situation, action, resource, arn.account)
    if situation.organization:
        more["aws:PrincipalOrgID"] = situation.organization
    if holder.unique_id:
        is_role = arn.resource.startswith("role/")
        more["aws:userid"] = f"{holder.unique_id}:session" if is_role else holder.unique_id
    if action == guide.PASS_ROLE:
        more[guide.PASSED_TO_SERVICE] = guide.SERVICE
    return request_of_identity(str(arn), action, resource, situation.region, holder.tags, more)


def by_service(situation: Situation, action: str, resource: str) -> Request:
    """Return a request of Personalize on behalf of the situation's job."""
    more = _of_resource(situation, action, resource, situation.account)
    return request_of_service(action, resource, situation.region, situation.sources, more)


def _of_resource(situation: Situation, action: str, resource: str, caller: str) -> dict[str, str]:
    """Return the condition keys about what is asked for; `caller` is an account."""
    # The owner of the bucket, or of what an ARN names; else the role's account.
    of_bucket = action.startswith("s3:")
    owner = situation.bucket_owner if of_bucket else account_in(resource) or situation.account
    keys = resource_keys(action, owner, caller, situation.organization if owner == situation.account else "")
    match action.split(":", maxsplit=1)[0]:
        case "s3":
            keys |= _of_s3(situation, action)
        case "kms":
            keys |= _of_key(situation, resource)
        case "iam" | "sts":
            for key, value in situation.role.tags.items():
                keys |= {f"aws:ResourceTag/{key}": value, f"iam:ResourceTag/{key}": value}
    return keys


def _of_s3(situation: Situation, action: str) -> dict[str, str]:
    """Return the condition keys of S3: a prefix that is listed, and the headers of an object that is encrypted."""
    keys = {"s3:TlsVersion": "1.2"}
    if action == guide.LIST_BUCKET and situation.prefix:
        keys["s3:prefix"] = situation.prefix
    if action == guide.PUT_OBJECT and situation.keys:
        keys["s3:x-amz-server-side-encryption"] = "aws:kms"
        keys["s3:x-amz-server-side-encryption-aws-kms-key-id"] = next(iter(situation.keys))
    return keys


def _of_key(situation: Situation, arn: str) -> dict[str, str]:
    """Return the condition keys of KMS: a grant is made for a service; S3 uses the key of a bucket for its caller."""
    keys = {"kms:GrantIsForAWSResource": "true"}
    if arn in situation.bucket_keys:
        key = Arn.parse(arn)
        domain = "amazonaws.com.cn" if key.partition == "aws-cn" else "amazonaws.com"
        keys |= {"kms:ViaService": f"s3.{key.region}.{domain}", "aws:ViaAWSService": "true"}
    return keys
