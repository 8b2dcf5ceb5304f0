"""Resolves the names in a question: names in AWS, logical names of resources, labels of entries."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from personalize_permissions._documents.encryption_keys import to_key_arn
from personalize_permissions._runtime.location import Location
from personalize_permissions.testing._errors import InvalidQuestionError
from personalize_permissions.testing._mocks import Registered

KINDS: Final = ("user", "group", "role")
BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_PERMISSIONS: Final = "personalize-permissions:index:PersonalizePermissions"
_BUCKET_ACCESS: Final = "personalize-permissions:index:PersonalizeBucketAccess"
_IDENTITY_ARN: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:(user|group|role)/(?:[\w+=,.@/-]*/)?([\w+=,.@-]+)")
_BUCKET_ARN: Final = re.compile(r"arn:[\w-]+:s3:::([a-z0-9.-]+)")
_KEY_ARN: Final = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, group or role: `kind` is `user`, `group` or `role`."""

    kind: str
    name: str
    outside: bool = False
    """Whether it may be missing from the program."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def user(name: str, *, outside: bool = False) -> Identity:
    """Name an IAM user by its name in IAM or by the logical name of a resource.

    A question about a name that is not in the program raises InvalidQuestionError, unless it is `outside`.
    """
    return Identity("user", name, outside)


def group(name: str, *, outside: bool = False) -> Identity:
    """Name an IAM group, as `user` does: questions are about what its members may do by it."""
    return Identity("group", name, outside)


def role(name: str, *, outside: bool = False) -> Identity:
    """Name an IAM role, as `user` does."""
    return Identity("role", name, outside)


class ProgramNames:
    """The names of the registered resources and of what they mention; resources may still be added."""

    def __init__(self, resources: Sequence[Registered], place: Location, carried: Iterable[str]) -> None:
        """Take what is registered; `carried` are buckets whose policies the mocks hold."""
        self._resources = resources
        self._place = place
        self._carried = carried

    def made(self, identity: Identity) -> Registered | None:
        """Return the resource that makes an identity; None where it exists without this program."""
        for each in self.of(_type_of(identity)):
            if identity.name in {each.name, each.outputs.get("name")}:
                return each
        return None

    def name_of(self, identity: Identity) -> str:
        """Return the name in IAM; InvalidQuestionError where the program does not have it and it is not `outside`."""
        if made := self.made(identity):
            return str(made.outputs["name"])
        if not identity.outside:
            known = {each.name for each in (*self.identities(), *self._mentioned()) if each.kind == identity.kind}
            known |= {each.name for each in self.of(_type_of(identity))}
            if identity.name not in known:
                more = f'; for one outside of it write {identity.kind}("{identity.name}", outside=True)'
                raise _unknown(identity.kind, identity.name, known, more)
        return identity.name

    def place_of(self, identity: Identity) -> Location:
        """Return the location of an identity: that of its own provider, or of the default one."""
        made = self.made(identity)
        return made.place if made else self._place

    def arn_of(self, identity: Identity) -> str:
        """Return the ARN; without the path, which only IAM knows, where the program does not make the identity."""
        if made := self.made(identity):
            return str(made.outputs["arn"])
        return f"arn:{self._place.partition}:iam::{self._place.account}:{identity.kind}/{self.name_of(identity)}"

    def tags_of(self, identity: Identity) -> dict[str, str]:
        """Return the tags of an identity that the program makes."""
        made = self.made(identity)
        return {str(key): str(value) for key, value in ((made.inputs.get("tags") if made else None) or {}).items()}

    def identities(self) -> list[Identity]:
        """Return the identities that the program makes or attaches policies to, by their names in IAM."""
        found: dict[Identity, None] = {}
        for each in self._resources:
            for kind in KINDS:
                if each.type == f"aws:iam/{kind}:{kind.capitalize()}":
                    found.setdefault(Identity(kind, str(each.outputs["name"])))
                elif attaches(each, kind):
                    found.update(dict.fromkeys(Identity(kind, name) for name in names_in(each, kind)))
        return list(found)

    def role(self, name: str) -> Registered:
        """Return the program's role of a name or logical name; InvalidQuestionError where there is none."""
        if made := self.made(Identity("role", name)):
            return made
        raise _unknown("role", name, {each.name for each in self.of("aws:iam/role:Role")})

    def bucket(self, name: str) -> str:
        """Return a bucket's name for its name, logical name or label; InvalidQuestionError where there is none."""
        if made := next((each for kind in BUCKETS for each in self.of(kind) if each.name == name), None):
            return str(made.outputs["bucket"])
        labels = self._bucket_labels()
        known = {str(each.outputs.get("bucket")) for each in self._resources if "bucket" in each.outputs}
        known |= {found for text in self._inputs() for found in _BUCKET_ARN.findall(text)} | set(self._carried)
        if name in labels or name in known:
            return labels.get(name, name)
        raise _unknown("bucket", name, {*known, *labels})

    def key(self, name: str) -> str:
        """Return a KMS key's ARN for its ARN, id or logical name; InvalidQuestionError where there is none."""
        made = {str(each.outputs["arn"]): each for each in self.of("aws:kms/key:Key")}
        for arn, each in made.items():
            if name in {each.name, each.outputs["keyId"], arn}:
                return arn
        known = {found for text in self._inputs() for found in _KEY_ARN.findall(text)} | {
            self._key_arn(str(each.inputs["keyId"])) for each in self.of("aws:kms/keyPolicy:KeyPolicy")
        }
        if self._key_arn(name) in known:
            return self._key_arn(name)
        raise _unknown("key", name, {*known, *(each.name for each in made.values())})

    def resource(self, on: str) -> str:
        """Return the ARN of the resource with the logical name `on`; without such a resource, `on`."""
        for each in self._resources:
            kind = each.type.rsplit(":", 1)[-1]
            arn = each.outputs.get("arn") or each.outputs.get(f"{kind[:1].lower()}{kind[1:]}Arn")
            if each.name == on and isinstance(arn, str):
                return arn
        return on

    def of(self, kind: str) -> Iterator[Registered]:
        """Return the resources of a type."""
        return (each for each in self._resources if each.type == kind)

    def _key_arn(self, key: str) -> str:
        return to_key_arn(key, self._place.partition, self._place.region, self._place.account)

    def _bucket_labels(self) -> dict[str, str]:
        """Return the buckets that the component's entries name, by label; a label of two sets is left out."""
        found: dict[str, set[str]] = {}
        for access in self.of(_BUCKET_ACCESS):
            children = [
                each for each in self._resources if each.name in {f"{access.name}-bucket", f"{access.name}-role"}
            ]
            buckets = {match for each in children for match in _BUCKET_ARN.findall(repr(each.inputs))}
            for whole in self.of(_PERMISSIONS):
                if access.name.startswith(f"{whole.name}-") and len(buckets) == 1:
                    found.setdefault(access.name.removeprefix(f"{whole.name}-"), set()).update(buckets)
        return {label: next(iter(buckets)) for label, buckets in found.items() if len(buckets) == 1}

    def _mentioned(self) -> Iterator[Identity]:
        """Return the identities that ARNs in the program's policies name."""
        for text in self._inputs():
            yield from (Identity(kind, name) for kind, name in _IDENTITY_ARN.findall(text))

    def _inputs(self) -> Iterator[str]:
        return (repr(each.inputs) for each in self._resources)


def _type_of(identity: Identity) -> str:
    return f"aws:iam/{identity.kind}:{identity.kind.capitalize()}"


def attaches(resource: Registered, kind: str) -> bool:
    """Tell whether a resource attaches a policy to identities of a kind."""
    capital = kind.capitalize()
    return resource.type in {
        f"aws:iam/{kind}PolicyAttachment:{capital}PolicyAttachment",
        f"aws:iam/{kind}Policy:{capital}Policy",
        "aws:iam/policyAttachment:PolicyAttachment",
    }


def names_in(resource: Registered, kind: str) -> list[str]:
    """Return the identities of a kind that the inputs of a resource name, in the singular or the plural."""
    inputs: Mapping[str, Any] = resource.inputs
    one, several = inputs.get(kind), inputs.get(f"{kind}s") or ()
    return [str(each) for each in ([one] if one else several)]


def _unknown(kind: str, name: str, known: Iterable[str], more: str = "") -> InvalidQuestionError:
    listed = sorted(known)
    near = difflib.get_close_matches(name, listed, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(listed[:10]) or 'none'}"
    return InvalidQuestionError(f'nothing in the program has a {kind} "{name}"; {hint}{more}')
