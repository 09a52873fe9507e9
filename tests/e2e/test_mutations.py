"""A tenth of `make mutations`: answers that are damaged, and nothing that is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ANSWERS = 2000


@pytest.mark.lengthy
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and limits memory as Linux does")
def test_of_2000_damaged_answers_none_loses_anything(tell: Callable[[str], None]) -> None:
    options = ["--answers", str(ANSWERS), "--passing", "30", "--parallel", "2", "--seed", "5"]
    program = [sys.executable, "-m", "tests.mutations", *options]

    finished = subprocess.run(
        [*program, "--scenarios", "lists", "jobs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr[-3000:]
    lines = finished.stdout.splitlines()
    last = lines[-1]
    assert int(re.match(r"\d+", last)[0]) >= ANSWERS  # type: ignore[index]
    # The line of the totals.
    [kinds] = [int(found[1]) for line in lines if (found := re.match(r"(\d+) kinds ", line))]
    assert kinds >= 70
    tell(f"{last}, {kinds} kinds of damage: none lost, no tracebacks, no secrets")
