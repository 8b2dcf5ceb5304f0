"""The base of what applications, readers and data scientists get: one policy, attached to each of them."""

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._components.access import attach
from personalize_permissions._components.component_base import Component
from personalize_permissions._documents import limits
from personalize_permissions._runtime.outputs import resolve_after


class IdentityAccess(Component):
    """A component that gives users, groups and roles one policy of its own."""

    def _grant(
        self, name: str, description: str, document: pulumi.Output[PolicyDocument], sized_by: str
    ) -> pulumi.Output[str]:
        """Return the policy's ARN once it is attached; `sized_by` is the argument that makes a document too long."""
        given = self._args
        self._require_name("aws:iam/policy:Policy")
        arn = aws.iam.Policy(
            f"{name}-policy",
            path=given.get("policy_path"),
            description=description,
            policy=document.apply(lambda known: self._render(sized_by, known, limits.MANAGED_POLICY)),
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
        return resolve_after(arn, *attach(self, f"{name}-personalize", arn, given, self._scope), depends_on=[arn])
