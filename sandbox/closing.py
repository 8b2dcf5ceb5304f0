"""Says what a run was made on: which engine, which AWS provider, and what that does not prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine import Engine

_PROVIDERS: Final = {
    "real": "pulumi-aws's own plugin",
    "terraform": "the real terraform-provider-aws, behind this repository's bridge",
    "emulated": "this repository's emulation",
}
_NOT_PROVEN: Final = (
    "An emulated provider does not prove what the real one does with a change: which property replaces a resource, "
    "which is updated in place, and whether the next preview is empty."
)


def closing_lines(engine: Engine, provider: str) -> Iterator[str]:
    """Give the lines that end a run; `provider` is `real`, `terraform` or `emulated`."""
    yield f"Engine: {engine}."
    yield f"AWS provider: {provider}, {_PROVIDERS[provider]}."
    if provider == "emulated":
        yield _NOT_PROVEN
