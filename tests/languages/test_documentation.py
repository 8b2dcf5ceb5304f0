"""What the page and the list of examples say is so."""

from __future__ import annotations

import re

import pytest

from sandbox.session import Sandbox
from tests.languages.examples import EXAMPLES
from tests.languages.test_yaml import program

PAGE = (EXAMPLES.parent / "docs/languages.md").read_text()


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("yaml", "yaml/Pulumi.yaml"),
        ("typescript", "typescript/index.ts"),
        ("go", "go/main.go"),
        ("java", "java/src/main/java/shop/App.java"),
    ],
    ids=lambda it: it,
)
def test_a_snippet_is_the_examples(language: str, source: str) -> None:
    [block] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert block in (EXAMPLES / source).read_text()


@pytest.mark.engine
def test_mistakes_read_as_shown(sandbox: Sandbox) -> None:
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    wrong = {"sourceAccounts": ["12"], "buckets": [{"bucket": "data", "uses": ["import", "exports"]}]}
    said = program(sandbox, wrong).preview(check=False).output
    for line in shown.splitlines():
        assert line.strip() in said


def test_every_example_is_listed() -> None:
    listed = set(re.findall(r"^\| \[[\w-]+\]\(([\w-]+)\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE))
    assert listed == {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()}


def test_every_link_leads_somewhere() -> None:
    for page in (EXAMPLES / "README.md", EXAMPLES.parent / "docs/languages.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), target
