"""The programs of the recipes, as they stand there."""

from __future__ import annotations

import re
from typing import Final

from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox

RECIPES: Final = REPOSITORY / "docs" / "recipes"
KEY: Final = re.compile(r"arn:aws:kms:us-east-1:123456789012:key/[0-9a-f-]{36}")


def program(page: str, number: int) -> str:
    """A block of Python of a page."""
    return re.findall(r"^```python\n(.*?)^```$", (RECIPES / page).read_text(), re.DOTALL | re.MULTILINE)[number]


def warnings_and_errors(page: str) -> list[str]:
    """What a page says that the engine says: warnings and errors in its blocks of a console."""
    shown = "".join(re.findall(r"^```console\n(.*?)^```$", (RECIPES / page).read_text(), re.DOTALL | re.MULTILINE))
    return re.findall(r"^(?:warning|error): (.*)$", shown, re.MULTILINE)


def stack(sandbox: Sandbox, source: str, key: str) -> Project:
    """A stack of a program, with the account's key where the page has one."""
    return sandbox.program(KEY.sub(key, source))


def rewrite(project: Project, source: str, key: str) -> None:
    """Another program for the stack."""
    (project.folder / "__main__.py").write_text(KEY.sub(key, source))
