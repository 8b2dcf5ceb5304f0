"""What docs/audit.md shows is what happens."""

from __future__ import annotations

import json
import runpy
import shlex
from pathlib import Path

import pytest

from personalize_guardrails.__main__ import main
from personalize_guardrails.audit.readers import READERS
from tests.audit.accounts import FILES, report
from tests.docs.pages import DOCS, blocks, rows

PAGE = DOCS / "audit.md"
BLOCKS = blocks(PAGE)


def test_the_commands_say_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    [document] = [block.text for block in BLOCKS if block.language == "json"]
    Path("trust.json").write_text(document)
    shown, page = [block.text for block in BLOCKS if block.language == "console"]
    for text in (shown, page):
        command, _, said = text.partition("\n")
        words = shlex.split(command.partition(" > ")[0].removeprefix("$ python -m personalize_guardrails "))
        assert main(words) == 1
        printed = capsys.readouterr().out
        assert printed == said if said else printed.startswith("<!DOCTYPE html>")
    [program] = [block.text for block in BLOCKS if block.language == "python"]
    exec(compile(program, str(PAGE), "exec"), {})
    assert capsys.readouterr().out.startswith("trust.json source-arn-absent Witness(")


def test_the_page_has_every_member_of_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(tmp_path)
    files = [str(tmp_path / name) for name in FILES]
    assert main(["check", *files, "--config", str(tmp_path / "config.json"), "--format", "json"]) == 2
    results = json.loads(capsys.readouterr().out)
    findings = [finding for result in results for finding in result["findings"]]
    assert {key for result in results for key in result} == {row[0] for row in rows(PAGE, "member")}
    assert {key for finding in findings for key in finding} == {row[0] for row in rows(PAGE, "member of a finding")}
    [exempted] = [finding for result in results for finding in result["exempted"]]
    assert set(exempted) == {*findings[0], "reason", "expires"}


def test_the_page_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    reported = capsys.readouterr().out
    options = [row[0] for row in rows(PAGE, "option")]
    assert {word for word in reported.replace("[", " ").split() if word.startswith("--")} - {"--help"} == set(options)


def test_the_page_lists_every_reader() -> None:
    assert "\n<!-- what the audit reads -->\n" in PAGE.read_text()
    table = runpy.run_path(str(DOCS / "_hooks/readers.py"))["on_page_markdown"]("<!-- what the audit reads -->")
    assert len(table.splitlines()) == 2 + len(READERS)
    for command in ("list-roles", "stack export", "terraform show -json", "get-template", "serverless.yml"):
        assert command in table
