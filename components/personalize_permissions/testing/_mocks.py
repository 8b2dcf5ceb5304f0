"""Pulumi mocks that answer as an AWS account does, for programs that use the components."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs

from personalize_permissions._runtime.location import Location
from personalize_permissions.testing._errors import UnknownStackError
from personalize_permissions.testing._resource_outputs import known_outputs, outputs_of
from personalize_permissions.testing._values import Secret, to_text, unwrap_secrets


@dataclass(frozen=True, slots=True)
class Registered:
    """One resource that a program registered. Secrets in it are their plain values."""

    type: str
    """Such as `aws:iam/role:Role`."""
    name: str
    """The logical name, as the program gives it."""
    id: str
    """The physical identifier, as the mocks answered."""
    inputs: Mapping[str, Any]
    """As the program gave them, under the provider's names (`assumeRolePolicy`)."""
    outputs: Mapping[str, Any]
    """As the mocks answered; the inputs among them."""
    place: Location
    """Where the provider works."""
    provider: str = ""
    """URN and id of an explicit provider; empty for the default one."""
    existing: bool = False
    """Whether it is made elsewhere, and the program only reads it (`Role.get`)."""

    def __str__(self) -> str:
        return f"{self.type.rsplit(':', 1)[-1]} {self.name}"


class PermissionsMocks(pulumi.runtime.Mocks):
    """Answers every lookup of the components, and IAM, S3 and KMS resources as AWS would; records what is registered.

    Alone: `PermissionsMocks()`. Around mocks that a team has: `PermissionsMocks(OurMocks())`, or mixed in,
    `class Ours(PermissionsMocks, OurMocks)`. Lookups of the account, partition, region and of bucket policies are
    answered here; every other call goes to the team's mocks. For resources, what those answer has precedence, and what
    they leave open (an ARN, a name) is filled in.
    """

    def __init__(
        self,
        others: pulumi.runtime.Mocks | None = None,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        partition: str = "aws",
        providers: Mapping[str, Location] | None = None,
        bucket_policies: Mapping[str, str | Mapping[str, object]] | None = None,
        managed_policies: Mapping[str, str | Mapping[str, object]] | None = None,
        stack_outputs: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Make mocks of one account.

        `account`, `region` and `partition` are those of the default provider, and of every explicit one that
        `providers` does not place by its logical name (an explicit provider's own `region` argument counts).
        `bucket_policies` are the policies, by bucket, which buckets have before the program runs. `managed_policies`
        are the documents, by ARN, of policies that exist without the program, for questions about who has them.
        `stack_outputs` are the outputs of other stacks, by the name that a StackReference gives; `Secret(...)` marks.
        """
        self._others = others
        self.place = Location(account, partition, region)
        """Where the default provider works."""
        self._providers = dict(providers or {})
        self._found: dict[str, Location] = {}
        self.bucket_policies = {bucket: to_text(policy) for bucket, policy in (bucket_policies or {}).items()}
        """JSON by bucket of the policies that buckets have before the program runs."""
        self.managed_policies = {arn: to_text(policy) for arn, policy in (managed_policies or {}).items()}
        """JSON by ARN of the policies that exist without the program."""
        self._stack_outputs = dict(stack_outputs or {})
        self.registered: list[Registered] = []
        """Every resource so far, in the order of registration; components too."""

    def start_anew(self) -> None:
        """Forget what a program registered before, as `run` does first. Records of that program keep it."""
        self.registered = []
        self._found = {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer a lookup. One that fails is answered by failures, as the engine does; raising would crash the SDK."""
        place = self.place_of(args.provider)
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                arn = f"arn:{place.partition}:iam::{place.account}:user/mocked"
                return {"id": place.account, "accountId": place.account, "arn": arn, "userId": "AIDAMOCKED"}, []
            case "aws:index/getPartition:getPartition":
                suffix = "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com"
                return {"id": place.partition, "partition": place.partition, "dnsSuffix": suffix}, []
            case "aws:index/getRegion:getRegion":
                return {"id": place.region, "region": place.region, "name": place.region}, []
            case "aws:s3/getBucketPolicy:getBucketPolicy":
                bucket = str(unwrap_secrets(args.args["bucket"]))
                if bucket not in self.bucket_policies:
                    return {}, [("bucket", f"reading S3 Bucket Policy ({bucket}): couldn't find resource")]
                return {"id": bucket, "bucket": bucket, "policy": self.bucket_policies[bucket]}, []
            case "aws:s3/getBucket:getBucket":
                bucket = str(unwrap_secrets(args.args["bucket"]))
                return {"id": bucket, "bucket": bucket, "arn": f"arn:{place.partition}:s3:::{bucket}"}, []
        answer: Any = self._others.call(args) if self._others else super().call(args)
        if isinstance(answer, Mapping):
            return dict(answer), []
        found, failures = answer
        return found, list(failures or [])

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Register a resource: its identifier and outputs."""
        others: Any = self._others.new_resource(args) if self._others else super().new_resource(args)
        their_id, theirs = others[0], others[1] or {}
        chosen = {key: value for key, value in theirs.items() if key not in args.inputs or args.inputs[key] != value}
        inputs, place = unwrap_secrets(args.inputs), self.place_of(args.provider or "")
        if args.typ == "pulumi:pulumi:StackReference" and "outputs" not in chosen:
            chosen |= self._outputs_of_stack(str(inputs["name"]))
        plain = unwrap_secrets(chosen)
        known = known_outputs(args.typ, args.resource_id or "")
        made_id, made = outputs_of(args.typ, args.name, {**known, **inputs, **plain}, place)
        made_id = their_id or args.resource_id or made_id
        if args.typ == "pulumi:providers:aws" and inputs.get("region"):
            self._found[args.name] = Location(place.account, place.partition, str(inputs["region"]))
        state = {**made, **plain}
        read = bool(args.resource_id) and args.custom is None  # as the SDK distinguishes a read from an import
        self.registered.append(
            Registered(args.typ, args.name, made_id, inputs, state, place, args.provider or "", read)
        )
        # What was marked as a secret comes back marked, as from the engine.
        marked = {key: value for key, value in {**args.inputs, **chosen}.items() if unwrap_secrets(value) == state[key]}
        return made_id, {**state, **marked}

    def _outputs_of_stack(self, name: str) -> dict[str, Any]:
        """Return the outputs of another stack and the names of its secret ones, as a StackReference reads them."""
        if name not in self._stack_outputs:
            raise UnknownStackError(
                f"the outputs of the stack {name} are not known here; give them to "
                f'PermissionsMocks(stack_outputs={{"{name}": {{...}}}})'
            )
        outputs = self._stack_outputs[name]
        secret = [key for key, value in outputs.items() if isinstance(value, Secret)]
        plain = {key: value.value if isinstance(value, Secret) else value for key, value in outputs.items()}
        return {"outputs": plain, "secretOutputNames": secret}

    def place_of(self, provider: str) -> Location:
        """Return where a provider works, by its reference (`URN::id`)."""
        parts = provider.split("::")
        name = parts[-2] if len(parts) > 1 else ""
        return self._providers.get(name) or self._found.get(name, self.place)
