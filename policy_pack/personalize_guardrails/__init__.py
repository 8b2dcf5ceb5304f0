"""Guardrails for IAM roles that Amazon Personalize assumes.

`check_trust_policy` decides whether a trust policy restricts account and resource; it needs the standard library only.
The policy pack is in `personalize_guardrails.policies`, which needs `pulumi-policy`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personalize_guardrails.trust import Finding, Kind, TrustSettings, Witness, check_trust_policy

__all__ = ["Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"]


def __getattr__(name: str) -> object:
    """Load the trust rule on first use: the component uses other modules only, and starts faster without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module("personalize_guardrails.trust"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
