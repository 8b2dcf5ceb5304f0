"""Collects a stack's service roles, and which policies apply to them, for the companion policies."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from personalize_guardrails.extraction import Attachment, Policy, Role, permissions
from personalize_guardrails.extraction.resource_types import (
    BUCKET_POLICY,
    IDENTITY_TYPES,
    KEY,
    KEY_POLICY,
    ROLE,
    types_of,
)
from personalize_guardrails.extraction.unknowns import UNKNOWN_ACCOUNT, has_unknown
from personalize_guardrails.iam import Effect, Statement
from personalize_guardrails.iam.evaluation.statements import covers_action
from personalize_guardrails.policies.aws_managed import aws_managed
from personalize_guardrails.policies.documents import allows_of, lets_service_in, may_reach, statements_of
from personalize_guardrails.policies.sdk import materialize

if TYPE_CHECKING:
    from pulumi_policy import PolicyResource

_KEY_TYPES: Final = frozenset({KEY, KEY_POLICY})
_READ_TYPES: Final = types_of(*IDENTITY_TYPES, BUCKET_POLICY, *_KEY_TYPES)


@dataclass(frozen=True, slots=True)
class Grant:
    """An Allow statement of a policy in the stack."""

    urn: str
    place: str
    """The path of the statement in the resource of that URN."""
    subject: str
    """The subject of a message about the grant, such as `Statement[0]`."""
    statement: Statement
    roles: tuple[str, ...] = ()
    """The names of the roles that the policy applies to, as far as this stack shows."""
    denials: tuple[Statement, ...] = ()
    """The Deny statements of the same policy."""


class Stack:
    """The roles of a stack that Personalize may assume, and what the policies in it allow."""

    def __init__(self, resources: Iterable[PolicyResource]) -> None:
        """Find the roles, policies and attachments in the stack's resources."""
        found = [
            (resource.urn, each)
            for resource in resources
            if resource.resource_type in _READ_TYPES
            for each in permissions(resource.resource_type, materialize(resource.props), scope=resource.name)
        ]
        self._roles = [each for _, each in found if isinstance(each, Role)]
        self._policies = [(urn, each) for urn, each in found if isinstance(each, Policy)]
        self._attachments = [(urn, each) for urn, each in found if isinstance(each, Attachment)]

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Return name and ARN of each role. An ARN that is not known yet has UNKNOWN_ACCOUNT."""
        return {
            role.name: role.arn or f"arn:aws:iam::{UNKNOWN_ACCOUNT}:role/{role.name}"
            for role in self._roles
            if role.name
        }

    @cached_property
    def service_roles(self) -> Mapping[str, str]:
        """Return name and ARN of each role that Personalize may assume."""
        trusting = {role.name for role in self._roles if any(map(lets_service_in, role.trust))}
        return {name: arn for name, arn in self.roles.items() if name in trusting}

    @property
    def has_unknown_bucket_policy(self) -> bool:
        """Whether a bucket policy is not known yet."""
        return self._has_unknown({BUCKET_POLICY})

    @property
    def has_unknown_identity_policy(self) -> bool:
        """Whether an identity policy is not known yet."""
        return self._has_unknown(IDENTITY_TYPES)

    def _has_unknown(self, kinds: Container[str]) -> bool:
        return any(policy.kind in kinds and has_unknown(policy.document) for _, policy in self._policies)

    def identity_grants(self) -> Iterator[Grant]:
        """Yield the grants of identity policies: those of the stack, and AWS managed ones that are attached in it."""
        found = list(self._identity_grants())
        others = [grant for kind, grant in found if kind != ROLE]
        # After a refresh, a role lists what other resources attach to it.
        given = {(grant.statement, role) for grant in others for role in grant.roles}
        yield from others
        for kind, grant in found:
            if kind == ROLE and not any((grant.statement, role) in given for role in grant.roles):
                yield grant

    def statements_of(self, role: str) -> list[Statement]:
        """Return the statements that identity policies give a role."""
        return [grant.statement for grant in self.identity_grants() if role in grant.roles]

    def lacking_on_key(self, actions: Iterable[str], own: Iterable[Statement], key: str, role_arn: str) -> list[str]:
        """Return the actions on a key that neither the role's `own` statements nor key policies that name it allow.

        A statement of a key policy that names an account does not count, since it leaves the decision to IAM.
        """
        granting = [each for each in own if may_reach(each, key)]
        granting += [each for each in self._on_keys if any(named.value == role_arn for named in each.principals)]
        return [action for action in actions if not any(covers_action(each, action) for each in granting)]

    @cached_property
    def _on_keys(self) -> list[Statement]:
        """The Allow statements of all key policies in the stack, since it may not be known which key each is for."""
        policies = [policy for _, policy in self._policies if policy.kind in _KEY_TYPES]
        return [statement for policy in policies for _, statement in allows_of(policy.document)]

    def _identity_grants(self) -> Iterator[tuple[str, Grant]]:
        """Yield every grant of an identity policy, after the kind of resource that declares it."""
        attached: dict[str, list[str]] = {}
        for urn, attachment in self._attachments:
            attached.setdefault(attachment.arn, []).extend(attachment.roles)
            if known := aws_managed(attachment.arn):
                name, document = known
                subject = f"AWS's managed policy {name}"
                for _, statement in allows_of(document):
                    yield attachment.kind, Grant(urn, attachment.path, subject, statement, attachment.roles)
        for urn, policy in self._policies:
            if policy.kind in IDENTITY_TYPES:
                roles = attached.get(policy.arn, ()) if policy.arn else ()
                for grant in _grants(urn, policy, (*policy.roles, *roles)):
                    yield policy.kind, grant

    def bucket_grants(self) -> Iterator[Grant]:
        """Yield the grants of bucket policies."""
        for urn, policy in self._policies:
            if policy.kind == BUCKET_POLICY:
                yield from _grants(urn, policy, ())


def _grants(urn: str, policy: Policy, roles: tuple[str, ...]) -> Iterator[Grant]:
    """Yield the Allow statements of a policy as grants, each with the Deny statements of the same policy."""
    statements = statements_of(policy.document)
    denials = tuple(each for each in statements if each.effect is Effect.DENY)
    for index, statement in enumerate(statements):
        if statement.effect is Effect.ALLOW:
            place = f"Statement[{index}]"
            yield Grant(urn, f"{policy.path}.{place}", place, statement, roles, denials)
