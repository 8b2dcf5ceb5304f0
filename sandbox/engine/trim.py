"""Leaves out of the engine's source what the sandbox never reaches: stores, keys and logs in clouds, `pulumi api`.

The engine itself is untouched. The SDKs of three clouds and a reader of OpenAPI documents took two fifths of the
compiler's time. The official release and a Pulumi on PATH have all of it.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError

_LEFT_OUT: Final = (
    "authhelpers",  # Google's credentials
    "backend/diy/postgres",
    "operations/operations_aws.go",
    "operations/operations_gcp.go",
)
_CLOUD_API: Final = "cmd/pulumi/cloud"
_ERRORS: Final = "envelope.go"
"""All of the API's command that other commands look at."""
_EDITS: Final[dict[str, tuple[str, ...]]] = {
    "backend/diy/backend.go": (
        r'^\t_? ?"gocloud\.dev/blob/(?:azure|gcs|s3)blob".*\n',
        r'^\t"\S+/authhelpers"\n',
        r'^\t_ "\S+/diy/postgres".*\n',
        r"^\tif p\.Scheme == gcsblob\.Scheme \{\n.*?^\t\}\n",
    ),
    "backend/diy/bucket.go": (
        r'^\tawss3 ".*\n',
        r'^\t"net/url"\n',
        r"^\t\tvar input \*awss3.*?^\t\t\}\n",
        r"^func fixupS3CopySource.*?^\}\n",
    ),
    "secrets/cloud/manager.go": (
        r'^\t_? ?"gocloud\.dev/secrets/(?:awskms|azurekeyvault|gcpkms|hashivault)".*\n',
        r'^\t"\S+/(?:authhelpers|cloudkms/v1)"\n',
        r"^\tcase gcpkms\.Scheme:\n.*?(?=^\tdefault:)",
    ),
    "operations/resources.go": (r'^\tcase "(?:aws|gcp)":\n.*\n',),
    f"{_CLOUD_API}/{_ERRORS}": (r"^type describe(?:dOp|Envelope) struct.*?^\}\n",),
    "cmd/pulumi/pulumi.go": (
        r'^\t"\S+/cmd/pulumi/(?:cloud|insights|neo|org)"\n',
        r"^\t+(?:cloud\.NewAPI|insights\.NewInsights|neo\.NewNeo|org\.NewOrg)Cmd\(\),\n",
    ),
}
"""Patterns by file: what matches goes."""


def trim(source: Path, into: Path) -> None:
    """Copy the source of the engine's module without those parts; SandboxError where it has changed too much."""
    shutil.copytree(source, into, ignore=lambda folder, names: _left_out(source, Path(folder), names))
    for name, patterns in _EDITS.items():
        file = into / name
        text = file.read_text(encoding="utf-8")
        for pattern in patterns:
            text, count = re.subn(f"(?ms){pattern}" if ".*?" in pattern else f"(?m){pattern}", "", text)
            if not count:
                raise SandboxError(f"{source / name} has nothing like {pattern}, which the sandbox leaves out")
        file.unlink()  # Go's module cache is read-only, and so is a copy of a file of it
        file.write_text(text, encoding="utf-8")


def _left_out(source: Path, folder: Path, names: list[str]) -> set[str]:
    tests = {name for name in names if name == "testdata" or name.endswith("_test.go")}
    listed = {name for name in names if (folder / name).relative_to(source).as_posix() in _LEFT_OUT}
    in_api = {name for name in names if folder == source / _CLOUD_API and name != _ERRORS}
    return tests | listed | in_api
