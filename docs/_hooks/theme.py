"""What the theme leaves out: a search in pages that are opened from a folder, and a name for screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs.plugins import event_priority

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_SEARCH: Final = 'data-md-component="search" role="dialog"'


def on_post_page(output: str, **_others: object) -> str:
    """Give the dialog of the search a name."""
    return output.replace(_SEARCH, f'{_SEARCH} aria-label="Search"')


@event_priority(-100)  # after the search has written its index
def on_post_build(*, config: MkDocsConfig) -> None:
    """Write the index as a script too: a page from a folder may read no other file."""
    folder = Path(config.site_dir) / "search"
    index = (folder / "search_index.json").read_text("utf-8")
    (folder / "search_index.js").write_text(f"var __index = {index}", "utf-8")
