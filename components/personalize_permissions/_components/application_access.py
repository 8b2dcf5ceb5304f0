"""What an application gets: recommendations from what is named, and the recording of events and items."""

from typing import Final, Unpack

import pulumi

from personalize_guardrails.iam import Arn, PolicyDocument
from personalize_permissions._components.component_base import NO_ARGUMENTS
from personalize_permissions._components.identity_access import IdentityAccess
from personalize_permissions._documents import limits
from personalize_permissions._documents.identities import ApplicationGrant
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, flatten_input
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.combinations import NOTHING_GRANTED
from personalize_permissions.arguments import PersonalizeApplicationAccessArgs

_SERVING: Final = ("campaigns", "recommenders", "filters")


class PersonalizeApplicationAccess(IdentityAccess):
    """Lets an application get recommendations from named campaigns and recommenders, and record events and items."""

    policy_arn: pulumi.Output[str]
    """ARN of the application's policy; resolves once it is attached."""
    _schema = argument_schemas.APPLICATION_ACCESS

    def __init__(
        self,
        name: str,
        args: PersonalizeApplicationAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizeApplicationAccessArgs],
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"policy": limits.POLICY_NAME})
        given = self._args
        named = (flatten_input(given.get(argument)) for argument in (*_SERVING, "datasets"))
        document = combine(self._document, self._scope.location, given.get("record_events"), *named)
        self.policy_arn = self._grant(name, "Lets an application use Amazon Personalize", document, "campaigns")
        self._register_outputs()

    def _document(
        self,
        place: Location,
        record_events: bool | None,  # noqa: FBT001 - an argument's value
        *named: list[str] | None,
    ) -> PolicyDocument:
        """Return the policy; InvalidArgumentsError where it would be empty, or names what requests never reach."""
        for argument, arns in zip((*_SERVING, "datasets"), named, strict=True):
            for index, arn in enumerate(map(Arn.parse, arns or ())):
                if (arn.partition, arn.account) != (place.partition, place.account):
                    raise self._scope.refuse(
                        (argument, index),
                        "is an ARN of another account or partition than the provider's, so it is never used; write one "
                        f"of account {place.account} in partition {place.partition}",
                    )
        *serving, datasets = (tuple(arns or ()) for arns in named)
        grant = ApplicationGrant(tuple(arn for arns in serving for arn in arns), datasets, bool(record_events))
        if not (serving[0] or serving[1] or datasets or record_events):
            raise self._scope.refuse(("campaigns",), NOTHING_GRANTED)
        return grant.document()
