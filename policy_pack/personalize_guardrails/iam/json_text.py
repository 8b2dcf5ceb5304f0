"""JSON text of a policy to plain values, without losing anything on the way."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NoReturn

from personalize_guardrails.iam.errors import MalformedPolicy


def load_json(text: str) -> object:
    """Values of a JSON text; MalformedPolicy for what is not JSON, and for keys that stand twice in one object.

    Fractions come as Decimal, so that their digits are kept.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_unique)
    except MalformedPolicy:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedPolicy("not-json", "", f"the text is not JSON ({where}: {error.msg})") from None
    except RecursionError:
        raise MalformedPolicy("not-json", "", "the text is nested too deeply for a policy") from None
    except ValueError:
        raise MalformedPolicy("not-json", "", "the text holds a number that is too long") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise MalformedPolicy("duplicate-key", "", "an object names the same key twice, so one of them would be lost")
    return body


def _no_number(_constant: str) -> NoReturn:
    raise MalformedPolicy("not-json", "", "the text is not JSON (NaN and Infinity are no JSON numbers)")
