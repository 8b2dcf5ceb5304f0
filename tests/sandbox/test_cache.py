"""An engine that had to be fetched or built is kept: made once, by one at a time, and never half."""

from __future__ import annotations

import importlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.engine import build, release, resolve, versions
from sandbox.engine.resolve import command
from sandbox.errors import SandboxError


class Builder:
    """Stands for the Go build, which takes minutes: notes each call, and makes the commands or fails."""

    def __init__(self) -> None:
        self.calls, self.fails = 0, False
        self.inside = threading.Lock()

    def __call__(self, into: Path) -> None:
        assert self.inside.acquire(blocking=False), "two builds at the same time"
        self.calls += 1
        (into / "pulumi-language-python-exec").write_text("")
        time.sleep(0.1)
        self.inside.release()
        if self.fails:
            raise SandboxError("The engine could not be built from source. Go says:\nno space left on device")
        (into / "pulumi").write_text("")

    def build_command(self, name: str, into: Path) -> None:
        self(into)
        (into / name).write_text(name)


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Builder:
    """No engine on PATH, no release to be had, Go installed, and an empty cache."""
    (tmp_path / "go").write_text("#!/bin/sh\n")
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PERSONALIZE_SANDBOX_ENGINE", raising=False)
    monkeypatch.setattr(release, "fetch", lambda _into: False)
    made = Builder()
    monkeypatch.setattr(build, "build_engine", made)
    monkeypatch.setattr(build, "build_command", made.build_command)
    return made


def test_an_engine_is_built_once_and_then_found(builder: Builder, tmp_path: Path) -> None:
    first = resolve()
    assert first.origin == "build"
    assert first.lacks_hosts
    assert first.folder.is_relative_to(tmp_path / "cache" / "personalize-permissions")
    assert resolve() == first
    assert builder.calls == 1


def test_two_that_need_it_at_the_same_time_build_it_once(builder: Builder) -> None:
    with ThreadPoolExecutor(2) as both:
        assert len(set(both.map(lambda _: resolve().folder, range(2)))) == 1
    assert builder.calls == 1


def test_a_build_that_fails_leaves_nothing_and_the_next_tries_again(builder: Builder, tmp_path: Path) -> None:
    builder.fails = True
    with pytest.raises(SandboxError, match="no space left"):
        resolve()
    assert [path.suffix for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [".lock"]
    builder.fails = False
    assert (resolve().folder / "pulumi").exists()
    assert builder.calls == 2


def test_a_command_that_up_does_without_is_built_once_when_it_is_first_needed(builder: Builder) -> None:
    folder = resolve().folder
    assert not (folder / build.YAML_HOST).exists()
    with ThreadPoolExecutor(2) as both:
        assert set(both.map(command, [build.YAML_HOST] * 2)) == {folder / build.YAML_HOST}
    assert builder.calls == 2
    builder.fails = True
    with pytest.raises(SandboxError, match="no space left"):
        command(build.SDK_GENERATOR)
    assert {path.name for path in folder.iterdir()} == {"pulumi", build.EXEC_SHIM, build.YAML_HOST}
    assert not list(folder.parent.glob("making-*"))


def test_another_version_is_another_engine(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = resolve()
    monkeypatch.setattr(importlib.import_module("sandbox.engine.resolve"), "digest", lambda: "another")
    assert resolve().folder != before.folder
    assert before.folder.name == f"{versions.pulumi_version()}-{versions.digest()}"
    assert builder.calls == 2


@pytest.mark.parametrize("choice", ["path", "release"])
def test_a_choice_that_cannot_be_had_is_not_replaced_by_another(
    choice: str, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONALIZE_SANDBOX_ENGINE", choice)
    with pytest.raises(SandboxError, match="No Pulumi engine was found"):
        resolve()
    assert builder.calls == 0
