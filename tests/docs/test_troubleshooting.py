"""Every message that the components can raise is explained, and reads as the page has it."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from personalize_guardrails.configuration import PackConfig
from personalize_permissions import InvalidArgumentsError, PersonalizePermissions
from personalize_permissions._documents import limits
from personalize_permissions.testing import run
from tests.docs.pages import DOCS, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = DOCS / "troubleshooting.md"
PACKAGE = DOCS.parent / "components/personalize_permissions"
WRITTEN = list(rows(PAGE, "what was written"))


@pytest.mark.parametrize(("written", "message"), [row[:2] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_a_mistake_reads_as_documented(written: str, message: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        run(lambda: PersonalizePermissions("recs", json.loads(written)).service_role_arn)
    [error] = caught.value.errors
    pattern = ".*".join(map(re.escape, message.split("…")))  # the page shortens lists
    assert re.search(f"{pattern}$", error["reason"])


@pytest.mark.parametrize(("exemption", "message"), list(rows(PAGE, "exemption")), ids=["expires", "reason", "selector"])
def test_a_wrong_exemption_reads_as_documented(exemption: str, message: str) -> None:
    with pytest.raises(ValueError, match="exemptions: ") as caught:
        PackConfig.read({"exemptions": [json.loads(exemption)]})
    assert str(caught.value).endswith(message)


def test_the_quotas_are_those_that_are_checked() -> None:
    documented = " ".join(row[0] for row in rows(PAGE, "the message"))
    quotas = (limits.USER_NAME, limits.TRUST_POLICY, limits.ROLE_INLINE_TOTAL, limits.TAGS)
    for quota in (*quotas, limits.MANAGED_POLICIES):
        assert f"AWS allows {quota}" in documented


def test_every_message_is_explained() -> None:
    """The longest fixed part of each message in the code is on the page."""
    page = " ".join(PAGE.read_text().split())
    messages = [
        message
        for module in sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("_*/*.py")])
        for message in messages_of(module)
    ]
    assert len(messages) > 50
    assert [message for message in messages if message not in page] == []


def messages_of(module: Path) -> Iterator[str]:
    """The fixed parts of what a module reports, raises or returns as what is wrong."""
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr="add" | "refuse") | ast.Name(id="RunError" | "Advice" | "such_as")):
                parts = [*node.args]
            case ast.Call(func=ast.Attribute(attr="RunError")):
                parts = [*node.args]
            case ast.Return(value=ast.Constant() | ast.JoinedStr() | ast.IfExp() as value) if module.stem in (
                "arn_validators",
                "combinations",
                "policy_validators",
                "string_validators",
            ):
                parts = [value]
            case _:
                continue
        for each in parts:
            for text in texts(each):
                fixed = max(text, key=len, default="").strip(' ;:,("')
                if len(fixed) >= 12:
                    yield " ".join(fixed.split())


def texts(expression: ast.expr) -> Iterator[list[str]]:
    """The fixed parts of each text that an expression may become."""
    match expression:
        case ast.Constant(value=str() as text):
            yield [text]
        case ast.JoinedStr(values=values):
            yield [part.value for part in values if isinstance(part, ast.Constant)]
        case ast.IfExp(body=body, orelse=otherwise):
            yield from texts(body)
            yield from texts(otherwise)
