"""What S3 accepts as bucket names and bucket policies (S3 User Guide, "Bucket naming rules", "Bucket policies")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.emulator.schema import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator


_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_POLICY_BYTES: Final = 20 * 1024
_OBJECT_ACTIONS: Final = re.compile(
    r"s3:((get|put|delete)object(?!lockconfiguration).*|restoreobject|abortmultipartupload|listmultipartuploadparts"
    r"|replicate(object|delete|tags)|objectowneroverridetobucketowner|bypassgovernanceretention|initiatereplication"
    r"|updateobjectencryption)"
)


def name_failures(name: object) -> Iterator[Failure]:
    """Bucket names that S3 refuses."""
    if isinstance(name, str) and (not _NAME.fullmatch(name) or ".." in name or _like_address(name)):
        yield Failure(
            "bucket",
            f"{name!r} is no bucket name: 3 to 63 lower case letters, digits, dots and hyphens, "
            "beginning and ending with a letter or digit",
        )


def _like_address(name: str) -> bool:
    return re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name) is not None
