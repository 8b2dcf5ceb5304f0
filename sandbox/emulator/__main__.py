"""`python -m sandbox.emulator [ENGINE]`: serve the emulated aws provider, print its port, end with the engine."""

from __future__ import annotations

import os
import sys

from sandbox.bridge import configuration
from sandbox.bridge.__main__ import serve_provider
from sandbox.bridge.catalog import Catalog
from sandbox.emulator import rules
from sandbox.emulator.provider import Provider


def main() -> int:
    """Serve the emulated provider; 1 with one message where AWS could be reached."""
    try:
        configuration.endpoint()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return serve_provider(Provider(), Catalog(rules.schema()), os.getppid())


if __name__ == "__main__":
    sys.exit(main())
