"""A permission set from stack configuration, as the reference stack has it."""

import json
from typing import Any, Final

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import get_config_env

from personalize_permissions._components.component_base import schema_of
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import AsWritten, Spelling, Validator, spelled
from personalize_permissions._validation.validators import OneOf, String

_EMPTY: Final[tuple[object, ...]] = ("", [], {})
"""A setting left empty is one not given: a project's defaults cannot say "none" otherwise."""


def permissions_from_config(
    name: str, config: pulumi.Config, opts: pulumi.ResourceOptions | None = None
) -> PersonalizePermissions:
    """Return the permission set that `config` describes, by the arguments' names in camelCase, as `sourceAccounts`.

    Secret settings stay secret. Raises InvalidArgumentsError, which names the settings as they are written there, for
    a setting of that namespace that is not an argument, too.
    """
    schema = schema_of(PersonalizePermissions)
    values = {
        (key := Spelling.SCHEMA.write(argument)): _setting(config, key, field.validator)
        for argument, field in schema.fields.items()
    }
    given = {key: value for key, value in values.items() if value is not None}
    others = {AsWritten(key): None for key in _keys(config) if key not in values}  # to be refused by their names
    with spelled(Spelling.SCHEMA):
        return PersonalizePermissions(name, python_names(schema, others | given), opts)  # type: ignore[arg-type] # validated there


def _keys(config: pulumi.Config) -> list[str]:
    """Return every key that is set in this namespace."""
    start = f"{config.name}:"
    return [key.removeprefix(start) for key in get_config_env() if key.startswith(start)]


def _setting(config: pulumi.Config, key: str, validator: Validator) -> Any:  # noqa: ANN401 - what the configuration holds
    """Return a setting's value, secret where it is one; None where it is empty or not set."""
    if (text := config.get(key)) is None:
        return None
    value = text if isinstance(validator, String | OneOf) else _read(text)
    if value in _EMPTY:
        return None
    return pulumi.Output.secret(value) if is_config_secret(f"{config.name}:{key}") else value


def _read(text: str) -> object:
    """Return what a setting holds: the engine writes lists and objects as JSON. Any other text stays, to be refused."""
    try:
        return json.loads(text)
    except ValueError:
        return text
