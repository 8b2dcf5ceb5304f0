"""Opens what the audit is given: files, compressed ones, standard input, and folders with the files in them."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from personalize_guardrails.audit.subjects import members
from personalize_guardrails.iam import is_account_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SUFFIXES: Final = frozenset({".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".template", ".tfstate", ".gz"})
_MANIFEST: Final = "manifest.json"
_TEMPLATE: Final = ".template.json"
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"


class BinaryError(ValueError):
    """The file is not text; the message says what it is."""


@dataclass(frozen=True, slots=True)
class File:
    """One file to read, and what its folder says of it."""

    name: str
    """As it was named; `-` is standard input."""
    folder: str = ""
    """The folder that was named, where the file is in one."""
    account: str = ""
    """The account that a CDK manifest names for it."""

    @contextmanager
    def open(self) -> Iterator[IO[str]]:
        """Open the file as UTF-8 text, uncompressed; OSError, or BinaryError for an archive."""
        if self.name == "-":
            if sys.stdin is None:
                raise OSError(errno.EBADF, "there is no standard input")
            yield _text(sys.stdin.buffer) if isinstance(sys.stdin, io.TextIOWrapper) else sys.stdin
            return
        with Path(self.name).open("rb") as binary:
            yield _text(binary)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Files in a folder that are not read, by the kind of reason."""

    folder: str
    names: tuple[str, ...]


def expand(names: Iterable[str]) -> Iterator[File | PassedOver]:
    """Yield the files to read; of a folder those that can hold something to check, and what is passed over."""
    for name in names:
        if name != "-" and Path(name).is_dir():
            yield from _in_folder(name)
        else:
            yield File(name)


def _in_folder(folder: str) -> Iterator[File | PassedOver]:
    """Yield the files of a folder that can hold trust policies, and last the others, which are passed over."""
    others: list[str] = []
    for path, folders, found in os.walk(folder):
        folders.sort()
        accounts = _cdk_accounts(Path(path, _MANIFEST)) if _MANIFEST in found else None
        if accounts is not None:  # of a cloud assembly only the templates, those of nested stacks too
            folders[:] = [each for each in folders if not each.startswith("asset.")]
        for name in sorted(found):
            is_read = Path(name).suffix.lower() in _SUFFIXES if accounts is None else name.endswith(_TEMPLATE)
            if is_read:
                yield File(str(Path(path, name)), folder, (accounts or {}).get(name, ""))
            else:
                others.append(str(Path(path, name)))
    if others:
        yield PassedOver(folder, tuple(others))


def _cdk_accounts(manifest: Path) -> dict[str, str] | None:
    """Return the account of each template, where a file is a CDK manifest and the account is known; else None."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    artifacts = members(members(found).get("artifacts"))
    if not artifacts:
        return None
    accounts: dict[str, str] = {}
    for artifact in artifacts.values():
        file = members(members(artifact).get("properties")).get("templateFile")
        account = str(members(artifact).get("environment", "")).removeprefix("aws://").partition("/")[0]
        if isinstance(file, str) and is_account_id(account):
            accounts[file] = account
    return accounts


def _text(binary: IO[bytes]) -> IO[str]:
    """Return the text of a binary file that may be compressed."""
    buffered = binary if isinstance(binary, io.BufferedReader) else io.BufferedReader(binary)  # type: ignore[type-var] # a raw file
    start = buffered.peek(len(_ZIP))
    if start.startswith(_ZIP):
        raise BinaryError("it is an archive; unpack it, and write a Terraform plan with `terraform show -json`")
    opened: IO[bytes] = gzip.GzipFile(fileobj=buffered) if start.startswith(_GZIP) else buffered  # type: ignore[assignment] # its stub is not IO
    return io.TextIOWrapper(opened, encoding="utf-8", errors="strict")
