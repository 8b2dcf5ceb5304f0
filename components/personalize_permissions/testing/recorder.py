"""What a program registered, and questions about it in the words of permissions."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from personalize_guardrails import guide
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction import Found
from personalize_guardrails.guide import LIST_BUCKET, SERVICE
from personalize_guardrails.iam import Condition, Effect, Principal, Statement
from personalize_guardrails.judging import judged_in
from personalize_permissions.choices import BucketUse
from personalize_permissions.grants import BUCKET_ACTIONS
from personalize_permissions.location import Location
from personalize_permissions.testing.deciding import Decision, decide, decide_all
from personalize_permissions.testing.listing import Grant, grants
from personalize_permissions.testing.mocks import PermissionsMocks, Registered
from personalize_permissions.testing.people import decide_for
from personalize_permissions.testing.policies import Identity, Policies, document_of
from personalize_permissions.testing.requests import Caller, Placed, Request

Context = Mapping[str, str | Iterable[str]]


class Source(Enum):
    """Stands for what Personalize sends for one of its resources: the own account, and that resource's ARN."""

    OWN = "own"


NO_CONTEXT: Final[Context] = {}
_ACTION: Final = re.compile(r"[\w-]+:\w+")
_ROLE: Final = "aws:iam/role:Role"
_TRUSTS: Final = MappingProxyType({_ROLE: "assumeRolePolicy", "aws-native:iam:Role": "assumeRolePolicyDocument"})
"""Where the trust policy of a role stands."""


class Recorded:
    """What a program registered, exported and returned.

    The questions give a `Decision`, which is true or false and prints its reason. They are about concrete requests,
    over HTTPS, in the account and region of the default provider; those of a user, group or role that the program
    makes, and those for such a role, are where its own provider works. Conditions on keys that a request does not
    carry are decided as AWS does; give `context` where a request carries more.
    """

    def __init__(
        self, mocks: PermissionsMocks, exports: Mapping[str, Any] | None = None, result: object = None
    ) -> None:
        """Read what `mocks` recorded; for tests that use `pulumi.runtime.test` rather than `run`."""
        self._mocks = mocks
        self.exports: Mapping[str, Any] = dict(exports or {})
        """Values of the stack's outputs."""
        self.result: Any = result
        """What the program returned, its outputs resolved."""
        self._registered = mocks.registered
        self._policies = Policies(mocks.registered, mocks.managed_policies, mocks.bucket_policies)

    @property
    def resources(self) -> tuple[Registered, ...]:
        """Every resource, in the order of registration."""
        return tuple(self._registered)

    @property
    def policies(self) -> Policies:
        """The policies among the resources, for questions of one's own."""
        return self._policies

    def of(self, kind: str) -> dict[str, Registered]:
        """The resources of a type by logical name: `aws:iam/role:Role`, or the last part of it, `Role`."""
        return {each.name: each for each in self.resources if kind in {each.type, each.type.rsplit(":", 1)[-1]}}

    def may(self, who: Identity, action: str, on: str = "*", context: Context = NO_CONTEXT) -> Decision:
        """Whether a user, group or role may do `action` on the ARN `on`; `*` is "on everything".

        Decides by the policies of the identity and its groups, its permissions boundary, and the policy of the bucket
        or key that the program writes, or that the bucket carries already. UnknownDocumentError where a managed policy
        decides that is not known here, ValueError where nobody could ask for such an action, or on such a resource.
        """
        _refuse_what_is_no_request(action, on)
        made, name = self._policies.registered(who), self._policies.name_of(who)
        place = made.place if made else self._mocks.place
        arn = made.outputs["arn"] if made else f"arn:{place.partition}:iam::{place.account}:{who.kind}/{name}"
        usual = {
            "aws:SecureTransport": "true",
            "aws:RequestedRegion": place.region,
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": place.account,
            "aws:PrincipalIsAWSService": "false",
            **({"aws:username": name} if who.kind == "user" else {}),
        }
        caller = Caller(arn=arn, account=place.account)
        return decide_for(who, Request.of(caller, action, on, {**usual, **context}), self._policies)

    def may_assume(
        self,
        role: str,
        *,
        account: str | Source | None = Source.OWN,
        source_arn: str | Source | None = Source.OWN,
        service: str = SERVICE,
        context: Context = NO_CONTEXT,
    ) -> Decision:
        """Whether a service may assume a role of the program on behalf of an account.

        `role` is the role's name or logical name; KeyError where the program makes none such. `account` is twelve
        digits, by default that of the role's provider; `source_arn` is by default one of Personalize's resources in
        that account. None sends a request without the key.
        """
        made = self._policies.registered(Identity("role", role))
        if made is None:
            raise KeyError(f"the program makes no role {role}; it makes {', '.join(self.of(_ROLE)) or 'none'}")
        sent = self._sent(account, source_arn, service, made.place)
        whole = {**_of_service(service), **sent, **context}
        request = Request.of(Caller(service=service), "sts:AssumeRole", "*", whole)
        missing = Statement(
            effect=Effect.ALLOW,
            principals=(Principal.service(service),),
            actions=("sts:AssumeRole",),
            conditions=_conditions(sent),
        )
        subject = f"{service} may assume {made}{_for(sent)}"
        return decide(subject, request, self._policies.of_trust(made), missing, of_resource=True)

    def admits(
        self,
        bucket: str,
        use: str | BucketUse,
        *,
        key: str = "some-object",
        account: str | Source | None = Source.OWN,
        source_arn: str | Source | None = Source.OWN,
        policy: str | None = None,
    ) -> Decision:
        """Whether a bucket's policy admits Personalize for a use: `import`, `deletion`, `batch`, `export`, `metrics`.

        `bucket` is its name or logical name, `key` the object that is read or written. `policy` is JSON to judge in
        place of what the program attaches, such as what the component hands out for another stack.
        """
        name = self._bucket_name(bucket)
        arn = f"arn:{self._mocks.place.partition}:s3:::{name}"
        wanted = [(each, arn if each == LIST_BUCKET else f"{arn}/{key}") for each in BUCKET_ACTIONS[BucketUse(use)]]
        statements = self._statements(policy, self._policies.of_bucket(bucket), f"the policy of bucket {bucket}")
        return self._all_admitted(
            f"bucket {bucket} admits {SERVICE} for {BucketUse(use).value}",
            wanted,
            statements,
            self._sent(account, source_arn, SERVICE),
        )

    def admits_to_key(
        self,
        key: str,
        *,
        dataset_export: bool = False,
        account: str | Source | None = Source.OWN,
        source_arn: str | Source | None = Source.OWN,
        policy: str | None = None,
    ) -> Decision:
        """Whether a KMS key's policy admits Personalize. `key` is its ARN, id or logical name; the rest as `admits`."""
        actions = (*guide.KEY_ACTIONS, guide.KEY_GRANT_ACTION, *([guide.KEY_EXPORT_ACTION] if dataset_export else []))
        statements = self._statements(policy, self._policies.of_key(key), f"the policy of key {key}")
        wanted = [(action, self._key_arn(key)) for action in actions]
        return self._all_admitted(
            f"key {key} admits {SERVICE}", wanted, statements, self._sent(account, source_arn, SERVICE)
        )

    def grants(self) -> list[Grant]:
        """Who may do what on what: a printable grant for each statement and each whom it is about."""
        return list(grants(self._policies))

    def trust_policies(self) -> list[tuple[Registered, Found]]:
        """Every trust policy of the program, wherever the pack finds one, with the resource that carries it.

        `Found.document` is the policy, as JSON text or a mapping; `Found.path` is where it stands in the resource.
        UnknownDocumentError where a role that the program makes has none under the mocks.
        """
        for made in self.resources:
            if made.type in _TRUSTS and not made.existing:
                document_of(made, _TRUSTS[made.type])
        config = PackConfig()
        return [(made, found) for made in self.resources for found in judged_in(made.type, made.inputs, config)]

    def _sent(
        self, account: str | Source | None, source_arn: str | Source | None, service: str, place: Location | None = None
    ) -> dict[str, str]:
        place = place or self._mocks.place
        account = place.account if isinstance(account, Source) else account
        if isinstance(source_arn, Source):
            owner = account or place.account
            product = service.split(".", 1)[0]
            source_arn = f"arn:{place.partition}:{product}:{place.region}:{owner}:dataset-import-job/some-job"
        sent = {"aws:SourceAccount": account or "", "aws:SourceArn": source_arn or ""}
        return {key: value for key, value in sent.items() if value}

    def _statements(self, policy: str | None, attached: list[Placed], place: str) -> list[Placed]:
        return attached if policy is None else self._policies.statements(policy, place)

    def _all_admitted(
        self, what: str, wanted: list[tuple[str, str]], statements: list[Placed], sent: dict[str, str]
    ) -> Decision:
        context = {**_of_service(SERVICE), **sent}
        requests = [Request.of(Caller(service=SERVICE), action, on, context) for action, on in wanted]
        return decide_all(f"{what}{_for(sent)}", requests, statements, Principal.service(SERVICE))

    def _bucket_name(self, bucket: str) -> str:
        for each in self.resources:
            if each.type in {"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"} and each.name == bucket:
                return str(each.outputs["bucket"])
        return bucket

    def _key_arn(self, key: str) -> str:
        for each in self.of("aws:kms/key:Key").values():
            if key in {each.name, each.outputs["keyId"]}:
                return str(each.outputs["arn"])
        place = self._mocks.place
        return key if key.startswith("arn:") else f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{key}"


def _refuse_what_is_no_request(action: str, on: str) -> None:
    # A policy allows nothing of the kind, so that an assertion of what is not allowed would always pass.
    if not _ACTION.fullmatch(action):
        raise ValueError(f'"{action}" is not one action; write its service and its name, such as "s3:GetObject"')
    if on != "*" and not on.startswith("arn:"):
        raise ValueError(f'"{on}" is not an ARN; write one, such as "arn:aws:s3:::data/some-object"')


def _of_service(name: str) -> dict[str, str]:
    return {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": name}


def _conditions(sent: Mapping[str, str]) -> tuple[Condition, ...]:
    operators = {"aws:SourceAccount": "StringEquals", "aws:SourceArn": "ArnLike"}
    return tuple(Condition.of(operators[key], key, value) for key, value in sent.items())


def _for(sent: Mapping[str, str]) -> str:
    account, arn = sent.get("aws:SourceAccount"), sent.get("aws:SourceArn")
    return f" (on behalf of {f'account {account}' if account else 'no account'}, {arn or 'no source ARN'})"
