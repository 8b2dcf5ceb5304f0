"""Recognizes what a text is by its content, and finds the subjects in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from personalize_guardrails.audit.pages import CUT_OFF, Pages
from personalize_guardrails.audit.positions import Origin
from personalize_guardrails.audit.readers import ARRAYS, ENTERED, READERS
from personalize_guardrails.audit.streaming import LONGEST_KEPT, Element, JsonStream
from personalize_guardrails.audit.subjects import UNNAMED, Reader, Subject, is_trust_policy, selected_subjects
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, has_duplicate_keys
from personalize_guardrails.extraction.intrinsic_functions import members

_UNKNOWN: Final = "the audit does not recognize it"
_LOOKS_LIKE: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"version", "artifacts"}), "a CDK manifest; check its folder"),
    (frozenset({"version", "files", "dockerImages"}), "a CDK asset manifest; nothing to check"),
    (frozenset({"name", "dependencies"}), "a manifest of packages; nothing to check"),
    (frozenset({"compilerOptions"}), "a compiler's configuration; nothing to check"),
    (frozenset({"UserId", "Account", "Arn"}), "the caller's identity; nothing to check"),
    (frozenset({"Users"}), "a list of users; nothing to check"),
    (frozenset({"PolicyNames"}), "the names of policies; nothing to check"),
    (frozenset({"AttachedPolicies"}), "the names of attached policies; nothing to check"),
    (frozenset({"runs", "version"}), "a SARIF log; nothing to check"),
    (frozenset({"PolicyVersion"}), "an identity policy; nothing to check"),
    (frozenset({"StackResources"}), "the names of a stack's resources; check `aws cloudformation get-template`"),
    (frozenset({"Stacks"}), "a list of stacks; check `aws cloudformation get-template` of each"),
    (frozenset({"openapi"}), "an API description; nothing to check"),
    (frozenset({"name", "runtime"}), "a Pulumi project; check `pulumi stack export` or `pulumi preview --json`"),
)
"""Descriptions of well-known files that have no trust policies, by the members that identify them."""


class NotRecognizedError(ValueError):
    """The audit does not recognize the text; the message says what it looks like."""


class BrokenError(NotRecognizedError):
    """The text cannot be read, so it may be one that should be checked. `kind` describes it in a summary."""

    def __init__(self, message: str, kind: str = "not JSON, and no YAML that can be read") -> None:
        super().__init__(message)
        self.kind = kind


def subjects(read: Callable[[int], str]) -> Iterator[tuple[Subject, Origin]]:
    """Yield the subjects in a text, each with its origin; NotRecognizedError or BadJsonError where there are none."""
    head = ""
    while len(head) <= LONGEST_KEPT and (more := read(LONGEST_KEPT + 1 - len(head))):  # pipes return less than asked
        head += more
    head = head.removeprefix("\ufeff")
    if not head.strip():
        raise NotRecognizedError("it is empty")
    if head.lstrip()[:1] in {"{", "["}:
        yield from _of_json(JsonStream(read, head))
    elif len(head) > LONGEST_KEPT:
        raise BrokenError(f"{_UNKNOWN}: it is not JSON, and longer than any template or policy")
    else:
        yield from _of_yaml(head)


def _of_json(stream: JsonStream) -> Iterator[tuple[Subject, Origin]]:
    """Yield the subjects of JSON values in sequence: one document, the pages of an export, or JSON Lines.

    If some of the values are not recognized, one fault says so; NotRecognizedError if none of them is.
    """
    pages, account, is_read = Pages(), "", False
    other: NotRecognizedError | None = None
    recognized = 0
    for element, title in _titled(stream.elements(ARRAYS, ENTERED)):
        try:
            for subject in _of_element(element):
                account, is_read = account or subject.account, True
                yield replace(subject, name=title) if title and subject.name == UNNAMED else subject, element.origin
        except NotRecognizedError as error:
            if not is_read:  # else its arrays had subjects
                other, recognized = other or error, recognized - 1
        if not element.path:
            recognized += 1
            if pages.is_cut_off_before(element.value, account):
                yield CUT_OFF, Origin("")
            account, is_read = "", False
    if pages.is_cut_off:
        yield CUT_OFF, Origin("")
    if other and not recognized:
        raise other
    if other:
        yield Subject("", fault=f"a part of it is not checked: {other}"), Origin("")


def _of_element(element: Element) -> Iterator[Subject]:
    """Yield the subjects of one element of an array, or of a whole value."""
    if element.path:
        return _without_duplicates(ARRAYS[element.path](element.value), doubled=element.doubled)
    return _of_value(element.value, element.origin.text, doubled=element.doubled)


def _titled(elements: Iterable[Element]) -> Iterator[tuple[Element, str]]:
    """Yield each element with the string before it: `--query` can print a role's name before its trust policy."""
    title, is_alone = "", True
    for element in elements:
        if not element.path and isinstance(element.value, str) and not is_trust_policy(element.value):
            title = title or element.value
        else:
            is_alone = is_alone and element.value is None
            yield element, title
    if title and is_alone:
        raise NotRecognizedError(_UNKNOWN)


def _of_yaml(text: str) -> Iterator[tuple[Subject, Origin]]:
    """Yield the subjects of YAML text; if it is a list, its items are the pages of an export."""
    try:
        from personalize_guardrails.extraction.yaml_loader import load_yaml  # noqa: PLC0415 - PyYAML is optional
    except ImportError:
        raise BrokenError("it is in YAML; install PyYAML to read it") from None
    try:
        value = load_yaml(text)
    except RecursionError:
        raise BrokenError("it is nested too deeply") from None
    except ValueError as error:
        raise BrokenError(f"{_UNKNOWN}: {error}") from None
    if not isinstance(value, Mapping | list):
        raise NotRecognizedError(_UNKNOWN)
    origin, pages = Origin(text, is_yaml=True), Pages()
    for subject in _of_value(value, text, doubled=has_duplicate_keys(value)):
        yield subject, origin
    cut_off = [pages.is_cut_off_before(each, "") for each in (value if isinstance(value, list) else [value])]
    if any(cut_off) or pages.is_cut_off:
        yield CUT_OFF, origin


def _without_duplicates(found: Iterable[Subject], *, doubled: bool) -> Iterator[Subject]:
    """Yield the subjects; if a key appears twice around them, yield them as faults, or one fault if there are none."""
    subject = None
    for subject in found:
        yield replace(subject, fault=DUPLICATES) if doubled else subject
    if doubled and subject is None:
        yield Subject("", fault=DUPLICATES)


def _of_value(value: Any, text: str, *, doubled: bool) -> Iterator[Subject]:  # noqa: ANN401 - any JSON value
    """Yield the subjects of a whole value of the text, or of an element of the outer array."""
    if isinstance(value, list):
        yield from _without_duplicates(_of_list(value, doubled=doubled), doubled=doubled)
    elif isinstance(value, Mapping):
        yield from _of_object(value, text, doubled=doubled)
    elif is_trust_policy(value):
        yield from selected_subjects({"": value})
    else:
        raise NotRecognizedError(_UNKNOWN)


def _of_list(values: list[Any], *, doubled: bool) -> Iterator[Subject]:
    """Yield the subjects of a list; `--query` can make one of a role's name and its trust policy."""
    places = {f"[{index}]": each for index, each in enumerate(values)}
    if selected := list(selected_subjects(places)):
        yield from selected
        return
    for place, each in places.items():
        yield from (_inside(subject, place) for subject in _of_value(each, "", doubled=doubled))


def _of_object(found: Mapping[str, Any], text: str, *, doubled: bool) -> Iterator[Subject]:
    """Yield the subjects of an object, by the reader that recognizes it."""
    reader = next((each for each in READERS if each.recognizes(found)), None)
    if reader is None:
        looks_like = next((what for keys, what in _LOOKS_LIKE if keys <= found.keys()), _UNKNOWN)
        raise BrokenError(DUPLICATES, "with a key that appears twice") if doubled else NotRecognizedError(looks_like)
    yield from _without_duplicates(_by(reader, found, text), doubled=doubled and not reader.finds_duplicates)


def _by(reader: Reader, found: Mapping[str, Any], text: str) -> Iterator[Subject]:
    """Yield the subjects that a reader finds in an object, and in its arrays that were not streamed."""
    yield from reader.whole(found, text)
    for path, read in reader.arrays.items():  # a streamed array is no longer among the members
        values: Any = found
        for name in path.split("."):
            values = members(values).get(name, [])
        if isinstance(values, list):
            for index, value in enumerate(values):
                yield from (_inside(subject, f"{path}[{index}]") for subject in read(value))
        else:
            yield Subject("", fault=f"{path} is not a list; export all of it")


def _inside(subject: Subject, place: str) -> Subject:
    """Return the subject with its paths below `place`, where the value was found."""
    paths = {key: f"{place}.{path}" if path else place for key, path in subject.paths.items()}
    return replace(subject, paths=paths)
