"""Folders, and CDK cloud assemblies: everything in them is read, or said not to be."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails.audit import Result, check_files
from tests.audit.accounts import ACCOUNT, GUARDED, OPEN, export
from tests.audit.test_readers import template


def test_a_folder_is_read_with_everything_in_it_and_one_line_says_what_is_not(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "template.yaml").write_text(json.dumps(template(Open=OPEN)))
    (tmp_path / "package.json").write_text('{"name": "x", "dependencies": {}}')
    (tmp_path / "notes.json").write_text("{ // not JSON")
    (tmp_path / "README.md").write_text("# x")
    (tmp_path / "torn.json").write_text('{"Resources": {"R": {"Type": "AWS::IAM::Role"')
    results = list(check_files([str(tmp_path)]))
    [skipped] = [each for each in results if each.skipped]
    assert skipped.file == str(tmp_path)
    assert "a manifest of packages; nothing to check (1)" in skipped.skipped
    assert "not JSON (1)" in skipped.skipped
    assert "of a kind that is not read (1)" in skipped.skipped
    assert {each.name: each.violates for each in results if not each.skipped} == {"Open": True, "": False}
    assert [each.file for each in results if each.fault] == [str(tmp_path / "torn.json")]


ROLE = 'Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {Description: "ä"}\n'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("broken.yaml", (ROLE + "  - x").encode(), "it is neither JSON nor YAML"),
        ("two.yaml", f"{ROLE}---\n{ROLE}".encode(), "it is several YAML documents; save each in its own file"),
        ("long.yaml", (ROLE + "# x\n" * 300_000).encode(), "it is not JSON, and longer than any template or policy"),
        ("powershell.json", export(open=OPEN).encode("utf-16"), "it is not UTF-8 text"),
        ("no-mark.json", export(open=OPEN).encode("utf-16-le"), "it is not JSON"),
        ("old.yaml", ROLE.encode("latin-1"), "it is not UTF-8 text"),
        ("late.json", b'{"x": "' + b" " * 3_000_000 + b'", "Type": "AWS::IAM::Role"', "it is not JSON"),
    ],
)
def test_a_broken_file_that_mentions_roles_is_a_fault_in_a_folder_too(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    [result] = check_files([str(tmp_path)])
    assert why in result.fault
    (tmp_path / name).write_bytes(b'\xff{"notes": [' if name.endswith("json") else b"a: [")
    [skipped] = check_files([str(tmp_path)])
    assert skipped.skipped.startswith("not ")


def test_a_folder_that_cannot_be_read_is_a_fault_and_a_link_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    [linked] = check_files([str(tmp_path)])
    assert linked.skipped == "of a kind that is not read (1)"
    (tmp_path / "link").unlink()
    (tmp_path / "notes.json").write_text('{"a": 1, "a": 2}')
    [doubled] = check_files([str(tmp_path)])
    assert doubled.skipped == "with a key that appears twice (1)"
    (tmp_path / "notes.json").unlink()
    (tmp_path / "locked").mkdir()
    scan = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    [result] = check_files([str(tmp_path)])
    assert (result.file, bool(result.fault)) == (str(tmp_path / "locked"), True)


def test_a_cloud_assembly_is_read_by_its_manifest(tmp_path: Path) -> None:
    own = json.loads(json.dumps(GUARDED).replace(ACCOUNT, "210987654321"))
    out = tmp_path / "cdk.out"
    (out / "asset.1234").mkdir(parents=True)
    (out / "asset.1234" / "index.json").write_text("{}")
    environment = {"type": "aws:cloudformation:stack", "environment": "aws://210987654321/us-east-1"}
    artifacts = {"App": {**environment, "properties": {"templateFile": "App.template.json"}}}
    (out / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    (out / "App.template.json").write_text(json.dumps(template(Own=own, Other=GUARDED)))
    (out / "AppNested.nested.template.json").write_text(json.dumps(template(Open=OPEN)))
    (out / "App.assets.json").write_text('{"version": "36", "files": {}, "dockerImages": {}}')
    results = list(check_files([str(out)]))
    assert {each.name: each.violates for each in results if not each.skipped} == {
        "Own": False,
        "Other": True,
        "Open": True,
    }
    [asset] = check_files([str(out / "App.assets.json")])
    assert asset.fault == "a CDK asset manifest; nothing to check"
    assert "of a kind that is not read (1)" in results[-1].skipped
    (out / "asset.5678").symlink_to(tmp_path)
    *_, linked = check_files([str(out)])
    assert "of a kind that is not read (2)" in linked.skipped


def assembly(folder: Path, *files: str) -> Path:
    """A cloud assembly whose manifest names these templates."""
    folder.mkdir()
    artifacts = {
        name: {"environment": f"aws://{ACCOUNT}/us-east-1", "properties": {"templateFile": name}} for name in files
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    return folder


def checked(folder: Path) -> dict[str, list[Result]]:
    """The results of each file of a folder, without what is skipped."""
    found: dict[str, list[Result]] = {}
    for each in check_files([str(folder)]):
        if not each.skipped:
            found.setdefault(os.path.relpath(each.file, folder), []).append(each)
    return found


@pytest.mark.parametrize("name", ["S.json", "S.yaml", "S.template", "S.txt", "inner/S.json", "S.template.json"])
def test_a_template_is_read_once_whatever_the_manifest_calls_it(name: str, tmp_path: Path) -> None:
    out = assembly(tmp_path / "cdk.out", name)
    (out / "inner").mkdir()
    foreign = json.loads(json.dumps(GUARDED).replace(ACCOUNT, "210987654321"))
    (out / name).write_text(json.dumps(template(Open=foreign)))
    [result] = checked(out)[name]
    assert result.violates


def test_a_template_that_is_missing_or_none_is_a_fault(tmp_path: Path) -> None:
    out = assembly(tmp_path / "cdk.out", "Missing.template.json", "Other.json")
    (out / "Other.json").write_text("{}")
    faults = {name: results[0].fault for name, results in checked(out).items()}
    assert faults == {
        "Missing.template.json": "there is no such file",
        "Other.json": "the audit does not recognize it",
    }


def test_other_files_beside_a_manifest_are_read(tmp_path: Path) -> None:
    out = assembly(tmp_path / "cdk.out", "S.json")
    (out / "S.json").write_text(json.dumps(template(Fine=GUARDED)))
    (out / "roles.json").write_text(export(open=OPEN))
    assert [result.violates for result in checked(out)["roles.json"]] == [True]
