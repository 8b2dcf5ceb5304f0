"""Which engine: its versions stand in go.mod, and nowhere else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

MODULE: Final = Path(__file__).resolve().parent
PULUMI: Final = "github.com/pulumi/pulumi/pkg/v3"
SDK: Final = "github.com/pulumi/pulumi/sdk/v3"


def pulumi_version() -> str:
    """The engine's version, such as `3.255.0`."""
    found = re.search(rf"{re.escape(PULUMI)} v(\S+)", (MODULE / "go.mod").read_text())
    if not found:
        raise ValueError(f"{MODULE / 'go.mod'} requires no {PULUMI}")
    return found[1]


def digest() -> str:
    """Changes with all that an engine is built from."""
    sources = sorted(path for pattern in ("go.mod", "go.sum", "**/*.go", "build.py") for path in MODULE.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
