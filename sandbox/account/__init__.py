"""AWS's own rules in front of moto: what AWS refuses and moto would accept, and what moto itself does wrong."""

from __future__ import annotations

from sandbox.account.gate import install

__all__ = ["install"]
