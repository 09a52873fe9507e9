"""A Meltano project of one's own, made and run with the lines of README.md and docs/nightly.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
import yaml
from packaging.requirements import Requirement

from demo.environment import meltano_environment, tap_environment
from demo.postgres import DATABASE, HOST, USER, PostgresAddress
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams import all_built_in_streams
from tests.pages import ROOT, code_block, code_blocks, page
from tests.processes import BIN

README = page("README.md")
NIGHTLY = page("docs/nightly.md")
CORE = {stream.name for stream in all_built_in_streams() if stream.selected_by_default}
SEARCH = "orders_2026-01-01.searchOrders"
(WORKFLOW,) = code_blocks(NIGHTLY, "yaml")


class Shell:
    """Runs what a page shows, as a user who copies it into a terminal."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self.environment = meltano_environment(folder) | variables
        del self.environment["MELTANO_DATABASE_URI"]
        self.environment["PATH"] = os.pathsep.join((str(BIN), os.environ["PATH"]))

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run lines up to the first that fails."""
        return subprocess.run(
            ["/bin/bash", "-e", "-c", script],
            cwd=self.folder,
            env=self.environment | variables,
            check=False,
            capture_output=True,
            text=True,
            timeout=200,
        )


def definitions(folder: Path) -> Path:
    """Copy the definitions; the tap is installed from this checkout, not from GitHub."""
    for source in (ROOT / "meltano").glob("*.yml"):
        text = re.sub(r"git\+https://\S+", f"-e {ROOT}", source.read_text(encoding="utf-8"))
        target = folder / "tap-amazon-sp" / "meltano" / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def settings_of(simulator: Simulator, postgres: PostgresAddress) -> dict[str, str]:
    """Return values for the settings that the README exports."""
    settings = tap_environment(simulator.url)
    del settings["TAP_AMAZON_SP__SELECT"]
    return settings | postgres.target_environment()


@pytest.mark.lengthy
@pytest.mark.timeout(300)
def test_a_project_of_ones_own_loads_with_two_loaders_and_every_night(
    simulator: Simulator, postgres: PostgresAddress, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, settings_of(simulator, postgres))
    made = code_block(README, "console", "meltano init").replace(
        "PATH/TO", str(definitions(tmp_path))
    )
    second = code_block(README, "console", "run tap-amazon-sp target-jsonl").replace(
        "PATH/TO", str(tmp_path)
    )

    first = shell.run(made)
    assert first.returncode == 0, first.stderr
    project = tmp_path / "warehouse"
    shell.folder = project
    assert orders_in(postgres) == len(simulator.truth("orders"))
    (extractor,) = yaml.safe_load((project / "meltano.yml").read_text())["plugins"]["extractors"]
    assert set(extractor["select"]) == {f"{name}.*" for name in CORE}

    # It wants an older jsonschema than the versions that are tested together.
    both = shell.run(second, UV_CONSTRAINT="", UV_BUILD_CONSTRAINT="")
    assert both.returncode == 0, both.stderr
    lines = (project / "output" / "orders.jsonl").read_text().splitlines()
    assert {json.loads(line)["orderId"] for line in lines} == {
        order["orderId"] for order in simulator.truth("orders")
    }

    check_workflow(shell, postgres, simulator)


def check_workflow(shell: Shell, postgres: PostgresAddress, simulator: Simulator) -> None:
    """Run the steps of the workflow twice on machines without Meltano's own database."""
    steps = yaml.safe_load(WORKFLOW)["jobs"]["sync"]["steps"]
    *_, install, run, alert = [step["run"] for step in steps if "run" in step]
    state = {
        "MELTANO_DATABASE_URI": f"postgresql+psycopg://{USER}:{postgres.password}"
        f"@{HOST}:{postgres.port}/{DATABASE}"
    }

    simulator.clear_requests()
    one = shell.run(f"{install}\n{run}", **state)
    assert one.returncode == 0, one.stderr
    assert len([one for one in simulator.requests if one["operation"] == SEARCH]) > 1
    (shell.folder / ".meltano" / "meltano.db").unlink()
    simulator.clear_requests()
    two = shell.run(run, **state)

    assert two.returncode == 0, two.stderr
    # The state came from PostgreSQL: there is nothing new.
    assert len([one for one in simulator.requests if one["operation"] == SEARCH]) == 1

    with alerts() as (url, received):
        called = shell.run(alert, ALERT_URL=url)
    assert called.returncode == 0, called.stderr
    assert json.loads(received[0])["text"]


def orders_in(postgres: PostgresAddress) -> int:
    with psycopg.connect(postgres.dsn) as connection:
        found: Any = connection.execute("SELECT count(*) FROM amazon_sp.orders").fetchone()
        return int(found[0])


@contextmanager
def alerts() -> Iterator[tuple[str, list[bytes]]]:
    """Serve an address for alerts, and tell what is posted to it."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", received
        server.shutdown()


def test_the_selection_shown_is_that_of_the_tap() -> None:
    (shown,) = re.findall(r"_select '(.*)'", README)

    assert set(json.loads(shown)) == {f"{name}.*" for name in CORE}


def test_the_workflow_is_one(tmp_path: Path) -> None:
    file = tmp_path / "nightly.yml"
    file.write_text(WORKFLOW)

    finished = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", file],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert finished.returncode == 0, finished.stdout


def test_the_workflow_sets_what_tap_and_loader_declare() -> None:
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    exported = set(re.findall(r"^export (\w+)=", README, re.MULTILINE))

    assert set(job["env"]) <= exported | {"MELTANO_DATABASE_URI"}
    for name, value in job["env"].items():
        kind = "vars" if value.startswith("${{ vars") else "secrets"
        assert value == f"${{{{ {kind}.{name} }}}}"
        assert kind == "secrets" or not re.search("TOKEN|SECRET|PASSWORD|URI", name)


@pytest.mark.parametrize("text", re.findall(r"pip install ['\"](meltano\S*?)['\"]", NIGHTLY))
def test_the_extras_of_meltano_exist(text: str) -> None:
    wanted = Requirement(text)

    extras = distribution(wanted.name).metadata.get_all("Provides-Extra") or []

    assert wanted.extras
    assert wanted.extras <= set(extras)
