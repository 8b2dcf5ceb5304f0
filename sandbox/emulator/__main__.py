"""`python -m sandbox.emulator [ENGINE]`: serve the emulated aws provider, print its port, end with the engine."""

from __future__ import annotations

import os
import sys

from sandbox.bridge import configuration
from sandbox.bridge.__main__ import serve_provider
from sandbox.bridge.catalog import Catalog
from sandbox.emulator import rules
from sandbox.emulator.provider import Provider
from sandbox.errors import exit_code


def main() -> None:
    """Serve the emulated provider, where no call could reach AWS."""
    configuration.endpoint()
    serve_provider(Provider(), Catalog(rules.schema()), os.getppid())


if __name__ == "__main__":
    sys.exit(exit_code(main))
