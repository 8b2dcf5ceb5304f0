"""The emulated AWS account: moto in a process of its own, which outlives a command and is found again by the next."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.error import URLError

import boto3
import psutil
from botocore.config import Config

from sandbox.errors import SandboxError
from sandbox.safety import REGION, is_loopback

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_s3.client import S3Client

ACCOUNT: Final = "123456789012"
"""The account of moto."""
KEY_ID_TAG: Final = "_custom_id_"
"""A tag by which CreateKey is given the id of the key; moto has it for other services."""
_SERVER: Final = "sandbox.moto_server"
_STARTS_WITHIN: Final = 60.0
_ANSWERS_WITHIN: Final = 30.0
_ENDS_WITHIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running account: moto in a process of its own."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def iam(self) -> IAMClient:
        """Return a client of its IAM."""
        return self._client("iam")  # type: ignore[no-any-return] # boto3 makes clients at run time

    def s3(self) -> S3Client:
        """Return a client of its S3."""
        return self._client("s3")  # type: ignore[no-any-return] # boto3 makes clients at run time

    def kms(self, region: str = REGION) -> KMSClient:
        """Return a client of its KMS in a region."""
        return self._client("kms", region)  # type: ignore[no-any-return] # boto3 makes clients at run time

    def _client(self, service: Literal["iam", "s3", "kms"], region: str = REGION) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        if not is_loopback(self.endpoint):
            raise SandboxError(f"{self.endpoint} is not on this machine")
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",  # noqa: S106 - moto checks none
            config=Config(proxies={}, s3={"addressing_style": "path"}),
        )

    def reset(self) -> None:
        """Remove everything from it."""
        self._call("/moto-api/reset", "POST")

    def answers(self) -> bool:
        """Return whether it responds."""
        try:
            self._call("/moto-api/config", "GET")
        except (URLError, OSError):
            return False
        return True

    def _call(self, path: str, method: str) -> None:
        request = urllib.request.Request(f"{self.endpoint}{path}", method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_ANSWERS_WITHIN):
            pass

    def stop(self) -> None:
        """End it."""
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process = psutil.Process(self.pid)
            process.terminate()
            process.wait(_ENDS_WITHIN)


def start(folder: Path, *, detached: bool) -> Cloud:
    """Start an account, with its log in the folder. A `detached` one outlives this process; `recorded` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    address = _record(folder) if detached else folder / f"moto-{os.getpid()}-{time.monotonic_ns()}.json"
    address.unlink(missing_ok=True)
    with (folder / "moto.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", _SERVER, str(address), *([] if detached else [str(os.getpid())])],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=detached,
            env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
        )
    threading.Thread(target=process.wait, daemon=True).start()  # Python warns of children that nobody waits for
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if address.exists():
            cloud = Cloud(**json.loads(address.read_text()))
            if not detached:
                address.unlink()
            return cloud
        time.sleep(0.05)
    raise SandboxError(f"moto did not start; its log is {folder / 'moto.log'}")


def recorded(folder: Path) -> Cloud | None:
    """Return the account that an earlier command left running, if it responds."""
    record = _record(folder)
    try:
        cloud = Cloud(**json.loads(record.read_text()))
        command = psutil.Process(cloud.pid).cmdline()
    except (FileNotFoundError, ValueError, TypeError, psutil.Error):
        return None
    return cloud if _SERVER in command and str(record) in command and cloud.answers() else None


def forget(folder: Path) -> None:
    """Forget the account that an earlier command left."""
    _record(folder).unlink(missing_ok=True)


def _record(folder: Path) -> Path:
    return folder / "moto.json"
