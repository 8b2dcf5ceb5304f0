"""Where the policies of a program are: on people and roles, on buckets and keys, in trust policies.

The resources are read as the provider has them: attachments one by one and exclusive ones, inline policies of both
kinds, memberships of groups, permissions boundaries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from personalize_guardrails.iam import Arn, MalformedPolicy
from personalize_guardrails.iam.evaluation import LocatedStatement, Policies, ResourceRule, statements_of
from personalize_permissions._documents.unknown_policies import UnknownPolicies
from personalize_permissions.doctor import Holder
from personalize_permissions.testing._errors import UnknownDocumentError
from personalize_permissions.testing._mocks import Registered
from personalize_permissions.testing._names import Identity, ProgramNames, attached_names, group

_KEY: Final = "aws:kms/key:Key"
_BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
_TRUST: Final = "assumeRolePolicy"
_OF_RESOURCES: Final = {
    "aws:iam/role:Role": (_TRUST, "role", "name"),
    _BUCKET_POLICY: ("policy", "bucket", "bucket"),
    _KEY: ("policy", "key", "keyId"),
    _KEY_POLICY: ("policy", "key", "keyId"),
}
"""By type: the input that is a policy, what it is the policy of, and the output that names that."""
Statements = tuple[LocatedStatement, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached to an identity: statements, and ARNs of policies whose document the program does not hold."""

    statements: Statements = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramPolicies:
    """The policies among registered resources. Nothing is indexed: programs are small, and may still be growing."""

    names: ProgramNames
    known: Mapping[str, str]
    """The documents of policies that exist without the program, by ARN."""

    def identities(self) -> list[Identity]:
        """Return the identities that the program makes or attaches policies to, by their names in IAM."""
        return self.names.identities()

    def holder(self, identity: Identity) -> Holder:
        """Return an identity with its policies, and with the ARNs of those whose documents are not known."""
        made, attached = self.names.identity(identity), self.of(identity)
        limit = made.inputs.get("permissionsBoundary")
        boundary = self._managed(str(limit)) if limit else None
        return Holder(
            Arn.parse(str(made.outputs["arn"])),
            attached.statements,
            boundary.statements if boundary else None,
            tags={str(key): str(value) for key, value in (made.inputs.get("tags") or {}).items()},
            unknown=UnknownPolicies(identity=attached.unknown, boundary=boundary.unknown if boundary else ()),
        )

    def of(self, identity: Identity, *, with_groups: bool = True) -> Attached:
        """Return everything attached to an identity; for a user also what its groups bring."""
        made = self.names.identity(identity)
        found = list(self._parts_of(identity.kind, made))
        if identity.kind == "user" and with_groups:
            for name in self._groups_of(str(made.outputs["name"])):
                found += self._parts_of("group", self.names.identity(group(name, outside=True)))
        statements = (statement for each in found for statement in each.statements)
        return Attached(tuple(statements), tuple(arn for each in found for arn in each.unknown))

    def of_bucket(self, bucket: str) -> Statements:
        """Return the statements of the policy of the bucket of that name in S3."""
        found = [each for each in self.names.of(_BUCKET_POLICY) if each.outputs.get("bucket") == bucket]
        if not found and bucket in self.names.bucket_policies:
            return self.statements(self.names.bucket_policies[bucket], f"the policy of {bucket}")
        return self._statements_of(*found)

    def of_key(self, arn: str) -> Statements:
        """Return the statements of the policy of a key."""
        key = _key_id(arn)
        written = [each for each in self.names.of(_KEY_POLICY) if _key_id(each.inputs.get("keyId")) == key]
        made = [each for each in self.names.of(_KEY) if each.outputs["keyId"] == key and each.inputs.get("policy")]
        return self._statements_of(*(written[-1:] or made))

    def of_trust(self, role: Registered) -> Statements:
        """Return the statements of a role's trust policy; UnknownDocumentError where it is not known."""
        return self.statements(document_of(role, _TRUST), f"the trust policy of {role}")

    def for_request(self, holder: Holder, resource: str) -> Policies:
        """Return the policies that decide what an identity may do on a resource, which is an ARN or `*`."""
        own = Policies(identity=holder.statements, boundary=holder.boundary)
        arn = Arn.parse(resource) if resource != "*" else None
        if arn and arn.service == "s3":
            return replace(own, resource=self.of_bucket(arn.resource.split("/", 1)[0]))
        if arn and arn.service == "kms" and (statements := self.of_key(resource)):
            return replace(own, resource=statements, resource_rule=ResourceRule.RESOURCE_ALLOWS)
        return own

    def of_resources(self) -> Iterator[tuple[LocatedStatement, str]]:
        """Return every statement of the policies of roles, buckets and keys, with what it is about."""
        replaced = {_key_id(each.inputs.get("keyId")) for each in self.names.of(_KEY_POLICY)}
        for each in self.names.resources:
            document, what, named_by = _OF_RESOURCES.get(each.type, ("", "", ""))
            if not each.inputs.get(document):
                continue
            name = _key_id(each.outputs[named_by]) if what == "key" else each.outputs[named_by]
            if each.type != _KEY or name not in replaced:
                for statement in self.statements(each.inputs[document], str(each)):
                    yield statement, f"{what} {name}"

    def statements(self, document: Any, place: str) -> Statements:  # noqa: ANN401 - text or a mapping
        """Return the statements of a document; raise MalformedPolicy that names `place` where it is none."""
        try:
            return statements_of(document, place)
        except MalformedPolicy as error:
            path = f"{place}, {error.path}" if error.path else place
            raise MalformedPolicy(error.code, path, error.message) from error

    def _statements_of(self, *resources: Registered) -> Statements:
        documents = ((document_of(each, "policy"), str(each)) for each in resources)
        return tuple(statement for document, place in documents for statement in self.statements(document, place))

    def _groups_of(self, name: str) -> Iterator[str]:
        for each in self.names.of("aws:iam/groupMembership:GroupMembership"):
            if name in each.inputs.get("users", ()):
                yield str(each.inputs["group"])
        for each in self.names.of("aws:iam/userGroupMembership:UserGroupMembership"):
            if each.inputs.get("user") == name:
                yield from map(str, each.inputs.get("groups", ()))

    def _parts_of(self, kind: str, made: Registered) -> Iterator[Attached]:
        """Yield what is attached to a user, group or role by other resources and by its own."""
        for each in self.names.resources:
            if str(made.outputs["name"]) in attached_names(each, kind):
                if "policyArn" in each.inputs:
                    yield self._managed(str(each.inputs["policyArn"]))
                else:
                    yield Attached(self._statements_of(each))
        for inline in made.inputs.get("inlinePolicies", ()):
            if inline.get("policy"):
                yield Attached(self.statements(inline["policy"], f"{made}, inline policy {inline.get('name')}"))
        for arn in made.inputs.get("managedPolicyArns", ()):
            yield self._managed(str(arn))

    def _managed(self, arn: str) -> Attached:
        """Return a managed policy: of the program, of the mocks, or one whose document is not known."""
        for each in self.names.of("aws:iam/policy:Policy"):
            if each.outputs["arn"] == arn and not each.existing:
                return Attached(self._statements_of(each))
        if arn in self.known:
            return Attached(self.statements(self.known[arn], f"Policy {arn}"))
        return Attached(unknown=(arn,))


def _key_id(key: object) -> str:
    """Return the id of a key that is named by its id or its ARN."""
    return str(key).rsplit("/", 1)[-1]


def document_of(resource: Registered, argument: str) -> object:
    """Return the document that a resource cannot be without; UnknownDocumentError where it has none under the mocks."""
    if (document := resource.inputs.get(argument)) is None:
        why = (
            "it is made elsewhere"
            if resource.existing
            else "nothing answers the lookup that gives it, such as aws.iam.get_policy_document; answer it in mocks of "
            "yours, PermissionsMocks(OurMocks())"
        )
        raise UnknownDocumentError(f"{argument} of {resource} is not known here: {why}")
    return document
