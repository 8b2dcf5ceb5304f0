"""Runs projects on the real engine against moto: what `make up` uses, and what tests use."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox import plugins
from sandbox.commands import gather
from sandbox.errors import SandboxError
from sandbox.safety import engine_environment

if TYPE_CHECKING:
    from sandbox.cloud import Cloud
    from sandbox.engine import Engine


@dataclass(frozen=True, slots=True)
class Result:
    """What one engine command did."""

    code: int
    output: str
    """What it said, both streams."""
    events: list[dict[str, Any]]
    """The engine's events, one mapping each, keyed by kind: `resourcePreEvent`, `policyEvent`, `summaryEvent`, ..."""

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.code == 0

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one kind."""
        return [event[kind] for event in self.events if kind in event]

    @property
    def changes(self) -> dict[str, int]:
        """Resources by operation, `same` left out."""
        summaries = self.of("summaryEvent")
        counts = summaries[-1].get("resourceChanges", {}) if summaries else {}
        return {operation: count for operation, count in counts.items() if operation != "same" and count}

    @property
    def operations(self) -> dict[str, str]:
        """The operation on each resource by URN; `same`, and the engine's own provider of lookups, left out."""
        steps = [event["metadata"] for event in self.of("resourcePreEvent")]
        return {
            step["urn"]: step["op"]
            for step in steps
            if step["op"] != "same" and step["type"] != "pulumi:providers:pulumi"
        }

    @property
    def violations(self) -> list[dict[str, Any]]:
        """The policy events."""
        return self.of("policyEvent")


@dataclass
class Sandbox:
    """An engine with a home and a backend of its own, and a moto."""

    root: Path
    engine: Engine
    cloud: Cloud
    home: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """More environment variables for the engine; none may lead it off this machine."""
    pulumi: Path = field(init=False)
    plugin: plugins.Plugin = field(init=False)
    """What serves `aws`."""
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        home = self.home or self.root / "home"
        for folder in (home, self.backend):
            folder.mkdir(parents=True, exist_ok=True)
        self.plugin = plugins.install(home)
        commands = gather(self.engine, home / "commands")
        self.pulumi = commands / "pulumi"
        path = [commands, Path(sys.executable).parent]  # programs run on this interpreter
        self.environment = engine_environment(home, self.backend, self.cloud.endpoint, path, self.variables)

    @property
    def backend(self) -> Path:
        """The folder where the stacks' states are."""
        return self.root / "state"

    def project(self, folder: Path, stack: str = "test") -> Project:
        """Return the project in a folder, with a stack of that name, made if need be."""
        project = Project(self, folder, stack)
        project.select()
        return project

    def program(self, source: str, config: Mapping[str, object] | None = None, name: str = "shop") -> Project:
        """Write a project of one Python file into the sandbox, and return it."""
        folder = self.root / "projects" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": name, "runtime": "python"}))
        (folder / "__main__.py").write_text(source)
        project = self.project(folder)
        project.configure(config or {})
        return project

    def fresh(self, kind: str) -> Path:
        """Return the path of a JSON file that nobody else uses: several commands may run at the same time."""
        return self.root / f"{kind}-{uuid.uuid4()}.json"

    def run(self, arguments: Sequence[str], folder: Path, *, check: bool = True, shown: bool = False) -> Result:
        """Run an engine command; SandboxError where it fails and `check` is on. `shown`: its output is not captured."""
        log = self.fresh("events")
        with_events = ["--event-log", str(log)] if arguments[0] in _WITH_EVENTS else []
        command = [str(self.pulumi), *arguments, *with_events, *(["--color", "auto"] if shown else _SILENT)]
        with (
            subprocess.Popen(
                command,
                cwd=folder,
                env=self.environment,
                stdout=None if shown else subprocess.PIPE,
                stderr=None if shown else subprocess.STDOUT,
                text=True,
            ) as process,
            _interrupts_left_to(process),
        ):
            output = process.communicate()[0] or ""
        events = read_events(log)
        log.unlink(missing_ok=True)
        if check and process.returncode:
            raise SandboxError(f"pulumi {' '.join(arguments)} failed{'' if shown else f':{os.linesep}{output}'}")
        return Result(process.returncode, output, events)


def read_events(log: Path) -> list[dict[str, Any]]:
    """Return the events of a log; an engine that was killed leaves the last line unfinished, or no log."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


@contextmanager
def _interrupts_left_to(process: subprocess.Popen[str]) -> Iterator[None]:
    """Ignore interrupts meanwhile: the terminal sends them to the engine as well, which ends what it began."""
    before = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, before)


_WITH_EVENTS = frozenset({"up", "preview", "destroy", "refresh"})
_SILENT = ("--non-interactive", "--color", "never")


@dataclass(frozen=True, slots=True)
class Project:
    """A project and one stack of it."""

    sandbox: Sandbox
    folder: Path
    stack: str

    def select(self) -> None:
        """Make the stack if it is not there."""
        self.sandbox.run(["stack", "select", self.stack, "--create"], self.folder)

    @property
    def name(self) -> str:
        """The project's name."""
        settings: dict[str, str] = yaml.safe_load((self.folder / "Pulumi.yaml").read_text())
        return settings["name"]

    @property
    def state(self) -> Path:
        """The backend's file of the stack's state."""
        return self.sandbox.backend / f".pulumi/stacks/{self.name}/{self.stack}.json"

    def configure(self, config: Mapping[str, object]) -> None:
        """Add to the stack's configuration; a value of `{"secret": text}` becomes a secret."""
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        settings = (yaml.safe_load(file.read_text()) if file.exists() else None) or {}
        values, secrets, project = settings.setdefault("config", {}), [], self.name
        for key, value in config.items():
            if isinstance(value, Mapping) and value.keys() == {"secret"}:
                secrets += ["--secret", f"{key}={value['secret']}"]
            else:
                named = key if ":" in key else f"{project}:{key}"
                values[named] = value if isinstance(value, str) else json.dumps(value)
        file.write_text(yaml.safe_dump(settings))
        if secrets:
            self.sandbox.run(["config", "set-all", *secrets, "--stack", self.stack], self.folder)

    def up(self, *options: str, packs: Iterable[Path] = (), check: bool = True) -> Result:
        """Run `pulumi up`, without the preview that comes before."""
        return self._run("up", "--yes", "--skip-preview", *_packs(packs), *options, check=check)

    def preview(self, *options: str, packs: Iterable[Path] = (), check: bool = True) -> Result:
        """Run `pulumi preview`."""
        return self._run("preview", *_packs(packs), *options, check=check)

    def refresh(self, *options: str, check: bool = True) -> Result:
        """Run `pulumi refresh`."""
        return self._run("refresh", "--yes", "--skip-preview", *options, check=check)

    def destroy(self, *options: str, check: bool = True) -> Result:
        """Run `pulumi destroy`."""
        return self._run("destroy", "--yes", "--skip-preview", *options, check=check)

    def cancel(self) -> Result:
        """Run `pulumi cancel`: release the lock of a run that is no more."""
        return self.sandbox.run(["cancel", self.stack, "--yes"], self.folder)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets shown."""
        done = self._run("stack", "output", "--json", "--show-secrets")
        found: dict[str, Any] = json.loads(done.output)
        return found

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the stack's state as `pulumi stack export` does; without secrets it is read from the backend."""
        if show_secrets:
            shown: dict[str, Any] = json.loads(self._run("stack", "export", "--show-secrets").output)
            return shown
        kept = json.loads(self.state.read_text())
        return {"version": kept["version"], "deployment": kept["checkpoint"]["latest"] or {}}

    def replace_state(self, state: Mapping[str, Any]) -> None:
        """Run `pulumi stack import`: take another state, as `export` gives it."""
        file = self.sandbox.fresh("state")
        file.write_text(json.dumps(state))
        try:
            self._run("stack", "import", "--file", str(file))
        finally:
            file.unlink()

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the stack's state."""
        found: list[dict[str, Any]] = self.export()["deployment"].get("resources") or []
        return found

    def _run(self, *arguments: str, check: bool = True) -> Result:
        return self.sandbox.run([*arguments, "--stack", self.stack], self.folder, check=check)


def _packs(packs: Iterable[Path]) -> list[str]:
    return [option for pack in packs for option in ("--policy-pack", str(pack))]
