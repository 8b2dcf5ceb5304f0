"""A key that appears twice on the way to a trust policy, in every kind of file: the audit never says that all is well."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from personalize_guardrails.audit import Result
from personalize_guardrails.extraction.duplicate_keys import load_json
from tests.audit.accounts import GUARDED, OPEN
from tests.audit.test_readers import CASES, audit

OTHER = "something else"


class Text(str):
    """JSON text, as it is to be written into the file."""

    __slots__ = ()


def written(pairs: Iterable[tuple[str, Any]]) -> Text:
    """The object with these members, of which two can have one key."""
    return Text("{" + ", ".join(f"{json.dumps(key)}: {dumps(value)}" for key, value in pairs) + "}")


def dumps(value: Any) -> str:
    """JSON of a value with texts in it that are JSON already."""
    if isinstance(value, Text):
        return value
    if isinstance(value, dict):
        return written(value.items())
    return f"[{', '.join(map(dumps, value))}]" if isinstance(value, list) else json.dumps(value)


def twice(members: dict[str, Any], key: str, first: Any, second: Any) -> Text:
    """The object with a key that appears twice."""
    return written([*((each, value) for each, value in members.items() if each != key), (key, first), (key, second)])


def guarded(value: Any) -> Any:
    """The value with guarded trust policies in place of open ones."""
    if value == OPEN:
        return GUARDED
    if isinstance(value, dict):
        return {key: guarded(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(guarded, value))
    inner = in_text(value)
    return value if inner is None else json.dumps(guarded(inner))


def in_text(value: Any) -> Any:
    """What a text of JSON holds, as it is or encoded for a URL; None for another value."""
    text = unquote(value) if isinstance(value, str) and value.startswith("%") else value
    return json.loads(text) if isinstance(text, str) and text.startswith('{"') and "\n" not in text else None


def doubled(value: Any) -> Iterator[tuple[str, Any]]:
    """The value with one key twice, once for each on the way to an open trust policy and each beside the way."""
    if value == OPEN or guarded(value) == value:
        return
    if (inner := in_text(value)) is not None:
        for why, changed in doubled(inner):
            yield why, dumps(changed)
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        for why, changed in doubled(item):
            yield (
                why,
                {**value, key: changed} if isinstance(value, dict) else [*value[:key], changed, *value[key + 1 :]],
            )
    for key, item in value.items() if isinstance(value, dict) else ():
        if guarded(item) != item:
            yield f"{key}, open and guarded", twice(value, key, item, guarded(item))
            yield f"{key}, guarded and open", twice(value, key, guarded(item), item)
        elif isinstance(item, str):
            yield f"{key} and another", twice(value, key, item, OTHER)


JSON = [(name, content) for name, content, _ in CASES if isinstance(content, dict | list)]
YAML = [("YAML of " + name, content) for name, content in JSON if isinstance(content, dict)]
FILES = [
    (name, why, ("# YAML\n" if name.startswith("YAML") else "") + dumps(changed))
    for name, content in [*JSON, *YAML, ("a template", {"Globals": {"Function": {"AssumeRolePolicyDocument": OPEN}}, "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "x"}}}})]
    for why, changed in doubled(content)
]  # fmt: skip


@pytest.mark.parametrize(("name", "why", "text"), FILES, ids=[f"{name}: {why}" for name, why, _ in FILES])
def test_a_key_that_appears_twice_never_passes(name: str, why: str, text: str) -> None:
    results = audit(text)
    assert any(each.violates or each.fault for each in results), text


def test_every_format_is_among_them() -> None:
    assert len({name for name, _, _ in FILES}) > 30
    assert len(FILES) > 200


def test_one_role_with_a_key_twice_leaves_the_others_to_be_checked() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": OPEN}}
    fine = guarded(role)
    inner = twice({"Fine": fine, "Open": role}, "R", role, fine)
    by_name: dict[str, Result] = {each.name: each for each in audit(dumps({"Resources": inner}))}
    assert [name for name, each in by_name.items() if each.violates] == ["Open", "R"]
    assert by_name["R"].path == "templateBody.Resources.R.Properties"
    assert not by_name["Fine"].findings


MERGED = """
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Tags: &tags
        <<: {a: 1, b: 2}
        a: 3
      AssumeRolePolicyDocument: %s
Metadata:
  <<: *tags
"""


@pytest.mark.parametrize("text", [MERGED, MERGED.replace("a: 3", "a: 3\n        a: 3")])
def test_what_yaml_merges_or_repeats_is_no_duplicate(text: str) -> None:
    [result] = audit(text % json.dumps(GUARDED))
    assert (result.findings, result.fault) == ((), "")


def test_equal_values_are_no_duplicate_and_what_they_hold_still_is() -> None:
    assert type(load_json('{"a": [1], "a": [1]}')) is dict
    text = '{"a": {"b": 1, "b": 2}, "a": {"b": 2}}'
    assert type(load_json(text)) is not dict
