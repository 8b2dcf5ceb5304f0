"""The HTML report in a real browser: by pointer, by keyboard, by screen reader, on paper and with hostile names."""

from __future__ import annotations

import io
import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails.audit import check_text
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import PackConfig
from tests.audit.accounts import BROKEN, HALF, OPEN, USELESS, export, report
from tests.support.axe import violations
from tests.support.chromium import Browser, Page

ROLES = "Array.from(document.querySelectorAll('#findings-table tbody th'), cell => cell.firstChild.textContent)"
TOLD = "document.querySelector('#filter output').textContent"
WORST_FIRST = ["recommender", "batch-10", "batch-9", "forgotten", "shouting", "never"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("report"))


@pytest.fixture
def page(browser: Browser, file: Path) -> Any:
    with browser.page() as opened:
        opened.open(file)
        yield opened
        assert opened.complaints == []


def choose(page: Page, name: str, value: str) -> None:
    page.run(
        f"(s => {{ s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')) }})"
        f"(document.querySelector('[name={name}]'))"
    )


def test_it_loads_nothing_but_itself_and_nothing_complains(page: Page, file: Path) -> None:
    assert page.requests == [file.as_uri()]
    assert page.run(TOLD) == "6 of 6 findings shown."
    assert page.run(ROLES) == WORST_FIRST


def test_it_says_everything_without_scripts(browser: Browser, file: Path) -> None:
    with browser.page(scripts=False) as page:
        page.open(file)
        read = page.run("document.body.innerText")
        assert not page.run("document.querySelector('#filter').checkVisibility()")
    for said in (
        *WORST_FIRST,
        "Violations found",
        "for account 999988887777, with no aws:SourceArn",
        "aws:SourceAccount: 999988887777\naws:SourceArn: absent",
        '"StringEquals": {"aws:SourceAccount": "123456789012"},',
        "The exemption for it expired on 2020-06-30",
        "in use",
        "moving-soon",
        "unused",
        "nobody remembers",
        "it is not JSON",
    ):
        assert said in read, said


def test_the_filter_narrows(page: Page) -> None:
    page.click("#filter input")
    page.type("batch ABSENT")
    page.until(f"{TOLD}.startsWith('2 of 6')")
    assert page.run(ROLES) == ["batch-10", "batch-9"]
    page.click("#filter button")
    for name, value, left in (
        ("severity", "low", ["never"]),
        ("code", "malformed", ["shouting"]),
        ("code", "source-arn-absent", ["recommender", "batch-10", "batch-9", "forgotten"]),
        ("file", "1", ["forgotten", "shouting", "never"]),
    ):
        choose(page, name, value)
        assert page.run(ROLES) == left
        assert page.run(TOLD) == f"{len(left)} of 6 findings shown."
        page.click("#filter button")
    assert page.run(ROLES) == WORST_FIRST


def test_it_sorts_by_pointer(page: Page) -> None:
    page.click("thead th:nth-child(3) button")
    assert page.run(ROLES) == ["batch-9", "batch-10", "forgotten", "never", "recommender", "shouting"]
    assert page.run(TOLD) == "6 of 6 findings shown, sorted by role, ascending."
    page.click("thead th:nth-child(1) button")
    assert page.run(ROLES) == WORST_FIRST[::-1]
    page.click("thead th:nth-child(1) button")
    assert page.run(ROLES) == WORST_FIRST
    assert page.run("Array.from(document.querySelectorAll('#findings-table thead th'), head => head.ariaSort)") == [
        "descending",
        *[None] * 4,
    ]


def test_everything_is_reached_by_keyboard_and_seen_there(page: Page) -> None:
    reached = []
    for _ in range(20):
        page.press("Tab")
        name, seen = page.run(
            "(e => [e.textContent.trim().slice(0, 9), getComputedStyle(e).outlineStyle])(document.activeElement)"
        )
        if name == "Skip to t" and reached:
            break
        reached.append(name)
        assert seen == "solid" or page.run("document.activeElement === document.body"), name
        if name == "Role":
            page.press("Enter")
            assert page.run(TOLD).endswith("sorted by role, ascending.")
            page.press(" ")
            assert page.run(TOLD).endswith("sorted by role, descending.")
            assert page.run(ROLES)[0] == "shouting"
    assert reached[0] == "Skip to t"
    assert {"Severity", "Finding", "Role", "File", "Show all", "The guide"} <= set(reached)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_screen_reader_is_given_a_table_and_names(browser: Browser, file: Path, width: int) -> None:
    with browser.page(width=width) as page:
        page.open(file)
        found: dict[str, list[str]] = {}
        for node in page.nodes():
            found.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        assert page.run("document.documentElement.scrollWidth") <= width
    assert sorted(found["table"]) == [
        "Every file, with its trust policies by verdict",
        "Every finding, the worst first",
        "Exemptions of the configuration, and the trust policies that they cover",
        "What could not be read or checked, and why",
    ]
    assert {"Severity", "Finding", "Role", "File", "What is wrong, and what to write"} <= set(found["columnheader"])
    assert {f"{name} arn:aws:iam::123456789012:role/{name}" for name in WORST_FIRST} <= set(found["rowheader"])
    assert (len(found["row"]), len(found["banner"]), len(found["main"]), len(found["contentinfo"])) == (17, 1, 1, 1)
    assert found["search"] == ["Filter the findings"]
    assert found["searchbox"] == ["Text"]
    assert found["combobox"] == ["Severity", "Finding", "File"]
    assert len(found["status"]) == 1
    assert found["heading"][:4] == ["Trust policies for Amazon Personalize", "Summary", "Not checked", "Findings"]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False)])
def test_axe_finds_nothing(browser: Browser, file: Path, width: int, dark: bool) -> None:
    with browser.page(width=width, dark=dark) as page:
        page.open(file)
        assert violations(page) == []


CONTRASTS = """
(() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = numbers(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const found = [];
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each);
    const name = each.tagName + "." + each.className + " " + each.textContent.trim().slice(0, 20);
    if (!each.checkVisibility() || ["SCRIPT", "STYLE", "OPTION"].includes(each.tagName)) continue;
    if (Array.from(each.childNodes).some(node => node.nodeType === 3 && node.data.trim()))
      found.push([name, ratio(numbers(style.color), ground(each)), 4.5]);
    if (["INPUT", "SELECT"].includes(each.tagName))
      found.push([name, ratio(numbers(style.borderTopColor), ground(each.parentElement)), 3]);
  }
  return found;
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_edges_stand_out(browser: Browser, file: Path, dark: bool) -> None:
    with browser.page(dark=dark) as page:
        page.open(file)
        measured = page.run(CONTRASTS)
        grounds = page.run("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", grounds))) < 100) is dark
    assert len(measured) > 60
    assert [(name, ratio) for name, ratio, least in measured if ratio < least] == []


def test_paper_is_white_and_has_every_finding_and_no_filter(page: Page) -> None:
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    page.command("Emulation.setEmulatedMedia", media="print", features=[dark])
    assert [(name, ratio) for name, ratio, least in page.run(CONTRASTS) if ratio < least] == []
    assert not page.run("document.querySelector('#filter').checkVisibility()")
    assert page.run("document.body.innerText.includes('shouting')")
    assert page.command("Page.printToPDF")["data"]


EVIL = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</pre><svg/onload=alert(1)>",
    "$style",
    "\u202e\x1b[2J",
)


def test_hostile_names_are_only_text(browser: Browser, tmp_path: Path) -> None:
    statement = {"Sid": EVIL[0], "Effect": EVIL[1], "Principal": EVIL[2], "Action": EVIL[0]}
    roles = {"<!-- findings -->": {"Statement": [statement]}, **dict.fromkeys(EVIL, OPEN)}
    stack = {"urn": f"urn:pulumi:p::s::aws:iam/role:Role::{EVIL[1]}", "type": "aws:iam/role:Role"}
    files = {
        "<img src=x onerror=alert(2)>.json": export(**roles),
        "stack.json": json.dumps(
            {"deployment": {"resources": [{**stack, "inputs": {"assumeRolePolicy": json.dumps(OPEN)}}]}}
        ),
    }
    exemption = {"name": EVIL[0], "reason": EVIL[1], "expires": "2999-01-01"}
    config = {"trust-policy-source-conditions": {"exemptions": [exemption], "services": ["personalize.amazonaws.com"]}}
    with browser.page() as page:
        page.open(report(tmp_path / "evil", files, config))
        assert page.complaints == []
        assert len(page.requests) == 1
        assert page.run("document.querySelectorAll('script, img, svg, iframe, object').length") == 1
        read = page.run("document.body.innerText")
        page.click("thead th:nth-child(3) button")
        page.click("#filter input")
        page.type("<img")
        page.until(f"!{TOLD}.startsWith('8 of')")
        assert page.complaints == []
    for text in (*EVIL[:4], "\\u202e\\x1b[2J", "<!-- findings -->", "<img src=x onerror=alert(2)>.json"):
        assert text in read, text


def test_the_page_lets_no_other_script_or_style_in(browser: Browser, file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    foreign = '<script>document.title = "taken"</script><img src="https://example.com/x.png"><p style="color:red">x</p>'
    (tmp_path / "taken.html").write_text(text.replace("<footer>", f"<footer>{foreign}"))
    with browser.page() as page:
        page.open(tmp_path / "taken.html")
        assert page.run("document.title") != "taken"
        assert sum(each.startswith("ContentSecurityPolicyIssue") for each in page.complaints) == 3
        assert len(page.requests) == 1


def test_fifty_thousand_findings_stay_usable(browser: Browser, tmp_path: Path) -> None:
    some = list(check_text("account.json", io.StringIO(export(a=OPEN, b=HALF, c=BROKEN, d=USELESS)).read))
    many = (replace(each, name=f"role-{index}") for index, each in zip(range(50_000), itertools.cycle(some)))
    with (tmp_path / "many.html").open("w") as out:
        FORMATS["html"](Audit(many, PackConfig()), out)
    with browser.page() as page:
        page.open(tmp_path / "many.html")
        page.command("Performance.enable")
        page.click("thead th:nth-child(3) button")
        assert page.run(TOLD) == "50000 of 50000 findings shown, sorted by role, ascending."
        assert page.run(f"{ROLES}[49999]") == "role-49999"
        page.click("#filter input")
        page.type("role-4999")
        page.until(f"{TOLD}.startsWith('11 of 50000')")
        page.click("#filter button")
        page.picture()
        laid_out = {each["name"]: each["value"] for each in page.command("Performance.getMetrics")["metrics"]}
    assert laid_out["Nodes"] > 1_000_000
    assert laid_out["LayoutObjects"] < 50_000


def test_nothing_wrong_is_said_so(browser: Browser, tmp_path: Path) -> None:
    with browser.page() as page:
        page.open(report(tmp_path / "fine", {"empty.json": '{"RoleDetailList": []}'}, {}))
        read = page.run("document.body.innerText")
        assert page.complaints == []
    assert "No violations." in read
    assert "There are no findings." in read
    assert "empty.json" in read
