"""What readers get: every read and list action, and no recommendations."""

from typing import Unpack

import pulumi

from personalize_permissions._components.component_base import NO_ARGUMENTS
from personalize_permissions._components.identity_access import IdentityAccess
from personalize_permissions._documents import identities, limits
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeReaderAccessArgs


class PersonalizeReaderAccess(IdentityAccess):
    """Lets auditors and dashboards read everything of Amazon Personalize but recommendations."""

    policy_arn: pulumi.Output[str]
    """ARN of the readers' policy; resolves once it is attached to all of them."""
    _schema = argument_schemas.READER_ACCESS

    def __init__(
        self,
        name: str,
        args: PersonalizeReaderAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizeReaderAccessArgs],
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"policy": limits.POLICY_NAME})
        document = self._scope.location.apply(lambda _: identities.reading())
        self.policy_arn = self._grant(name, "Lets readers see Amazon Personalize's resources", document, "users")
        self._register_outputs()
