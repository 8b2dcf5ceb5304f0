"""The sandbox reaches nothing but this machine, whatever the user is logged in to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.safety import engine_environment, is_loopback, refuse_unsafe

LOGGED_IN = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL": "https://sts.amazonaws.com",
    "AWS_ENDPOINT_URL_IAM": "https://iam.amazonaws.com",
    "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/deploy",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "PULUMI_ACCESS_TOKEN": "pul-real",
    "PULUMI_BACKEND_URL": "https://api.pulumi.com",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/passphrase",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    for name, value in LOGGED_IN.items():
        monkeypatch.setenv(name, value)
    return engine_environment(tmp_path / "home", tmp_path / "state", "http://127.0.0.1:5000", [tmp_path / "bin"])


def test_nothing_of_a_logged_in_user_passes(environment: dict[str, str], tmp_path: Path) -> None:
    assert not [name for name, value in LOGGED_IN.items() if environment.get(name) == value]
    assert environment["PULUMI_BACKEND_URL"] == (tmp_path / "state").as_uri()
    assert environment["AWS_CONFIG_FILE"] == os.devnull
    assert environment["PATH"].startswith(str(tmp_path / "bin"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL", "https://iam.amazonaws.com"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1.example.com"),
        ("AWS_ENDPOINT_URL", ""),
        ("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com"),
        ("PULUMI_BACKEND_URL", "https://api.pulumi.com"),
        ("PULUMI_BACKEND_URL", "s3://state"),
        ("PULUMI_ACCESS_TOKEN", "pul-real"),
        ("AWS_PROFILE", "production"),
        ("AWS_ACCESS_KEY_ID", "AKIAREAL"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/root/.aws/credentials"),
    ],
)
def test_it_refuses_to_run_otherwise(name: str, value: str, environment: dict[str, str]) -> None:
    refuse_unsafe(environment)
    with pytest.raises(SandboxError, match="refuses to run") as caught:
        refuse_unsafe({**environment, name: value})
    assert "pul-real" not in str(caught.value)
    assert "AKIAREAL" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://[::1]:5000", True),
        ("http://127.9.9.9", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1@example.com", False),
        ("127.0.0.1", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected
