"""Translates the names of the package schema (`sourceAccounts`) into Python's (`source_accounts`)."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.output import Unknown

from personalize_permissions._validation.report import Spelling, Validator
from personalize_permissions._validation.validators import ListOf, ObjectSchema


def python_names(validator: Validator, value: object) -> object:
    """Return a value with the field names of every object in it in Python's spelling; outputs stay outputs.

    A name that the schema lacks is kept, to be reported.
    """
    match value:
        case pulumi.Output():
            return value.apply(lambda known: python_names(validator, known))
        case Unknown():
            return pulumi.Output.from_input(value)
        case Mapping() if isinstance(validator, ObjectSchema):
            fields = {Spelling.SCHEMA.write(name): (name, field.validator) for name, field in validator.fields.items()}
            translated = {}
            for name, item in value.items():
                python_name, inner = fields.get(name, (name, None))
                translated[python_name] = python_names(inner, item) if inner else item
            return translated
        case Sequence() if isinstance(validator, ListOf) and not isinstance(value, str):
            return [python_names(validator.item, item) for item in value]
    return value
