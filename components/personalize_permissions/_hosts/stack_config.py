"""A permission set from stack configuration, every argument of it; what the reference stack is made of."""

import json
from typing import Any, Final

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import get_config_env

from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import AsWritten, Spelling, spelled
from personalize_permissions._validation.validators import Choice, Plain, Text

_EMPTY: Final[tuple[object, ...]] = ("", [], {})
"""A setting left empty is one not given: a project's defaults cannot say "none" otherwise."""


def permissions_from_config(
    name: str, config: pulumi.Config, opts: pulumi.ResourceOptions | None = None
) -> PersonalizePermissions:
    """The permission set that `config` describes, by the arguments' names in camelCase, as `sourceAccounts`.

    Secret settings stay secret. Raises InvalidArgumentsError, which names the settings as they are written there; a
    setting of that namespace which is no argument is refused, too.
    """
    values = {
        Spelling.SCHEMA.write(argument): _setting(config, argument) for argument in argument_schemas.PERMISSIONS.fields
    }
    given = {key: value for key, value in values.items() if value is not None}
    others = {AsWritten(key): None for key in _set_in(config) if key not in values}  # to be refused by their names
    with spelled(Spelling.SCHEMA):
        return PersonalizePermissions(name, python_names(argument_schemas.PERMISSIONS, others | given), opts)  # type: ignore[arg-type] # judged there


def _set_in(config: pulumi.Config) -> list[str]:
    """Every setting of this namespace, those that nobody asks for too."""
    start = f"{config.name}:"
    return [key.removeprefix(start) for key in get_config_env() if key.startswith(start)]


def _setting(config: pulumi.Config, argument: str) -> Any:  # noqa: ANN401 - what the configuration holds
    key = Spelling.SCHEMA.write(argument)
    if (text := config.get(key)) is None:
        return None
    shape = argument_schemas.PERMISSIONS.fields[argument].shape
    value = text if isinstance(shape, Text | Choice | Plain) else _read(text)
    if value in _EMPTY:
        return None
    return pulumi.Output.secret(value) if is_config_secret(f"{config.name}:{key}") else value


def _read(text: str) -> object:
    """What a setting holds: the engine writes lists and objects as JSON. What is no JSON stays text, to be refused."""
    try:
        return json.loads(text)
    except ValueError:
        return text
