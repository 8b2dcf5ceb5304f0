"""Exports of an account whose roles go wrong in every way that the audit tells apart, and the report on them."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from personalize_guardrails.__main__ import main

ACCOUNT, UNTRUSTED = "123456789012", "210987654321"
ALLOW = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"
PINS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
PINS_ARN = {"ArnLike": {"aws:SourceArn": ARN}}
CONFIG = {
    "trust-policy-source-conditions": {
        "exemptions": [
            {"name": "moving-*", "reason": "moves to the new account", "expires": "2999-01-31"},
            {"name": "forgotten", "reason": "was kept for a test", "expires": "2020-06-30"},
            {"name": "removed-long-ago", "reason": "nobody remembers", "expires": "2999-12-31"},
        ]
    }
}


def trust(*conditions: dict[str, Any], **members: Any) -> dict[str, Any]:
    condition = {key: value for each in conditions for key, value in each.items()}
    statement = {**ALLOW, **({"Condition": condition} if condition else {}), **members}
    return {"Version": "2012-10-17", "Statement": [statement]}


OPEN = trust()
HALF = trust(PINS_ACCOUNT)
GUARDED = trust(PINS_ACCOUNT, PINS_ARN)
USELESS = trust(PINS_ACCOUNT, {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{UNTRUSTED}:*"}})
BROKEN = trust(Effect="allow")


def export(**roles: dict[str, Any]) -> str:
    """What `aws iam get-account-authorization-details` gives, underscores in names as dashes."""
    details = [
        {
            "RoleName": name.replace("_", "-"),
            "Path": "/",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name.replace('_', '-')}",
            "AssumeRolePolicyDocument": document,
        }
        for name, document in roles.items()
    ]
    return json.dumps({"RoleDetailList": details})


FILES = {
    "production.json": export(recommender=OPEN, batch_10=HALF, batch_9=HALF, guarded=GUARDED, moving_soon=OPEN),
    "staging.json": export(forgotten=OPEN, never=USELESS, shouting=BROKEN),
    "torn.json": '{"Statement": [',
}


def report(folder: Path, files: dict[str, str] = FILES, config: object = CONFIG) -> Path:
    """The HTML report on files, as the command writes it."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "config.json").write_text(json.dumps(config))
    page = folder / "report.html"
    with page.open("w", encoding="ascii") as out, redirect_stdout(out):
        main(
            [
                "check",
                *(str(folder / name) for name in files),
                "--config",
                str(folder / "config.json"),
                "--format",
                "html",
            ]
        )
    return page
