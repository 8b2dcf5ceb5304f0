"""Which component of this run writes what only one may write: two would overwrite or undo each other."""

from typing import Final

import pulumi

from personalize_permissions._runtime.run_scope import PerRun
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._validation.combinations import quota_fault
from personalize_permissions._validation.report import Entry, Path

_claims: Final = PerRun[str]()


def reserve(what: str, identity: pulumi.Input[str], component: str) -> None:
    """Make the first component of the program the writer, where the name is known at once: later claims race."""
    if isinstance(identity, str):
        _another(what, identity, component)


def claim(scope: Scope, what: str, identity: str, component: str) -> None:
    """Note that `component` writes the policy of a bucket or key; InvalidArgumentsError if another one does already."""
    if writer := _another(what, identity, component):
        # A key's policy has to hold the account's administration, which statements alone do not.
        here = "here, keep `existing_policy`," if what == "key" else "here,"
        raise scope.refuse(
            (f"{what}_policy",),
            f'would overwrite what component "{writer}" of this stack writes: a {what} has one policy. Set '
            f'`{what}_policy` to "statements" {here} and pass the statements in the output to the other '
            "component as `existing_policy`",
        )


def claim_attachment(scope: Scope, argument: str, policy_arn: str, principal: tuple[str, str, str], named: str) -> None:
    """Note that a component attaches a policy of AWS's own; InvalidArgumentsError if another one does already.

    `principal` is its account, its kind and its name; `named` is how a message names it.
    """
    component = scope.report.subject
    if other := _another(policy_arn, "/".join(principal).casefold(), component):
        raise scope.refuse(
            (argument,),
            f"attaches {policy_arn.rsplit('/', 1)[-1]} to {named}, as {other} of this stack does already: when either "
            "is deleted, both lose the attachment. Choose another policy here, or leave the name out of one of them",
        )


def claim_name(scope: Scope, path: Path, kind: str, account: str, name: str) -> None:
    """Note that a component makes a role or policy of a name; InvalidArgumentsError if another one does already.

    IAM compares names without regard to case or path.
    """
    if other := _another(kind, f"{account}/{name}".casefold(), scope.report.subject):
        raise scope.refuse(
            path,
            f"is the name of a {kind} that {other} of this stack makes too, and names in IAM are unique within an "
            "account; write another name, or leave it out",
        )


def count_attachment(
    scope: Scope, provider: pulumi.ProviderResource | None, people: str, person: str, attachment: str, quota: object
) -> None:
    """Note a managed policy of a person; InvalidArgumentsError if all components together attach too many.

    A provider in another language is a new object for each component there: then each component counts by itself.
    """
    attached = _attached.of_this_run().setdefault((provider, people, person.casefold()), set())
    attached.add(attachment)
    if reason := quota_fault(people, len(attached), quota):
        raise scope.within().refuse(
            (people, Entry(person)),
            f"gets {len(attached)} managed policies from the components of this stack; {reason}",
        )


_attached: Final = PerRun[set[str]]()


def _another(what: str, identity: str, component: str) -> str | None:
    """Return the component that claimed it before this one, if any."""
    writer = _claims.of_this_run().setdefault((what, identity), component)
    return None if writer == component else writer
