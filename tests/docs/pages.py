"""The pages of `docs`, taken apart: blocks of code by language, and rows of tables."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.paths import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCS = REPOSITORY / "docs"
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^(`+) ?(.*?) ?\1$")


@dataclass(frozen=True)
class Block:
    page: str
    language: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of code that a page itself holds; those with a title are another file, put in when the site is built."""
    text = page.read_text()
    return [
        Block(
            page.relative_to(DOCS).as_posix(),
            block[2],
            textwrap.dedent(block[3]),
            text.count("\n", 0, block.start()) + 1,
        )
        for block in _BLOCK.finditer(text)
    ]


def shown_after(program: Block) -> str | None:
    """The block of text that follows a program, which is what it says."""
    of_page = blocks(DOCS / program.page)
    after = of_page[of_page.index(program) + 1 :]
    return after[0].text.strip() if after and after[0].language == "text" else None


def rows(page: Path, heading: str) -> Iterator[list[str]]:
    """The rows of each table under a head, cells without the marks of code."""
    within = False
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[:1] == [heading]:
            within = True
        elif not cells:
            within = False
        elif within and set(cells[0]) - set("-: "):
            yield [code[2] if (code := _CODE.match(cell)) else cell for cell in cells]
