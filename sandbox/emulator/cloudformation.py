"""CloudFormation stacks and stack sets: moto makes what their templates say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from typing_extensions import override

from sandbox.emulator.calls import tag_list, tag_map, unless_gone
from sandbox.emulator.errors import from_boto
from sandbox.emulator.resource import Resource
from sandbox.emulator.schema import Failure
from sandbox.emulator.traits import AutoName, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.session import Account, Client
    from sandbox.emulator.wire import Json, Props

_TEMPLATE_BYTES: Final = 51200


class Stack(Resource):
    """A stack; its id is its ARN."""

    traits = Traits(
        kind="aws:cloudformation/stack:Stack",
        label="CloudFormation Stack",
        name=AutoName(longest=128),
        replacing=frozenset({"disableRollback", "name", "onFailure", "timeoutInMinutes"}),
        computed=frozenset({"name", "policyBody", "templateBody"}),
        documents=frozenset({"templateBody"}),
        sets=frozenset({"capabilities", "notificationArns"}),
        written=frozenset({"capabilities", "disableRollback", "onFailure", "timeoutInMinutes"}),
        absent=frozenset({"iamRoleArn", "notificationArns", "policyBody", "policyUrl", "templateUrl"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """A stack needs its template."""
        yield from _template_failures(props)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the stack with all that is in its template."""
        client = account.client("cloudformation", props.get("region"))
        answer = client.create_stack(
            StackName=props["name"],
            TemplateBody=props["templateBody"],
            Parameters=_parameters(props),
            Capabilities=props.get("capabilities", []),
            Tags=tag_list(props.get("tagsAll")),
        )
        return str(answer["StackId"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The stack; a deleted one is gone although CloudFormation still remembers it."""
        client = account.client("cloudformation", known.get("region"))
        stack = _stack(client, identity)
        if stack is None:
            return None
        template = client.get_template(StackName=identity)["TemplateBody"]
        return {
            "name": stack["StackName"],
            "outputs": {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
            "parameters": {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])},
            "tags": tag_map(stack.get("Tags")),
            "templateBody": template if isinstance(template, str) else json.dumps(template),
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Update the stack."""
        account.client("cloudformation", news.get("region")).update_stack(
            StackName=identity,
            TemplateBody=news["templateBody"],
            Parameters=_parameters(news),
            Capabilities=news.get("capabilities", []),
            Tags=tag_list(news.get("tagsAll")),
        )

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete the stack with all that it made."""
        client = account.client("cloudformation", state.get("region"))
        if _stack(client, identity) is not None:
            client.delete_stack(StackName=identity)


class StackSet(Resource):
    """A stack set without instances; its id is its name."""

    traits = Traits(
        kind="aws:cloudformation/stackSet:StackSet",
        label="CloudFormation StackSet",
        name=AutoName(longest=128),
        replacing=frozenset({"name"}),
        defaults={"callAs": "SELF", "permissionModel": "SELF_MANAGED"},
        computed=frozenset({"administrationRoleArn", "executionRoleName", "name", "templateBody"}),
        documents=frozenset({"templateBody"}),
        sets=frozenset({"capabilities"}),
        written=frozenset({"callAs", "permissionModel"}),
        absent=frozenset({"autoDeployment", "managedExecution", "operationPreferences", "templateUrl"}),
    )

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """A stack set needs its template."""
        yield from _template_failures(props)

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create it."""
        account.client("cloudformation", props.get("region")).create_stack_set(
            StackSetName=props["name"], **_stack_set_arguments(props)
        )
        return str(props["name"])

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The stack set as CloudFormation has it."""
        client = account.client("cloudformation", known.get("region"))
        answer = unless_gone(client.describe_stack_set, StackSetName=identity)
        if answer is None or answer["StackSet"]["Status"] == "DELETED":
            return None
        found = answer["StackSet"]
        return {
            "administrationRoleArn": found.get("AdministrationRoleARN") or None,
            "arn": found["StackSetARN"],
            "capabilities": found.get("Capabilities") or None,
            "description": found.get("Description") or None,
            "executionRoleName": found.get("ExecutionRoleName"),
            "name": found["StackSetName"],
            "parameters": {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])},
            "stackSetId": found["StackSetId"],
            "tags": tag_map(found.get("Tags")),
            "templateBody": found["TemplateBody"],
        }

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Update it."""
        account.client("cloudformation", news.get("region")).update_stack_set(
            StackSetName=identity, **_stack_set_arguments(news)
        )

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete it."""
        unless_gone(account.client("cloudformation", state.get("region")).delete_stack_set, StackSetName=identity)


def _stack(client: Client, identity: str) -> Json:
    try:
        found = client.describe_stacks(StackName=identity)["Stacks"][0]
    except ClientError as error:
        refusal = from_boto(error)
        if refusal.code == "ValidationError" and "does not exist" in refusal.message:
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _parameters(props: Props) -> list[dict[str, str]]:
    return tag_list(props.get("parameters"), "ParameterKey", "ParameterValue")


def _stack_set_arguments(props: Props) -> dict[str, object]:
    optional = {
        "AdministrationRoleARN": props.get("administrationRoleArn"),
        "Description": props.get("description"),
        "ExecutionRoleName": props.get("executionRoleName"),
    }
    return {
        "TemplateBody": props["templateBody"],
        "Parameters": _parameters(props),
        "Capabilities": props.get("capabilities", []),
        "Tags": tag_list(props.get("tagsAll")),
        **{name: value for name, value in optional.items() if value},
    }


def _template_failures(props: Props) -> Iterator[Failure]:
    body = props.get("templateBody")
    if body is None:
        yield Failure("templateBody", "one of templateBody and templateUrl is needed")
    elif isinstance(body, str) and len(body.encode()) > _TEMPLATE_BYTES:
        yield Failure("templateBody", f"templateBody is longer than {_TEMPLATE_BYTES} bytes")
