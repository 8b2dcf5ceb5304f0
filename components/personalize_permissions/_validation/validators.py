"""Validators of arguments by their types; `argument_schemas` says which argument has which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import pulumi

from personalize_permissions._validation.report import AsWritten, Path, Report, Validator
from personalize_permissions._validation.wording import Advice, describe_type, nearest, write_attribute

StringValidator = Callable[[str], Advice | str | None]
"""Returns what is wrong with a text and what to write, to follow the text; or None. Only `Advice` may quote it."""
ValidateTogether = Callable[[Mapping[str, object], Path, Report], None]
"""Reports fields that do not go together, where they are plain."""


@dataclass(frozen=True, slots=True)
class String:
    """A string that one validator accepts.

    `attribute` is the output of a resource that the string usually is, such as `bucket` of an `aws.s3.Bucket`.
    """

    find_fault: StringValidator
    attribute: str = ""

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a string, or a string that the validator refuses."""
        if not isinstance(value, str):
            report.add(path, f"is {describe_type(value)}; {write_attribute(value, self.attribute)}")
        elif fault := self.find_fault(value):
            shown = fault if report.quoting or isinstance(fault, str) else fault.reason
            report.add(path, f"{report.quote(value)} {shown}")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the values of an enum."""

    enum: type[Enum]

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that the enum lacks, with the nearest that it has."""
        allowed = [str(member.value) for member in self.enum]
        text = value.value if isinstance(value, Enum) else value
        if text not in allowed:
            report.add(path, f"{report.quote(text)} is not one of {', '.join(allowed)}{nearest(text, allowed)}")


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a boolean."""
        if not isinstance(value, bool):
            report.add(path, f"is {describe_type(value)}; write true or false, without quotes")


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    least: int
    most: int
    unit: str

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a whole number, or out of bounds. Numbers cross languages as floats."""
        bounds = f"write a whole number of {self.unit} from {self.least} to {self.most}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            report.add(path, f"is {describe_type(value)}; {bounds}")
        elif isinstance(value, float) and not value.is_integer():
            report.add(path, f"{report.quote(value)} is not a whole number; {bounds}")
        elif not self.least <= value <= self.most:
            report.add(path, f"{report.quote(value)} is out of bounds; {bounds}")


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind of item.

    `unique` names the field in which no two objects may be equal. Nor may two have the same label, or one the label
    that is another's field.
    """

    item: Validator
    example: str
    unique: str | None = None
    at_least_one: bool = False

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a list, each faulty item, and duplicates."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            report.add(path, f"is {describe_type(value)}; write a list, such as {self.example}")
            return
        if self.at_least_one and not value:
            report.add(path, f"is empty; write at least one, such as {self.example}")
        for index, item in enumerate(value):
            report.validate(self.item, item, (*path, index), if_none="is empty; write a value or leave the item out")
        if self.unique:
            self._report_duplicates(value, path, report, self.unique)

    def _report_duplicates(self, value: Sequence[object], path: Path, report: Report, key: str) -> None:
        """Report objects with an earlier one's field, and labels that name another object too."""
        by_field: dict[str, int] = {}
        by_name: dict[str, int] = {}
        for index, item in enumerate(value):
            entry = item if isinstance(item, Mapping) else {}
            field, label = entry.get(key), entry.get(_LABEL)
            if isinstance(field, str) and by_field.setdefault(field, index) != index:
                first = _place(path, by_field[field])
                report.add((*path, index, key), f"{report.quote(field)} duplicates {first}; write one entry for it")
            elif isinstance(name := field if label is None else label, str):
                first_of_name = by_name.setdefault(name.casefold(), index)
                if first_of_name != index:
                    labeled, other = (first_of_name, index) if label is None else (index, first_of_name)
                    report.add(
                        (*path, labeled, _LABEL),
                        f"{report.quote(name)} is also the label or name of {_place(path, other)}; write another label",
                    )


_LABEL: Final = "label"


def _place(path: Path, index: int) -> str:
    return f"{'.'.join(map(str, path))}[{index}]"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of strings."""

    most: int
    key: String
    value: String
    if_none: str | None = None
    """What is wrong with a tag that has None for its value; None where that leaves the tag out."""

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is not a mapping, too many entries, and each faulty one."""
        if not isinstance(value, Mapping):
            report.add(path, f'is {describe_type(value)}; write an object of strings, such as {{"team": "data"}}')
            return
        if len(value) > self.most:
            report.add(path, f"has {len(value)} entries; AWS allows {self.most}")
        spelled: dict[str, object] = {}
        for key, item in value.items():
            if (other := spelled.setdefault(str(key).casefold(), key)) != key:
                report.add(
                    path,
                    f"{report.quote(other)} and {report.quote(key)} differ in case only, and IAM does not tell them "
                    "apart; write one of them",
                )
            report.validate(self.key, key, path)
            # A key is as free as its value, and as secret; the names of arguments are neither.
            place = (*path, str(key)) if report.quoting else path
            report.validate(self.value, item, place, if_none=self.if_none)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: its validator, and whether it must be there."""

    validator: Validator
    required: bool = False
    static: bool = False
    """Whether it decides which resources are made: then it must be known when the program runs."""


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """An object of named fields, and what they must agree on."""

    fields: Mapping[str, Field]
    validate_together: Sequence[ValidateTogether] = ()

    def validate(self, value: object, path: Path, report: Report) -> None:
        """Report unknown, missing and faulty fields."""
        if not isinstance(value, Mapping):
            fields = ", ".join(f"`{name}`" for name in self.fields)
            report.add(path, f"is {describe_type(value)}; write an object with {fields}")
            return
        names = [report.spelling.write(name) for name in self.fields]
        for name in value:
            if name not in self.fields or isinstance(name, AsWritten):
                near = nearest(report.spelling.write(str(name)), names)
                report.add((*path, AsWritten(name)), f"is not an argument; the arguments are {', '.join(names)}{near}")
        for name, field in self.fields.items():
            item = value.get(name)
            if isinstance(item, pulumi.Output) and field.static:
                report.add(
                    (*path, name),
                    "is an output or a secret, but has to be known when the program runs; write a plain value",
                )
            else:
                missing = "is missing; it has no default" if field.required else None
                report.validate(field.validator, item, (*path, name), if_none=missing)
        for check in self.validate_together:
            check(value, path, report)

    def select(self, *values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what this schema takes of other arguments; of two that give a field, the last."""
        return {name: given[name] for given in values for name in self.fields if given.get(name) is not None}
