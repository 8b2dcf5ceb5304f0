"""A program under Pulumi mocks: what it registers is recorded, and the lookups answer as an account would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import wait_for_rpcs

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass
class Cloud(pulumi.runtime.Mocks):
    account: str = ACCOUNT
    partition: str = "aws"
    region: str = REGION
    bucket_policies: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """By bucket, how the lookup of its policy fails."""
    made: list[pulumi.runtime.MockResourceArgs] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made.append(args)
        kind = args.typ.rsplit(":", 1)[-1].lower()
        name = args.inputs.get("name", args.name)
        state = {**args.inputs, "name": name, "arn": f"arn:{self.partition}:iam::{self.account}:{kind}/{name}"}
        return f"{args.name}-id", state

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any] | tuple[dict[str, Any], list[tuple[str, str]]]:
        token = args.token.rsplit(":", 1)[-1]
        self.calls.append(token)
        match token:
            case "getCallerIdentity":
                return {"accountId": self.account}
            case "getPartition":
                return {"partition": self.partition}
            case "getRegion":
                return {"region": self.region}
            case "getBucketPolicy":
                bucket = args.args["bucket"]
                if bucket in self.failures:
                    return {}, [("bucket", self.failures[bucket])]
                if bucket not in self.bucket_policies:
                    return {}, [("bucket", "reading S3 Bucket Policy: couldn't find resource")]
                return {"policy": self.bucket_policies[bucket]}
        return {}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Inputs by logical name of every resource of one kind, such as `Role`."""
        return {args.name: args.inputs for args in self.made if args.typ.rsplit(":", 1)[-1] == kind}


Run = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for all tests: Pulumi keeps the root stack of the first in the process."""
    loop = asyncio.new_event_loop()
    # After a refusal the SDK leaves futures behind that nobody asks for the error they hold.
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def run(cloud: Cloud, loop: asyncio.AbstractEventLoop) -> Run:
    """Run a program; what it returns, all outputs in it resolved. Errors of outputs are raised."""
    asyncio.set_event_loop(loop)  # tests of the kit, where they came before, have put theirs in its place

    def run_program(program: Callable[[], Any], *, preview: bool = False) -> Any:
        pulumi.runtime.set_mocks(cloud, project="shop", stack="prod", preview=preview)

        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()

        async def finished() -> Any:
            try:
                found = await pulumi.Output.from_input(program()).future()
                await wait_for_rpcs()
            finally:
                others = asyncio.all_tasks() - {asyncio.current_task()}
                await asyncio.gather(*others, return_exceptions=True)
            return found

        return loop.run_until_complete(finished())

    return run_program
