"""Finds a user, group or role in the account's details, and reads its policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from personalize_guardrails.iam import Arn, MalformedPolicy
from personalize_guardrails.iam.evaluation import LocatedStatement, statements_of
from personalize_permissions._documents.unknown_policies import UnknownPolicies
from personalize_permissions.doctor._files import Evidence, EvidenceError, JsonObject, member, names, objects
from personalize_permissions.doctor._situation import Holder, Statements


@dataclass(frozen=True, slots=True)
class LocatedIdentity:
    """An identity in the files."""

    kind: str
    account: str
    details: JsonObject


def find_identity(evidence: Evidence, written: str, kinds: tuple[str, ...]) -> LocatedIdentity:
    """Return an identity of one of the kinds by its name, path and name, `KIND/NAME` or ARN; EvidenceError if none."""
    kinds, owner, wanted = _read(written, kinds)
    found = [
        LocatedIdentity(kind, account, details)
        for kind in kinds
        for (account, name), details in evidence.identities.get(kind, {}).items()
        if name == wanted and owner in {"", account}
    ]
    if not found:
        raise EvidenceError(_none(evidence, kinds, owner, wanted))
    if len({each.account for each in found}) > 1:
        accounts = ", ".join(sorted(each.account for each in found))
        raise EvidenceError(f'the files have "{written}" in accounts {accounts}; write the ARN')
    if len(found) > 1:
        a = " and a ".join(each.kind for each in found)
        raise EvidenceError(f'"{written}" is a {a}; write {" or ".join(f"{each.kind}/{written}" for each in found)}')
    return found[0]


def _read(written: str, kinds: tuple[str, ...]) -> tuple[tuple[str, ...], str, str]:
    """Return what a text asks for: kinds, the account where one is named, and the name without its path.

    The ARN of a role's session is read as the role's.
    """
    kind, slash, path = written.partition("/")
    if not written.startswith("arn:"):
        return (kind,) if slash and kind in kinds else kinds, "", written.rsplit("/", 1)[-1]
    try:
        arn = Arn.parse(written)
    except ValueError as error:
        raise EvidenceError(f"{written} is not an ARN ({error}); write a name or an ARN") from None
    kind, _, path = arn.resource.partition("/")
    if kind == "assumed-role":
        kind, path = "role", path.partition("/")[0]
    if kind not in kinds:
        raise EvidenceError(f"{written} is not the ARN of a {_either(kinds)}; write one, or a name")
    return (kind,), arn.account, path.rsplit("/", 1)[-1]


def _either(kinds: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))


def _none(evidence: Evidence, kinds: tuple[str, ...], owner: str, wanted: str) -> str:
    """Return why nothing is found, and what to do."""
    accounts = {account for each in evidence.identities.values() for account, _ in each}
    if owner and owner not in accounts:
        return (
            f"the files are of account {', '.join(sorted(accounts)) or 'nobody'}, not of {owner}; run "
            "`aws iam get-account-authorization-details` in that account"
        )
    if evidence.truncated:
        return (
            f'no {_either(kinds)} "{wanted}" is in {", ".join(map(str, evidence.truncated))}, which holds '
            "a part of the list; run `aws iam get-account-authorization-details > account.json` without --max-items "
            "and --no-paginate, which gives all of it"
        )
    known = {key for kind in kinds for key in evidence.identities.get(kind, {})}
    listed = ", ".join(sorted(name for _, name in known)[:10])
    return f'the account has no {_either(kinds)} "{wanted}": it has {listed or "none"}'


def holder_of(evidence: Evidence, found: LocatedIdentity) -> Holder:
    """Return an identity with its policies, a user's groups included, and with the names of those that are missing."""
    kind, details = found.kind, found.details
    try:
        arn = Arn.parse(str(details.get("Arn")))
    except ValueError as error:
        raise EvidenceError(f"the Arn of a {kind} is wrong: {error}") from None
    unknown: list[str] = []
    statements = list(_own(evidence, kind, details, unknown))
    for name in names(details, "GroupList"):
        group = evidence.identities.get("group", {}).get((found.account, name))
        if group is None:
            unknown.append(f"the policies of group {name}")
        else:
            statements += _own(evidence, "group", group, unknown)
    boundary = member(details, "PermissionsBoundary").get("PermissionsBoundaryArn")
    unknown_limit: list[str] = []
    return Holder(
        arn,
        tuple(statements),
        _managed(evidence, str(boundary), unknown_limit) if boundary else None,
        str(details.get(f"{kind.capitalize()}Id") or ""),
        {str(each.get("Key")): str(each.get("Value")) for each in objects(details, "Tags")},
        UnknownPolicies(identity=tuple(unknown), boundary=tuple(unknown_limit)),
    )


def _own(evidence: Evidence, kind: str, details: JsonObject, unknown: list[str]) -> Iterator[LocatedStatement]:
    """Yield the statements of the inline and attached policies of one identity."""
    owner, inline = f"{kind} {details.get(f'{kind.capitalize()}Name')}", f"{kind.capitalize()}PolicyList"
    for each in objects(details, inline):
        yield from statements_in(each.get("PolicyDocument"), f"inline policy {each.get('PolicyName')} of {owner}")
    for attached in objects(details, "AttachedManagedPolicies"):
        yield from _managed(evidence, str(attached.get("PolicyArn")), unknown)


def _managed(evidence: Evidence, arn: str, unknown: list[str]) -> Statements:
    if arn not in evidence.managed:
        unknown.append(f"the document of policy {arn}")
        return ()
    return statements_in(evidence.managed[arn], f"policy {arn.rsplit('/', 1)[-1]}")


def statements_in(document: object, policy: str) -> Statements:
    """Return the statements of a document in the account's details; EvidenceError names a malformed policy."""
    if isinstance(document, str) and document.lstrip().startswith("%"):
        document = unquote(document)  # as the API has it; the CLI decodes it
    if not isinstance(document, str | Mapping):
        raise EvidenceError(f"the document of {policy} is missing; run get-account-authorization-details again")
    try:
        return statements_of(document, policy)
    except MalformedPolicy as error:
        raise EvidenceError(f"{policy} is malformed: {error}") from None
