"""One condition of a statement: a test of one key, read so that an unclear one admits more.

In an Allow a condition that is not understood does not restrict; in a Deny it does not apply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam import patterns
from personalize_guardrails.iam.arns import split_arn
from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily, Quantifier
from personalize_guardrails.iam.globs import Glob, compile_glob, run_together
from personalize_guardrails.trust.parse.comparisons import compare
from personalize_guardrails.trust.parse.source_arns import example_arns, names_source_account, with_any_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    MakeGlob = Callable[[], Glob | None]

ACCOUNT: Final = "aws:sourceaccount"
ARN: Final = "aws:sourcearn"
SOURCE_KEYS: Final = (ACCOUNT, ARN)
_RESOURCE_ACCOUNT: Final = re.compile(r"\$\{aws:ResourceAccount\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadingMode:
    """How the conditions of a statement are read."""

    allow: bool = True
    variables: bool = False
    """Whether `${...}` are policy variables, as they are since Version 2012-10-17."""
    owner: str | None = None
    """The account that owns the role: the value of `${aws:ResourceAccount}`."""


WITHOUT_VARIABLES: Final = ReadingMode()
"""How conditions that the settings or a remedy ask for are read."""


@dataclass(frozen=True, eq=False)
class ConditionTest:
    """A test of one key. `when_absent` is its outcome where the key is absent.

    Where the key is there: `always` if that is set, else whether any literal, glob or comparison matches, turned round
    if `negated`.
    """

    key: str
    when_absent: bool
    always: bool | None = None
    literals: frozenset[str] = frozenset()
    patterns: tuple[MakeGlob, ...] = ()
    """Globs, made when they are first needed: most statements are seen to be guarded without any."""
    comparison: Callable[[str], bool] | None = None
    suggest: Callable[[], tuple[str, ...]] = tuple
    """Gives values worth trying: on each side of every bound of a comparison, and ARNs as they usually look."""
    negated: bool = False
    multivalued: bool = False
    """Whether it asks for any or all of several values of the key."""
    bound: tuple[MakeGlob, ...] = ()
    """Patterns of ARNs whose account is `${aws:SourceAccount}`, for requests whose account and ARN agree.

    Where they disagree none of them matches."""
    unbound: tuple[MakeGlob, ...] = ()
    """The same where aws:SourceAccount is absent: the variable is unknown text."""
    by_colons: bool = False
    """Whether wildcards may cross colons, so that only five colons tell the components of an ARN apart."""
    has_variables: bool = False
    """Whether a value has a policy variable that a request fills in."""
    texts: tuple[str, ...] = ()
    """The values as they are written, of operators that compare strings or ARNs."""
    operator: str = ""
    """The operator as it is written, where it compares strings or ARNs, or it is not known what it does."""

    @cached_property
    def globs(self) -> tuple[Glob, ...]:
        """The patterns, ready to be matched."""
        return tuple(glob for make in self.patterns if (glob := make()))

    @cached_property
    def matcher(self) -> Glob | None:
        """All patterns as one, so that many of them take little longer than one."""
        return self.globs[0] if len(self.globs) == 1 else run_together(self.globs)[0] if self.globs else None

    @cached_property
    def automata(self) -> tuple[Glob, ...]:
        """The patterns and the literals, ready to be followed letter by letter."""
        return (*self.globs, *(compile_glob([text]) for text in sorted(self.literals)))

    @property
    def is_unread(self) -> bool:
        """Whether it is not known what the condition does: its operator is not IAM's, or compares no such values."""
        return self.always is not None and bool(self.operator)

    @property
    def lists_values(self) -> bool:
        """Whether, where the key is there, only values that the test lists or describes by patterns can hold."""
        return not self.negated and self.always is None and self.comparison is None

    @property
    def is_exact(self) -> bool:
        """Whether the key must be there, and only the test's own literals can hold."""
        return self.lists_values and not (self.when_absent or self.patterns or self.bound or self.unbound)

    def lists_all(self, *, outcome: bool) -> bool:
        """Return whether, where the key is there, only values that the test lists, or suggests, can have an outcome."""
        return self.always is None and not self.patterns and outcome is not self.negated

    def holds(self, value: str | None) -> bool:
        """Return its outcome for a value of the key, or for its absence."""
        if value is None:
            return self.when_absent
        if self.always is not None:
            return self.always
        found = (
            value in self.literals
            or (self.matcher is not None and self.matcher.matches(value))
            or (self.comparison is not None and self.comparison(value))
        )
        return found is not self.negated

    def among(self, *, agreeing: bool | None, own_arns_only: bool) -> ConditionTest:
        """Return the test as it is among requests whose account and ARN agree, or not; None: without an account."""
        if not (self.bound or self.unbound):
            return self
        if agreeing is None or (self.by_colons and not own_arns_only):
            return replace(self, patterns=(*self.patterns, *self.unbound), bound=(), unbound=())
        return replace(self, patterns=(*self.patterns, *(self.bound if agreeing else ())), bound=(), unbound=())


def unknown_condition(key: str, *, allow: bool, operator: str = "") -> ConditionTest:
    """Return the test for a condition of which it is not known what it does."""
    return ConditionTest(key, when_absent=allow, always=allow, operator=operator)


_parsed = lru_cache(maxsize=256)(ConditionOperator.parse)
"""There are fewer operators than that; an unknown one is an error, which is not kept."""


def read_test(operator: str, key: str, values: object, mode: ReadingMode) -> ConditionTest:
    """Return the test that a condition makes; `key` is in lower case."""
    texts = [values] if isinstance(values, str) else _texts(values)
    try:
        parsed = _parsed(operator)
    except ValueError:
        parsed = None
    if parsed is None or texts is None:
        return unknown_condition(key, allow=mode.allow, operator=operator)
    if mode.variables and mode.owner is not None:
        texts = [_RESOURCE_ACCOUNT.sub(mode.owner, text) if "${" in text else text for text in texts]
    test = _matching(parsed, key, texts, mode)
    return replace(test, multivalued=True) if parsed.quantifier else test


def _matching(parsed: ConditionOperator, key: str, texts: Sequence[str], mode: ReadingMode) -> ConditionTest:
    """Return the test of a known operator."""
    if parsed.family is OperatorFamily.STRING or (parsed.family is OperatorFamily.ARN and key != ACCOUNT):
        return _text_test(parsed, key, texts, mode)
    if parsed.family is OperatorFamily.NULL and (wanted := {text.lower() for text in texts}) <= {"true", "false"}:
        return ConditionTest(key, when_absent="true" in wanted, always="false" in wanted)
    comparison = None if key in SOURCE_KEYS else compare(parsed, texts)
    if comparison is None:
        # What an operator does with a value of another kind is documented nowhere.
        return unknown_condition(key, allow=mode.allow, operator=str(parsed))
    holds, candidates = comparison
    absent = _when_absent(parsed, allow=mode.allow)
    return ConditionTest(key, absent, comparison=holds, suggest=lambda: candidates, negated=parsed.negated)


def _when_absent(operator: ConditionOperator, *, allow: bool) -> bool:
    """Return the outcome of an operator's test where the key is absent."""
    if operator.quantifier is Quantifier.FOR_ALL_VALUES:
        return True
    if operator.quantifier is Quantifier.FOR_ANY_VALUE:
        return allow if operator.if_exists else False  # together they are documented nowhere
    return operator.if_exists or operator.negated


def _text_test(operator: ConditionOperator, key: str, texts: Sequence[str], mode: ReadingMode) -> ConditionTest:
    """Return the test of an operator that compares strings or ARNs."""
    of_arns = operator.family is OperatorFamily.ARN
    # Unknown text matches anything where that admits more, and nothing where that does.
    widen = mode.allow is not operator.negated
    literals: set[str] = set()
    matching: list[MakeGlob] = []
    bound: list[MakeGlob] = []
    unbound: list[MakeGlob] = []
    for text in texts:
        is_unknown = mode.variables and "${" in text and patterns.has_variable(text)
        # What ARN operators do with a pattern of no ARN is documented nowhere; a variable may hold colons.
        is_clear = not is_unknown and (not of_arns or split_arn(text) is not None)
        if is_clear and _is_literal(operator, text, variables=mode.variables):
            literals.add(text)
            continue
        make_glob = _glob(operator, text, by_components=of_arns and is_clear, variables=mode.variables)
        if is_unknown and key == ARN and names_source_account(text, operator):
            compile_bound = patterns.arn_like if of_arns else patterns.like
            bound.append(partial(compile_bound, with_any_account(text), variables=False))
            unbound += [make_glob] if widen else []
        elif is_clear or widen:
            matching.append(make_glob)
    return ConditionTest(
        key,
        _when_absent(operator, allow=mode.allow),
        literals=frozenset(literals),
        patterns=tuple(matching),
        suggest=partial(example_arns, texts) if key == ARN else tuple,
        negated=operator.negated,
        bound=tuple(bound),
        unbound=tuple(unbound),
        by_colons=not of_arns,
        has_variables=mode.variables and any(map(patterns.has_variable, texts)),
        texts=tuple(texts),
        operator=str(operator),
    )


def _is_literal(operator: ConditionOperator, text: str, *, variables: bool) -> bool:
    """Return whether a value matches itself and nothing else."""
    if variables and "${" in text:
        return False
    if operator.base.endswith("IgnoreCase"):
        return text.lower() == text.upper()
    is_wild = operator.family is OperatorFamily.ARN or operator.base.endswith("Like")
    return not (is_wild and ("*" in text or "?" in text))


def _glob(operator: ConditionOperator, text: str, *, by_components: bool, variables: bool) -> MakeGlob:
    """Return what makes the glob of a value."""
    if by_components:
        return partial(patterns.arn_like, text, variables=variables)
    if operator.family is OperatorFamily.ARN or operator.base.endswith("Like"):
        return partial(patterns.like, text, variables=variables)
    return partial(patterns.equal, text, variables=variables, ignore_case=operator.base.endswith("IgnoreCase"))


def _texts(values: object) -> list[str] | None:
    """Return the values as text; None where they are empty, or hold what no condition compares."""
    listed = values if isinstance(values, list) else [values]
    if not all(isinstance(value, str | bool) for value in listed):
        return None
    return [value if isinstance(value, str) else str(value).lower() for value in listed] or None
