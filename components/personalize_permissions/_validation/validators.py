"""Validators of the shapes that arguments have; `argument_schemas` says which argument has which."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import pulumi

from personalize_permissions._validation.report import AsWritten, Path, Report


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong with a text, and an example made from it, which only a reader of the text may see."""

    reason: str
    such_as: str


Check = Callable[[str], Advice | str | None]
"""Judges one text: what is wrong and what to write, to follow the quoted text; or None. Only `Advice` may quote it."""


def kind_of(value: object) -> str:
    """What a value is, in words that every language shares."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case Mapping():
            return "an object"
        case Sequence():
            return "a list"
    return f"a {type(value).__name__}"


@dataclass(frozen=True, slots=True)
class Text:
    """A string that passes every check."""

    checks: tuple[Check, ...] = ()

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report a value that is no string, and each check that a string fails."""
        if not isinstance(value, str):
            report.add(path, f"is {kind_of(value)}; write a string in quotes")
            return
        for check in self.checks:
            if found := check(value):
                report.add(path, f"{report.quote(value)} {_told(found, quoting=report.quoting)}")
                return


def _told(found: Advice | str, *, quoting: bool) -> str:
    if isinstance(found, str):
        return found
    return f'{found.reason}, such as "{found.such_as}"' if quoting else found.reason


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of an enum; `plain` ones decide what is made, so they cannot be outputs."""

    enum: type[Enum]

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report a value that the enum lacks, with the nearest that it has."""
        allowed = [str(member.value) for member in self.enum]
        text = value.value if isinstance(value, Enum) else value
        if text not in allowed:
            report.add(path, f"{report.quote(text)} is none of {', '.join(allowed)}{nearest(text, allowed)}")


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that decides which resources are made: it must be known when the program runs."""

    shape: "Choice | Text"

    def examine(self, value: object, path: Path, report: Report) -> None:
        """As the inner shape."""
        self.shape.examine(value, path, report)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report anything that is no boolean."""
        if not isinstance(value, bool):
            report.add(path, f"is {kind_of(value)}; write true or false, without quotes")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int
    unit: str

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report what is no whole number, or out of bounds. 3600.0 is one: it is how numbers cross languages."""
        bounds = f"write a whole number of {self.unit} from {self.least} to {self.most}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            report.add(path, f"is {kind_of(value)}; {bounds}")
        elif (isinstance(value, float) and not value.is_integer()) or not self.least <= value <= self.most:
            report.add(path, f"{report.quote(value)} is out of bounds; {bounds}")


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape.

    `unique` names the field by which no two records may be equal; nor may two be called alike, by their labels or else
    by that field.
    """

    item: "Text | Choice | Record"
    example: str
    unique: str | None = None
    at_least_one: bool = False

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report what is no list, each faulty item, and records that stand twice."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            report.add(path, f"is {kind_of(value)}; write a list, such as {self.example}")
            return
        if self.at_least_one and not value:
            report.add(path, f"is empty; write at least one, such as {self.example}")
        for index, item in enumerate(value):
            if item is None:
                report.add((*path, index), "is empty; write a value or leave the item out")
            report.examine(self.item, item, (*path, index))
        if self.unique:
            self._examine_unique(value, path, report, self.unique)

    def _examine_unique(self, value: Sequence[object], path: Path, report: Report, key: str) -> None:
        first: dict[str, int] = {}
        called: dict[str, int] = {}
        for index, item in enumerate(value):
            record = item if isinstance(item, Mapping) else {}
            name, label = record.get(key), record.get(_LABEL)
            if isinstance(name, str) and first.setdefault(name, index) != index:
                before = _place(path, first[name])
                report.add(
                    (*path, index, key), f"{report.quote(name)} stands in {before} already; write one entry for it"
                )
            elif isinstance(own := name if label is None else label, str):
                before_it = called.setdefault(own.casefold(), index)
                if before_it != index:
                    labelled, other = (before_it, index) if label is None else (index, before_it)
                    report.add(
                        (*path, labelled, _LABEL),
                        f"{report.quote(own)} names {_place(path, other)} as well; write another label",
                    )


_LABEL: Final = "label"


def _place(path: Path, index: int) -> str:
    return f"{'.'.join(map(str, path))}[{index}]"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of strings."""

    most: int
    key: Text
    value: Text

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report what is no mapping, too many entries, and each faulty one."""
        if not isinstance(value, Mapping):
            report.add(path, f'is {kind_of(value)}; write an object of strings, such as {{"team": "data"}}')
            return
        if len(value) > self.most:
            report.add(path, f"has {len(value)} entries; AWS allows {self.most}")
        for key, item in value.items():
            report.examine(self.key, key, path)
            # A name of an argument is told, whatever it is in; a key is as free as its value, and as secret.
            report.examine(self.value, item, (*path, str(key)) if report.quoting else path)


@dataclass(frozen=True, slots=True)
class Field:
    """A shape and whether it must be there."""

    shape: "Text | Choice | Plain | Flag | Whole | ListOf | MapOf | Record"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object of named fields; `cross` judges how they go together, where they are plain."""

    fields: Mapping[str, Field]
    cross: Callable[[Mapping[str, object], Path, Report], None] = lambda _values, _path, _report: None

    def examine(self, value: object, path: Path, report: Report) -> None:
        """Report unknown, missing and faulty fields."""
        if not isinstance(value, Mapping):
            report.add(
                path, f"is {kind_of(value)}; write an object with {', '.join(f'`{name}`' for name in self.fields)}"
            )
            return
        names = [report.spelling.write(name) for name in self.fields]
        for name in value:
            if name not in self.fields or isinstance(name, AsWritten):
                near = nearest(report.spelling.write(str(name)), names)
                report.add((*path, AsWritten(name)), f"is no argument here; there are {', '.join(names)}{near}")
        for name, field in self.fields.items():
            item = value.get(name)
            if item is None and field.required:
                report.add((*path, name), "is missing; it has no default")
            elif isinstance(item, pulumi.Output) and isinstance(field.shape, Plain):
                report.add((*path, name), "is an output or a secret; it decides what is made, so write a plain value")
            else:
                report.examine(field.shape, item, (*path, name))
        self.cross(value, path, report)


def nearest(text: object, allowed: Iterable[str]) -> str:
    """A hint at the allowed word that is meant, or nothing."""
    near = difflib.get_close_matches(str(text).lower(), list(allowed), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
