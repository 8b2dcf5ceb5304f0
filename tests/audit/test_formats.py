"""What each format tells of exemptions, and of text that would break it."""

from __future__ import annotations

import io
import itertools
import json
import tracemalloc
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from personalize_guardrails import Finding, Kind, TrustSettings, Witness
from personalize_guardrails.__main__ import main
from personalize_guardrails.audit import Result, check_text
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import Exemption, PackConfig
from tests.audit.accounts import CONFIG, FILES, GUARDED, OPEN, PINS_ACCOUNT, PINS_ARN, USELESS, export, trust
from tests.audit.sarif_schema import SARIF


def rendered(name: str, text: str, config: Any = None) -> str:
    """A format's report on one text."""
    settings = PackConfig.read(config or CONFIG["trust-policy-source-conditions"])
    out = io.StringIO()
    FORMATS[name](Audit(check_text("account.json", io.StringIO(text).read, settings), settings), out)
    return out.getvalue()


def test_the_table_lists_exemptions_and_what_they_do() -> None:
    _, listed = rendered("table", FILES["production.json"]).split("Exemptions\n")
    assert listed.splitlines() == [
        "  in use (1: moving-soon): name moving-* until 2999-01-31, because moves to the new account",
        "  expired: name forgotten until 2020-06-30, because was kept for a test",
        "  unused: name removed-long-ago until 2999-12-31, because nobody remembers",
        "5 trust policies: 3 with violations, 0 that can never match, 1 exempted.",
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reports_a_file_that_cannot_be_read(name: str) -> None:
    assert "it is not JSON at character" in rendered(name, '{"RoleDetailList": [')


def test_sarif_suppresses_what_is_exempted_and_notes_the_rest() -> None:
    [run] = json.loads(rendered("sarif", FILES["production.json"]))["runs"]
    suppressed = {each["message"]["text"].split(":")[0]: each["suppressions"] for each in run["results"]}
    assert suppressed["moving-soon"] == [
        {"kind": "external", "status": "accepted", "justification": "moves to the new account (until 2999-01-31)"}
    ]
    assert [name for name, each in suppressed.items() if not each] == ["recommender", "batch-10", "batch-9"]
    notes = [each["message"]["text"] for each in run["invocations"][0]["toolConfigurationNotifications"]]
    assert [note.split(":")[0] for note in notes] == ["The exemption is expired", "The exemption is unused"]


def test_junit_skips_what_is_exempted_and_lists_the_rest() -> None:
    [suite] = ET.fromstring(rendered("junit", FILES["production.json"]))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "3", "1")
    [skipped] = [case for case in suite if case.find("skipped") is not None]
    assert skipped.get("name") == "moving-soon"
    assert [each.get("name") for each in suite.iter("property")] == [
        "exemption in use",
        "exemption expired",
        "exemption unused",
    ]


def test_junit_tells_everything_in_one_outcome_a_case() -> None:
    both = {"Version": "2012-10-17", "Statement": [*OPEN["Statement"], *trust(PINS_ACCOUNT)["Statement"]]}
    [suite] = ET.fromstring(
        rendered("junit", export(both=both, never=USELESS), {"services": ["personalize.amazonaws.com"]})
    )
    failed, useless = suite.findall("testcase")
    [failure] = list(failed)
    assert failure.get("message", "").endswith(" (1 more)")
    reported = (failure.text or "").splitlines()  # GitLab shows this alone
    assert [line.split(":")[0] for line in reported] == ["unguarded", "  at account.json", "  witness"] * 2
    assert [each.tag for each in useless] == ["system-out"]
    [suite] = ET.fromstring(rendered("junit", FILES["torn.json"]))
    [[error]] = suite.findall("testcase")
    assert error.text == error.get("message")


def test_sarif_results_are_known_again_and_distinguished() -> None:
    def fingerprints(**roles: Any) -> list[str]:
        [run] = json.loads(rendered("sarif", export(**roles)))["runs"]
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]]

    one, other = fingerprints(one=OPEN, other=OPEN)
    assert one != other
    assert fingerprints(other=OPEN, third=GUARDED) == [other]


def test_json_has_what_is_exempted_and_what_to_write() -> None:
    results = {each["name"]: each for each in json.loads(rendered("json", FILES["production.json"]))}
    [exempted] = results["moving-soon"]["exempted"]
    assert (exempted["reason"], exempted["expires"]) == ("moves to the new account", "2999-01-31")
    [finding] = results["recommender"]["findings"]
    assert not check_mended(finding["remedy"])
    assert json.loads(rendered("json", '{"RoleDetailList": []}')) == []


def check_mended(remedy: dict[str, Any]) -> list[Any]:
    """The findings of a role with the remedy written in, the region filled in."""
    written = json.loads(json.dumps(remedy).replace("REGION", "us-east-1"))
    assert written == {**PINS_ACCOUNT, **PINS_ARN}
    [result] = json.loads(rendered("json", export(role=trust(written))))
    return list(result["findings"])


@pytest.mark.parametrize("name", ["table", "junit", "html"])
def test_no_control_character_comes_through(name: str) -> None:
    text = rendered(name, export(**{"\x1b[2J\x00\u202e\ud800\n": OPEN}))
    assert "\\x1b[2J\\x00\\u202e\\ud800\\n" in text
    assert not set(text) & set("\x1b\x00\u202e\ud800")
    if name == "junit":
        ET.fromstring(text)


def test_sarif_names_files_as_addresses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my roles #1.json").write_text(FILES["staging.json"])
    main(["check", str(tmp_path / "my roles #1.json"), "--format", "sarif"])
    [run] = json.loads(capsys.readouterr().out)["runs"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.endswith("/my%20roles%20%231.json")


def test_memory_does_not_grow_with_the_findings_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalize_guardrails.audit.formats.html._IN_MEMORY", 1 << 14)
    [result] = check_text("account.json", io.StringIO(export(role=OPEN)).read)
    peaks = []
    for count in (500, 2000):
        written = io.StringIO()
        monkeypatch.setattr(written, "write", len)
        monkeypatch.setattr(written, "writelines", lambda lines: sum(map(len, lines)))
        tracemalloc.start()
        FORMATS["html"](Audit(itertools.repeat(result, count), PackConfig()), written)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3


def test_markup_in_any_field_of_a_page_is_only_text() -> None:
    fields = itertools.count()

    def plant() -> str:
        return f'<b id="planted-{next(fields)}">&amp;\''

    witness = Witness(plant(), plant(), plant(), {plant(): plant()})
    remedy = {plant(): {plant(): (plant(),)}}
    finding = Finding(Kind.UNGUARDED, plant(), plant(), plant(), witness, remedy)
    exemption = Exemption(plant(), date(2999, 1, 1), plant(), plant(), plant(), plant())
    settings = TrustSettings((plant(),), frozenset({plant()}), None, (plant(),))
    results = [
        Result(plant(), plant(), plant(), plant(), (finding,), plant(), ((finding, exemption),)),
        Result(plant(), skipped=plant()),
    ]
    out = io.StringIO()
    FORMATS["html"](Audit(results, PackConfig(settings, (exemption,)), [plant()]), out)
    page = out.getvalue()
    assert "<b id=" not in page
    shown = {
        index for index in range(next(fields)) if f"&lt;b id=&quot;planted-{index}&quot;&gt;&amp;amp;&#x27;" in page
    }
    hidden_in_json = {5, 6, 7}  # the remedy is shown as JSON, whose quotes have a backslash
    assert shown | hidden_in_json >= set(range(23))


@pytest.mark.parametrize("content", [*FILES.values(), '{"artifacts": {}, "version": "1"}'])
def test_sarif_is_as_its_schema_has_it(content: str) -> None:
    log = json.loads(rendered("sarif", content))
    jsonschema.validate(log, SARIF, jsonschema.Draft202012Validator)
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["version"] == version("personalize-permissions")
    assert {rule["id"]: rule["properties"]["security-severity"] for rule in driver["rules"]} == {
        "unguarded": "8.0",
        "malformed": "8.0",
        "unsatisfiable": "1.0",
    }
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        line = content.split("\n")[region["startLine"] - 1][region["startColumn"] - 1 :]
        assert line.startswith(("{", '"'))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_line_and_column_of_a_finding(name: str) -> None:
    report = rendered(name, json.dumps(OPEN, indent=2))
    shown = {"json": '"line": 4', "sarif": '"startLine": 4'}.get(name, "account.json:4:5")
    assert shown in report
    if name in {"json", "sarif"}:
        assert '"column": 5' in report or '"startColumn": 5' in report


def test_the_schema_refuses_what_sarif_does_not_have() -> None:
    log = json.loads(rendered("sarif", FILES["staging.json"]))
    log["runs"][0]["results"][0]["line"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, SARIF, jsonschema.Draft202012Validator)
