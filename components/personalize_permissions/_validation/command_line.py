"""Validators as types of the arguments of a command."""

import argparse
from collections.abc import Callable

from personalize_permissions._validation.validators import StringValidator


def describe_fault(check: StringValidator, value: str) -> str:
    """Return what is wrong with a text and what to write; the empty string where nothing is."""
    fault = check(value)
    return f"{value} {fault}" if fault else ""


def argument(check: StringValidator) -> Callable[[str], str]:
    """Return the type of an argument that `check` validates, for argparse."""

    def read(value: str) -> str:
        if fault := describe_fault(check, value):
            raise argparse.ArgumentTypeError(fault)
        return value

    return read
