"""Commands for the component; they do not use the network.

`least-permissions NAME FILE...` prints the IAM policy that deploying takes. Exit code 0: it is on standard output.
2: the command is wrong, or the arguments are not those of the component.
`doctor FILE... --role R --bucket B --use USE` finds what keeps Personalize from using a bucket.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi

from personalize_permissions._documents import limits
from personalize_permissions._validation.command_line import argument
from personalize_permissions._validation.string_validators import account
from personalize_permissions.doctor import _command as doctor
from personalize_permissions.least_permissions import deployment_policy


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m personalize_permissions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    least = commands.add_parser("least-permissions", help="print the least IAM policy that deploys a permission set")
    least.add_argument("name", metavar="NAME", help="the component's name in the program")
    least.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        type=_arguments,
        help="the component's arguments as a JSON object; - is standard input. With several files, the policy also "
        "allows changing the stack between them",
    )
    least.add_argument(
        "--account", required=True, type=argument(account), help="the account of the AWS provider, twelve digits"
    )
    least.add_argument("--region", required=True, help="the region of the AWS provider")
    why_not = commands.add_parser(
        "doctor",
        help="find what keeps Personalize from using a bucket",
        description=doctor.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_arguments(why_not)
    given = parser.parse_args(arguments)
    if given.command == "doctor":
        return doctor.run(given)
    try:
        policy = deployment_policy(given.name, *given.files, account=given.account, region=given.region)
    except pulumi.RunError as error:
        least.error(str(error))
    print(json.dumps(policy.to_dict(), indent=2))
    if policy.size > limits.MANAGED_POLICY:
        print(
            f"The policy has {policy.size} characters, and AWS allows {limits.MANAGED_POLICY} in one managed policy: "
            "divide its statements between several.",
            file=sys.stderr,
        )
    return 0


def _arguments(file: str) -> dict[str, Any]:
    """Return the arguments in a JSON file; ArgumentTypeError says why it has none."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{file} cannot be read: {error}") from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise argparse.ArgumentTypeError(f"{file} is not JSON") from None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"{file} holds no JSON object")
    return found


if __name__ == "__main__":
    sys.exit(main())
