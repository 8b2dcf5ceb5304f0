"""The closed choices that arguments offer; each member's value is what every language writes."""

from enum import Enum
from typing import TYPE_CHECKING, Literal


class PolicyChoice(str, Enum):
    """Which permissions people, and the service role, get to use Personalize."""

    CUSTOM = "custom"
    """The two statements of the guide, to the letter, on people and on the service role."""
    MANAGED = "managed"
    """The AWS managed policy AmazonPersonalizeFullAccess on both; broader than needed."""
    LEAST_PRIVILEGE = "least-privilege"
    """People may pass the service role only, and the service role may pass none."""


class CloudWatchChoice(str, Enum):
    """Which AWS managed policy lets people monitor Personalize with CloudWatch."""

    NONE = "none"
    """No CloudWatch policy."""
    FULL_ACCESS = "full-access"
    """CloudWatchFullAccess, the policy that the guide names."""
    FULL_ACCESS_V2 = "full-access-v2"
    """CloudWatchFullAccessV2, the policy that AWS recommends now."""


class BucketUse(str, Enum):
    """What Personalize does with a bucket."""

    IMPORT = "import"
    """Reads training data for dataset imports."""
    DELETION = "deletion"
    """Reads the lists of users whose data is deleted."""
    BATCH = "batch"
    """Reads the input and writes the output of batch inference and batch segment jobs."""
    EXPORT = "export"
    """Writes dataset exports."""
    METRICS = "metrics"
    """Writes metric attribution reports; the service role may then put CloudWatch metrics too."""


class Delivery(str, Enum):
    """How statements reach the policy of a bucket or a key, of which there is only one."""

    ATTACH = "attach"
    """Written to the bucket or key, merged into `existing_policy`."""
    STATEMENTS = "statements"
    """Handed out as JSON for whoever owns the bucket or key; nothing is written."""


if TYPE_CHECKING:
    # `str | None` is what a program reads from its configuration; the literals are what editors offer.
    PolicyInput = PolicyChoice | Literal["custom", "managed", "least-privilege"] | str | None
    CloudWatchInput = CloudWatchChoice | Literal["none", "full-access", "full-access-v2"] | str | None
    BucketUseInput = BucketUse | Literal["import", "deletion", "batch", "export", "metrics"] | str
    DeliveryInput = Delivery | Literal["attach", "statements"] | str | None
else:  # schema inference knows enums, but neither Literal nor unions
    PolicyInput, CloudWatchInput, BucketUseInput, DeliveryInput = PolicyChoice, CloudWatchChoice, BucketUse, Delivery
