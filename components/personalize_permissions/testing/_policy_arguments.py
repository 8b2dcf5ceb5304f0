"""Arguments for the policies of a team's own pack, as the engine hands them over.

What a policy gets at run time is not what a program writes: mappings and lists are proxies, every number is a float, a
value that is not known yet raises `UnknownValueError` when it is read, secrets are marked for remediations and plain
for validations. These functions need `pulumi-policy`, which the extra `policy` brings.
"""

import asyncio
from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, struct_pb2

from personalize_permissions.testing._mocks import Registered
from personalize_permissions.testing._recorded import Recorded
from personalize_permissions.testing._values import Secret, Unknown

if TYPE_CHECKING:
    from pulumi_policy import Policy, PolicyResourceOptions, ResourceValidationArgs, StackValidationArgs


def policy_arguments(
    resource_type: str,
    properties: Mapping[str, Any],
    *,
    name: str = "resource",
    config: Mapping[str, Any] | None = None,
    remediation: bool = False,
) -> "ResourceValidationArgs":
    """Return arguments of a resource policy for one resource of type `resource_type`, such as `aws:iam/role:Role`.

    `properties` are its inputs under the provider's names; `UNKNOWN` and `Secret(...)` may be anywhere in them.
    With `remediation` secrets keep their mark, as a policy's `remediate` gets them; `validate` gets them plain.
    """
    from pulumi_policy import ResourceValidationArgs  # noqa: PLC0415 - an extra

    described = _describe(resource_type, properties, name, secrets=remediation)
    return ResourceValidationArgs(*described, provider=None, config=config)


def stack_arguments(
    resources: Sequence[Registered], *, config: Mapping[str, Any] | None = None
) -> "StackValidationArgs":
    """Return arguments of a stack policy, which sees every resource's outputs, without parents and dependencies."""
    from pulumi_policy import PolicyResource, StackValidationArgs  # noqa: PLC0415 - an extra

    seen = [PolicyResource(*_describe(each.type, each.outputs, each.name), None, None, [], {}) for each in resources]
    return StackValidationArgs(seen, config)


def violations(policy: "Policy", subject: Recorded, *, config: Mapping[str, Any] | None = None) -> list[str]:
    """Return what a policy, of resources or of stacks, reports about a program: one message for each violation.

    A resource policy runs once for each resource. The defaults of the policy's configuration are filled in, as by the
    engine. What the policy raises is raised; one that is not applicable reports nothing.
    """
    from pulumi_policy import ResourceValidationPolicy  # noqa: PLC0415 - an extra

    schema = policy.config_schema.properties if policy.config_schema else {}
    defaults = {key: value["default"] for key, value in schema.items() if "default" in value}
    whole = {**defaults, **(config or {})}
    arguments: list[Any]
    if isinstance(policy, ResourceValidationPolicy):
        arguments = [
            policy_arguments(each.type, each.inputs, name=each.name, config=whole) for each in subject.resources
        ]
    else:
        arguments = [stack_arguments(subject.resources, config=whole)]
    return [message for each in arguments for message in _reported(policy, each)]


def _reported(policy: Any, arguments: Any) -> list[str]:  # noqa: ANN401 - either kind
    """Return the messages that a policy reports about one resource or stack."""
    from pulumi_policy.policy import _NotApplicableError  # noqa: PLC0415 - an extra; not public, but raised to us

    found: list[str] = []
    try:
        result = policy.validate(arguments, lambda message, _urn=None: found.append(message))
        if isawaitable(result):
            asyncio.run(_awaited(result))
    except _NotApplicableError:
        return []
    return found


async def _awaited(result: Any) -> None:  # noqa: ANN401 - any awaitable
    await result


def _describe(
    kind: str, properties: Mapping[str, Any], name: str, *, secrets: bool = False
) -> tuple[str, Mapping[str, Any], str, str, "PolicyResourceOptions"]:
    """Return what a policy gets of a resource: type, properties, URN, name and the default options."""
    from pulumi_policy import PolicyCustomTimeouts, PolicyResourceOptions  # noqa: PLC0415 - an extra
    from pulumi_policy.deserialize import deserialize_properties, serialize_properties  # noqa: PLC0415 - an extra
    from pulumi_policy.proxy import unknown_checking_proxy  # noqa: PLC0415 - an extra

    # Through the wire's own form, so that values are what they are after it.
    wire = json_format.ParseDict(dict(serialize_properties(_marked(properties))), struct_pb2.Struct())
    props = unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(wire), secrets))
    options = PolicyResourceOptions(
        protect=False,
        ignore_changes=[],
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
    )
    return kind, props, f"urn:pulumi:stack::project::{kind}::{name}", name, options


def _marked(value: Any) -> Any:  # noqa: ANN401 - any JSON-like value, assets and archives too
    """Return a value with secrets and unknown values as the engine's protocol writes them."""
    from pulumi_policy import Secret as Marked  # noqa: PLC0415 - an extra
    from pulumi_policy.proxy import UNKNOWN_STRING_VALUE  # noqa: PLC0415 - an extra

    if isinstance(value, Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return Marked(_marked(value.value))
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value
