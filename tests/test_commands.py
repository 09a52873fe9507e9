"""The installed commands where the shell has closed their input or their outputs."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from tests.processes import AMAZON_SP, TAP


def run(command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell of its own; the words may redirect."""
    line = " ".join((shlex.quote(command), *words))
    shell = ["/bin/sh", "-c", line]
    return subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [TAP, AMAZON_SP], ids=["tap", "amazon-sp"])
@pytest.mark.parametrize("redirections", [">&-", "<&- >&-"])
def test_a_closed_output_is_told(command: str, redirections: str) -> None:
    finished = run(command, "--help", redirections)

    assert finished.returncode == 1
    assert finished.stderr == (
        "Error: The output is closed: send it to a file, a pipe or a terminal\n"
    )


def test_everything_may_be_closed() -> None:
    finished = run(TAP, "--version", "<&- >&- 2>&-")

    assert (finished.returncode, finished.stderr) == (1, "")


def test_a_closed_error_output_loses_the_log_only() -> None:
    finished = run(TAP, "--version", "<&- 2>&-")

    assert finished.returncode == 0
    assert finished.stdout.startswith("tap-amazon-sp")
