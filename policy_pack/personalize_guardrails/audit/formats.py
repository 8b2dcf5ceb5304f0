"""The formats of a report, by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO

from personalize_guardrails.audit.html import write_html
from personalize_guardrails.audit.json_report import write_json
from personalize_guardrails.audit.junit import write_junit
from personalize_guardrails.audit.sarif import write_sarif
from personalize_guardrails.audit.table import write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalize_guardrails.audit.report import Audit

FORMATS: Final[Mapping[str, Callable[[Audit, TextIO], None]]] = MappingProxyType(
    {"table": write_table, "json": write_json, "sarif": write_sarif, "junit": write_junit, "html": write_html}
)
