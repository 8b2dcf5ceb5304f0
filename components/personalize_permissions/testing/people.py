"""What an identity may do: its own policies, its boundary, and the policies of the resource.

Source: IAM User Guide, "Policy evaluation for requests within a single account" and "Permissions boundaries for IAM
entities"; AWS KMS Developer Guide, "Key policies" (a key's policy lets the account's own policies decide, or not).
"""

from collections.abc import Sequence

from personalize_guardrails.iam import Condition, Effect, Statement
from personalize_permissions.testing.deciding import Decision, compact, lacking, near
from personalize_permissions.testing.policies import Attached, Identity, Policies, UnknownDocumentError
from personalize_permissions.testing.requests import Placed, Request


def decide_for(identity: Identity, request: Request, policies: Policies) -> Decision:
    """Whether the policies of a program let an identity do something; UnknownDocumentError where that is not known."""
    subject = f"{identity} may {request}"
    attached, boundary = policies.of(identity), policies.boundary_of(identity)
    resource = _of_resource(request.resource, policies)
    own = [*attached.statements, *(boundary.statements if boundary else ())]
    denying = (
        *(each for each in own if _denies(each) and each.applies(request)),
        *(each for each in resource if _denies(each) and each.applies(request, of_resource=True)),
    )
    if denying:
        return Decision(allowed=False, subject=subject, by=denying, why="It is denied, whatever else allows it.")
    by_own = tuple(each for each in attached.statements if not _denies(each) and each.applies(request))
    by_resource = tuple(each for each in resource if not _denies(each) and each.applies(request, of_resource=True))
    if by_own and _is_key(request.resource) and resource and not _delegates(resource, request):
        by_own = ()
    bounded = boundary is not None and not any(
        not _denies(each) and each.applies(request) for each in boundary.statements
    )
    # A boundary limits what a resource's policy gives to a role, but not what it gives to a user.
    granted = (*(() if bounded else by_own), *(() if bounded and identity.kind == "role" else by_resource))
    if granted:
        _known(subject, [arn for arn in attached.unknown if ":iam::aws:policy/" not in arn])
        return Decision(allowed=True, subject=subject, by=granted)
    if bounded and (by_own or by_resource):
        _known(subject, boundary.unknown if boundary else [])
        return Decision(
            allowed=False, subject=subject, by=by_own or by_resource, why="The permissions boundary does not allow it."
        )
    _known(subject, attached.unknown)
    return Decision(allowed=False, subject=subject, why=_why(identity, request, attached, resource, policies))


def _known(subject: str, unknown: Sequence[str]) -> None:
    if unknown:
        raise UnknownDocumentError(
            f"whether {subject} depends on {', '.join(unknown)}, whose document is not known here; give it to "
            "PermissionsMocks(managed_policies={ARN: document})"
        )


def _why(
    identity: Identity, request: Request, attached: Attached, resource: Sequence[Placed], policies: Policies
) -> str:
    conditions = [
        Condition.of("StringEquals", key, *values)
        for key, values in request.context.items()
        if key == "iam:passedtoservice"
    ]
    wanted = Statement(
        effect=Effect.ALLOW,
        actions=(request.action,),
        resources=(request.resource,),
        conditions=tuple(conditions),
    )
    closest = [*near(request, attached.statements), *near(request, resource, of_resource=True)]
    if _is_key(request.resource) and any(each.applies(request) for each in attached.statements):
        return f"The policy of the key lets neither {identity} nor the account's own policies do it.\n" + "\n".join(
            near(request, resource, of_resource=True)
        )
    if attached.statements:
        return lacking(wanted, closest=closest)
    others = ", ".join(str(each) for each in policies.identities()) or "nobody"
    return (
        f"Nothing is attached to {identity}; the program knows {others}.\nMissing, for example:\n    {compact(wanted)}"
    )


def _of_resource(arn: str, policies: Policies) -> list[Placed]:
    parts = arn.split(":", 5)
    if len(parts) == len(("arn", "partition", "service", "region", "account", "resource")):
        if parts[2] == "s3":
            return policies.of_bucket(parts[5].split("/", 1)[0])
        if _is_key(arn):
            return policies.of_key(arn)
    return []


def _is_key(arn: str) -> bool:
    return ":kms:" in arn and ":key/" in arn


def _delegates(statements: Sequence[Placed], request: Request) -> bool:
    """Whether a key's policy leaves the decision to the account's own policies."""
    account = Request(request.caller.of_account(), request.action, request.resource, request.context)
    return any(not _denies(each) and each.applies(account, of_resource=True) for each in statements)


def _denies(placed: Placed) -> bool:
    return placed.statement.effect is Effect.DENY
