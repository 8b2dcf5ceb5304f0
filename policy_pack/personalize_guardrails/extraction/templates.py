"""Parses CloudFormation templates, in JSON or in YAML with the short forms of the intrinsic functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from personalize_guardrails.extraction.duplicate_keys import load_json

UNRESOLVED: Final = "${Unresolved}"
"""Replaces text that only CloudFormation knows. For the rule it is unknown text, as a policy variable is."""
_MOST_VALUES: Final = 20_000
_DEEPEST: Final = 64
_LONGEST_TEXT: Final = 20_000
"""Limits far above what AWS accepts: with YAML aliases and joins, a short template can expand without end."""


class TemplateError(Exception):
    """The text is not a template, or its value cannot be decided; the message says why without quoting it."""


@lru_cache(maxsize=32)
def parse_template(text: str) -> Mapping[str, Any]:
    """Return the template in a text, JSON or YAML; TemplateError where it is neither. Callers must not change it."""
    is_json = text.lstrip().startswith("{")
    try:
        if is_json:
            parsed = load_json(text)
        else:
            # Imported here since few programs have templates in YAML, and loading PyYAML is slow.
            from personalize_guardrails.extraction.yaml_loader import load_yaml  # noqa: PLC0415

            parsed = load_yaml(text)
    except ImportError:
        raise TemplateError("it is in YAML; install PyYAML to read it") from None
    except (ValueError, RecursionError) as error:
        is_worded = not is_json and isinstance(error, ValueError)  # as load_yaml does
        raise TemplateError(str(error) if is_worded else "it is neither JSON nor YAML") from None
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("Resources"), Mapping):
        raise TemplateError("it has no Resources")
    return parsed


def check_size(value: object) -> None:
    """Raise TemplateError for a value that is larger or more deeply nested than AWS accepts."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES or depth > _DEEPEST:
            raise TemplateError("it is larger than AWS accepts")
        if isinstance(one, Mapping):
            waiting += [(item, depth + 1) for item in one.values()]
        elif isinstance(one, list):
            waiting += [(item, depth + 1) for item in one]


def check_length(length: int) -> None:
    """Raise TemplateError for a text that is longer than AWS accepts."""
    if length > _LONGEST_TEXT:
        raise TemplateError("it is larger than AWS accepts")
