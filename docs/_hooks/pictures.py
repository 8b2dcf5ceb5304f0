"""Puts the pictures of `docs/pictures` into the pages as they are: so they follow a page between light and dark."""

from __future__ import annotations

import html
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

_IMAGE: Final = re.compile(r'<p>\s*<img alt="([^"]*)" src="([^"]*pictures/[\w-]+\.svg)"\s*/?>\s*</p>')
_PAGES: Final = Path(__file__).parents[1]


def on_page_content(content: str, *, page: Page, **_others: object) -> str:
    """Replace each image of such a picture by the picture."""
    folder = posixpath.dirname(page.file.dest_uri)

    def picture(image: re.Match[str]) -> str:
        address = posixpath.normpath(posixpath.join(folder, image[2]))
        drawn = (_PAGES / address).read_text("utf-8")
        label = f' role="img" aria-label="{html.escape(html.unescape(image[1]))}"'
        return f'<figure class="picture">{drawn.replace("<svg", f"<svg{label}", 1)}</figure>'

    return _IMAGE.sub(picture, content)
