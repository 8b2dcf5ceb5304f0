"""`make up` and `make down`, as a user runs them, with a state folder of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import cloud as moto
from sandbox.paths import REPOSITORY

pytestmark = pytest.mark.engine

DATA = "arn:aws:s3:::shop-training-data"

Make = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    if left := moto.recorded(folder):
        left.stop()


@pytest.fixture
def make(state: Path) -> Make:
    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sandbox", command],
            cwd=REPOSITORY,
            env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


def test_up_provisions_and_shows_again_changes_nothing_and_down_removes_all(make: Make, state: Path) -> None:
    first = make("up")
    assert first.returncode == 0, first.stdout
    assert "user alice" in first.stdout
    assert "[advisory]" not in first.stdout
    assert (state / "granted.svg").read_text().startswith("<svg")
    cloud = moto.recorded(state)
    assert cloud
    assert len(cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]) >= 2

    again = make("up")
    assert again.returncode == 0
    assert "No changes" in again.stdout
    assert moto.recorded(state) == cloud

    down = make("down")
    assert down.returncode == 0, down.stdout
    assert "Nothing is left." in down.stdout
    assert not psutil.pid_exists(cloud.pid) or psutil.Process(cloud.pid).status() == psutil.STATUS_ZOMBIE
    assert "nothing to remove" in make("down").stdout


def test_a_dead_account_starts_over_and_down_tells_what_another_hand_put_there(make: Make, state: Path) -> None:
    assert make("up").returncode == 0
    cloud = moto.recorded(state)
    assert cloud
    os.kill(cloud.pid, signal.SIGKILL)
    over = make("up")
    assert over.returncode == 0, over.stdout
    assert "starting over" in over.stdout
    again = moto.recorded(state)
    assert again
    again.iam().create_user(UserName="mallory")
    down = make("down")
    assert down.returncode == 1
    assert "user mallory" in down.stdout


def test_an_interrupt_ends_in_good_order(state: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "up"],
        cwd=REPOSITORY,
        env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert running.stdout
    with running.stdout as said:
        for line in said:
            if " created" in line:
                os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the engine as well
                break
        rest = said.read()
    assert running.wait() == 1
    assert "Traceback" not in rest
    assert not list((state / "state/.pulumi/locks").rglob("*.json"))


def test_a_record_that_names_another_process_is_not_believed(tmp_path: Path) -> None:
    cloud = moto.start(tmp_path, detached=True)
    assert moto.recorded(tmp_path) == cloud
    record = tmp_path / "moto.json"
    record.write_text(record.read_text().replace(str(cloud.pid), str(os.getpid())))
    assert moto.recorded(tmp_path) is None
    cloud.stop()


def test_a_killed_up_is_recovered_by_the_next(make: Make, state: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "up"],
        cwd=REPOSITORY,
        env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout
    with running.stdout as said:
        created = 0
        for line in said:
            created += "created" in line
            if created >= 4:
                break
        engines = [child for child in psutil.Process(running.pid).children() if child.name() == "pulumi"]
        assert engines
        started = [child for engine in engines for child in engine.children(recursive=True)]
        for process in [psutil.Process(running.pid), *engines]:
            process.kill()
        running.wait()
    _, alive = psutil.wait_procs(started, timeout=60)
    assert not alive, "what the engine had started did not end by itself"
    healed = make("up")
    assert healed.returncode == 0, healed.stdout
    assert "recovering" in healed.stdout
    assert "No changes" in make("up").stdout
    assert "Nothing is left." in make("down").stdout


def test_a_failed_up_ends_in_its_cause_without_the_outputs(make: Make, state: Path) -> None:
    assert make("up").returncode == 0
    cloud = moto.recorded(state)
    assert cloud
    foreign = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": f"{DATA}"}
    policy = {"Version": "2012-10-17", "Statement": [foreign]}
    cloud.s3().put_bucket_policy(Bucket=DATA.rpartition(":")[2], Policy=json.dumps(policy))
    failed = make("up")
    assert failed.returncode == 1
    assert "Outputs:" not in failed.stdout
    last = failed.stdout.partition("The reference stack could not be provisioned:\n")[2]
    assert "shop-training-data" in last
    assert len(last.splitlines()) < 25
