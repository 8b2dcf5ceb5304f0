"""What starts when a program in another language starts: nothing that is not needed."""

from __future__ import annotations

import json
import subprocess
import sys

LOADED = "import json, sys, personalize_permissions._hosts.provider; print(json.dumps(sorted(sys.modules)))"


def test_the_plugin_loads_only_what_it_runs_on() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = {module.split(".")[0] for module in json.loads(done.stdout)}
    assert {"pulumi", "grpc", "personalize_guardrails"} <= loaded
    assert not loaded & {"pulumi_policy", "boto3", "botocore", "moto", "pytest", "sandbox", "debugpy"}
    resources = {module for module in json.loads(done.stdout) if module.startswith("pulumi_aws.ec2.")}
    assert resources == set()  # the modules of other services stand empty until something is asked of them
