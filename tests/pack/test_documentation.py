"""Every policy has its metadata and its page, and what the pages show is so."""

from __future__ import annotations

import json
import re

import pytest

from personalize_guardrails.policies import pack_policies
from sandbox.paths import REPOSITORY
from sandbox.session import Sandbox

PAGE = (REPOSITORY / "docs/pack.md").read_text()


def test_every_policy_says_all_of_itself_and_has_a_page() -> None:
    for policy in pack_policies():
        assert policy.display_name
        assert policy.description
        assert policy.severity
        assert policy.remediation_steps
        assert policy.url
        assert policy.tags
        assert f"policies/{policy.name}.md" in PAGE
        assert (REPOSITORY / f"docs/policies/{policy.name}.md").read_text().startswith(f"# {policy.name}\n")


@pytest.mark.parametrize(
    "file", sorted((REPOSITORY / "examples/pack-config").glob("*.json")), ids=lambda file: file.stem
)
@pytest.mark.engine
def test_the_example_configurations_are_taken(file: object, sandbox: Sandbox) -> None:
    project = sandbox.program("import pulumi_aws as aws\naws.iam.User('alice')\n")
    done = project.preview("--policy-pack-config", str(file), packs=[REPOSITORY / "policy_pack"])
    assert done.ok


@pytest.mark.engine
def test_the_page_shows_what_happens(sandbox: Sandbox) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = sandbox.program(program).preview(packs=[REPOSITORY / "policy_pack"], check=False)
    [shown] = [block for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) if "mandatory" in block]
    message = " ".join(shown.split("\n", 1)[1].split())
    assert message in " ".join(event["message"] for event in done.violations).replace("\n", " ")


def test_json_in_the_pages_is_json() -> None:
    pages = PAGE + (REPOSITORY / "docs/organizations.md").read_text()
    for block in re.findall(r"```json\n(.*?)```", pages, re.DOTALL):
        json.loads(block)


def test_links_lead_somewhere() -> None:
    for page in (REPOSITORY / "docs").rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page, target)
