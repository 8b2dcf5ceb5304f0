"""The command where things are not as they should be: consoles, pipes, names, configurations."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails.__main__ import main
from personalize_guardrails.audit import progress
from personalize_guardrails.audit.checking import check_text
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import PackConfig
from tests.audit.accounts import GUARDED, OPEN, export

RULE = "trust-policy-source-conditions"
EXEMPTION = {"name": "*", "reason": "moves", "expires": "2999-12-31"}


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    whole = [sys.executable, "-m", "personalize_guardrails", "check", *arguments]
    return subprocess.run(whole, stderr=subprocess.PIPE, check=False, **options)


@pytest.fixture
def account(tmp_path: Path) -> str:
    (tmp_path / "account.json").write_text(export(résumé=OPEN, fine=GUARDED))
    return str(tmp_path / "account.json")


@pytest.mark.parametrize("name", FORMATS)
def test_who_reads_no_further_hears_nothing(name: str, account: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = command(account, "--format", name, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_report_that_cannot_be_written_is_reported(account: str) -> None:
    with Path(account).open() as not_for_writing:
        done = command(account, stdout=not_for_writing)
    assert done.returncode == 2
    assert done.stderr.startswith(b"the report cannot be written: ")
    assert done.stderr.count(b"\n") == 1


def test_a_console_without_a_letter_gets_its_code(account: str) -> None:
    done = command(account, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert b": r\\xe9sum\\xe9\n" in done.stdout


def test_standard_input_is_utf_8_whatever_the_console_is() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    reported = json.loads(export(résumé=OPEN))
    done = command(
        "-",
        "--format",
        "json",
        input=json.dumps(reported, ensure_ascii=False).encode(),
        stdout=subprocess.PIPE,
        env=env,
    )
    assert [result["name"] for result in json.loads(done.stdout)] == ["résumé"]
    wide = command("-", input=json.dumps(reported).encode("utf-16"), stdout=subprocess.PIPE, env=env)
    assert b"cannot be checked: it is not UTF-8 text; save it as UTF-8\n" in wide.stdout


def test_a_file_whose_name_is_no_text_has_an_address() -> None:
    out = io.StringIO()
    FORMATS["sarif"](Audit(check_text("a\udcff.json", io.StringIO(json.dumps(OPEN)).read), PackConfig()), out)
    assert '"uri": "a%FF.json"' in out.getvalue()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"exemptions": [EXEMPTION]}, f'exemptions: it is at the top level; move it into "{RULE}"'),
        ({RULE: 5}, f"{RULE}: write an object, or an enforcement level"),
        ({RULE: {"exemption": [EXEMPTION]}}, '"exemption" is not a setting'),
    ],
)
def test_a_configuration_that_would_be_passed_over_is_refused(
    written: object, why: str, account: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(written), encoding="utf-8-sig")
    with pytest.raises(SystemExit):
        main(["check", account, "--config", str(tmp_path / "config.json")])
    assert why in capsys.readouterr().err


def test_yaml_without_its_reader_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "personalize_guardrails.extraction.yaml_loader", raising=False)
    monkeypatch.setitem(sys.modules, "yaml", None)
    [result] = check_text("template.yaml", io.StringIO("Resources: {}").read)
    assert result.fault == "it is in YAML; install PyYAML to read it"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_status_line_of_a_long_audit_leaves_the_report_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def report(out: io.StringIO, **roles: Any) -> str:
        roles = roles or {"a": OPEN, "b": GUARDED, "c": GUARDED, "d": OPEN}
        results = check_text("a\x1b[1m.json", io.StringIO(export(**roles)).read)
        shown = progress.with_progress(results, lambda result: bool(result.findings))
        FORMATS["table"](Audit(shown, PackConfig()), out)
        return out.getvalue()

    plain = report(io.StringIO())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "monotonic", itertools.count(step=2).__next__)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert report(io.StringIO()) == plain
    assert "4 trust policies checked, now in a\\x1b[1m.json" in terminal.getvalue()

    terminal = Terminal()  # the report goes to the same terminal
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    written = report(terminal)
    assert "3 trust policies checked" in written
    cleared, finding = written.rindex("\033[2K"), written.rindex(": d\n")
    assert written.index("3 trust policies checked") < cleared < finding

    terminal = Terminal()  # what is written at once needs no line
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert report(terminal, a=OPEN) == report(io.StringIO(), a=OPEN)
