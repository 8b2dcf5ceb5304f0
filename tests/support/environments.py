"""Environments that hold some distributions and what those require, and nothing else of this machine's."""

from __future__ import annotations

import importlib.metadata as metadata
import re
import venv
from pathlib import Path


def environment_with(folder: Path, *distributions: str) -> Path:
    """A virtual environment in the folder, as `pip install DISTRIBUTIONS` would make it; its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    for entry in _entries(*distributions):
        (site / entry.name).symlink_to(entry)
    return folder / "bin/python"


def _entries(*roots: str) -> set[Path]:
    """The entries of site-packages of distributions and of all that they require."""
    pending, seen, entries = list(roots), set(), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        for file in distribution.files or []:
            if file.parts[0] != "..":
                entries.add(Path(str(distribution.locate_file(file.parts[0]))))
        required = [each for each in distribution.requires or [] if "extra ==" not in each]
        pending += [re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] for each in required]
    return {entry for entry in entries if entry.exists()}
