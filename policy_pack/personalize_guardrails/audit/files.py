"""Opens the files that an audit is asked to check, compressed ones too, standard input, and the files in folders."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.iam import is_account_id

_SUFFIXES: Final = frozenset({".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".template", ".tfstate", ".gz"})
_MANIFEST: Final = "manifest.json"
_ASSET: Final = "asset."
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 20
_MATTERS: Final = re.compile(rb"assume_?role|AWS::", re.IGNORECASE)
"""What a broken file in a folder contains if it was meant to be checked."""
_LONGEST_MATCH: Final = 32


class BinaryError(ValueError):
    """The file is not text; the message says what it is."""


@dataclass(frozen=True, slots=True)
class File:
    """One file to read, and what is known about it from its folder."""

    name: str
    """The path as the caller or the walk through a folder gives it; `-` is standard input."""
    folder: str = ""
    """The folder that the caller named, if the file was found in one."""
    account: str = ""
    """The account that a CDK manifest names for the file."""

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

    def matters(self) -> bool:
        """Return whether the file mentions a role, in UTF-8 or UTF-16; True where it cannot be read to the end."""
        before = b""
        try:
            with Path(self.name).open("rb") as binary:
                stream = _uncompressed(binary)
                while read := stream.read(_CHUNK):
                    text = before + read.replace(b"\0", b"")
                    if _MATTERS.search(text):
                        return True
                    before = text[-_LONGEST_MATCH:]
        except (OSError, EOFError, ValueError, zlib.error):
            return True
        return False


@dataclass(frozen=True, slots=True)
class Skipped:
    """The number of files and folders in a folder that are not read."""

    folder: str
    count: int


def expand(names: Iterable[str]) -> Iterator[File | Skipped]:
    """Yield the files to read; of a folder, those that can hold something to check, and the number of the others."""
    for name in names:
        if name != "-" and Path(name).is_dir():
            yield from _in_folder(name)
        else:
            yield File(name)


def _in_folder(folder: str) -> Iterator[File | Skipped]:
    """Yield the files of a folder that can hold trust policies, and last the number of those that are skipped."""
    skipped = 0
    templates: dict[str, str] = {}
    unreadable: list[OSError] = []
    for path, folders, found in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        named = _cdk_templates(Path(path, _MANIFEST)) if _MANIFEST in found else None
        if named is not None:  # the assets of a cloud assembly are code of functions and the like
            kept = [each for each in folders if not each.startswith(_ASSET)]
            skipped += len(folders) - len(kept)
            folders[:] = kept
            found.remove(_MANIFEST)  # it is read
            templates |= {os.path.normpath(Path(path, name)): account for name, account in named.items()}
        skipped += sum(Path(path, each).is_symlink() for each in folders)
        for name in sorted(found):
            file = str(Path(path, name))
            if (account := templates.pop(os.path.normpath(file), None)) is not None:
                yield File(file, account=account)  # as if the caller named it, since the manifest does
            elif Path(name).suffix.lower() in _SUFFIXES:
                yield File(file, folder)
            else:
                skipped += 1
    yield from (File(str(error.filename)) for error in unreadable)
    # Files that a manifest names and that were not found in the folder.
    yield from (File(file, account=account) for file, account in templates.items())
    if skipped:
        yield Skipped(folder, skipped)


def _cdk_templates(manifest: Path) -> dict[str, str] | None:
    """Return the account of each template in a CDK manifest, empty if not known; None if it is not a manifest."""
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
        if isinstance(file, str):
            accounts[file] = account if is_account_id(account) else ""
    return accounts


def _text(binary: IO[bytes]) -> IO[str]:
    """Return the text of a binary file that may be compressed."""
    return io.TextIOWrapper(_uncompressed(binary), encoding="utf-8", errors="strict")


def _uncompressed(binary: IO[bytes]) -> IO[bytes]:
    """Return the content of a file that may be compressed; BinaryError for an archive."""
    buffered = binary if isinstance(binary, io.BufferedReader) else io.BufferedReader(binary)  # type: ignore[type-var] # a raw file
    start = buffered.peek(len(_ZIP))
    if start.startswith(_ZIP):
        raise BinaryError("it is an archive; unpack it, and write a Terraform plan with `terraform show -json`")
    return gzip.GzipFile(fileobj=buffered) if start.startswith(_GZIP) else buffered  # type: ignore[return-value] # its stub is not IO
