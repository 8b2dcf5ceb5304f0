"""What data scientists get: creating, training and evaluating, without deleting or tagging."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack, overload

import pulumi

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._components.component_base import NO_ARGUMENTS
from personalize_permissions._components.identity_access import IdentityAccess
from personalize_permissions._documents import limits
from personalize_permissions._documents.identities import DataScienceGrant
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, flatten_input
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeDataScientistAccessArgs


class PersonalizeDataScientistAccess(IdentityAccess):
    """Lets data scientists create, train and evaluate in the provider's account and region, and pass one role."""

    policy_arn: pulumi.Output[str]
    """ARN of the data scientists' policy; resolves once it is attached to all of them."""
    _schema = argument_schemas.DATA_SCIENTIST_ACCESS

    @overload
    def __init__(
        self, name: str, args: PersonalizeDataScientistAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        *,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizeDataScientistAccessArgs],
    ) -> None: ...
    def __init__(
        self,
        name: str,
        args: PersonalizeDataScientistAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"policy": limits.POLICY_NAME})
        given = self._args
        document = combine(
            _document,
            self._scope.location,
            given["service_role_arn"],
            flatten_input(given.get("key_arns")),
            flatten_input(given.get("resource_tags")),
        )
        self.policy_arn = self._grant(
            name, "Lets data scientists create and train in Amazon Personalize", document, "resource_tags"
        )
        self._register_outputs()


def _document(
    place: Location, role_arn: str, key_arns: Sequence[str] | None, tags: Mapping[str, str] | None
) -> PolicyDocument:
    """Return the policy for data scientists at a place, who pass one role and may use only what has the tags."""
    grant = DataScienceGrant(
        place.partition,
        place.region,
        place.account,
        role_arn,
        tuple(key_arns or ()),
        tuple(sorted((tags or {}).items())),
    )
    return grant.document()
