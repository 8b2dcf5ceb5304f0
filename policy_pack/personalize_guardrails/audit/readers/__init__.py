"""The kinds of files that the audit reads: one module each, with a `READER` that recognizes a file by its content."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from personalize_guardrails.audit.subjects import Read, Reader

READERS: Final[tuple[Reader, ...]] = tuple(
    import_module(f"{__name__}.{module.name}").READER for module in pkgutil.iter_modules(__path__)
)
ARRAYS: Final[dict[str, Read]] = {path: read for reader in READERS for path, read in reader.arrays.items()}
"""The function for the elements of each array that is read one by one."""
ENTERED: Final = frozenset(way for path in ARRAYS for way in accumulate(path.split(".")[:-1], "{}.{}".format))
"""The paths of the objects on the way to these arrays."""
