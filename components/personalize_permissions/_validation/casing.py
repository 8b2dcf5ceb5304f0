"""From the names of the schema (`sourceAccounts`) to those of Python (`source_accounts`), whatever the values are.

The names are those of `argument_schemas`; a name that is not there is kept, to be reported.
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.output import Unknown

from personalize_permissions._validation.report import Shape, Spelling
from personalize_permissions._validation.validators import ListOf, Record


def python_names(shape: Shape, value: object) -> object:
    """`value`, with the field names of every record in it translated; outputs stay outputs, and secret ones secret."""
    match value:
        case pulumi.Output():
            return value.apply(lambda known: python_names(shape, known))
        case Unknown():
            return pulumi.Output.from_input(value)
        case Mapping() if isinstance(shape, Record):
            fields = {Spelling.SCHEMA.write(name): (name, field.shape) for name, field in shape.fields.items()}
            translated = {}
            for name, item in value.items():
                python_name, inner = fields.get(name, (name, None))
                translated[python_name] = python_names(inner, item) if inner else item
            return translated
        case Sequence() if isinstance(shape, ListOf) and not isinstance(value, str):
            return [python_names(shape.item, item) for item in value]
    return value
