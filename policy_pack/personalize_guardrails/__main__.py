"""`python -m personalize_guardrails check FILE...`: judge trust policies without a deployment.

Exit code 0: nothing is violated. 1: a trust policy is unguarded or malformed. 2: the command is wrong, or a file could
not be read (the rest is reported all the same).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from personalize_guardrails.audit.checking import check_files
from personalize_guardrails.audit.formats import FORMATS
from personalize_guardrails.audit.report import Audit
from personalize_guardrails.configuration import RULE, PackConfig
from personalize_guardrails.trust.settings import PERSONALIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from personalize_guardrails.audit.report import Result

_SHOW_AFTER: Final = 1.0
_SHOW_EVERY: Final = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m personalize_guardrails",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="judge the trust policies in files")
    check.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a trust policy, `pulumi stack export`, `aws iam get-account-authorization-details`, or a CloudFormation "
        "template; - is standard input",
    )
    check.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    check.add_argument("--account", action="append", type=_account, help="a trusted account; may be repeated")
    check.add_argument("--service", action="append", help=f"a service to judge; default: {PERSONALIZE}")
    check.add_argument("--config", metavar="FILE", help="the pack's configuration: its exemptions hold here too")
    given = parser.parse_args(arguments)
    try:
        config = _config(given)
    except RecursionError:
        check.error("the configuration cannot be used: it is nested too deeply")
    except (OSError, ValueError) as error:
        check.error(f"the configuration cannot be used: {error}")
    audit = Audit(_with_progress(check_files(given.files, config)), config, given.files)
    FORMATS[given.format](audit, sys.stdout)
    return audit.code


def _config(given: argparse.Namespace) -> PackConfig:
    """The trust rule's part of the pack's configuration, with what the command line says above it."""
    written: object = json.loads(Path(given.config).read_text(encoding="utf-8")) if given.config else {}
    if not isinstance(written, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - wrong text, not a wrong call
    rule = written.get(RULE)
    asked = {"services": given.service, "accounts": given.account}
    return PackConfig.read(
        {**(rule if isinstance(rule, dict) else {}), **{key: value for key, value in asked.items() if value}}
    )


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text} is not an AWS account; write its twelve digits")
    return text


def _with_progress(results: Iterable[Result]) -> Iterator[Result]:
    """The results; on a terminal, long input shows how far it is."""
    started = shown = time.monotonic()
    for count, result in enumerate(results, 1):
        now = time.monotonic()
        if sys.stderr.isatty() and now - started > _SHOW_AFTER and now - shown > _SHOW_EVERY:
            shown = now
            sys.stderr.write(f"\r{count} trust policies judged, now in {result.file} \033[K")
        yield result
    if shown != started:
        sys.stderr.write("\r\033[K")


if __name__ == "__main__":
    sys.exit(main())
