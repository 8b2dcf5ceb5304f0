"""S3: buckets and their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from sandbox.emulator.resource import Resource, document, name_of, retry, tag_list, tag_map
from sandbox.emulator.session import Account, AwsError

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values

_FIRST_REGION: Final = "us-east-1"


class Bucket(Resource):
    """A bucket and its tags; its id is its name."""

    @override
    def create(self, account: Account, wanted: Values) -> str:
        name, place = name_of(wanted), None
        if account.region != _FIRST_REGION:
            place = {"LocationConstraint": account.region}
        elif account.find("s3", "head_bucket", Bucket=name) is not None:  # S3 itself does not mind in this region
            raise AwsError("BucketAlreadyExists", "BucketAlreadyExists")
        account.call("s3", "create_bucket", Bucket=name, CreateBucketConfiguration=place)
        return name

    @override
    def complete(self, account: Account, identity: str, wanted: Values) -> None:
        self.update(account, identity, {}, wanted, frozenset())

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        if account.find("s3", "head_bucket", Bucket=identity) is None:
            return None
        tags = account.find("s3", "get_bucket_tagging", Bucket=identity) or {}
        place = account.call("s3", "get_bucket_location", Bucket=identity).get("LocationConstraint") or _FIRST_REGION
        suffix = "amazonaws.com.cn" if place.startswith("cn-") else "amazonaws.com"
        return {
            "arn": f"arn:{account.partition}:s3:::{identity}",
            "bucket": identity,
            "bucket_domain_name": f"{identity}.s3.{suffix}",
            "bucket_regional_domain_name": f"{identity}.s3.{place}.{suffix}",
            "hosted_zone_id": "",
            "region": place,
            "tags_all": tag_map(tags.get("TagSet")),
        }

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        if wanted["tags_all"]:
            account.call("s3", "put_bucket_tagging", Bucket=identity, Tagging={"TagSet": tag_list(wanted["tags_all"])})
        elif before.get("tags_all"):
            account.call("s3", "delete_bucket_tagging", Bucket=identity)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        for kind in ("Versions", "DeleteMarkers") if state["force_destroy"] else ():
            for item in account.pages("s3", "list_object_versions", kind, Bucket=identity):
                found = {"Key": item["Key"], "VersionId": item["VersionId"]}
                account.call("s3", "delete_object", Bucket=identity, **found)
        account.find("s3", "delete_bucket", Bucket=identity)


class BucketPolicy(Resource):
    """A bucket's one policy: putting it replaces whatever was there. Its id is the bucket's name."""

    words = dict.fromkeys(("create", "update"), "putting S3 Bucket ({bucket}) Policy")

    @override
    def create(self, account: Account, wanted: Values) -> str:
        policy = {"Bucket": wanted["bucket"], "Policy": document(wanted["policy"])}
        # a principal or a bucket that S3 does not know yet
        retry(lambda: account.call("s3", "put_bucket_policy", **policy), "MalformedPolicy", "NoSuchBucket")
        return str(wanted["bucket"])

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        answer = account.find("s3", "get_bucket_policy", Bucket=identity)
        return None if answer is None else {"bucket": identity, "policy": document(answer["Policy"])}

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        self.create(account, wanted)

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        account.find("s3", "delete_bucket_policy", Bucket=identity)
