"""The programs of the pages run, and do what the text beside them says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
import yaml

from personalize_guardrails import check_trust_policy
from personalize_permissions import InvalidArgumentsError
from personalize_permissions._documents.grants import BUCKET_ACTIONS
from personalize_permissions.testing import Location, PermissionsMocks, Recorded, run
from tests.docs.pages import DOCS, Block, blocks, rows, shown_after

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# These pages have tests of their own, on the engine or in one piece.
ELSEWHERE = {"testing.md", "pack.md", "languages.md", "your-own-program.md"}
BUCKET_POLICY = (DOCS.parent / "examples/adopt-bucket-policy/bucket-policy.json").read_text()
KEY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.relative_to(DOCS).as_posix() not in ELSEWHERE)
PROGRAMS = [block for page in PAGES for block in blocks(page) if block.language == "python"]


@pytest.fixture
def mocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PermissionsMocks:
    """What the pages take for given: files that were saved, and what the account holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)  # pages show what a preview says
    (tmp_path / "key-policy.json").write_text(KEY_POLICY)
    (tmp_path / "bucket-policy.json").write_text(BUCKET_POLICY)
    return PermissionsMocks(
        providers={"china": Location("123456789012", "aws-cn", "cn-north-1")},
        bucket_policies={"shop-archive": BUCKET_POLICY},
    )


CONFIG = {"instanceArn": "arn:aws:sso:::instance/i", "permissionSetArn": "arn:aws:sso:::permissionSet/i/p"}


def executed(program: Block, mocks: PermissionsMocks) -> tuple[Recorded, dict[str, Any]]:
    names: dict[str, Any] = {}
    return run(lambda: exec(compile(program.text, str(program), "exec"), names), mocks, config=CONFIG), names


@pytest.mark.parametrize("program", [each for each in PROGRAMS if "def test_" not in each.text], ids=str)
def test_each_program_does_what_it_shows(program: Block, mocks: PermissionsMocks) -> None:
    shown = shown_after(program)
    if shown and shown.startswith("Personalize"):
        with pytest.raises(InvalidArgumentsError) as caught:
            executed(program, mocks)
        assert str(caught.value) == shown
    else:
        _, names = executed(program, mocks)
        assert shown is None or shown == names["finding"].message


@pytest.mark.parametrize(("language", "read"), [("json", json.loads), ("yaml", yaml.safe_load)], ids=["json", "yaml"])
def test_each_document_is_one(language: str, read: Callable[[str], object]) -> None:
    documents = [block for page in DOCS.rglob("*.md") for block in blocks(page) if block.language == language]
    assert len(documents) > 1
    for document in documents:
        member = document.text.startswith('"')  # of an object that is not shown
        assert read(f"{{{document.text}}}" if member else document.text), document


def test_the_unit_test_of_the_first_page_passes(mocks: PermissionsMocks, tmp_path: Path) -> None:
    _, program, test, _ = (block for block in blocks(DOCS / "index.md") if block.language == "python")
    (tmp_path / "__main__.py").write_text(program.text)
    names: dict[str, Any] = {}
    exec(compile(test.text, str(test), "exec"), names)
    names["test_permissions"]()


COMPONENTS = {
    "permissions": "PersonalizePermissions",
    "access": "PersonalizeAccess",
    "service-role": "PersonalizeServiceRole",
    "bucket-access": "PersonalizeBucketAccess",
    "key-access": "PersonalizeKeyAccess",
}


@pytest.mark.parametrize("page", sorted(COMPONENTS.keys() - {"permissions"}))
def test_the_table_of_what_is_made_is_complete(page: str, mocks: PermissionsMocks) -> None:
    documented = {(kind, name.strip("`")) for kind, name, _ in rows(DOCS / f"components/{page}.md", "resource")}
    [program, *_] = (block for block in blocks(DOCS / f"components/{page}.md") if block.language == "python")
    recorded, _ = executed(program, mocks)
    [component] = (each for each in recorded.resources if each.type.endswith(f":{COMPONENTS[page]}"))
    made = {
        (each.type, each.name)
        for each in recorded.resources
        if each.type.startswith("aws:") and each.name.startswith(f"{component.name}-")
    }
    assert made == documented


def test_the_parts_of_a_permission_set_are_named_as_documented(mocks: PermissionsMocks) -> None:
    documented = [name for _, name, _ in rows(DOCS / "components/permissions.md", "component") if name]
    [program, *_] = (block for block in blocks(DOCS / "components/permissions.md") if block.language == "python")
    recorded, _ = executed(program, mocks)
    made = {each.name for each in recorded.resources if each.type.startswith("personalize-permissions:")}
    assert made == {"recs", *documented}


def test_the_trust_policy_is_the_one_that_is_shown(mocks: PermissionsMocks) -> None:
    program, shown = (blocks(DOCS / "components/service-role.md"))[:2]
    recorded, _ = executed(program, mocks)
    assert json.loads(recorded.exports["trustPolicy"]) == json.loads(shown.text)


def test_the_actions_of_each_use_are_those_that_are_granted() -> None:
    documented = {
        use: re.findall(r"s3:\w+", " ".join(cells)) for use, *cells in rows(DOCS / "components/bucket-access.md", "use")
    }
    assert {use: sorted(actions) for use, actions in documented.items()} == {
        use.value: sorted(actions) for use, actions in BUCKET_ACTIONS.items()
    }


def test_everything_in_china_is_in_its_partition(mocks: PermissionsMocks) -> None:
    [program] = (block for block in blocks(DOCS / "recipes/china.md") if block.language == "python")
    recorded, _ = executed(program, mocks)
    assert "arn:aws-cn:personalize:cn-north-1:123456789012:*" in recorded.exports["trustPolicy"]
    assert "arn:aws-cn:s3:::training-data" in recorded.exports["bucketPolicy"]
    written = json.dumps([dict(each.inputs) for each in recorded.resources if each.type.startswith("aws:")])
    assert "arn:aws:" not in written
    assert "arn:aws-cn:iam::aws:policy/CloudWatchFullAccess" in written


def test_a_bucket_with_a_policy_is_refused_as_the_recipe_shows() -> None:
    message, *_ = (
        block.text.strip() for block in blocks(DOCS / "recipes/existing-bucket.md") if block.language == "text"
    )
    assert message in [block.text.strip() for block in blocks(DOCS / "troubleshooting.md")]


def test_each_condition_has_the_documented_verdict() -> None:
    table = list(rows(DOCS / "troubleshooting.md", "the statement's `Condition`"))
    assert len(table) >= 8
    for condition, code, _ in table:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "personalize.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": json.loads(condition),
        }
        [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": [statement]})
        assert finding.code == code, condition


def test_every_code_of_the_rule_is_documented() -> None:
    documented = {code for row in rows(DOCS / "audit.md", "code") for code in re.findall(r"[a-z-]+", row[0])}
    rule = "".join(
        module.read_text() for module in (DOCS.parent / "policy_pack/personalize_guardrails/trust").rglob("*.py")
    )
    written = r'(?:note|Refused)\(\s*"([\w-]+)"|\bcode = "([\w-]+)" if .+ else "([\w-]+)"|Kind\.\w+,\s*"([\w-]+)"'
    codes = {code for found in re.findall(written, rule) for code in found if code}
    assert documented == codes | {"principal", "action"}  # these two are made of the names of the elements
