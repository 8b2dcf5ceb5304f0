"""What is left of the engine's source, and the error where that source has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.engine import trim
from sandbox.errors import SandboxError


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trim, "_EDITS", {"backend/diy/backend.go": trim._EDITS["backend/diy/backend.go"]})
    lines = [
        "import (",
        '\t_ "gocloud.dev/blob/azureblob" // driver for azblob://',
        '\t_ "gocloud.dev/blob/fileblob"  // driver for file://',
        '\t"gocloud.dev/blob/gcsblob"     // driver for gs://',
        '\t"github.com/pulumi/pulumi/pkg/v3/authhelpers"',
        '\t_ "github.com/pulumi/pulumi/pkg/v3/backend/diy/postgres" // driver for postgres://',
        ")",
        "func open() {",
        "\tif p.Scheme == gcsblob.Scheme {",
        "\t\tif err != nil {",
        "\t\t}",
        "\t}",
        "}",
    ]
    return write(
        tmp_path / "source",
        {
            "backend/diy/backend.go": "\n".join(lines),
            "backend/diy/backend_test.go": "package diy",
            "backend/diy/postgres/bucket.go": "package postgres",
            "authhelpers/gcpauth.go": "package authhelpers",
            "cmd/pulumi/cloud/api.go": "package cloud",
            "cmd/pulumi/cloud/envelope.go": "package cloud",
            "engine/testdata/state.json": "{}",
            "engine/update.go": "package engine",
        },
    )


def test_clouds_are_left_out_and_the_engine_stays(source: Path, tmp_path: Path) -> None:
    trim.trim(source, tmp_path / "left")
    left = {file.relative_to(tmp_path / "left").as_posix() for file in (tmp_path / "left").rglob("*") if file.is_file()}
    assert left == {"backend/diy/backend.go", "cmd/pulumi/cloud/envelope.go", "engine/update.go"}
    text = (tmp_path / "left/backend/diy/backend.go").read_text()
    assert text.split("\n") == [
        "import (",
        '\t_ "gocloud.dev/blob/fileblob"  // driver for file://',
        ")",
        "func open() {",
        "}",
    ]


def test_a_source_that_has_changed_is_named(source: Path, tmp_path: Path) -> None:
    (source / "backend/diy/backend.go").write_text("package diy")
    with pytest.raises(SandboxError, match=r"backend/diy/backend\.go has nothing like"):
        trim.trim(source, tmp_path / "left")
