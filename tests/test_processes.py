"""Warm starts: a command behaves as one whose interpreter was started for it."""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tap_amazon_sp.cli import COMMANDS
from tap_amazon_sp.simulator import Simulator
from tests import processes
from tests.cli.conftest import environment_of
from tests.processes import AMAZON_SP, DEVNULL, TAP, Command
from tests.tap_runs import discover, select, tap_arguments

SEARCH = [AMAZON_SP, "call", "searchOrders", "createdAfter=2020-01-01"]


def both(command: Command, stdin: str = "") -> tuple[list[str], list[str]]:
    """Return the exit code, output and log of a warm and of a cold run, without times."""
    warm, cold = (
        dataclasses.replace(command, cold=is_cold).run(stdin=stdin) for is_cold in (False, True)
    )
    return told(warm), told(cold)


def told(finished: subprocess.CompletedProcess[str]) -> list[str]:
    timeless = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(Z|\+00:00)?|\d+\.\d+( s\b|$)")
    texts = (finished.stdout, finished.stderr)
    return [str(finished.returncode), *(timeless.sub("TIME", text) for text in texts)]


@pytest.mark.parametrize(
    "words",
    [
        [TAP, "--version"],
        [TAP, "--discover"],
        [TAP, "--config", "missing.json"],
        [AMAZON_SP, "--help"],
        [AMAZON_SP, "no-such-command"],
        *([AMAZON_SP, name, "--help"] for name in COMMANDS),
        [AMAZON_SP, "operations", "--search", "feed"],
        SEARCH,
    ],
    ids=lambda words: " ".join([Path(words[0]).name, *words[1:]]),
)
def test_a_warm_run_prints_and_ends_as_a_cold_one(words: list[str], tmp_path: Path) -> None:
    warm, cold = both(Command(words, tmp_path))

    assert warm == cold
    assert "".join(warm[1:])


def test_a_warm_run_reads_the_same_records(simulator: Simulator, tmp_path: Path) -> None:
    catalog = select(discover(), "feeds", "marketplace_participations")
    arguments = tap_arguments(tmp_path, simulator.settings_for_tap(), catalog=catalog)

    # Two streams at a time: their lines mix in any order.
    warm, cold = (
        (exit_code, sorted(output.splitlines()))
        for exit_code, output, _ in both(Command(arguments, tmp_path))
    )

    assert warm[0] == cold[0] == "0"
    assert [line for line in warm[1] if "RECORD" in line] == [
        line for line in cold[1] if "RECORD" in line
    ]
    assert len(warm[1]) > 10


def test_a_warm_run_has_the_folder_and_the_input_it_is_given(
    simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(simulator.settings_for_tap()))
    words = ["call", "createFeedDocument", "--config", "config.json", "--body", "-", "--dry-run"]
    body = json.dumps({"contentType": "text/x-made-up"})

    warm, cold = both(Command([AMAZON_SP, *words], tmp_path), stdin=body)

    assert warm == cold
    assert warm[0] == "0"
    assert "text/x-made-up" in warm[1] + warm[2]


def test_a_warm_run_has_the_environment_it_is_given(simulator: Simulator, tmp_path: Path) -> None:
    command = Command(
        [*SEARCH, "--dry-run"], tmp_path, environment_of(simulator.settings_for_tap())
    )

    warm, cold = both(command)

    assert warm == cold
    assert warm[0] == "0"
    assert simulator.url in warm[1] + warm[2]


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize(
    ("number", "exit_code"),
    [
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGINT, 128 + signal.SIGINT),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_signal_ends_a_run_alike(
    simulator: Simulator, tmp_path: Path, number: signal.Signals, exit_code: int, *, cold: bool
) -> None:
    simulator.inject("slow", operation="feeds_2021-06-30.getFeeds", delay=60.0, count=None)
    arguments = tap_arguments(tmp_path, simulator.settings_for_tap())

    with Command(arguments, cold=cold).start(stderr=DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.poll() is None
        process.send_signal(number)
        process.stdout.read()

    assert process.returncode == exit_code


@pytest.mark.parametrize("cold", [False, True])
def test_a_run_knows_that_its_input_is_a_terminal(simulator: Simulator, *, cold: bool) -> None:
    words = ["call", "createFeedDocument", "contentType=text/xml"]
    environment = environment_of(simulator.settings_for_tap())
    keyboard, terminal = pty.openpty()

    command = Command([AMAZON_SP, *words], environment=environment, cold=cold)
    with command.start(stdin=terminal) as process:
        os.close(terminal)
        os.write(keyboard, b"n\n")
        _, log = process.communicate(timeout=60)
    os.close(keyboard)

    assert process.returncode == 1
    assert "Go on? [y/N]" in log


def test_a_run_that_takes_too_long_is_killed(simulator: Simulator, tmp_path: Path) -> None:
    simulator.inject("slow", operation="feeds_2021-06-30.getFeeds", delay=60.0, count=None)
    command = Command(tap_arguments(tmp_path, simulator.settings_for_tap()))

    with pytest.raises(subprocess.TimeoutExpired):
        command.run(timeout=0.5)


def test_a_run_that_fails_is_an_error_where_that_is_asked_for() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="exit status 2"):
        Command([TAP, "--no-such-option"]).run(check=True)


def test_a_variable_that_the_interpreter_reads_at_its_start_is_not_overlooked() -> None:
    environment = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}

    finished = Command([TAP, "--version"], environment=environment).run()

    assert "singer_sdk" in finished.stderr


@pytest.mark.skipif(
    "COLD_STARTS" in os.environ or sys.platform != "linux", reason="every run starts cold"
)
def test_a_warm_parent_that_was_ended_is_replaced() -> None:
    command = Command([TAP, "--version"])
    command.run(check=True)
    parent = processes._PARENTS[TAP]

    parent._process.kill()
    parent._process.wait()

    assert "tap-amazon-sp v" in command.run(check=True).stdout
