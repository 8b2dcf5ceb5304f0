"""Read the table of tenants. Each row is one stack."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).parent / "tenants.csv"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")


class TableError(Exception):
    """Every mistake in the table, one per line."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One row of the table."""

    name: str
    deploy_role: str
    """ARN of the role that deploys into the tenant's account."""
    region: str
    group: str
    bucket: str
    uses: tuple[str, ...]


def table(path: Path = TABLE) -> dict[str, Tenant]:
    """Return the tenants by name, in the order of the table. Raise TableError with every mistake."""
    found: dict[str, Tenant] = {}
    faults: list[str] = []
    with path.open(newline="") as text:
        rows = csv.DictReader(text)
        columns = {"tenant", "deploy_role", "region", "group", "bucket", "uses"}
        if missing := columns - set(rows.fieldnames or ()):
            raise TableError(f"{path.name} has no column {', '.join(sorted(missing))}")
        for row in rows:
            line = f"{path.name}, line {rows.line_num}"
            if empty := sorted(name for name in columns if not (row[name] or "").strip()):
                faults.append(f"{line}: {', '.join(empty)} is empty")
                continue
            name = row["tenant"]
            if not _NAME.fullmatch(name):
                faults.append(f'{line}: "{name}" is not a stack name; write letters, digits, and any of _.-')
            if not _ROLE.fullmatch(row["deploy_role"]):
                faults.append(f'{line}: "{row["deploy_role"]}" is not the ARN of a role')
            if name in found:
                faults.append(f'{line}: "{name}" is already in the table')
            found[name] = Tenant(
                name, row["deploy_role"], row["region"], row["group"], row["bucket"], tuple(row["uses"].split())
            )
    if faults:
        raise TableError("\n".join(faults))
    return found
