"""`python -m personalize_guardrails check FILE...`: judge trust policies without a deployment.

Exit code 0: nothing is violated. 1: a trust policy is unguarded or malformed. 2: the command is wrong, or something
could not be read or judged (the rest is reported all the same). 130, 141: interrupted, or nobody reads the report.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from personalize_guardrails.audit.checking import check_files
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.progress import with_progress
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import KEYS, RULE, PackConfig
from personalize_guardrails.trust.settings import PERSONALIZE

if TYPE_CHECKING:
    from personalize_guardrails.audit.report import Result

_NOT_WRITTEN: Final = 2
_INTERRUPTED: Final = 130
_NOBODY_READS: Final = 141
"""As a shell has them for what a signal ends."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m personalize_guardrails",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check",
        help="judge the trust policies in files",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a trust policy, `pulumi stack export`, `aws iam get-account-authorization-details`, or a CloudFormation "
        "template; - is standard input",
    )
    check.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    check.add_argument("--account", action="append", help="a trusted account; may be repeated")
    check.add_argument(
        "--service", action="append", help=f"a service to judge; may be repeated; default: {PERSONALIZE}"
    )
    check.add_argument("--config", metavar="FILE", help="the pack's configuration: its exemptions hold here too")
    given = parser.parse_args(arguments)
    try:
        config = _config(given)
    except RecursionError:
        check.error("the configuration cannot be used: it is nested too deeply")
    except (OSError, ValueError) as error:
        check.error(f"the configuration cannot be used: {error}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a role may have letters that the console does not

    def writes(result: Result) -> bool:
        return given.format == "json" or bool(result.findings or result.fault)

    audit = Audit(with_progress(check_files(given.files, config), writes), config, given.files)
    try:
        FORMATS[given.format](audit, sys.stdout)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left when it ends
        if isinstance(error, BrokenPipeError):
            return _NOBODY_READS
        sys.stderr.write(f"the report cannot be written: {error.strerror}\n")
        return _NOT_WRITTEN
    except KeyboardInterrupt:
        return _INTERRUPTED
    return audit.code


def _config(given: argparse.Namespace) -> PackConfig:
    """The trust rule's part of the pack's configuration, with what the command line says above it."""
    try:
        written: object = json.loads(Path(given.config).read_text(encoding="utf-8-sig")) if given.config else {}
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON (line {error.lineno}, column {error.colno})") from None
    if not isinstance(written, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - wrong text, not a wrong call
    if misplaced := [key for key in KEYS if key in written]:
        raise ValueError(f'{misplaced[0]}: it stands at the top; write it into "{RULE}"')
    rule = written.get(RULE, {})
    if not isinstance(rule, dict | str):
        raise ValueError(f"{RULE}: write an object, or a level")  # noqa: TRY004 - as above
    asked = {"services": given.service, "accounts": given.account}
    return PackConfig.read(
        {**(rule if isinstance(rule, dict) else {}), **{key: value for key, value in asked.items() if value}}
    )


if __name__ == "__main__":
    sys.exit(main())
