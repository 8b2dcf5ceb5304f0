"""One bucket, on the role's side and on the bucket's: step 5 of the guide."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi.output import Unknown

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._components.component_base import Given, opened, part, sized
from personalize_permissions._components.service_role import confining_sources
from personalize_permissions._documents import limits
from personalize_permissions._documents.merging import (
    Unreadable,
    foreign_statements,
    live_bucket_policy,
    merged,
    of_another_bucket,
    of_another_name,
)
from personalize_permissions._documents.statements import BucketGrant, bucket_sids
from personalize_permissions._runtime.location import Location, Scope
from personalize_permissions._runtime.outputs import after, applied, joined, unwrapped
from personalize_permissions._runtime.ownership import claim
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeBucketAccessArgs
from personalize_permissions.choices import BucketUse, Delivery


class PersonalizeBucketAccess(pulumi.ComponentResource):
    """Lets Amazon Personalize use a bucket: the service role's policy, and the bucket's."""

    bucket_policy: pulumi.Output[str]
    """JSON of the bucket policy: what is attached, or the statements to add where `bucket_policy` is `statements`."""
    role_policy: pulumi.Output[str]
    """JSON of the policy that the service role got."""

    def __init__(
        self,
        name: str,
        args: PersonalizeBucketAccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: Scope | None = None,
    ) -> None:
        given, start = opened(
            self, name, args, argument_schemas.BUCKET_ACCESS, {f"{name}-role": limits.POLICY_NAME}, scope
        )
        super().__init__("personalize-permissions:index:PersonalizeBucketAccess", name, None, opts)
        scope = start()

        grant = applied(_grant, scope.location, given["bucket"], unwrapped(given["uses"]), given.get("prefix"))
        document = grant.apply(lambda known: known.for_role().to_json())
        role_policy = aws.iam.RolePolicy(
            f"{name}-role", role=given["service_role_name"], policy=document, opts=part(self)
        )
        self.role_policy = after(document, role_policy.id)
        self.bucket_policy = self._bucket_policy(name, scope, given, grant)
        self.register_outputs({"bucket_policy": self.bucket_policy, "role_policy": self.role_policy})

    def _bucket_policy(
        self, name: str, scope: Scope, given: Given, grant: pulumi.Output[BucketGrant]
    ) -> pulumi.Output[str]:
        owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
        own, sources = bucket_sids(owner), confining_sources(scope, given)
        whole = applied(
            lambda grant, sources, existing: merged(existing, grant.for_bucket(owner, sources), own=own),
            grant,
            sources,
            given.get("existing_policy"),
        )
        attaches = Delivery(given.get("bucket_policy", Delivery.ATTACH)) is Delivery.ATTACH
        if not attaches:
            return whole.apply(lambda document: document.to_json())

        bucket = given["bucket"]
        found: pulumi.Output[str | Unreadable | None] = live_bucket_policy(self, bucket)
        live = found.recover(Unreadable.of)
        text = applied(lambda *known: self._writable(name, scope, own, *known), scope.location, whole, live, bucket)
        policy = aws.s3.BucketPolicy(
            f"{name}-bucket",
            bucket=bucket,
            policy=text,
            # Deleting a bucket policy would take the statements of others with it.
            opts=part(self, retain="existing_policy" in given),
        )
        judged = joined(policy.id, live).apply(
            lambda known: self._lasting(name, scope, own, given, *known), run_with_unknowns=True
        )
        return after(text, policy.id, judged)

    def _writable(
        self,
        name: str,
        scope: Scope,
        own: frozenset[str],
        place: Location,
        document: PolicyDocument,
        live: str | Unreadable | None,
        bucket: str,
    ) -> str:
        """Return the JSON of the policy to write; raise InvalidArgumentsError where it would lose something."""
        claim(scope, "bucket", bucket, name)
        if isinstance(live, Unreadable) and live.wrong_region:
            raise scope.refuse(
                ("bucket",),
                f"is a bucket of another region than {place.region}, where the AWS provider works; write a bucket of "
                "that region, or give the component a provider of the bucket's region",
            )
        if isinstance(live, Unreadable):
            raise scope.refuse(
                ("bucket_policy",),
                "would replace what the bucket carries, which cannot be read; allow s3:GetBucketPolicy to whoever "
                'deploys, or for a bucket of another account write "statements", and have its owner add what is handed '
                f"out. The lookup says: {live.cause.replace(bucket, 'the bucket')}",
            )
        if lost := foreign_statements(live, document, own):
            raise scope.refuse(
                ("existing_policy",),
                f"does not hold {', '.join(lost)} of the policy that the bucket carries, which would be lost; "
                "write the bucket's whole policy (aws s3api get-bucket-policy), or set `bucket_policy` to "
                '"statements" and add what it hands out yourself'
                + (f". {_RENAMED}" if of_another_name(live, own) else ""),
            )
        if astray := of_another_bucket(document, bucket):
            raise scope.refuse(
                ("existing_policy",),
                f"has resources of another bucket in {', '.join(astray)}, which S3 refuses; write the policy of this",
            )
        return sized(scope, "existing_policy", document, limits.BUCKET_POLICY)

    def _lasting(self, name: str, scope: Scope, own: frozenset[str], given: Given, made: object, live: object) -> None:
        """Refuse in a preview what an entry's old name would delete; where the policy is told, warn of it.

        A preview knows the id of what the stack holds already, under whatever name.
        """
        if not isinstance(made, Unknown) or not isinstance(live, str):
            return
        if others := ", ".join(of_another_name(live, own)):
            if "existing_policy" not in given:
                raise scope.refuse(
                    ("existing_policy",),
                    f"is missing, and the bucket carries {others}, written under another name. {_RENAMED}",
                )
            warning = f"{scope.report.subject}: the bucket of {name} carries {others}, written under another name. "
            pulumi.log.warn(warning + scope.report.spelling.prose(_KEPT), self)


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
