"""One bucket, on the role's side and on the bucket's: step 5 of the guide."""

from collections.abc import Sequence
from typing import Any, Unpack, overload

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._components.adoption import alias_of, refuse_second_policy
from personalize_permissions._components.component_base import NO_ARGUMENTS, Component
from personalize_permissions._components.sources import confining_sources
from personalize_permissions._documents import limits
from personalize_permissions._documents.existing_policy import ExistingPolicy, parse_existing
from personalize_permissions._documents.merging import foreign_statements, merge, statements_of_other_buckets
from personalize_permissions._documents.statements import BucketGrant, bucket_sids
from personalize_permissions._runtime.bucket_lookup import Unreadable, live_bucket_policy, refuse_missing
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, flatten_input, resolve_after
from personalize_permissions._runtime.ownership import claim, reserve
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.report import InvalidArgumentsError
from personalize_permissions.arguments import PersonalizeBucketAccessArgs
from personalize_permissions.choices import BucketUse, Delivery


class PersonalizeBucketAccess(Component):
    """Lets Amazon Personalize use a bucket: the service role's policy, and the bucket's."""

    bucket_policy: pulumi.Output[str]
    """JSON of the bucket policy: what is attached, or the statements to add where `bucket_policy` is `statements`."""
    role_policy: pulumi.Output[str]
    """JSON of the policy that the service role got."""
    _schema = argument_schemas.BUCKET_ACCESS

    @overload
    def __init__(
        self, name: str, args: PersonalizeBucketAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...
    @overload
    def __init__(
        self, name: str, *, opts: pulumi.ResourceOptions | None = None, **keywords: Unpack[PersonalizeBucketAccessArgs]
    ) -> None: ...
    def __init__(
        self,
        name: str,
        args: PersonalizeBucketAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"role": limits.POLICY_NAME})
        self._require_name("aws:iam/rolePolicy:RolePolicy")
        given = self._args
        grant = combine(
            _grant, self._scope.location, given["bucket"], flatten_input(given["uses"]), given.get("prefix")
        )
        document = grant.apply(lambda known: known.for_role().to_json())
        role_policy = aws.iam.RolePolicy(
            f"{name}-role",
            role=given["service_role_name"],
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_policy = resolve_after(document, role_policy.id)
        self.bucket_policy = self._bucket_policy(name, grant)
        self._register_outputs()

    def _bucket_policy(self, name: str, grant: pulumi.Output[BucketGrant]) -> pulumi.Output[str]:
        """Return the JSON of the bucket policy, once it is written where it is to be attached."""
        given, scope, bucket = self._args, self._scope, self._args["bucket"]
        owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
        own = bucket_sids(owner)
        document = combine(
            lambda grant, sources, existing: merge(existing, grant.for_bucket(owner, sources), own=own),
            grant,
            confining_sources(scope, given),
            given.get("existing_policy"),
        )
        if "existing_policy" in given:
            combine(lambda *known: self._warn_of_denials(name, *known), scope.location, grant, given["existing_policy"])
        if Delivery(given.get("bucket_policy", Delivery.ATTACH)) is not Delivery.ATTACH:
            return document.apply(lambda known: known.to_json())

        reserve("bucket", bucket, name)
        live = live_bucket_policy(self, bucket, scope.registered)
        text = combine(lambda *known: self._writable(name, own, *known), scope.location, document, live, bucket)
        policy = aws.s3.BucketPolicy(
            f"{name}-bucket",
            bucket=bucket,
            policy=text,
            opts=pulumi.ResourceOptions(
                parent=self,
                aliases=alias_of(given.get("adopt_policy_from")),
                # Deleting a bucket policy would take with it what others have added, whenever they did.
                retain_on_delete=True,
                # One in a state of version 1.0.0 is deleted all the same: before its replacement of the same bucket.
                delete_before_replace=True,
            ),
        )
        alone = refuse_second_policy(
            scope, given, policy, "bucket", bucket, lambda outputs, name: outputs.get("bucket") == name
        )
        return resolve_after(text, policy.id, *alone, *self._refuse_missing(live))

    def _refuse_missing(self, live: pulumi.Output[str | Unreadable | None]) -> list[pulumi.Output[object]]:
        """Refuse, in a preview, a bucket that does not exist, unless a resource of the program may make it."""
        bucket = self._args["bucket"]
        if not isinstance(bucket, str) or self._scope.depends or not pulumi.runtime.is_dry_run():
            return []

        def refusal() -> InvalidArgumentsError:
            return self._scope.refuse(
                ("bucket",),
                "is not the name of a bucket that exists; make the bucket first, or, where this program makes it, "
                "write the name as the output of the bucket's resource",
            )

        return [live.apply(lambda found: refuse_missing(self, bucket, refusal) if found is None else found)]

    def _warn_of_denials(self, name: str, place: Location, grant: BucketGrant, existing: ExistingPolicy | None) -> None:
        """Warn of statements that deny Personalize what is granted, in the preview already."""
        # The evaluation of requests is loaded for the buckets that have a policy.
        from personalize_permissions._documents.denials import denials  # noqa: PLC0415

        if existing and (found := denials(parse_existing(existing), grant, place.account, place.region)):
            report = self._scope.report
            warning = (
                f"{report.subject}: `existing_policy` of {name} denies what the component grants, in "
                f"{', '.join(found)}. Personalize cannot use the bucket until the policy has an exception for it; "
                "`python -m personalize_permissions doctor` prints what to write"
            )
            pulumi.log.warn(report.spelling.prose(warning), self)

    def _writable(
        self,
        name: str,
        own: frozenset[str],
        place: Location,
        document: PolicyDocument,
        live: str | Unreadable | None,
        bucket: str,
    ) -> str:
        """Return the JSON of the policy to write; InvalidArgumentsError where it would lose something."""
        refuse = self._scope.refuse
        claim(self._scope, "bucket", bucket, name)
        if isinstance(live, Unreadable) and live.wrong_region:
            raise refuse(
                ("bucket",),
                f"is a bucket of another region than {place.region}, where the AWS provider works; write a bucket of "
                "that region, or give the component a provider of the bucket's region",
            )
        if isinstance(live, Unreadable):
            raise refuse(
                ("bucket_policy",),
                "would replace the bucket's policy, which the AWS provider cannot read; allow s3:GetBucketPolicy to "
                'whoever deploys, or for a bucket of another account write "statements", and have its owner add the '
                f"statements in the output. The lookup says: {live.cause.replace(bucket, 'the bucket')}",
            )
        if lost := foreign_statements(live, document, own):
            raise refuse(
                ("existing_policy",),
                f"does not contain {', '.join(lost)} of the bucket's current policy, which would be lost; "
                "write the bucket's whole policy (aws s3api get-bucket-policy), or set `bucket_policy` to "
                '"statements" and add the statements in the output yourself',
            )
        if of_others := statements_of_other_buckets(document, bucket):
            raise refuse(
                ("existing_policy",),
                f"has resources of another bucket in {', '.join(of_others)}, which S3 refuses; write the policy of "
                "this bucket",
            )
        return self._render("existing_policy", document, limits.BUCKET_POLICY)


def _grant(place: Location, bucket: str, uses: Sequence[str], prefix: str | None) -> BucketGrant:
    return BucketGrant(place.partition, bucket, frozenset(map(BucketUse, uses)), prefix or "")
