"""Validate the policy of a bucket or key: JSON, or an object as `pulumi_aws` accepts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument
from personalize_permissions._documents.existing_policy import has_deleted_principals, parse_existing, places
from personalize_permissions._runtime.outputs import flatten_input
from personalize_permissions._validation.report import Path, Report
from personalize_permissions._validation.wording import describe_type, write_attribute

PolicyValidator = Callable[[PolicyDocument], str | None]
"""Returns what is wrong with a policy and what to write, or None."""


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The policy of a bucket or a key, as text or as an object, in which `find_fault` finds none."""

    find_fault: PolicyValidator

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a policy of a resource, or that AWS would refuse."""
        if not isinstance(value, str | Mapping):
            what = write_attribute(value, "policy").replace("a string in quotes", "the policy as JSON or as an object")
            report.add(path, f"is {describe_type(value)}; {what}")
        elif isinstance(flat := flatten_input(value), pulumi.Output):
            report.validate(self, flat, path)
        elif reason := self._reason(value):
            report.add(path, f"{report.quote(value)} {reason}")

    def _reason(self, value: str | Mapping[str, object]) -> str | None:
        """Return what is wrong with a policy and what to write; None where AWS would take it."""
        try:
            policy = parse_existing(value)
        except MalformedPolicy as error:
            return f"is not a policy document: {error}; {_WRITE}"
        if of_nobody := places(policy, lambda each: not each.principals and not each.not_principals):
            return f"has no Principal in {of_nobody[0]}; {_WRITE}"
        if deleted := places(policy, has_deleted_principals):
            return (
                f"names the unique id of a deleted user or role in {', '.join(deleted)}, which AWS refuses to take "
                "back; leave that principal out"
            )
        return self.find_fault(policy)


_WRITE: Final = "write the policy that the resource has now"


def bucket_policy(policy: PolicyDocument) -> str | None:
    """Check the policy of a bucket, in which S3 takes each Sid once."""
    first: dict[str, int] = {}
    for index, statement in enumerate(policy.statements):
        if statement.sid and (before := first.setdefault(statement.sid, index)) != index:
            return f"has one Sid in Statement[{before}] and Statement[{index}], which S3 refuses; give each its own"
    return None


def key_policy(policy: PolicyDocument) -> str | None:
    """Check the policy of a key, in which KMS takes the characters of Latin-1."""
    if max(policy.to_json()) <= "\xff":
        return None
    return "has characters beyond Latin-1, which KMS does not allow; write the policy without them"
