"""Record how each stack finished, one JSON line per stack, so that the next run can resume.

A line is written when a stack finishes, and never changes. Losing the file only costs time: the next run runs every
stack again, and finds nothing to change.
"""

import hashlib
import importlib.metadata
import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tenants import Tenant

_PROGRAM: Final = ("__main__.py", "tenants.py", "Pulumi.yaml")
_PACKAGES: Final = ("personalize-permissions", "pulumi-aws")


@dataclass(frozen=True, slots=True)
class Entry:
    """How one stack finished."""

    tenant: str
    status: str
    digest: str
    """The digest of the stack's sources, from `stack_digest`."""
    at: str
    seconds: float
    reason: str = ""


class Journal:
    """An append-only file that several threads write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.last: dict[str, Entry] = {}
        """The latest entry of each tenant."""
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):  # a run was killed during a write: treat the stack as unfinished
                continue
            self.last[entry.tenant] = entry

    def write(self, entry: Entry) -> None:
        """Append an entry."""
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")
            self.last[entry.tenant] = entry


def stack_digest(tenant: Tenant, folder: Path, policies: Iterable[Path]) -> str:
    """Return a digest of everything a stack depends on: its row, the program, its packages, the policy packs."""
    digest = hashlib.sha256(json.dumps(asdict(tenant)).encode())
    files = [folder / name for name in _PROGRAM]
    for policy in policies:
        files += sorted(policy.rglob("*.py")) if policy.is_dir() else [policy]
    for file in files:
        digest.update(file.read_bytes())
    for package in _PACKAGES:
        digest.update(importlib.metadata.version(package).encode())
    return digest.hexdigest()
