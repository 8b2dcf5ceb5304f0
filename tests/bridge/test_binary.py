"""Which binary serves `aws`, and what is said of one that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import plugins
from sandbox.bridge import binary
from sandbox.errors import SandboxError

PLATFORM = binary._platform()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of nobody, and no other place that has a binary."""
    for name in (binary.CHOICE, plugins.CHOICE, "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(binary, "_DOCUMENTED", (str(tmp_path / "documented"),))
    monkeypatch.setattr(binary, "_ADD_ONS", (str(tmp_path / "add-ons"),))
    return tmp_path


def put(place: Path, version: str = "5.100.0", text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    folder = place / "registry.terraform.io/hashicorp/aws" / version / PLATFORM
    folder.mkdir(parents=True)
    file = folder / f"terraform-provider-aws_v{version}_x5"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_places_are_searched_in_the_order_of_terraform_s_documentation(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert binary.find() is None
    (bare / ".terraformrc").write_text(
        f'plugin_cache_dir = "{bare}/cache"\n'
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{bare}/mirror"\n  }}\n}}\n'
    )
    monkeypatch.setenv("XDG_DATA_HOME", str(bare / "data"))
    places = (
        "add-ons/of-somebody",
        "documented",
        "data/terraform/plugins",
        ".terraform.d/plugins",
        "cache",
        "mirror",
    )
    for place in places:  # the last is looked at first
        made = put(bare / place)
        found = binary.find()
        assert found is not None
        assert found.path == made
        assert found.label == "terraform-provider-aws 5.100.0"
    named = put(bare / "elsewhere")
    monkeypatch.setenv(binary.CHOICE, str(named))
    assert binary.find() == binary.Binary(named)


def test_the_newest_version_that_fits_is_taken(bare: Path) -> None:
    for version in ("4.67.0", "5.9.0", "5.100.0", "7.0.0"):
        put(bare / "documented", version)
    found = binary.find()
    assert found is not None
    assert found.version == (5, 100, 0)


BROKEN = {
    "not there": (None, 0, "is not there"),
    "not executable": ("#!/bin/sh\n", 0o644, "is not executable; run: chmod"),
    "of another version": ("#!/bin/sh\n", 0o755, "is version 4.67.0; set PERSONALIZE_SANDBOX_TERRAFORM_AWS"),
    "no program": ("neither a script nor a program", 0o755, "is not a Terraform provider, and said: Exec format error"),
    "another program": (
        "#!/bin/sh\necho hello; echo sorry >&2\n",
        0o755,
        "is not a Terraform provider, and said: hello",
    ),
    "a program that says nothing": ("#!/bin/sh\nexit 3\n", 0o755, "is not a Terraform provider, and said nothing"),
    "of another protocol": ("#!/bin/sh\necho '1|6|unix|/x|grpc|'\n", 0o755, "speaks version 6 of Terraform's protocol"),
    "dead after the handshake": ("#!/bin/sh\necho '1|5|unix|/x|grpc|'\n", 0o755, "ended with code 0 at GetSchema"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("choice", ["", "terraform"])
def test_a_binary_that_cannot_serve_is_reported_in_one_message(
    case: str, choice: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, mode, expected = BROKEN[case]
    file = bare / "terraform-provider-aws"
    if case == "of another version":
        file = file.with_name("terraform-provider-aws_v4.67.0_x5")
    if text is not None:
        file.write_text(text)
        file.chmod(mode)
    monkeypatch.setenv(binary.CHOICE, str(file))
    monkeypatch.setenv(plugins.CHOICE, choice)
    with pytest.raises(SandboxError) as refused:
        plugins.install(bare / "pulumi")
    assert expected in str(refused.value)
    assert file.name in str(refused.value) or "terraform-provider-aws" in str(refused.value)
    assert not (bare / "pulumi").exists(), "nothing else serves in its place"


class TestChoice:
    def test_without_a_binary_the_emulated_one_serves(self, bare: Path) -> None:
        assert plugins.choose().kind == "emulated"

    def test_of_the_emulated_one_holds_beside_a_binary(self, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(bare / "documented")
        assert plugins.choose().kind == "terraform"
        monkeypatch.setenv(plugins.CHOICE, "emulated")
        assert plugins.choose().kind == "emulated"

    def test_pulumi_aws_s_own_comes_first(self, bare: Path) -> None:
        put(bare / "documented")
        own = bare / ".pulumi/plugins" / f"resource-aws-v{plugins.version()}"
        own.mkdir(parents=True)
        (own / "pulumi-resource-aws").touch()
        assert plugins.choose().kind == "real"

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [
            ("real", "run: pulumi plugin install resource aws"),
            ("terraform", "No terraform-provider-aws is on this machine; run terraform init"),
            ("reel", 'PERSONALIZE_SANDBOX_AWS is "reel"; write real, terraform or emulated'),
        ],
    )
    def test_of_what_is_not_there_is_refused(
        self, choice: str, expected: str, bare: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(plugins.CHOICE, choice)
        with pytest.raises(SandboxError, match=expected):
            plugins.choose()
