"""The Pulumi engine: one on PATH, else the official release, else built from its Go modules into the user's cache."""

from __future__ import annotations

from sandbox.engine.resolve import Engine, resolve

__all__ = ["Engine", "resolve"]
