"""S3 buckets and their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from sandbox.emulator import iam_rules, s3_rules
from sandbox.emulator.calls import pages, tag_list, tag_map, unless_gone
from sandbox.emulator.documents import normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.propagation import while_refused
from sandbox.emulator.resource import Resource
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.schema import Failure
    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Json, Props

_NOT_EMULATED = frozenset(
    {
        "accelerationStatus",
        "acl",
        "bucketNamespace",
        "corsRules",
        "grants",
        "lifecycleRules",
        "logging",
        "objectLockConfiguration",
        "objectLockEnabled",
        "policy",
        "replicationConfiguration",
        "requestPayer",
        "website",
    }
)


class Bucket(Resource):
    """A bucket, with versioning, default encryption and tags; its id is its name."""

    traits = Traits(
        kind="aws:s3/bucket:Bucket",
        label="S3 Bucket",
        name=AutoName(property="bucket", longest=63, lower=True),
        replacing=frozenset({"bucket", "bucketPrefix"}),
        defaults={"forceDestroy": False},
        computed=frozenset(
            {"bucket", "bucketPrefix", "requestPayer", "serverSideEncryptionConfiguration", "versioning"}
        ),
        written=frozenset({"forceDestroy"}),
        absent=_NOT_EMULATED,
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from s3_rules.name_failures(props.get("bucket"))

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the bucket alone."""
        name = str(props["bucket"])
        region = props.get("region") or account.region
        client = account.client("s3", region)
        if any(item["Name"] == name for item in client.list_buckets()["Buckets"]):
            owned = "Your previous request to create the named bucket succeeded and you already own it."
            raise AwsError("BucketAlreadyOwnedByYou", owned)
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=name, **place)
        return name

    @override
    def complete(self, account: Account, identity: str, props: Props) -> None:
        """Its tags, versioning and encryption."""
        client = account.client("s3", props.get("region"))
        tags = {**account.default_tags, **(props.get("tags") or {})}
        if tags:
            client.put_bucket_tagging(Bucket=identity, Tagging={"TagSet": tag_list(tags)})
        if props.get("versioning"):
            _put_versioning(client, identity, props["versioning"])
        if props.get("serverSideEncryptionConfiguration"):
            _put_encryption(client, identity, props["serverSideEncryptionConfiguration"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The bucket as S3 has it."""
        region = known.get("region") or account.region
        client = account.client("s3", region)
        if unless_gone(client.head_bucket, Bucket=identity) is None:
            return None
        place = client.get_bucket_location(Bucket=identity).get("LocationConstraint") or "us-east-1"
        tagging = unless_gone(client.get_bucket_tagging, Bucket=identity) or {}
        status = client.get_bucket_versioning(Bucket=identity)
        encryption = unless_gone(client.get_bucket_encryption, Bucket=identity)
        suffix = "amazonaws.com.cn" if place.startswith("cn-") else "amazonaws.com"
        return {
            "arn": f"arn:{account.partition}:s3:::{identity}",
            "bucket": identity,
            "bucketDomainName": f"{identity}.s3.{suffix}",
            "bucketPrefix": known.get("bucketPrefix", ""),
            "bucketRegion": place,
            "bucketRegionalDomainName": f"{identity}.s3.{place}.{suffix}",
            "region": place,
            "requestPayer": "BucketOwner",
            "serverSideEncryptionConfiguration": _encryption(encryption),
            "tags": tag_map(tagging.get("TagSet")),
            "versioning": {
                "enabled": status.get("Status") == "Enabled",
                "mfaDelete": status.get("MFADelete") == "Enabled",
            },
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Each changed property by its own call."""
        client = account.client("s3", news.get("region"))
        if changed & {"tags", "tagsAll"}:
            if news.get("tagsAll"):
                client.put_bucket_tagging(Bucket=identity, Tagging={"TagSet": tag_list(news["tagsAll"])})
            else:
                client.delete_bucket_tagging(Bucket=identity)
        if "versioning" in changed:
            _put_versioning(client, identity, news["versioning"])
        if "serverSideEncryptionConfiguration" in changed:
            _put_encryption(client, identity, news["serverSideEncryptionConfiguration"])

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete; objects stand in the way unless forceDestroy says otherwise."""
        client = account.client("s3", state.get("region"))
        if unless_gone(client.head_bucket, Bucket=identity) is None:
            return
        kept = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for item in pages(client, "list_object_versions", kind, Bucket=identity)
        ]
        if kept and not state.get("forceDestroy"):
            raise AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty")
        for item in kept:
            client.delete_object(Bucket=identity, **item)
        unless_gone(client.delete_bucket, Bucket=identity)


class BucketPolicy(Resource):
    """A bucket's one policy: putting it replaces whatever was there. Its id is the bucket's name."""

    traits = Traits(
        kind="aws:s3/bucketPolicy:BucketPolicy",
        label="S3 Bucket Policy",
        replacing=frozenset({"bucket"}),
        documents=frozenset({"policy"}),
    )

    @override
    def doing(self, verb: str, name: str, props: Props) -> str:
        """The real provider's words."""
        if verb in {"creating", "updating"}:
            return f"putting S3 Bucket ({props.get('bucket', name)}) Policy"
        return super().doing(verb, name, props)

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """As the real schema does in preview."""
        yield from iam_rules.json_failures(props, "policy")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Put it."""
        _put_policy(account, props)
        return str(props["bucket"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The policy that the bucket has."""
        answer = unless_gone(account.client("s3", known.get("region")).get_bucket_policy, Bucket=identity)
        return None if answer is None else {"bucket": identity, "policy": normalize(answer["Policy"])}

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Put the new one."""
        _put_policy(account, news)

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Remove it whole, with what others put into it."""
        unless_gone(account.client("s3", state.get("region")).delete_bucket_policy, Bucket=identity)


def _put_policy(account: Account, props: Props) -> None:
    client, bucket = account.client("s3", props.get("region")), str(props["bucket"])
    if unless_gone(client.head_bucket, Bucket=bucket) is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist")
    while_refused(
        client.put_bucket_policy, "MalformedPolicy", "NoSuchBucket", Bucket=bucket, Policy=props["policy"]
    )  # a principal or a bucket that S3 does not know yet


def _put_versioning(client: Client, bucket: str, versioning: Props) -> None:
    status = "Enabled" if versioning.get("enabled") else "Suspended"
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def _put_encryption(client: Client, bucket: str, configuration: Props) -> None:
    rule = configuration["rule"]
    chosen = rule["applyServerSideEncryptionByDefault"]
    default = {"SSEAlgorithm": chosen["sseAlgorithm"]}
    if chosen.get("kmsMasterKeyId"):
        default["KMSMasterKeyID"] = chosen["kmsMasterKeyId"]
    rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(rule.get("bucketKeyEnabled"))}]
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _encryption(answer: Json) -> Props:
    if answer is None:  # every bucket is encrypted since 2023; moto says so only where it was asked to
        return {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": False}}
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    chosen = {"sseAlgorithm": default["SSEAlgorithm"]}
    if default.get("KMSMasterKeyID"):
        chosen["kmsMasterKeyId"] = default["KMSMasterKeyID"]
    return {
        "rule": {"applyServerSideEncryptionByDefault": chosen, "bucketKeyEnabled": bool(rule.get("BucketKeyEnabled"))}
    }
