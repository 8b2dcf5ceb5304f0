"""Account, partition and region of a component's provider, looked up once."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from personalize_permissions._runtime.lookup_errors import error_summary, is_engine_closing, unanswered
from personalize_permissions._runtime.run_scope import PerRun


@dataclass(frozen=True, slots=True)
class Location:
    """The provider's account (twelve digits), partition (`aws`, `aws-cn`) and region."""

    account: str
    partition: str
    region: str


_LOOKUP: Final = "aws:index/getRegion:getRegion"
_found: Final = PerRun[pulumi.Output[dict[str, str]]]()


def look_up(component: pulumi.ComponentResource) -> pulumi.Output[dict[str, str]]:
    """Return account, partition and region of the component's AWS provider, looked up once per provider and program."""
    known, provider = _found.of_this_run(), component.get_provider(_LOOKUP)
    if provider not in known:
        opts = pulumi.InvokeOutputOptions(parent=component)
        known[provider] = pulumi.Output.all(
            account=aws.get_caller_identity_output(opts=opts).account_id.recover(_refuse),
            partition=aws.get_partition_output(opts=opts).partition.recover(_refuse),
            region=aws.get_region_output(opts=opts).region.recover(_refuse),
        )
    return known[provider]


def _refuse(error: Exception) -> pulumi.Input[str]:
    if is_engine_closing(error):
        return unanswered()
    raise pulumi.RunError(
        f"Account, partition and region of the AWS provider cannot be looked up: {error_summary(error)}"
    ) from None
