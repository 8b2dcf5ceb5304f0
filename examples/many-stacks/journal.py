"""What earlier runs did, one JSON line each, so that a run goes on where the last one ended.

A line is written when a stack has ended, and never changed. Lose the file and nothing is lost but time: every stack is
looked at once more, and finds nothing to do.
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
    """How one stack ended."""

    tenant: str
    status: str
    made_of: str
    """What the stack was made of, as `made_of` tells it."""
    at: str
    seconds: float
    reason: str = ""


class Journal:
    """A file that is only added to, by several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self.last: dict[str, Entry] = {}
        """The latest entry of each tenant."""
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                entry = Entry(**json.loads(line))
            except (ValueError, TypeError):  # a run was killed while it wrote: as if the stack had not ended
                continue
            self.last[entry.tenant] = entry

    def write(self, entry: Entry) -> None:
        """Add an entry."""
        with self._writing, self._path.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")
            self.last[entry.tenant] = entry


def made_of(tenant: Tenant, folder: Path, policies: Iterable[Path]) -> str:
    """A digest of all that decides a stack: the row, the program, its packages, the policy packs."""
    digest = hashlib.sha256(json.dumps(asdict(tenant)).encode())
    files = [folder / name for name in _PROGRAM]
    for policy in policies:
        files += sorted(policy.rglob("*.py")) if policy.is_dir() else [policy]
    for file in files:
        digest.update(file.read_bytes())
    for package in _PACKAGES:
        digest.update(importlib.metadata.version(package).encode())
    return digest.hexdigest()
