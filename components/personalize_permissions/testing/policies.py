"""Where the policies of a program stand: on people and roles, on buckets and keys, in trust policies.

The resources are read as the provider has them: attachments one by one and exclusive ones, inline policies of both
kinds, memberships of groups, permissions boundaries.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument
from personalize_permissions.testing.mocks import Registered
from personalize_permissions.testing.requests import Placed
from personalize_permissions.testing.values import text

_VARIABLES_SINCE: Final = "2012-10-17"
_TRUST: Final = "assumeRolePolicy"


class UnknownDocumentError(LookupError):
    """A question that only a policy can answer whose document neither the program nor the mocks hold."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, group or role: `kind` is `user`, `group` or `role`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def user(name: str) -> Identity:
    """The IAM user of a name, or that a program registers under a logical name; the same for groups and roles."""
    return Identity("user", name)


def group(name: str) -> Identity:
    """An IAM group: what its members may do by it."""
    return Identity("group", name)


def role(name: str) -> Identity:
    """An IAM role."""
    return Identity("role", name)


@dataclass(slots=True)
class Attached:
    """What is attached to an identity: statements, and ARNs of policies whose document the program does not hold."""

    statements: list[Placed] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class Policies:
    """The policies among registered resources.

    `known` are documents of other policies, by ARN; `carried` are those of buckets, where the resources write none.
    """

    def __init__(
        self,
        resources: Sequence[Registered],
        known: Mapping[str, str | Mapping[str, object]],
        carried: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Index nothing: programs are small, and a recorder may still be growing."""
        self._resources = resources
        self._known, self._carried = known, carried

    def registered(self, identity: Identity) -> Registered | None:
        """The resource that makes an identity; None where it exists without this program."""
        for each in self._of(f"aws:iam/{identity.kind}:{identity.kind.capitalize()}"):
            if identity.name in {each.name, each.outputs.get("name")}:
                return each
        return None

    def name_of(self, identity: Identity) -> str:
        """The name in IAM."""
        made = self.registered(identity)
        return str(made.outputs["name"]) if made else identity.name

    def identities(self) -> list[Identity]:
        """Everybody that the program makes, or attaches something to, under the name in IAM."""
        found: dict[Identity, None] = {}
        for each in self._resources:
            for kind in ("user", "group", "role"):
                if each.type == f"aws:iam/{kind}:{kind.capitalize()}":
                    found.setdefault(Identity(kind, str(each.outputs["name"])))
                elif _attaches(each, kind):
                    found.update(dict.fromkeys(Identity(kind, name) for name in _listed(each, kind)))
        return list(found)

    def of(self, identity: Identity, *, with_groups: bool = True) -> Attached:
        """Everything attached to an identity; for a user also what its groups bring."""
        attached = Attached()
        self._collect(identity, attached)
        if identity.kind == "user" and with_groups:
            for name in self._groups_of(self.name_of(identity)):
                self._collect(group(name), attached)
        return attached

    def boundary_of(self, identity: Identity) -> Attached | None:
        """The permissions boundary; None where there is none."""
        made = self.registered(identity)
        arn = made.inputs.get("permissionsBoundary") if made else None
        if not arn:
            return None
        boundary = Attached()
        self._add_by_arn(str(arn), boundary)
        return boundary

    def of_bucket(self, bucket: str) -> list[Placed]:
        """The statements of the bucket's policy, by the bucket's name or its logical name."""
        names = {bucket} | {
            each.outputs["bucket"]
            for each in (*self._of("aws:s3/bucket:Bucket"), *self._of("aws:s3/bucketV2:BucketV2"))
            if each.name == bucket
        }
        found = [each for each in self._of("aws:s3/bucketPolicy:BucketPolicy") if each.outputs.get("bucket") in names]
        if found:
            return [placed for each in found for placed in self._statements_of(each)]
        carried = [name for name in names if name in self._carried]
        return [placed for name in carried for placed in self.statements(self._carried[name], f"the policy of {name}")]

    def of_key(self, key: str) -> list[Placed]:
        """The statements of the key's policy, by the key's ARN, its id or its logical name."""
        ids = {_key_id(key)}
        placed: list[Placed] = []
        for each in self._of("aws:kms/key:Key"):
            if each.name == key or each.outputs["keyId"] in ids:
                ids.add(str(each.outputs["keyId"]))
                placed += self.statements(each.inputs["policy"], str(each)) if each.inputs.get("policy") else []
        for each in self._of("aws:kms/keyPolicy:KeyPolicy"):
            if _key_id(each.inputs.get("keyId")) in ids:
                placed = self._statements_of(each)
        return placed

    def of_trust(self, role: Registered) -> list[Placed]:
        """The statements of a role's trust policy; UnknownDocumentError where it is not known."""
        return self.statements(document_of(role, _TRUST), f"the trust policy of {role}")

    def of_resources(self) -> Iterator[tuple[Placed, str]]:
        """Every statement of the policies of roles, buckets and keys, with what it is about."""
        documents = {
            "aws:iam/role:Role": (_TRUST, "role", "name"),
            "aws:s3/bucketPolicy:BucketPolicy": ("policy", "bucket", "bucket"),
            "aws:kms/key:Key": ("policy", "key", "keyId"),
            "aws:kms/keyPolicy:KeyPolicy": ("policy", "key", "keyId"),
        }
        replaced = {_key_id(each.inputs.get("keyId")) for each in self._of("aws:kms/keyPolicy:KeyPolicy")}
        for each in self._resources:
            document, what, field = documents.get(each.type, ("", "", ""))
            if each.inputs.get(document):
                name = _key_id(each.outputs[field]) if what == "key" else each.outputs[field]
                if each.type == "aws:kms/key:Key" and name in replaced:
                    continue
                for placed in self.statements(each.inputs[document], str(each)):
                    yield placed, f"{what} {name}"

    def statements(self, document: Any, place: str) -> list[Placed]:  # noqa: ANN401 - text or a mapping
        """The statements of a document; ValueError that names `place` where it is none."""
        try:
            parsed = PolicyDocument.parse(document)
        except MalformedPolicy as error:
            raise ValueError(f"{place}: {error}") from error
        variables = parsed.version == _VARIABLES_SINCE
        return [Placed(each, place, index, variables) for index, each in enumerate(parsed.statements)]

    def _statements_of(self, resource: Registered) -> list[Placed]:
        return self.statements(document_of(resource, "policy"), str(resource))

    def _of(self, kind: str) -> Iterator[Registered]:
        return (each for each in self._resources if each.type == kind)

    def _groups_of(self, name: str) -> Iterator[str]:
        for each in self._of("aws:iam/groupMembership:GroupMembership"):
            if name in each.inputs.get("users", ()):
                yield str(each.inputs["group"])
        for each in self._of("aws:iam/userGroupMembership:UserGroupMembership"):
            if each.inputs.get("user") == name:
                yield from map(str, each.inputs.get("groups", ()))

    def _collect(self, identity: Identity, attached: Attached) -> None:
        kind, name = identity.kind, self.name_of(identity)
        for each in self._resources:
            if not _attaches(each, kind) or name not in _listed(each, kind):
                continue
            if "policyArn" in each.inputs:
                self._add_by_arn(str(each.inputs["policyArn"]), attached)
            else:
                attached.statements += self._statements_of(each)
        made = self.registered(identity)
        for inline in made.inputs.get("inlinePolicies", ()) if made else ():
            if inline.get("policy"):
                attached.statements += self.statements(inline["policy"], f"{made}, inline policy {inline.get('name')}")
        for arn in made.inputs.get("managedPolicyArns", ()) if made else ():
            self._add_by_arn(str(arn), attached)

    def _add_by_arn(self, arn: str, attached: Attached) -> None:
        for each in self._of("aws:iam/policy:Policy"):
            if each.outputs["arn"] == arn and not each.existing:
                attached.statements += self._statements_of(each)
                return
        if arn in self._known:
            attached.statements += self.statements(text(self._known[arn]), f"Policy {arn}")
        else:
            attached.unknown.append(arn)


def _key_id(key: object) -> str:
    """The id of a key that is told by its id or its ARN."""
    return str(key).rsplit("/", 1)[-1]


def document_of(resource: Registered, field: str) -> object:
    """The document that a resource cannot be without; UnknownDocumentError where it has none under the mocks."""
    if (document := resource.inputs.get(field)) is None:
        why = (
            "it is made elsewhere"
            if resource.existing
            else "nothing answers the lookup that gives it, such as aws.iam.get_policy_document; answer it in mocks of "
            "yours, PermissionsMocks(OurMocks())"
        )
        raise UnknownDocumentError(f"{field} of {resource} is not known here: {why}")
    return document


def _attaches(resource: Registered, kind: str) -> bool:
    capital = kind.capitalize()
    return resource.type in {
        f"aws:iam/{kind}PolicyAttachment:{capital}PolicyAttachment",
        f"aws:iam/{kind}Policy:{capital}Policy",
        "aws:iam/policyAttachment:PolicyAttachment",
    }


def _listed(resource: Registered, kind: str) -> list[str]:
    one: Any = resource.inputs.get(kind)
    several: Iterable[Any] = resource.inputs.get(f"{kind}s") or ()
    return [str(each) for each in ([one] if one else several)]
