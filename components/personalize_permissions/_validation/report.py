"""Wrong input: collected, named as the caller writes it, and raised together before anything is registered."""

import contextlib
import contextvars
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

import pulumi
from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails
from pulumi.output import Unknown

from personalize_guardrails.iam import escape_unprintable
from personalize_permissions._runtime.outputs import gather
from personalize_permissions._runtime.run_scope import is_update


class Entry(str):
    """The name of one entry of a list, where its place in the list is not known: `buckets["training-data"]`."""

    __slots__ = ()


class AsWritten(str):
    """A name that is not an argument, which messages quote as it was written."""

    __slots__ = ()


Path = tuple[str | int, ...]
"""From the outermost argument inwards: names, places in lists, and `Entry`s."""


class Spelling(Enum):
    """The case in which the caller writes the names of arguments."""

    PYTHON = "source_accounts"
    SCHEMA = "sourceAccounts"

    def write(self, python_name: str) -> str:
        """Return a Python name as this spelling writes it."""
        head, *tail = python_name.split("_")
        return python_name if self is Spelling.PYTHON else head + "".join(part.capitalize() for part in tail)

    def prose(self, text: str) -> str:
        """Return a text with each `backticked` argument name as this spelling writes it."""
        return re.sub(r"`([a-z_]+)`", lambda match: f"`{self.write(match[1])}`", text)


_SHOWN: Final = 100
"""The longest value that a message shows whole, in characters."""
_spelling: Final = contextvars.ContextVar("spelling", default=Spelling.PYTHON)


@contextlib.contextmanager
def spelled(spelling: Spelling) -> Iterator[None]:
    """Make components name their arguments in `spelling` within the block."""
    token = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(token)


class InvalidArgumentsError(InputPropertiesError, pulumi.RunError):
    """Arguments that cannot work, all of them; `errors` holds `property_path` and `reason` of each.

    A `RunError`: the engine prints the message without a traceback. It says that nothing was made where that is sure.
    """

    errors: list[InputPropertyErrorDetails]

    def __init__(self, subject: str, problems: "Sequence[Problem]", spelling: Spelling) -> None:
        self.errors = [
            {
                "property_path": escape_unprintable(problem.where(spelling)),
                "reason": escape_unprintable(spelling.prose(problem.reason)),
            }
            for problem in dict.fromkeys(problems)
        ]
        lines = [f"  {error['property_path']}: {error['reason']}" for error in self.errors]
        count = "one argument needs" if len(lines) == 1 else f"{len(lines)} arguments need"
        so_far = "" if is_update() else "; nothing was made or altered"
        super().__init__("\n".join([f"{subject}: {count} a change{so_far}.", *lines]), self.errors)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its path, and a sentence that says what is wrong and what to write instead."""

    path: Path
    reason: str

    def where(self, spelling: Spelling) -> str:
        """Return the path as the caller writes it, such as `buckets[0].existing_policy`."""
        text = ""
        for part in self.path:
            match part:
                case int():
                    text += f"[{part}]"
                case Entry():
                    text += f'["{part}"]'
                case AsWritten():
                    text += f".{part}"
                case _:
                    text += f".{spelling.write(part)}"
        return text.removeprefix(".") or "args"


class Validator(Protocol):
    """Says which values are right."""

    def validate(self, value: object, path: Path, report: "Report") -> None:
        """Report each fault of a value, which is neither None, an output, nor unknown."""


@dataclass
class Report:
    """Collects the problems of one component: of plain values at once, of outputs when their values are known."""

    subject: str
    quoting: bool = True
    problems: list[Problem] = field(default_factory=list)
    spelling: Spelling = field(default_factory=_spelling.get)
    _deferred: list[pulumi.Output[list[Problem]]] = field(default_factory=list)

    def add(self, path: Path, reason: str) -> None:
        """Note one mistake."""
        self.problems.append(Problem(path, reason))

    def quote(self, value: object) -> str:
        """Return a value as JSON, cut where it is long. One that came from an output may be secret: it is not shown."""
        if not self.quoting:
            return "the value"
        text = json.dumps(value, default=str, ensure_ascii=False)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

    def validate(self, validator: Validator, value: object, path: Path, *, if_none: str | None = None) -> None:
        """Validate a value, now or once it is known: `if_none` says what is wrong with None. Unknown values pass."""
        if isinstance(value, pulumi.Output):
            later: pulumi.Output[list[Problem]] = value.apply(
                lambda known: self._validate_known(validator, known, path, if_none), run_with_unknowns=True
            )
            self._deferred.append(later)
        elif value is None and if_none:
            self.add(path, if_none)
        elif value is not None and not isinstance(value, Unknown):
            validator.validate(value, path, self)

    def _validate_known(
        self, validator: Validator, value: object, path: Path, if_none: str | None
    ) -> pulumi.Output[list[Problem]]:
        """Return the problems of a value that came from an output, which no message quotes."""
        inner = Report(self.subject, quoting=False, spelling=self.spelling)
        inner.validate(validator, value, path, if_none=if_none)
        return inner._all()

    def _all(self) -> pulumi.Output[list[Problem]]:
        """Return the problems found so far, and those of outputs."""
        found = list(self.problems)
        return gather(*self._deferred).apply(lambda later: found + [one for some in later for one in some])

    def conclude(self) -> pulumi.Output[bool] | None:
        """Raise InvalidArgumentsError for plain values; return an output that fails for those known later, if any."""
        if self.problems:
            raise self.error(self.problems)
        if not self._deferred:
            return None

        def refuse(problems: list[Problem]) -> bool:
            if problems:
                raise self.error(problems)
            return True

        return pulumi.Output.unsecret(self._all().apply(refuse))

    def error(self, problems: Sequence[Problem]) -> InvalidArgumentsError:
        """Return the error for `problems`."""
        return InvalidArgumentsError(self.subject, problems, self.spelling)
