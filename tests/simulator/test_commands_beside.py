"""Commands beside the simulator, as pages show them, with the installed wheel."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.installed_wheel import ROOT, WheelEnvironment

PAGE = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
ONE_STEP, SERVICE, WITH_NAMES = (
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")

BASH = shutil.which("bash") or "bash"

NPM = """#!/bin/sh
# Stands for the tests of a project.
test "$1" = test || exit 2
curl --silent --fail --data grant_type=refresh_token --data-urlencode "client_id=$LWA_APP_ID" \\
  --data-urlencode "client_secret=$LWA_CLIENT_SECRET" \\
  --data-urlencode "refresh_token=$SP_API_REFRESH_TOKEN" "$SP_API_TOKEN_URL" > token.json || exit 3
token=$(python -c 'import json; print(json.load(open("token.json"))["access_token"])')
curl --silent --fail --header "x-amz-access-token: $token" \\
  "$SP_API_ENDPOINT/sellers/v1/marketplaceParticipations" > answer.json || exit 4
exit 5
"""


class Job:
    """Runs the steps as a runner of GitHub Actions does, without its containers and actions."""

    def __init__(self, folder: Path, environment: WheelEnvironment) -> None:
        programs = folder / "programs"
        programs.mkdir()
        (programs / "npm").write_text(NPM, encoding="utf-8")
        (programs / "npm").chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.folder = folder
        self.env_file = folder / "env"
        self.env_file.touch()
        self.sessions: list[int] = []
        path = [programs, environment.folder / "bin", os.environ["PATH"]]
        self.variables = {
            "PATH": os.pathsep.join(map(str, path)),
            "HOME": str(folder),
            "no_proxy": "127.0.0.1",
        }

    def run(self, step: Mapping[str, str]) -> int:
        """Run a step; return its exit code. A background process lives on."""
        for line in self.env_file.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.variables[name] = value
        # Another port, as several tests run at once.
        script = step["run"].replace("9326", self.port).replace(" --port 443", "")
        script = script.replace("amazon-sp simulate", f"amazon-sp simulate --port {self.port}")
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                cwd=self.folder,
                env=self.variables | {"GITHUB_ENV": str(self.env_file)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            self.sessions.append(process.pid)
            return process.wait(timeout=100)

    def end(self) -> None:
        """End what still runs in the background, as a runner does at the end of a job."""
        for session in self.sessions:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(session, signal.SIGTERM)

    @property
    def output(self) -> str:
        """What all steps have printed."""
        return (self.folder / "output").read_text(encoding="utf-8")


@pytest.fixture
def job(wheel_environment: WheelEnvironment, tmp_path: Path) -> Iterator[Job]:
    job = Job(tmp_path, wheel_environment)
    yield job
    job.end()


def test_a_command_in_one_step(job: Job) -> None:
    *_, install, step = ONE_STEP["steps"]

    # What it installs is installed here: the wheel.
    assert install["run"] in README
    assert job.run(step) == 5, job.output
    assert "marketplace" in (job.folder / "answer.json").read_text(encoding="utf-8")


def test_a_service_for_all_later_steps(job: Job) -> None:
    start, test, show = SERVICE

    assert job.run(start) == 0, job.output
    assert job.run(test) == 5, job.output
    assert job.run(show) == 0, job.output
    assert f"ready: http://127.0.0.1:{job.port}" in job.output
    assert '"operation": "sellers.getMarketplaceParticipations", "method": "GET"' in job.output


def test_a_command_beside_the_names_of_amazons_hosts(job: Job) -> None:
    (step,) = WITH_NAMES
    names, port, command = step["run"].splitlines()

    # The hosts file and the port take root: the client is led to the address instead.
    assert job.run({"run": command}) == 5, job.output
    assert "sudo sysctl" in port
    assert {*names.split()[2:4]} == {"api.amazon.com", 'sellingpartnerapi-na.amazon.com"'}
    assert f"ready: https://127.0.0.1:{job.port}" in job.output


def test_the_tap_beside_the_simulator_as_in_the_readme(job: Job) -> None:
    (command,) = re.findall(r"^amazon-sp simulate .*$", README, re.MULTILINE)

    assert job.run({"run": command.replace("--orders 2000 --speed 60", "--speed 1000")}) == 0

    written = Counter(re.findall(r'^{"type":"RECORD","stream":"(\w+)"', job.output, re.MULTILINE))
    assert written["orders"] > 2000
    assert written["marketplace_participations"] == 4
