"""What IAM accepts as names, paths, descriptions and sizes (IAM User Guide, "IAM and AWS STS quotas")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.emulator.schema import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.emulator.wire import Props

TRUST_POLICY_CHARACTERS: Final = 2048
MANAGED_POLICY_CHARACTERS: Final = 6144
INLINE_CHARACTERS: Final[Mapping[str, int]] = {"user": 2048, "group": 5120, "role": 10240}
MANAGED_POLICIES: Final = 10
LONGEST: Final[Mapping[str, int]] = {"role": 64, "user": 64, "group": 128, "policy": 128}
_PATH_CHARACTERS: Final = 512
_DESCRIPTION_CHARACTERS: Final = 1000
_NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_DESCRIPTION: Final = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]*")
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[^:]*:(\d{12}|aws|):.+")


def name_failures(props: Props, kind: str, names: tuple[str, ...] = ("name", "namePrefix")) -> Iterator[Failure]:
    """Names that IAM refuses: their characters and their length."""
    for name in names:
        value = props.get(name)
        if not isinstance(value, str):
            continue
        if len(value) > LONGEST[kind]:
            yield Failure(name, f'"{name}" cannot be longer than {LONGEST[kind]} characters: {value!r}')
        elif not _NAME.fullmatch(value):
            yield Failure(name, f'"{name}" must match [\\w+=,.@-]: {value!r}')


def text_failures(props: Props) -> Iterator[Failure]:
    """Paths and descriptions that are too long or hold characters that IAM refuses."""
    path, description = props.get("path"), props.get("description")
    if isinstance(path, str) and len(path) > _PATH_CHARACTERS:
        yield Failure("path", f"expected length of path to be in the range (0 - 512), got {path}")
    if isinstance(description, str):
        if len(description) > _DESCRIPTION_CHARACTERS:
            yield Failure("description", "expected length of description to be in the range (0 - 1000)")
        elif not _DESCRIPTION.fullmatch(description):
            yield Failure("description", "invalid value for description (IAM takes printable Latin-1 characters)")


def arn_failures(props: Props, *names: str) -> Iterator[Failure]:
    """Values that are not ARNs where one is needed."""
    for name in names:
        values = props.get(name)
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and value and not _ARN.fullmatch(value):
                yield Failure(name, f'"{name}" ({value}) is an invalid ARN')


def json_failures(props: Props, *names: str) -> Iterator[Failure]:
    """Policy texts that do not even begin as JSON objects: the real provider says so in preview."""
    for name in names:
        value = props.get(name)
        if isinstance(value, str) and not value.startswith("{"):
            yield Failure(name, f'"{name}" contains an invalid JSON policy: not a JSON object')
