"""What a program registered, and questions about it in the words of permissions."""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from personalize_guardrails import guide
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction import LocatedTrustPolicy
from personalize_guardrails.guide import LIST_BUCKET, SERVICE, SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.iam import account_in
from personalize_guardrails.iam.evaluation import Policies
from personalize_guardrails.resource_check import located_policies
from personalize_permissions._documents.grants import BUCKET_ACTIONS, JOBS
from personalize_permissions._documents.requests import (
    NO_KEYS,
    SOME_OBJECT,
    Values,
    request_of_identity,
    request_of_service,
    resource_keys,
)
from personalize_permissions._runtime.location import Location
from personalize_permissions.choices import BucketUse
from personalize_permissions.testing._decisions import Decision, decide
from personalize_permissions.testing._errors import unknown_documents
from personalize_permissions.testing._grants import Grant, grants
from personalize_permissions.testing._mocks import PermissionsMocks, Registered
from personalize_permissions.testing._names import Identity, ProgramNames
from personalize_permissions.testing._program_policies import ProgramPolicies, Statements, document_of
from personalize_permissions.testing._questions import check_account, check_action, check_arn, check_service, check_use


class Source(Enum):
    """What Personalize sends for a resource of the program's account: that account, and the resource's ARN."""

    OWN = "own"


Account = str | Source | None
_TRUSTS: Final = MappingProxyType(
    {"aws:iam/role:Role": "assumeRolePolicy", "aws-native:iam:Role": "assumeRolePolicyDocument"}
)
"""The input of a role that is its trust policy."""


class Recorded:
    """What a program registered, exported and returned.

    The questions give a `Decision`, which is true or false and prints its reason. They are about concrete requests,
    over HTTPS, in the account and region of the default provider; those of a user, group or role that the program
    makes, and those for such a role, are where its own provider works. They are made now, by an identity with its
    tags, on resources of the account that an ARN or the provider names. Conditions on keys that a request does not
    have are decided as AWS does; give `context` where a request has more.

    A question about a name that is not in the program, or about an unknown action, raises InvalidQuestionError.
    """

    def __init__(
        self, mocks: PermissionsMocks, exports: Mapping[str, Any] | None = None, result: object = None
    ) -> None:
        """Read what `mocks` recorded; for tests that use `pulumi.runtime.test` rather than `run`."""
        self.exports: Mapping[str, Any] = dict(exports or {})
        """Values of the stack's outputs."""
        self.result: Any = result
        """What the program returned, its outputs resolved."""
        self.names = ProgramNames(mocks.registered, mocks.place, mocks.bucket_policies)
        """The names of the resources, resolved."""
        self.policies = ProgramPolicies(self.names, mocks.managed_policies)
        """The policies among the resources, for questions of one's own."""

    @property
    def resources(self) -> tuple[Registered, ...]:
        """Every resource, in the order of registration."""
        return tuple(self.names.resources)

    def of(self, kind: str) -> dict[str, Registered]:
        """Return the resources of a type by logical name: `aws:iam/role:Role`, or the last part of it, `Role`."""
        return {each.name: each for each in self.resources if kind in {each.type, each.type.rsplit(":", 1)[-1]}}

    def may(self, who: Identity, action: str, on: str = "*", context: Values = NO_KEYS) -> Decision:
        """Decide whether a user, group or role may do `action` on `on`; `*` is "on everything".

        `on` is an ARN, or the logical name of a resource of the program that has one, such as a campaign's.
        Decides by the policies of the identity and its groups, its permissions boundary, and the policy of the bucket
        or key that the program writes, or that the bucket has already. UnknownDocumentError where a managed policy
        decides that is not known here.
        """
        check_action(action)
        on = self.names.resource(on)
        check_arn(on)
        holder, place = self.policies.holder(who), self.names.identity(who).place
        owner = resource_keys(action, found, place.account) if (found := account_in(on)) else {}
        request = request_of_identity(str(holder.arn), action, on, place.region, holder.tags, {**owner, **context})
        policies = self.policies.for_request(holder, on)
        if needed := holder.unknown.deciding([request], policies):
            raise unknown_documents(f"whether {who} may {request}", needed)
        return decide(f"{who} may {request}", [request], policies, guide.PASSED_TO_SERVICE)

    def may_assume(
        self,
        role: str,
        *,
        account: Account = Source.OWN,
        source_arn: Account = Source.OWN,
        service: str = SERVICE,
        context: Values = NO_KEYS,
    ) -> Decision:
        """Decide whether a service may assume a role of the program on behalf of an account.

        `role` is the role's name or logical name. `account` is twelve digits, by default that of the role's provider;
        `source_arn` is by default one of Personalize's resources in that account. None sends a request without the key.
        """
        made = self.names.role(role)
        check_service(service)
        sent = _sent(account, source_arn, service, made.place)
        owner = resource_keys("sts:AssumeRole", made.place.account, made.place.account)
        request = request_of_service(
            "sts:AssumeRole", "*", made.place.region, sent, {**owner, **context}, service=service
        )
        policies = Policies(resource=self.policies.of_trust(made))
        return decide(f"{service} may assume {made}{_for(sent)}", [request], policies, *sent)

    def admits(
        self,
        bucket: str,
        use: str | BucketUse,
        *,
        key: str = SOME_OBJECT,
        account: Account = Source.OWN,
        source_arn: Account = Source.OWN,
        policy: str | None = None,
    ) -> Decision:
        """Decide whether a bucket's policy admits Personalize for a use, such as `import` (`BucketUse`).

        `bucket` is its name, logical name or label, `key` the object that is read or written. `policy` is JSON to check
        in place of what the program attaches, such as the statements that the component outputs for another stack.
        """
        use = check_use(use)
        if policy is None:
            name = self.names.bucket(bucket)
            statements = self.policies.of_bucket(name)
        else:
            name, statements = bucket, self.policies.statements(policy, f"the policy of bucket {bucket}")
        arn = f"arn:{self.names.place.partition}:s3:::{name}"
        wanted = [(each, arn if each == LIST_BUCKET else f"{arn}/{key}") for each in BUCKET_ACTIONS[use]]
        sent = _sent(account, source_arn, SERVICE, self.names.place, JOBS[use])
        return self._admitted(f"bucket {bucket} admits {SERVICE} for {use.value}", wanted, statements, sent)

    def admits_to_key(
        self,
        key: str,
        *,
        dataset_export: bool = False,
        account: Account = Source.OWN,
        source_arn: Account = Source.OWN,
        policy: str | None = None,
    ) -> Decision:
        """Decide whether a KMS key's policy admits Personalize. `key` is its ARN, id or logical name."""
        actions = (*guide.KEY_ACTIONS, guide.KEY_GRANT_ACTION, *([guide.KEY_EXPORT_ACTION] if dataset_export else []))
        arn = self.names.key(key) if policy is None or not key.startswith("arn:") else key
        if policy is None:
            statements = self.policies.of_key(arn)
        else:
            statements = self.policies.statements(policy, f"the policy of key {key}")
        sent = _sent(account, source_arn, SERVICE, self.names.place)
        return self._admitted(f"key {key} admits {SERVICE}", [(action, arn) for action in actions], statements, sent)

    def _admitted(
        self, subject: str, wanted: Sequence[tuple[str, str]], statements: Statements, sent: Mapping[str, str]
    ) -> Decision:
        """Decide whether the policy of a resource allows Personalize everything that is wanted."""
        place = self.names.place
        requests = [
            request_of_service(action, on, place.region, sent, resource_keys(action, place.account, place.account))
            for action, on in wanted
        ]
        return decide(f"{subject}{_for(sent)}", requests, Policies(resource=statements))

    def grants(self) -> list[Grant]:
        """Return who may do what on what: a printable grant for each statement and each whom it is about."""
        return list(grants(self.policies))

    def trust_policies(self) -> list[tuple[Registered, LocatedTrustPolicy]]:
        """Return every trust policy of the program, wherever the pack finds one, with the resource that has it.

        `LocatedTrustPolicy.document` is JSON text or a mapping, `LocatedTrustPolicy.path` where it is in the resource.
        UnknownDocumentError where a role that the program makes has none under the mocks.
        """
        for made in self.resources:
            if made.type in _TRUSTS and not made.existing:
                document_of(made, _TRUSTS[made.type])
        config = PackConfig()
        return [(made, found) for made in self.resources for found in located_policies(made.type, made.inputs, config)]


def _sent(
    account: Account, source_arn: Account, service: str, place: Location, job: str = JOBS[BucketUse.IMPORT]
) -> dict[str, str]:
    """Return the source keys that a service sends for one of its resources in `place`, such as a `job`."""
    account = place.account if isinstance(account, Source) else check_account(account)
    if isinstance(source_arn, Source):
        product, owner = service.split(".", 1)[0], account or place.account
        source_arn = f"arn:{place.partition}:{product}:{place.region}:{owner}:{job}/some-job"
    elif source_arn is not None:
        check_arn(source_arn)
    return {key: value for key, value in ((SOURCE_ACCOUNT, account), (SOURCE_ARN, source_arn)) if value}


def _for(sent: Mapping[str, str]) -> str:
    account, arn = sent.get(SOURCE_ACCOUNT), sent.get(SOURCE_ARN)
    return f" (on behalf of {f'account {account}' if account else 'no account'}, {arn or 'no source ARN'})"
