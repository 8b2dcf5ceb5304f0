"""The site is built strictly, hangs together, and asks no other host for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

import personalize_guardrails
import personalize_permissions
from personalize_permissions import testing

if TYPE_CHECKING:
    from pathlib import Path


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.classes |= set(given.get("class", "").split())
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in {"prev", "next", "canonical"}:
            self.loads.append(given.get("href", ""))
        self.loads += [given[name] for name in ("src", "srcset", "poster", "data") if name in given]


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}


def test_nothing_is_loaded_from_another_host(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 30
    for path, page in pages.items():
        assert [address for address in page.loads if urlsplit(address).scheme or urlsplit(address).netloc] == [], path
        assert "mermaid" not in page.classes, f"{path}: the theme would fetch a library for it; draw a picture"
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*['\"]?https?:", sheet.read_text()) == [], sheet


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    """MkDocs looks at what is written in the pages; here are the generated parts as well."""
    for path, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                assert address.scheme in {"https", "mailto"}, (path, link)
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            assert target.exists(), (path, link)
            if address.fragment and target in pages:
                assert unquote(address.fragment) in pages[target].anchors | {"__skip"}, (path, link)


def test_every_mark_became_a_table(pages: dict[Path, Page]) -> None:
    for path in pages:
        assert not re.search(
            r"<!-- (arguments|outputs|values|changes) of|^:::|--8<--", path.read_text(), re.MULTILINE
        ), path


@pytest.mark.parametrize(
    "module", [personalize_permissions, testing, personalize_guardrails], ids=lambda module: module.__name__
)
def test_every_public_name_is_in_the_reference(module: object, pages: dict[Path, Page]) -> None:
    there = set().union(*(page.anchors for path, page in pages.items() if path.parent.name == "reference"))
    public = {f"{module.__name__}.{name}" for name in module.__all__ if not name.startswith("__")}  # type: ignore[attr-defined]
    assert public - there == set()


def test_the_files_of_an_example_are_called_by_their_names(site: Path) -> None:
    headings = re.findall(r"<h2[^>]*><code>([^<]+)</code>", (site / "examples/application.html").read_text())
    assert {"Pulumi.yaml", "__main__.py", "tests/test_stack.py"} <= set(headings)


def test_every_picture_is_part_of_its_page_and_described(site: Path, pages: dict[Path, Page]) -> None:
    """So that it follows the page between light and dark, and can be read out."""
    described = [
        re.findall(r'<svg role="img" aria-label="[^"]{40,}" .*?class="drawn"', path.read_text()) for path in pages
    ]
    assert sum(map(len, described)) == len(list((site / "pictures").glob("*.svg"))) - 1  # one is the site's icon
