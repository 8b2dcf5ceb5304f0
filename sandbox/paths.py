"""Where the sandbox keeps things: in ignored folders of the clone, and engines in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
STATE: Final = Path(os.environ.get("PERSONALIZE_SANDBOX_STATE") or REPOSITORY / ".sandbox").absolute()
"""What one clone's sandbox leaves: Pulumi's home and state, the record of the running moto, pictures."""


def cache() -> Path:
    """Return the user's cache: engines are built once for all clones."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "personalize-permissions"
