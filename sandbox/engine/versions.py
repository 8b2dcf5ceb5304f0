"""What an engine is built from: go.mod has its versions, and flags tell the compiler what to optimize."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

MODULE: Final = Path(__file__).resolve().parent
PULUMI: Final = "github.com/pulumi/pulumi/pkg/v3"
SDK: Final = "github.com/pulumi/pulumi/sdk/v3"
_OPTIMIZED: Final = (
    "std",
    "github.com/pulumi/...",
    "google.golang.org/grpc/...",
    "google.golang.org/protobuf/...",
    *("github.com/ccojocar/...", "github.com/nbutton23/...", "github.com/mattn/..."),  # set up tables at every start
)
"""Packages that runs of the engine spend their time in. Optimizing the rest too (cloud SDKs, parsers, terminal widgets)
would take two thirds more of the compiler's time."""
COMPILER_FLAGS: Final = (
    "-gcflags=all=-N -l -dwarf=false",  # the linker drops debugging information anyway
    *(f"-gcflags={pattern}=-dwarf=false" for pattern in _OPTIMIZED),  # the last pattern that matches a package decides
)


def pulumi_version() -> str:
    """Return the engine's version, such as `3.255.0`."""
    found = re.search(rf"{re.escape(PULUMI)} v(\S+)", (MODULE / "go.mod").read_text())
    if not found:
        raise ValueError(f"{MODULE / 'go.mod'} requires no {PULUMI}")
    return found[1]


def digest() -> str:
    """Return a text that changes with all that an engine is built from."""
    sources = sorted(path for pattern in ("go.mod", "go.sum", "trim.py", "**/*.go") for path in MODULE.glob(pattern))
    content = [*(path.read_bytes() for path in sources), *(flag.encode() for flag in COMPILER_FLAGS)]
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:12]
