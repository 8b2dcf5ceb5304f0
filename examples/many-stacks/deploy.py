"""Run the stacks of all tenants, several at a time. Run it again to resume.

python deploy.py [up|preview|destroy] [TENANT...]

Exit code 0: every stack is up to date; 1: some stacks failed; 2: nothing was started; 130: interrupted.
"""

import argparse
import signal
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

from journal import Entry, Journal, stack_digest
from pulumi import automation
from running import Job, Outcome, Status
from screen import Screen
from tenants import TableError, Tenant, table

FOLDER = Path(__file__).parent.resolve()
INTERRUPTED = 128 + signal.SIGINT
POLL_SECONDS = 0.2
"""Seconds between checks. Python handles a signal only when its main thread is awake."""


def main() -> int:
    """Run the command line, and return the exit code."""
    arguments = _arguments()
    try:
        known = table()
        tenants = _chosen(arguments, known)
    except (OSError, TableError) as error:
        print(error, file=sys.stderr)
        return 2
    journal, stopping = Journal(FOLDER / "journal.jsonl"), threading.Event()
    job = Job(
        command=arguments.command,
        workspace=automation.LocalWorkspace(work_dir=str(FOLDER)),
        logs=FOLDER / "logs",
        policy_packs=[str(pack) for pack in arguments.policy_pack],
        policy_pack_configs=[str(config) for config in arguments.policy_pack_config],
        stopping=stopping,
    )
    job.logs.mkdir(exist_ok=True)
    with Screen(f"{arguments.command} of {len(tenants)} stacks", len(tenants)) as screen:
        _stop_on_signal(stopping, screen)
        outcomes = _run(job, tenants, arguments, journal, screen)
    screen.summary(outcomes)
    orphaned = sorted(name for name, entry in journal.last.items() if entry.status != "destroyed" and name not in known)
    if orphaned:
        screen.say(f"No longer in the table: {', '.join(orphaned)}. To remove their stacks: deploy.py destroy NAME")
    if stopping.is_set():
        return INTERRUPTED
    return int(any(outcome.status is Status.FAILED for outcome in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", choices=["up", "preview", "destroy"], default="up")
    parser.add_argument("tenants", nargs="*", metavar="TENANT", help="run only these tenants; required for destroy")
    parser.add_argument("--workers", type=int, default=4, help="number of stacks to run at a time; default: 4")
    parser.add_argument("--all", action="store_true", help="also run stacks that are up to date")
    parser.add_argument("--policy-pack", type=Path, action="append", default=[], help="pack to enforce on every stack")
    parser.add_argument("--policy-pack-config", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    arguments.policy_pack = [pack.resolve() for pack in arguments.policy_pack or [FOLDER / "../../policy_pack"]]
    arguments.policy_pack_config = [config.resolve() for config in arguments.policy_pack_config]
    if missing := [path for path in (*arguments.policy_pack, *arguments.policy_pack_config) if not path.exists()]:
        parser.error(f"{missing[0]} does not exist; set the path of the policy pack with --policy-pack")
    if arguments.workers < 1:
        parser.error("--workers must be 1 or more")
    if arguments.command == "destroy" and not arguments.tenants:
        parser.error("destroy needs the names of the tenants whose stacks to destroy")
    return arguments


def _chosen(arguments: argparse.Namespace, tenants: dict[str, Tenant]) -> dict[str, Tenant | None]:
    """Return the tenants to run. A tenant to destroy may be missing from the table."""
    if not arguments.tenants:
        return dict(tenants)
    unknown = [name for name in arguments.tenants if name not in tenants]
    if unknown and arguments.command != "destroy":
        raise TableError(f"{', '.join(unknown)} is not in the table")
    return {name: tenants.get(name) for name in arguments.tenants}


def _stop_on_signal(stopping: threading.Event, screen: Screen) -> None:
    """Start no more stacks after a signal. The terminal sends it to the engines too, which finish what they started."""

    def stop(*_: object) -> None:
        if not stopping.is_set():
            stopping.set()
            screen.say("Interrupted: no more stacks are started; waiting for the running ones.", "yellow")

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)


def _run(
    job: Job, tenants: dict[str, Tenant | None], arguments: argparse.Namespace, journal: Journal, screen: Screen
) -> list[Outcome]:
    policies = (*arguments.policy_pack, *arguments.policy_pack_config)
    digests = {name: stack_digest(tenant, FOLDER, policies) if tenant else "" for name, tenant in tenants.items()}

    def one(name: str) -> Outcome:
        last = journal.last.get(name)
        finished = last is not None and (last.status, last.digest) == ("up", digests[name])
        if job.command == "up" and finished and not arguments.all:
            return Outcome(name, Status.SKIPPED)
        return job.run(name, screen.progress_of(name))

    def note(outcome: Outcome) -> None:
        screen.show_finished(outcome)
        if job.command != "preview" and outcome.seconds:
            done = "destroyed" if job.command == "destroy" else "up"
            status = done if outcome.status is Status.DONE else outcome.status.value
            at = datetime.now(UTC).isoformat(timespec="seconds")
            journal.write(
                Entry(outcome.tenant, status, digests[outcome.tenant], at, round(outcome.seconds, 1), outcome.reason)
            )

    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(arguments.workers) as pool:
        running = {pool.submit(one, name) for name in tenants}
        while running:
            ended, running = wait(running, POLL_SECONDS, FIRST_COMPLETED)
            for outcome in (future.result() for future in ended):
                note(outcome)
                outcomes[outcome.tenant] = outcome
    return [outcomes[name] for name in tenants]


if __name__ == "__main__":
    sys.exit(main())
