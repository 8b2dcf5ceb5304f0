"""Which KMS keys encrypt a bucket, as S3's API and Pulumi's resources write it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

AWS_S3: Final = "alias/aws/s3"
"""The key of S3 itself, which encrypts where SSE-KMS names no other. Nobody can change its policy."""


def keys_of_encryption(rules: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the ARN, id or alias of the key of each rule with SSE-KMS; `alias/aws/s3` where it names none.

    The members of the rules are named as in S3's API (`SSEAlgorithm`) or as in Pulumi (`sseAlgorithm`).
    """
    for rule in rules:
        default = _member(rule, "applyserversideencryptionbydefault")
        if isinstance(default, Mapping) and str(_member(default, "ssealgorithm")).startswith("aws:kms"):
            key = str(_member(default, "kmsmasterkeyid") or AWS_S3)
            yield AWS_S3 if key.endswith(AWS_S3) else key


def _member(record: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - what the program or the file has
    return next((value for key, value in record.items() if key.lower() == name), None)


def to_key_arn(key: str, partition: str, region: str, account: str) -> str:
    """Return the ARN of a key that is named by its ARN or, in that place, by its id."""
    return key if key.startswith("arn:") else f"arn:{partition}:kms:{region}:{account}:key/{key}"
