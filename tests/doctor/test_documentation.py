"""The page "The doctor" holds what it says: every example is run, in an account that has the fault that it shows."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from personalize_permissions.__main__ import main
from tests.doctor.worlds import JOBS, healthy

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
CONSOLE = re.compile(r"```console\n\$ python -m personalize_permissions (.*)\n((?:.*\n)*?)```")
FAULT = re.compile(r"## (.*)\n(?:(?!## ).*\n)*?<!-- (.*) -->\n```json\n((?:.*\n)*?)```\n\n" + CONSOLE.pattern)


@dataclass
class Example:
    title: str
    shape: list[str]
    statements: list[dict[str, Any]]
    command: str
    answer: str


EXAMPLES = [
    Example(title, shape.split(", "), json.loads(written), command, answer)
    for title, shape, written, command, answer in FAULT.findall(PAGE)
]


def said(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    return main(shlex.split(command)), capsys.readouterr().out


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_is_what_the_doctor_says(example: Example, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    use, *more, side = example.shape
    assert use in JOBS
    world = healthy(use, key="key" in [*more, side], boundary="boundary" in [*more, side])
    world.sides[side] = example.statements
    files = tmp_path / "files"
    files.mkdir()
    world.files(files)
    monkeypatch.chdir(tmp_path)
    code, out = said(example.command, capsys)
    assert code == 1
    assert example.answer.strip() in out


def test_there_is_an_example_for_every_kind_of_fault() -> None:
    assert len(EXAMPLES) == PAGE.count("\n<!-- ")
    assert {example.shape[-1] for example in EXAMPLES} == {"person", "trust", "role", "boundary", "bucket", "key"}
    assert sum("explicitly denied" in example.answer for example in EXAMPLES) == 4


def test_the_first_commands_say_what_the_page_shows(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    (without, commands), (healthy_command, answer), *_ = CONSOLE.findall(PAGE)
    assert said(without, capsys) == (2, commands + "\n")
    files = tmp_path / "files"
    files.mkdir()
    healthy("import", key=False, boundary=False).files(files)
    monkeypatch.chdir(tmp_path)
    assert said(healthy_command, capsys) == (0, answer)


def test_every_option_is_reported(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    table = PAGE.partition("| option | meaning |")[2].partition("\n\n")[0]
    assert options == set(re.findall(r"--[a-z][a-z-]+", table))
