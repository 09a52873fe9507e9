"""The nightly job of docs/nightly.md, as it is shown."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.pages import code_block, code_blocks, page
from tests.processes import BIN, TAP, Command
from tests.tap_runs import catalog_of

PAGE = page("docs/nightly.md")
SCRIPT = code_block(PAGE, "bash", "tap-amazon-sp")
FEEDS = "feeds_2021-06-30.getFeeds"
PYTHON = f"#!{sys.executable}\n"

LOADER = (
    PYTHON
    + """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "STATE":
        print(json.dumps(message["value"]), flush=True)
"""
)
"""A loader as small as can be, in the place of target-jsonl."""


@dataclass
class Job:
    """The job in a folder of its own."""

    folder: Path

    def loader(self, program: str) -> None:
        """Put a program in the place of target-jsonl."""
        file = self.folder / "bin" / "target-jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text(program)
        file.chmod(0o755)

    def run(self) -> subprocess.CompletedProcess[str]:
        path = (str(self.folder / "bin"), str(BIN), os.environ["PATH"])
        return subprocess.run(
            [self.folder / "nightly.sh"],
            env=os.environ | {"PATH": os.pathsep.join(path)},
            check=False,
            capture_output=True,
            text=True,
            timeout=100,
        )

    def bookmarks(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())["bookmarks"]
        return found


@pytest.fixture
def job(simulator: Simulator, tmp_path: Path) -> Job:
    settings = simulator.settings_for_tap()
    found = Job(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(settings))
    catalog = catalog_of("orders", "feeds", "marketplace_participations", settings=settings)
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    script = tmp_path / "nightly.sh"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    found.loader(LOADER)
    return found


def test_it_is_silent_keeps_the_state_and_goes_on_from_it(job: Job, simulator: Simulator) -> None:
    first = job.run()
    simulator.clear_requests()
    second = job.run()

    assert [(run.returncode, run.stdout, run.stderr) for run in (first, second)] == [
        (0, "", "")
    ] * 2
    assert {"orders", "feeds"} <= job.bookmarks().keys()
    searches = [one for one in simulator.requests if one["operation"].endswith("searchOrders")]
    assert len(searches) == 1
    assert not (job.folder / "state.new").exists()


def test_a_failed_stream_is_shown_as_on_the_page_and_the_others_are_kept(
    job: Job, simulator: Simulator
) -> None:
    simulator.inject("status", operation=FEEDS, status=403, count=None)
    failed = job.run()
    kept = job.bookmarks()
    simulator.clear_faults()
    after = job.run()

    assert failed.returncode == 1
    assert "exit code 1, the loader with 0" in failed.stdout
    shown = code_block(PAGE, "text", "failed:").splitlines()
    for line in shown:
        assert line.removesuffix("…").replace("1 of 4", "1 of 3") in failed.stdout
    assert "orders" in kept
    assert "feeds" not in kept
    assert after.returncode == 0
    assert "feeds" in job.bookmarks()


@pytest.mark.parametrize(
    ("printed", "exit_code"),
    [("", 0), ('{"bookmarks": {"orders": {"replica', 0), ("", 3)],
    ids=["nothing", "half a state", "nothing, failed"],
)
def test_the_old_state_stays_if_the_loader_printed_no_whole_one(
    job: Job, printed: str, exit_code: int
) -> None:
    assert job.run().returncode == 0
    before = job.bookmarks()
    program = f"sys.stdin.read()\nsys.stdout.write({printed!r})\nsys.exit({exit_code})\n"
    job.loader(f"{PYTHON}import sys\n{program}")

    again = job.run()

    assert again.returncode == exit_code
    assert ("the loader with 3" in again.stdout) == bool(exit_code)
    assert job.bookmarks() == before


def test_a_loader_that_fails_at_once_fails_the_job(job: Job) -> None:
    job.loader(f"{PYTHON}import sys\nsys.exit('no such database')\n")

    finished = job.run()

    assert finished.returncode == 1
    assert "no such database" in finished.stdout
    assert (job.folder / "state.json").read_text() == "{}\n"


def test_the_last_lines_are_shown_if_a_killed_tap_left_no_error(job: Job) -> None:
    tap = job.folder / "bin" / "tap-amazon-sp"
    tap.write_text("#!/bin/sh\necho 'INFO  Reading 3 of 116 streams' >&2\nkill -9 $$\n")
    tap.chmod(0o755)

    finished = job.run()

    assert finished.returncode == 137
    assert finished.stdout.endswith("INFO  Reading 3 of 116 streams\n")
    assert (job.folder / "state.json").read_text() == "{}\n"


def test_it_does_not_start_beside_a_run_that_goes_on(job: Job) -> None:
    with (job.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = job.run()

    assert finished.returncode == 75
    assert "still going" in finished.stdout
    assert not (job.folder / "logs").exists()


def test_logs_older_than_a_month_are_removed(job: Job) -> None:
    old, young = (job.folder / "logs" / name for name in ("old.log", "young.log"))
    old.parent.mkdir()
    old.touch()
    young.touch()
    os.utime(old, (0, 0))

    assert job.run().returncode == 0

    assert not old.exists()
    assert young.exists()


def test_the_exit_codes_of_the_tap_are_those_of_the_page(job: Job, simulator: Simulator) -> None:
    table = PAGE.partition("| exit code of")[2].partition("\n\n")[0]
    documented = {
        int(code)
        for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
        for code in row.split(", ")
    }

    def exit_code(*words: str) -> int:
        return Command([TAP, *words], job.folder).run().returncode

    found = {
        exit_code("--config", "config.json", "--catalog", "catalog.json"),
        exit_code("--config", "missing.json"),
        exit_code("--config", "config.json", "--state", "missing.json"),
        exit_code("--unknown"),
    }
    simulator.inject("status", operation=FEEDS, status=403, count=None)
    found.add(exit_code("--config", "config.json", "--catalog", "catalog.json"))

    signals = {128 + number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)}
    assert found == {0, 1, 2}
    assert documented == found | signals


def test_the_line_for_cron_starts_the_script() -> None:
    (line,) = [
        line
        for block in code_blocks(PAGE, "text")
        for line in block.splitlines()
        if "nightly.sh" in line
    ]

    *when, command = line.split()

    assert len(when) == 5
    assert Path(command).name == "nightly.sh"
