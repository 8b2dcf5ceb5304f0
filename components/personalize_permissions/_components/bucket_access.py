"""One bucket, on the role's side and on the bucket's: step 5 of the guide."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi.output import Unknown

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._components.component_base import Component
from personalize_permissions._components.sources import confining_sources
from personalize_permissions._documents import limits
from personalize_permissions._documents.denials import denials
from personalize_permissions._documents.existing import ExistingPolicy, parse_existing
from personalize_permissions._documents.merging import (
    foreign_statements,
    merge,
    statements_of_other_buckets,
    statements_of_other_names,
)
from personalize_permissions._documents.statements import BucketGrant, bucket_sids
from personalize_permissions._runtime.bucket_lookup import Unreadable, live_bucket_policy
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, flatten_input, gather, resolve_after
from personalize_permissions._runtime.ownership import claim, reserve
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeBucketAccessArgs
from personalize_permissions.choices import BucketUse, Delivery


class PersonalizeBucketAccess(Component):
    """Lets Amazon Personalize use a bucket: the service role's policy, and the bucket's."""

    bucket_policy: pulumi.Output[str]
    """JSON of the bucket policy: what is attached, or the statements to add where `bucket_policy` is `statements`."""
    role_policy: pulumi.Output[str]
    """JSON of the policy that the service role got."""
    _schema = argument_schemas.BUCKET_ACCESS

    def __init__(
        self, name: str, args: PersonalizeBucketAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, args, opts, {"role": limits.POLICY_NAME})
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
        combine(lambda *known: self._warn_of_denials(name, *known), scope.location, grant, given.get("existing_policy"))
        if Delivery(given.get("bucket_policy", Delivery.ATTACH)) is not Delivery.ATTACH:
            return document.apply(lambda known: known.to_json())

        reserve("bucket", bucket, name)
        found: pulumi.Output[str | Unreadable | None] = live_bucket_policy(self, bucket)
        live = found.recover(Unreadable.of)
        text = combine(lambda *known: self._writable(name, own, *known), scope.location, document, live, bucket)
        policy = aws.s3.BucketPolicy(
            f"{name}-bucket",
            bucket=bucket,
            policy=text,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Deleting a bucket policy would take the statements of others with it.
                retain_on_delete="existing_policy" in given or None,
                # A replacement may be of the same bucket: deleting the old one last would take the policy away.
                delete_before_replace=True,
            ),
        )
        kept = gather(policy.id, live).apply(
            lambda known: self._refuse_other_names(name, own, *known), run_with_unknowns=True
        )
        return resolve_after(text, policy.id, kept)

    def _warn_of_denials(self, name: str, place: Location, grant: BucketGrant, existing: ExistingPolicy | None) -> None:
        """Warn of statements that deny Personalize what is granted, in the preview already."""
        if existing and (found := denials(parse_existing(existing), grant, place.account, place.region)):
            report = self._scope.report
            warning = (
                f"{report.subject}: `existing_policy` of {name} denies what is granted here, in {', '.join(found)}. "
                "Personalize cannot use the bucket while that is in its policy, such as where only a VPC may reach it: "
                "`python -m personalize_permissions doctor` says what to write"
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
                "would replace what the bucket carries, which cannot be read; allow s3:GetBucketPolicy to whoever "
                'deploys, or for a bucket of another account write "statements", and have its owner add what is handed '
                f"out. The lookup says: {live.cause.replace(bucket, 'the bucket')}",
            )
        if lost := foreign_statements(live, document, own):
            raise refuse(
                ("existing_policy",),
                f"does not hold {', '.join(lost)} of the policy that the bucket carries, which would be lost; "
                "write the bucket's whole policy (aws s3api get-bucket-policy), or set `bucket_policy` to "
                '"statements" and add what it hands out yourself'
                + (f". {_RENAMED}" if statements_of_other_names(live, own) else ""),
            )
        if astray := statements_of_other_buckets(document, bucket):
            raise refuse(
                ("existing_policy",),
                f"has resources of another bucket in {', '.join(astray)}, which S3 refuses; write the policy of this",
            )
        return self._render("existing_policy", document, limits.BUCKET_POLICY)

    def _refuse_other_names(self, name: str, own: frozenset[str], policy_id: object, live: object) -> None:
        """Refuse in a preview what deleting an entry's old name would take; where `existing_policy` is given, warn.

        A preview knows the id of what the stack holds already, under whatever name.
        """
        if not isinstance(policy_id, Unknown) or not isinstance(live, str):
            return
        if others := ", ".join(statements_of_other_names(live, own)):
            report = self._scope.report
            if "existing_policy" not in self._args:
                raise self._scope.refuse(
                    ("existing_policy",),
                    f"is missing, and the bucket carries {others}, written under another name. {_RENAMED}",
                )
            warning = f"{report.subject}: the bucket of {name} carries {others}, written under another name. {_KEPT}"
            pulumi.log.warn(report.spelling.prose(warning), self)


_RENAMED: Final = (
    "If this stack wrote them before a component or label was renamed, or an entry moved, it would delete what stands "
    "under the old name last, and the whole policy with it: keep the name, give it in `aliases`, or first run "
    "`pulumi up` under the old name with the bucket's policy as `existing_policy`"
)
_KEPT: Final = (
    "If that is an entry of this stack which goes in this run, it must have been given `existing_policy` in a run "
    "before: its deletion takes the whole policy away otherwise"
)


def _grant(place: Location, bucket: str, uses: Sequence[str], prefix: str | None) -> BucketGrant:
    return BucketGrant(place.partition, bucket, frozenset(map(BucketUse, uses)), prefix or "")
