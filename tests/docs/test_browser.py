"""The site in a real browser: on a desk and a phone, in light and dark, with assistive technology, without a network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.axe import violations

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.chromium import Browser

# The theme's: the menu for small screens and the buttons on code are landmarks that share their names; and what is wider
# than the page can be reached by keyboard only where there is a pointer, which a headless browser does not have.
KNOWN = {"landmark-unique", "scrollable-region-focusable"}
READY = "document.querySelector('pre > code') === null || document.querySelector('.md-code__nav') !== null"


@pytest.mark.parametrize(
    ("page", "width", "dark"),
    [
        ("index.html", 1280, False),
        ("index.html", 1280, True),
        ("components/permissions.html", 1280, True),
        ("decisions.html", 1280, True),
        ("organizations.html", 1280, True),
        ("components/service-role.html", 1280, True),
        ("recipes/deletion.html", 360, False),
        ("recipes/own-key.html", 360, False),
        ("troubleshooting.html", 360, False),
    ],
)
def test_axe_finds_nothing(browser: Browser, site: Path, page: str, width: int, dark: bool) -> None:
    with browser.page(width=width, dark=dark) as opened:
        opened.open(site / page)
        opened.until(READY)
        assert [found for found in violations(opened) if found[0] not in KNOWN] == []


def test_no_page_is_wider_than_a_phone(browser: Browser, site: Path) -> None:
    wide = []
    with browser.page(width=360) as opened:
        # All but the page for what is not found, which a server gives for any address.
        for page in (*site.glob("[!4]*.html"), *site.glob("components/*.html"), *site.glob("*/index.html")):
            opened.open(page)
            if opened.run("document.documentElement.scrollWidth") > 360:
                wide.append(page.relative_to(site))
            assert [address for address in opened.requests if not address.startswith((site.as_uri(), "data:"))] == []
    assert wide == []


def test_a_console_gives_its_commands_alone_to_be_copied(browser: Browser, site: Path) -> None:
    with browser.page() as opened:
        opened.open(site / "audit.html")
        opened.until(READY)
        opened.run("document.addEventListener('copy', () => { window.copied = document.activeElement.value })")
        opened.click(".language-console .md-code__button")
        opened.until("window.copied !== undefined")
        assert opened.run("window.copied") == "python -m personalize_guardrails check trust.json"


INK = "getComputedStyle(document.querySelector('svg.drawn text')).fill"


def test_pictures_follow_the_reader_between_light_and_dark(browser: Browser, site: Path) -> None:
    with browser.page() as opened:
        opened.open(site / "index.html")
        opened.until(READY)
        light = opened.run(INK)
        opened.run("document.querySelector('label[for=__palette_1]').click()")
        opened.until(f"{INK} !== {light!r}")
        assert opened.run("document.body.dataset.mdColorScheme") == "slate"


FOUND = "document.querySelector('.md-search-result__list .md-search-result__link')"


@pytest.mark.parametrize("from_folder", [True, False], ids=["folder", "server"])
def test_the_search_finds_what_a_message_says(from_folder: bool, browser: Browser, site: Path) -> None:
    with browser.page() as opened, served(site) as server:
        place = site.as_uri() if from_folder else server
        opened.command("Page.navigate", url=f"{place}/recipes/index.html?q=would+lock+the+account+out")
        opened.until(f"{FOUND} !== null")
        assert "troubleshooting.html" in opened.run(f"{FOUND}.href")
        assert [address for address in opened.requests if not address.startswith((place, "data:"))] == []


def test_the_search_finds_an_action_without_its_service(browser: Browser, site: Path) -> None:
    with browser.page() as opened:
        opened.command("Page.navigate", url=f"{site.as_uri()}/recipes/index.html?q=passrole")
        opened.until(f"{FOUND} !== null")
        found = opened.run("[...document.querySelectorAll('.md-search-result__link')].map(each => each.href).join()")
        assert "policies/pass-role-to-service.html" in found


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *said: Any) -> None:
        """Nothing of each request."""
