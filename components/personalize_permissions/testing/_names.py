"""Resolves the names in a question: names in AWS, logical names of resources, labels of entries."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from personalize_permissions._documents.encryption_keys import to_key_arn
from personalize_permissions._runtime.location import Location
from personalize_permissions.testing._errors import InvalidQuestionError
from personalize_permissions.testing._mocks import Registered

_KINDS: Final = ("user", "group", "role")
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


@dataclass(frozen=True, slots=True)
class ProgramNames:
    """The names of the registered resources and of what they mention; resources may still be added."""

    resources: Sequence[Registered]
    place: Location
    """Where the default provider works."""
    bucket_policies: Mapping[str, str]
    """The policies that buckets have before the program runs, by bucket."""

    def made(self, identity: Identity) -> Registered | None:
        """Return the resource that makes an identity; None where it exists without this program."""
        for each in self.of(_type_of(identity.kind)):
            if identity.name in {each.name, each.outputs.get("name")}:
                return each
        return None

    def identity(self, identity: Identity) -> Registered:
        """Return the resource that makes an identity; else one in its place, where the default provider works.

        Such a one has no path in its ARN: only IAM knows it. InvalidQuestionError where nothing in the program has the
        name, and the identity is not `outside`.
        """
        if made := self.made(identity):
            return made
        kind, name = identity.kind, identity.name
        if not identity.outside and identity not in self.identities():
            known = {each.name for each in self.identities() if each.kind == kind}
            known |= {found for of_kind, found in _mentions(_IDENTITY_ARN, self.resources) if of_kind == kind}
            known |= {each.name for each in self.of(_type_of(kind))}
            if name not in known:
                raise _unknown(kind, name, known, f'; for one outside of it write {kind}("{name}", outside=True)')
        arn = f"arn:{self.place.partition}:iam::{self.place.account}:{kind}/{name}"
        return Registered(_type_of(kind), name, name, {}, {"name": name, "arn": arn}, self.place, existing=True)

    def identities(self) -> list[Identity]:
        """Return the identities that the program makes or attaches policies to, by their names in IAM."""
        found = (
            Identity(kind, str(name))
            for each in self.resources
            for kind in _KINDS
            for name in ([each.outputs["name"]] if each.type == _type_of(kind) else attached_names(each, kind))
        )
        return list(dict.fromkeys(found))

    def role(self, name: str) -> Registered:
        """Return the program's role of a name or logical name; InvalidQuestionError where there is none."""
        if made := self.made(Identity("role", name)):
            return made
        raise _unknown("role", name, {each.name for each in self.of(_type_of("role"))})

    def bucket(self, name: str) -> str:
        """Return a bucket's name for its name, logical name or label; InvalidQuestionError where there is none."""
        if made := next((each for kind in BUCKETS for each in self.of(kind) if each.name == name), None):
            return str(made.outputs["bucket"])
        labels = self._bucket_labels()
        known = {str(each.outputs.get("bucket")) for each in self.resources if "bucket" in each.outputs}
        known |= {*_mentions(_BUCKET_ARN, self.resources), *self.bucket_policies}
        if name in labels or name in known:
            return labels.get(name, name)
        raise _unknown("bucket", name, {*known, *labels})

    def key(self, name: str) -> str:
        """Return a KMS key's ARN for its ARN, id or logical name; InvalidQuestionError where there is none."""
        made = {str(each.outputs["arn"]): each for each in self.of("aws:kms/key:Key")}
        for arn, each in made.items():
            if name in {each.name, each.outputs["keyId"], arn}:
                return arn
        known = set(_mentions(_KEY_ARN, self.resources))
        known |= {self._key_arn(str(each.inputs["keyId"])) for each in self.of("aws:kms/keyPolicy:KeyPolicy")}
        if self._key_arn(name) in known:
            return self._key_arn(name)
        raise _unknown("key", name, {*known, *(each.name for each in made.values())})

    def resource(self, on: str) -> str:
        """Return the ARN of the resource with the logical name `on`; without such a resource, `on`."""
        for each in self.resources:
            kind = each.type.rsplit(":", 1)[-1]
            arn = each.outputs.get("arn") or each.outputs.get(f"{kind[:1].lower()}{kind[1:]}Arn")
            if each.name == on and isinstance(arn, str):
                return arn
        return on

    def of(self, kind: str) -> Iterator[Registered]:
        """Return the resources of a type."""
        return (each for each in self.resources if each.type == kind)

    def _key_arn(self, key: str) -> str:
        return to_key_arn(key, self.place.partition, self.place.region, self.place.account)

    def _bucket_labels(self) -> dict[str, str]:
        """Return the buckets that the component's entries name, by label; a label of two sets is left out."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for access in self.of(_BUCKET_ACCESS):
            children = {f"{access.name}-bucket", f"{access.name}-role"}
            buckets = set(_mentions(_BUCKET_ARN, (each for each in self.resources if each.name in children)))
            for whole in self.of(_PERMISSIONS):
                if access.name.startswith(f"{whole.name}-") and len(buckets) == 1:
                    found[access.name.removeprefix(f"{whole.name}-")] |= buckets
        return {label: next(iter(buckets)) for label, buckets in found.items() if len(buckets) == 1}


def _mentions(arn: re.Pattern[str], resources: Iterable[Registered]) -> Iterator[Any]:
    """Return what the ARNs in the inputs of resources, such as those in policies, name."""
    return (found for each in resources for found in arn.findall(repr(each.inputs)))


def _type_of(kind: str) -> str:
    return f"aws:iam/{kind}:{kind.capitalize()}"


def attached_names(resource: Registered, kind: str) -> list[str]:
    """Return the identities of a kind to which a resource attaches a policy; it names one, or several."""
    capital = kind.capitalize()
    if resource.type not in {
        f"aws:iam/{kind}PolicyAttachment:{capital}PolicyAttachment",
        f"aws:iam/{kind}Policy:{capital}Policy",
        "aws:iam/policyAttachment:PolicyAttachment",
    }:
        return []
    one, several = resource.inputs.get(kind), resource.inputs.get(f"{kind}s") or ()
    return [str(each) for each in ([one] if one else several)]


def _unknown(kind: str, name: str, known: Iterable[str], more: str = "") -> InvalidQuestionError:
    listed = sorted(known)
    near = difflib.get_close_matches(name, listed, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(listed[:10]) or 'none'}"
    return InvalidQuestionError(f'nothing in the program has a {kind} "{name}"; {hint}{more}')
