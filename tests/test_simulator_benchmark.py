"""The benchmark of the simulator: its start is quick, and its table has the figures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "benchmarks" / "simulator.py"


def test_the_simulator_starts_within_three_seconds() -> None:
    finished = subprocess.run(
        [sys.executable, str(PROGRAM), "--orders", "2000", "--best-of", "1"],
        cwd=PROGRAM.parents[1],
        env={"PYTHONPATH": str(PROGRAM.parents[1]), "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    (row,) = re.findall(r"^\| 2,000 .*\|$", finished.stdout, re.MULTILINE)
    assert len(re.findall(r"\d+ MB", row)) == 3
    assert "Seconds to start with the default settings" in finished.stdout
    assert "goal: at most 3: reached" in finished.stdout
