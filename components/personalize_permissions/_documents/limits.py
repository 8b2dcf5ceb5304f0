"""Quotas of IAM, STS and KMS that a preview can refuse before AWS does.

Source: IAM User Guide, "IAM and AWS STS quotas"; KMS Developer Guide, "Quotas". Sizes are in characters without white
space.
"""

from types import MappingProxyType
from typing import Final

ROLE_NAME: Final = 64
POLICY_NAME: Final = 128
USER_NAME: Final = 64
GROUP_NAME: Final = 128
PATH: Final = 512
DESCRIPTION: Final = 1000
TAGS: Final = 50
TAG_KEY: Final = 128
TAG_VALUE: Final = 256
SESSION_SECONDS: Final = (3600, 43200)
GENERATED_SUFFIX: Final = 8
"""Characters that Pulumi adds to a logical name to make a physical one: a hyphen and seven digits."""

TRUST_POLICY: Final = 2048
MANAGED_POLICY: Final = 6144
ROLE_INLINE_TOTAL: Final = 10240
BUCKET_POLICY: Final = 20480
KEY_POLICY: Final = 32768
MANAGED_POLICIES: Final = 10
"""Attached to one user, group or role."""
RAISED_MANAGED_POLICIES: Final = MappingProxyType({"users": 20, "groups": MANAGED_POLICIES, "roles": 25})
"""To what AWS raises that on request."""
