"""One condition of a statement: a test of one key, read so that in doubt it admits more.

In an Allow a condition that is not understood does not restrict; in a Deny it does not apply.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam import patterns
from personalize_guardrails.iam.arns import split_arn
from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily, Quantifier
from personalize_guardrails.trust.parse.comparisons import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from personalize_guardrails.iam.globs import Glob

ACCOUNT: Final = "aws:sourceaccount"
ARN: Final = "aws:sourcearn"
SOURCE_KEYS: Final = (ACCOUNT, ARN)
_ARN_COLONS: Final = 5
_FILLS: Final = ("", "aws", "personalize", "us-east-1", "999988887777", "dataset-group/shop")


@dataclass(frozen=True)
class ConditionTest:
    """A test of one key. `when_absent` is its outcome where the key is absent.

    Where the key is there: `always` if that is set, else whether any literal, glob or comparison matches, turned round
    if `negated`.
    """

    key: str
    when_absent: bool
    always: bool | None = None
    literals: frozenset[str] = frozenset()
    patterns: tuple[Callable[[], Glob | None], ...] = ()
    """Globs, made when they are first needed: most statements are seen to be guarded without any."""
    comparison: Callable[[str], bool] | None = None
    suggest: Callable[[], tuple[str, ...]] = tuple
    """Gives values worth trying: on each side of every bound of a comparison, and ARNs as they look in life."""
    negated: bool = False
    multivalued: bool = False
    """Whether it asks for any or all of several values of the key."""

    @cached_property
    def globs(self) -> tuple[Glob, ...]:
        """The patterns, ready to be matched."""
        return tuple(glob for make in self.patterns if (glob := make()))

    @property
    def restricts(self) -> bool:
        """Whether there is any value, or absence, that it tells from another."""
        return self.always is None or self.always is not self.when_absent

    def holds(self, value: str | None) -> bool:
        """Its outcome for a value of the key, or for its absence."""
        if value is None:
            return self.when_absent
        if self.always is not None:
            return self.always
        found = (
            value in self.literals
            or any(glob.matches(value) for glob in self.globs)
            or (self.comparison is not None and self.comparison(value))
        )
        return found is not self.negated


def is_exact(test: ConditionTest) -> bool:
    """Whether only the test's own literals can hold."""
    return not (test.when_absent or test.negated or test.patterns or test.comparison) and test.always is None


def unknown_condition(key: str, *, allow: bool) -> ConditionTest:
    """A condition of which it is not known what it does."""
    return ConditionTest(key, when_absent=allow, always=allow)


_parsed = lru_cache(maxsize=256)(ConditionOperator.parse)
"""There are fewer operators than that, and what is none is an error, which is not kept."""


def read_test(operator: str, key: str, values: object, *, allow: bool, variables: bool) -> ConditionTest:
    """The test that a condition makes. `allow`: it stands in an Allow. `variables`: `${...}` are policy variables."""
    texts = [values] if isinstance(values, str) else _texts(values)
    try:
        parsed = _parsed(operator)
    except ValueError:
        return unknown_condition(key, allow=allow)
    if texts is None:
        return unknown_condition(key, allow=allow)
    if parsed.family is OperatorFamily.NULL:
        wanted = {text.lower() for text in texts}
        if not wanted <= {"true", "false"}:
            return unknown_condition(key, allow=allow)
        return ConditionTest(key, when_absent="true" in wanted, always="false" in wanted)
    test = _compared(parsed, key, texts, allow=allow, variables=variables)
    return replace(test, multivalued=True) if parsed.quantifier else test


def _compared(
    parsed: ConditionOperator, key: str, texts: Sequence[str], *, allow: bool, variables: bool
) -> ConditionTest:
    when_absent = _when_absent(parsed, allow=allow)
    if parsed.family is OperatorFamily.STRING:
        return _string_test(parsed, key, texts, when_absent, allow=allow, variables=variables)
    if parsed.family is OperatorFamily.ARN and key != ACCOUNT:
        return _arn_test(parsed, key, texts, when_absent, allow=allow, variables=variables)
    comparison = None if key in SOURCE_KEYS else compare(parsed, texts)
    if comparison is None:
        # What an operator does with a value of another kind is documented nowhere.
        return unknown_condition(key, allow=allow)
    test, candidates = comparison
    return ConditionTest(key, when_absent, comparison=test, suggest=lambda: candidates, negated=parsed.negated)


def _when_absent(operator: ConditionOperator, *, allow: bool) -> bool:
    if operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return True
    if operator.quantifier is Quantifier.FOR_ANY_VALUE:
        return allow if operator.if_exists else False  # together they are documented nowhere
    return operator.if_exists or operator.negated


def _string_test(
    operator: ConditionOperator,
    key: str,
    texts: Sequence[str],
    when_absent: bool,  # noqa: FBT001 - as computed
    *,
    allow: bool,
    variables: bool,
) -> ConditionTest:
    is_like = operator.base in {"StringLike", "StringNotLike"}
    ignores_case = operator.base.endswith("IgnoreCase")
    # Unknown text matches anything where that admits more, and nothing where that does.
    widen = allow is not operator.negated
    literals: set[str] = set()
    found: list[Callable[[], Glob | None]] = []
    for text in texts:
        unknown = variables and "${" in text
        ignore_case = ignores_case and text.lower() != text.upper()
        if unknown and not widen and patterns.has_variable(text):
            continue
        if not unknown and not ignore_case and not (is_like and ("*" in text or "?" in text)):
            literals.add(text)
        elif is_like:
            found.append(partial(patterns.like, text, variables=variables))
        else:
            found.append(partial(patterns.equal, text, variables=variables, ignore_case=ignore_case))
    return ConditionTest(
        key, when_absent, None, frozenset(literals), tuple(found), None, _suggestions(key, texts), operator.negated
    )


def _arn_test(
    operator: ConditionOperator,
    key: str,
    texts: Sequence[str],
    when_absent: bool,  # noqa: FBT001 - as computed
    *,
    allow: bool,
    variables: bool,
) -> ConditionTest:
    widen = allow is not operator.negated
    literals: set[str] = set()
    found: list[Callable[[], Glob | None]] = []
    for text in texts:
        unknown = variables and "${" in text
        if unknown and not widen and patterns.has_variable(text):
            continue
        if not unknown and "*" not in text and "?" not in text and text.count(":") >= _ARN_COLONS:
            literals.add(text)
            continue
        if unknown and patterns.has_variable(text):
            found.append(partial(patterns.like, text, variables=variables))  # a variable may hold colons
            continue
        if text.count(":") >= _ARN_COLONS:
            found.append(partial(patterns.arn_like, text, variables=variables))
        elif widen:
            found.append(partial(patterns.like, text, variables=variables))  # not an ARN: undocumented
    return ConditionTest(
        key, when_absent, None, frozenset(literals), tuple(found), None, _suggestions(key, texts), operator.negated
    )


def _suggestions(key: str, texts: Sequence[str]) -> Callable[[], tuple[str, ...]]:
    return partial(_arn_examples, texts) if key == ARN else tuple


def _arn_examples(texts: Sequence[str]) -> tuple[str, ...]:
    """ARNs that patterns may match, as they look in life: a witness should read well."""
    examples = []
    for text in texts:
        parts = split_arn(text)
        if parts and ("*" in text or "?" in text):
            filled = (
                part.replace("*", fill) if "*" in part else part for part, fill in zip(parts, _FILLS, strict=True)
            )
            examples.append(":".join(filled).replace("?", "0"))
    return tuple(examples)


def _texts(values: object) -> list[str] | None:
    """The values as text; None where they are empty, or hold what no condition compares."""
    listed = values if isinstance(values, list) else [values]
    texts: list[str] = []
    for value in listed:
        if isinstance(value, bool):
            texts.append("true" if value else "false")
        elif isinstance(value, str):
            texts.append(value)
        else:
            return None
    return texts or None
