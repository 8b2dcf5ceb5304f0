"""`make pictures`: the pictures of the README, from what the project itself makes on the sandbox.

The reference stack is deployed, with the policy pack enforced; beside it are roles as people make them in a console.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sandbox import cloud
from sandbox.paths import REPOSITORY
from tests.support import browser
from tests.support.chromium import browsing

IMAGES = REPOSITORY / "docs/images"
WIDTH, HEIGHT, SCALE = 1200, 1180, 1.25
ACCOUNT = "123456789012"
PINS_ACCOUNT = {"aws:SourceAccount": ACCOUNT}
MADE_BY_HAND: dict[str, dict[str, Any]] = {
    "campaigns-prod": {},
    "batch-segments": {"StringEqualsIfExists": PINS_ACCOUNT},
    "metrics-export": {
        "StringEquals": PINS_ACCOUNT,
        "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:210987654321:*"},
    },
    "legacy-recommender": {},
}
TEMPLATE = """Resources:
  StorefrontRecommender:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: personalize.amazonaws.com}
            Action: sts:AssumeRole
            Condition:
              StringLike: {"aws:SourceArn": "arn:aws:personalize:*"}
"""
CONFIG = {
    "trust-policy-source-conditions": {
        "exemptions": [
            {"name": "legacy-*", "reason": "is replaced in the first quarter, SHOP-2140", "expires": "2999-03-31"},
            {"name": "prototype", "reason": "was part of a trial", "expires": "2999-12-31"},
        ]
    }
}


def main() -> None:
    """Make both pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as made:
        folder = Path(made)
        sandbox = {**os.environ, "PERSONALIZE_SANDBOX_STATE": str(folder / "sandbox")}
        subprocess.run([sys.executable, "-m", "sandbox", "up"], cwd=REPOSITORY, env=sandbox, check=True)
        try:
            shutil.copy(folder / "sandbox/granted.svg", IMAGES / "granted.svg")
            (folder / "production.json").write_text(account(folder / "sandbox"))
        finally:
            subprocess.run([sys.executable, "-m", "sandbox", "down"], cwd=REPOSITORY, env=sandbox, check=True)
        (folder / "storefront.template.yaml").write_text(TEMPLATE)
        (folder / "guardrails.json").write_text(json.dumps(CONFIG))
        (IMAGES / "report.png").write_bytes(picture(folder))


def account(sandbox: Path) -> str:
    """The account's roles, as `aws iam get-account-authorization-details --filter Role` gives them."""
    cloud_of_stack = cloud.recorded(sandbox)
    assert cloud_of_stack
    iam = cloud_of_stack.iam()
    for name, condition in MADE_BY_HAND.items():
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "personalize.amazonaws.com"},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    details = iam.get_account_authorization_details(Filter=["Role"])
    for name in MADE_BY_HAND:
        iam.delete_role(RoleName=name)
    return json.dumps({"RoleDetailList": details["RoleDetailList"]}, default=str)


def picture(folder: Path) -> bytes:
    """The top of the report, as a browser shows it."""
    command = "check production.json storefront.template.yaml --config guardrails.json --format html"
    with (folder / "report.html").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "personalize_guardrails", *command.split()], cwd=folder, stdout=out, check=False
        )
    assert done.returncode == 1
    os.environ[browser.CHOICE] = "packages"  # the same browser and fonts on every machine
    with browsing() as started, started.page(width=WIDTH, height=HEIGHT) as page:
        page.resize(WIDTH, HEIGHT, SCALE)
        page.open(folder / "report.html")
        return page.picture()


if __name__ == "__main__":
    main()
