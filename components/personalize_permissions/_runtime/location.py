"""Where a component works: account, partition and region of its own provider, looked up once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import pulumi
import pulumi_aws as aws
from pulumi.output import UNKNOWN

from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._runtime.lookup_errors import error_summary
from personalize_permissions._runtime.outputs import joined
from personalize_permissions._runtime.run_scope import PerRun
from personalize_permissions._validation.report import InvalidArgumentsError, Path, Problem, Report

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Location:
    """The provider's account (twelve digits), partition (`aws`, `aws-cn`) and region."""

    account: str
    partition: str
    region: str


_found: Final = PerRun[pulumi.Output[dict[str, str]]]()


def _looked_up(component: pulumi.ComponentResource) -> pulumi.Output[dict[str, str]]:
    """Account, partition and region of the component's AWS provider, asked once for each provider of a program."""
    known, provider = _found.of_this_run(), component.get_provider(_LOOKUP)
    if provider not in known:
        opts = pulumi.InvokeOutputOptions(parent=component)
        known[provider] = pulumi.Output.all(
            account=aws.get_caller_identity_output(opts=opts).account_id.recover(_not_found),
            partition=aws.get_partition_output(opts=opts).partition.recover(_not_found),
            region=aws.get_region_output(opts=opts).region.recover(_not_found),
        )
    return known[provider]


def _not_found(error: Exception) -> str:
    raise pulumi.RunError(
        f"Account, partition and region of the AWS provider cannot be looked up: {error_summary(error)}"
    ) from None


_LOOKUP: Final = "aws:index/getRegion:getRegion"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a component hands to those it is composed of: checked arguments, and where they apply."""

    report: Report
    location: pulumi.Output[Location]
    path: Path = ()
    """Where the arguments stand among those of the component that was given them."""

    @classmethod
    def of(cls, component: pulumi.ComponentResource, report: Report, checked: pulumi.Output[bool] | None) -> "Scope":
        """Look up where `component` works, through its provider.

        The location resolves only once every argument is known to be right, so that nothing made from it exists
        before. A region without Personalize is refused.
        """
        found = _looked_up(component)
        if checked is not None:
            found = joined(found, checked).apply(lambda known: known[0])

        def locate(found: dict[str, str]) -> pulumi.Input[Location]:
            if pulumi.runtime.is_dry_run() and not any(found.values()):
                # So a preview is answered for a provider with settings that are outputs of what is not made yet.
                return pulumi.Output.from_input(UNKNOWN)  # type: ignore[arg-type] # stands for any value
            if missing := [name for name in ("account", "partition", "region") if not found[name]]:
                raise pulumi.RunError(
                    f"{report.subject}: the AWS provider does not tell its {' and '.join(missing)}. In a test with "
                    "Pulumi mocks, let them answer the lookups: see personalize_permissions.testing"
                )
            if found["region"] not in REGIONS:
                raise pulumi.RunError(
                    f"{report.subject}: Amazon Personalize does not exist in {found['region']}, the region of the AWS "
                    f"provider; give the component a provider in one of {', '.join(sorted(REGIONS))}"
                )
            return Location(found["account"], found["partition"], found["region"])

        return cls(report, found.apply(locate))

    def render(self, build: Callable[[Location], T]) -> pulumi.Output[T]:
        """What `build` makes of the location."""
        return self.location.apply(build)

    def within(self, *path: str | int) -> "Scope":
        """The same, for a component whose arguments stand at `path`."""
        return replace(self, path=path)

    def refuse(self, path: Path, reason: str) -> InvalidArgumentsError:
        """The error for a mistake that shows only once values are known, such as a document that grew too long."""
        return self.report.error([Problem((*self.path, *path), reason)], late=not pulumi.runtime.is_dry_run())
