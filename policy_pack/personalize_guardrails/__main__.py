"""`python -m personalize_guardrails check FILE...`: check trust policies without a deployment.

Exit code 0: nothing is violated. 1: a trust policy is unguarded or malformed. 2: the command is wrong, or something
could not be read or checked (the rest is reported all the same). 130, 141: interrupted, or nobody reads the report.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from personalize_guardrails.audit.checking import check_files
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.progress import with_progress
from personalize_guardrails.audit.report import Audit, Result
from personalize_guardrails.configuration import KEYS, NOT_CHECKED, RULE, PackConfig
from personalize_guardrails.guide import SERVICE

_WRITE_FAILED: Final = 2
_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141
"""The exit codes that shells use for commands that a signal ends."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    described: dict[str, Any] = {"description": __doc__, "formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = argparse.ArgumentParser(prog="python -m personalize_guardrails", **described)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check the trust policies in files", **described)
    check.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a trust policy, a template, or an export of Pulumi, Terraform, IAM, AWS Config or Cloud Control; a "
        "folder of them; - is standard input",
    )
    check.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    check.add_argument("--account", action="append", help="a trusted account; may be repeated")
    check.add_argument("--service", action="append", help=f"a service to check; may be repeated; default: {SERVICE}")
    check.add_argument("--config", metavar="FILE", help="the pack's configuration, with its exemptions")
    check.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_parameter,
        help="a value for a template parameter that has no value or only a default, or the value that CloudFormation "
        "would look up; may be repeated",
    )
    given = parser.parse_args(arguments)
    try:
        config = _config(given)
    except RecursionError:
        check.error("the configuration cannot be used: it is nested too deeply")
    except (OSError, ValueError) as error:
        check.error(f"the configuration cannot be used: {error}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the console may not be able to show a role's name

    def writes(result: Result) -> bool:
        return given.format == "json" or bool(result.findings or result.fault or result.skipped)

    if not config.checks_personalize:
        sys.stderr.write(f"warning: {NOT_CHECKED}\n")
    results = check_files(given.files, config, dict(given.parameter))
    audit = Audit(with_progress(results, writes), config, given.files)
    try:
        FORMATS[given.format](audit, sys.stdout)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes the rest when it exits
        if isinstance(error, BrokenPipeError):
            return _BROKEN_PIPE
        sys.stderr.write(f"the report cannot be written: {error.strerror}\n")
        return _WRITE_FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return audit.code


def _parameter(text: str) -> tuple[str, str]:
    """Return name and value of a parameter; ArgumentTypeError where there is no value."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError(f"{text!r} has no value; write NAME=VALUE")
    return name, value


def _config(given: argparse.Namespace) -> PackConfig:
    """Return the trust rule's part of the pack's configuration, overridden by the command line."""
    try:
        written: object = json.loads(Path(given.config).read_text(encoding="utf-8-sig")) if given.config else {}
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON (line {error.lineno}, column {error.colno})") from None
    if not isinstance(written, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - wrong text, not a wrong call
    if misplaced := [key for key in KEYS if key in written]:
        raise ValueError(f'{misplaced[0]}: it is at the top level; move it into "{RULE}"')
    rule = written.get(RULE, {})
    if not isinstance(rule, dict | str):
        raise ValueError(f"{RULE}: write an object, or an enforcement level")  # noqa: TRY004 - as above
    asked = {"services": given.service, "accounts": given.account}
    return PackConfig.read(
        {**(rule if isinstance(rule, dict) else {}), **{key: value for key, value in asked.items() if value}}
    )


if __name__ == "__main__":
    sys.exit(main())
