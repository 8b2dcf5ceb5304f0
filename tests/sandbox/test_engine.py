"""How an engine is found: on PATH, as a release, or built."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox.engine import release, resolve, versions
from sandbox.engine.resolve import on_path
from sandbox.errors import SandboxError

VERSION = versions.pulumi_version()


def command(folder: Path, name: str, says: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("version", "taken"), [(f"v{VERSION}", True), ("v3.100.0", False), ("v9.0.0-dev.1", True), ("?", False)]
)
def test_an_engine_on_path_is_taken_if_it_is_new_enough(
    version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(tmp_path, "pulumi", version)
    command(tmp_path, "pulumi-language-python", "")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = on_path()
    assert (found is not None) is taken
    assert not found or (found.folder == tmp_path and not found.lacks_hosts)


def test_an_engine_without_a_host_for_python_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(tmp_path, "pulumi", f"v{VERSION}")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert on_path() is None


def test_no_engine_to_be_had_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(release, "fetch", lambda _into: False)
    with pytest.raises(SandboxError, match="Install one of these") as caught:
        resolve()
    assert "go.dev" in str(caught.value)
    assert not any((tmp_path / "cache").rglob("making-*"))


def test_a_wrong_choice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONALIZE_SANDBOX_ENGINE", "docker")
    with pytest.raises(SandboxError, match="write path, release or build"):
        resolve()


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server of releases on this machine, with one for it."""
    folder = tmp_path / "releases"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


def publish(folder: Path, checksum: str | None = None) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in ("pulumi", "pulumi-language-python"):
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    machine = "x64" if release._MACHINES[__import__("platform").machine().lower()] == "x64" else "arm64"
    name = f"pulumi-v{VERSION}-{sys.platform}-{machine}.tar.gz"
    (folder / name).write_bytes(content.getvalue())
    digest = checksum or hashlib.sha256(content.getvalue()).hexdigest()
    (folder / f"pulumi-{VERSION}-checksums.txt").write_text(f"{digest}  {name}\n")


def test_a_release_is_unpacked(releases: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = releases
    publish(folder)
    target = tmp_path / "engine"
    target.mkdir()
    assert release.fetch(target, address)
    assert (target / "pulumi").stat().st_mode & 0o111
    assert {path.name for path in target.iterdir()} == {"pulumi", "pulumi-language-python"}


def test_a_release_with_another_checksum_is_not(releases: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = releases
    publish(folder, checksum="0" * 64)
    target = tmp_path / "engine"
    target.mkdir()
    assert not release.fetch(target, address)
    assert list(target.iterdir()) == []


def test_no_release_to_be_had_is_no_error(tmp_path: Path) -> None:
    assert not release.fetch(tmp_path, "http://127.0.0.1:9")


def test_the_digest_covers_what_an_engine_is_built_from() -> None:
    assert len(versions.digest()) == 12
    assert (versions.MODULE / "go.sum").exists()
