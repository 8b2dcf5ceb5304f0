"""Everything that bears on one use of one bucket: who asks, for what, and the policies on every side."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from personalize_guardrails.iam import Arn
from personalize_guardrails.iam.evaluation import LocatedStatement
from personalize_permissions._documents.grants import JOBS
from personalize_permissions._documents.requests import SOME_OBJECT, sources_of
from personalize_permissions._documents.unknown_policies import ALL_KNOWN, UnknownPolicies
from personalize_permissions.choices import BucketUse

Statements = tuple[LocatedStatement, ...]


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
    tags: Mapping[str, str] = field(default_factory=dict)
    unknown: UnknownPolicies = ALL_KNOWN
    """What is attached to it, and is not among `statements` or `boundary`."""

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
    bucket_keys: frozenset[str] = frozenset()
    """Those of `keys` that only encrypt the bucket, so that S3 uses them for whoever reads or writes."""
    unknown_aliases: tuple[str, ...] = ()
    """Aliases of keys that encrypt the bucket, where it is not known whose they are."""
    aws_s3_key: bool = False
    """Whether the bucket is encrypted with the key of S3 itself, `aws/s3`."""
    exported_key: bool = False
    """Whether a dataset group under the keys is exported, which takes one more action."""
    person: Holder | None = None
    """Who starts the job; None: nobody is asked about."""
    bucket_account: str = ""
    """The account that owns the bucket, where it is another than the role's."""
    organization: str = ""
    """The organization that the role is in, where that is known."""
    unknown: tuple[str, ...] = ()
    """What else has to be known, such as the bucket's encryption."""
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
    def bucket_owner(self) -> str:
        """The account that owns the bucket."""
        return self.bucket_account or self.account

    @property
    def sources(self) -> dict[str, str]:
        """The condition keys of the job for which Personalize acts."""
        arn = self.role.arn
        keys = sources_of(arn.partition, self.region, arn.account, JOBS[self.use])
        return {**keys, "aws:SourceOrgID": self.organization} if self.organization else keys
