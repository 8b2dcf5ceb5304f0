"""Everything that bears on one use of one bucket: who asks, for what, and the policies on every side."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from personalize_guardrails.iam import Arn, is_account_id
from personalize_guardrails.iam.evaluation import LocatedStatement
from personalize_permissions.choices import BucketUse

Statements = tuple[LocatedStatement, ...]
JOBS: Final[Mapping[BucketUse, str]] = {
    BucketUse.IMPORT: "dataset-import-job",
    BucketUse.DELETION: "data-deletion-job",
    BucketUse.BATCH: "batch-inference-job",
    BucketUse.EXPORT: "dataset-export-job",
    BucketUse.METRICS: "metric-attribution",
}
"""The resource of Personalize that uses the bucket, as in `aws:SourceArn`."""


SOME_OBJECT: Final = "some-object"
"""Stands for any object in requests."""


_KEY_ID: Final = re.compile(r"[\w-]+", re.ASCII)


def is_key(text: str) -> bool:
    """Tell whether a text is the ARN or the id of a KMS key, not of an alias."""
    if not text.startswith("arn:"):
        return bool(_KEY_ID.fullmatch(text))
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    return arn.service == "kms" and arn.resource.startswith("key/") and is_account_id(arn.account)


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, group or role with its policies."""

    arn: Arn
    statements: Statements = ()
    """Of its own policies; for a user also of its groups'."""
    boundary: Statements | None = None
    """Of its permissions boundary; None where it has none."""
    unique_id: str = ""
    """Such as `AROA…`: bucket policies name roles by it in `aws:userid`."""

    @property
    def name(self) -> str:
        """The kind and name, such as `role recs`."""
        kind, _, path = self.arn.resource.partition("/")
        return f"{kind} {path.rsplit('/', 1)[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One use of a bucket by Personalize, with a service role, in a region."""

    role: Holder
    trust: Statements
    """Of the role's trust policy."""
    bucket: str
    bucket_policy: Statements | None
    """None: it is not known."""
    use: BucketUse
    region: str
    prefix: str = ""
    keys: Mapping[str, Statements | None] = field(default_factory=dict)
    """The policies of the KMS keys that encrypt the bucket or the dataset group, by ARN; None: it is not known."""
    exported_key: bool = False
    """Whether a dataset group under the keys is exported, which takes one more action."""
    person: Holder | None = None
    """Who starts the job; None: nobody is asked about."""
    bucket_account: str = ""
    """The account that owns the bucket, where it is another than the role's."""
    organization: str = ""
    """The organization that the role is in, where that is known."""
    unknown: tuple[str, ...] = ()
    """What would have to be known besides, such as a managed policy without its document."""
    notes: tuple[str, ...] = ()
    """What else the answer depends on, and only its reader knows."""

    @property
    def object_key(self) -> str:
        """An object under the prefix; a prefix that does not end with a slash may be an object itself."""
        return self.prefix if self.prefix and not self.prefix.endswith("/") else f"{self.prefix}{SOME_OBJECT}"

    @property
    def account(self) -> str:
        """The account of the role, and of Personalize's resources."""
        return self.role.arn.account

    @property
    def source_arn(self) -> str:
        """The ARN of the job for which Personalize acts."""
        arn = self.role.arn
        return f"arn:{arn.partition}:personalize:{self.region}:{arn.account}:{JOBS[self.use]}/some-job"
