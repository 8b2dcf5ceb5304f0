"""What README.md, Pulumi.yaml and docs say, written from its one description: `python -m tests.docs.generated`."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

from personalize_permissions._documents.identities import ACTIONS_OF
from personalize_permissions._documents.personalize_actions import ACTIONS, SERVING_ACTIONS
from personalize_permissions._hosts.provider import PACKAGE, PersonalizeProvider
from personalize_permissions._hosts.schema import argument_descriptions
from personalize_permissions._validation.report import Spelling
from sandbox.paths import REPOSITORY

COMMAND: Final = "python -m tests.docs.generated"
README: Final = REPOSITORY / "README.md"
PROJECT: Final = REPOSITORY / "Pulumi.yaml"
IDENTITIES: Final = REPOSITORY / "docs/identities.md"
_TABLE: Final = re.compile(r"(?<=\| argument \| meaning \| default \|\n\|---\|---\|---\|\n)(?:\|.*\n)*")
_ACTIONS: Final = re.compile(r"(?<=\| action \| access level )([^\n]*\n)([-|]+\n)(?:\|.*\n)*")
_CONFIG: Final = re.compile(r"(?<=where Amazon Personalize exists\.\n).*", re.DOTALL)
_DEFAULT: Final = re.compile(r"\s*Default: ([^.]+)\.")
_SCALARS: Final = {"string", "integer"}
_EMPTY: Final = {"array": "[]", "object": "{}", "boolean": "false", "string": '""'}


def readme() -> str:
    """Return README.md with its table of arguments as they are described."""
    return _TABLE.sub(lambda _: _table(), README.read_text())


def project() -> str:
    """Return Pulumi.yaml with the settings of the reference stack as their arguments are described."""
    return _CONFIG.sub(lambda _: _settings(), PROJECT.read_text())


def identities() -> str:
    """Return docs/identities.md with its table of who may do each action of Personalize."""
    return _ACTIONS.sub(lambda found: f"{found[1]}{found[2]}{_actions()}", IDENTITIES.read_text())


def _actions() -> str:
    rows = ""
    for name, action in ACTIONS.items():
        cells = [_cell(identity, name) for identity in ACTIONS_OF]
        rows += f"| `{name.partition(':')[2]}` | {action.level.value} | {' | '.join(cells)} |\n"
    return rows


def _cell(identity: str, action: str) -> str:
    if action not in ACTIONS_OF[identity]:
        return ""
    return "yes" if identity != "applications" else "serving" if action in SERVING_ACTIONS else "recording"


def _table() -> str:
    rows = ""
    for name, taken in _inputs().items():
        default = _DEFAULT.search(taken["description"])
        assert default, f"{name} does not say its default"
        rows += f"| `{name}` | {_meaning(taken, Spelling.PYTHON)} | {default[1]} |\n"
    return rows


def _settings() -> str:
    text = ""
    for name, taken in _inputs().items():
        kind, default = _kind(taken), re.search(r"Default: (?:`([^`]+)`|(\d+))", taken["description"])
        text += f"  {Spelling.SCHEMA.write(name)}:\n    type: {kind}\n"
        text += f"    items: {{ type: {_kind(taken['items'])} }}\n" if kind == "array" else ""
        text += f"    description: {json.dumps(_meaning(taken, Spelling.SCHEMA))}\n"
        text += f"    default: {(default[1] or default[2]) if default and kind in _SCALARS else _EMPTY[kind]}\n"
    return text


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(PersonalizeProvider().schema or "{}")
    return schema


def _inputs() -> dict[str, dict[str, Any]]:
    """Return what the schema says of each argument of the permission set, by its Python name."""
    inputs = _schema()["resources"][f"{PACKAGE}:index:PersonalizePermissions"]["inputProperties"]
    names = argument_descriptions()["PersonalizePermissionsArgs"]
    return {name: inputs[Spelling.SCHEMA.write(name)] for name in names}


def _meaning(taken: dict[str, Any], spelling: Spelling) -> str:
    """Return the description without its default, with the fields of an object and the values of those."""
    fields = []
    for name in argument_descriptions().get(_type_name(taken), ()):
        field = _referred(taken)["properties"][Spelling.SCHEMA.write(name)]
        values = ", ".join(f"`{member['value']}`" for member in _referred(field).get("enum", ()))
        fields.append(f"`{spelling.write(name)}`" + (f" ({values})" if values else ""))
    return _DEFAULT.sub("", taken["description"]) + (f" Fields: {', '.join(fields)}." if fields else "")


def _type_name(taken: dict[str, Any]) -> str:
    return str(taken.get("items", taken).get("$ref", "")).rsplit(":", 1)[-1]


def _referred(taken: dict[str, Any]) -> dict[str, Any]:
    """Return the type that a property, or each of its items, refers to."""
    referred: dict[str, Any] = _schema()["types"].get(f"{PACKAGE}:index:{_type_name(taken)}", {})
    return referred


def _kind(taken: dict[str, Any]) -> str:
    """Return the type of a setting, as Pulumi.yaml writes it."""
    return str(_referred(taken)["type"] if "$ref" in taken else taken["type"])


if __name__ == "__main__":
    README.write_text(readme())
    PROJECT.write_text(project())
    IDENTITIES.write_text(identities())
