"""Find decisions that depend on policies whose documents are not known: such a policy may hold anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from personalize_guardrails.iam import Principal
from personalize_guardrails.iam.evaluation import LocatedStatement, Policies, Request, evaluate_all
from personalize_permissions._documents.statements import allow

ALLOW_ALL: Final = LocatedStatement(allow(("*",), "*", principal=Principal.any()), "any policy", 0)
_SIDES: Final = ("identity", "boundary", "resource")
_OF_AWS: Final = ":iam::aws:policy/"
"""In the ARNs of AWS's own policies, which deny nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPolicies:
    """The names of the policies of which the documents are not known, by their side."""

    identity: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()

    def allowing(self, policies: Policies, *, except_side: str = "") -> Policies:
        """Return the policies as if those that are unknown allowed everything, except on the side `except_side`."""
        changed: dict[str, Any] = {
            side: (*(getattr(policies, side) or ()), ALLOW_ALL)
            for side in _SIDES
            if getattr(self, side) and side != except_side
        }
        return replace(policies, **changed)

    def deciding(self, requests: Sequence[Request], policies: Policies) -> tuple[str, ...]:
        """Return the names of those that decide whether the requests are allowed; nothing where that is certain."""
        if not evaluate_all(requests, self.allowing(policies)).answer:
            return ()
        names: list[str] = []
        for side in _SIDES:
            unknown = getattr(self, side)
            if unknown and not evaluate_all(requests, self.allowing(policies, except_side=side)).answer:
                names += unknown
            else:
                names += (name for name in unknown if _OF_AWS not in name)
        return tuple(names)


ALL_KNOWN: Final = UnknownPolicies()
