"""The output, judged by others: singer-check-tap of singer-tools."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.processes import Command
from tests.tap_runs import tap_arguments

ROOT = Path(__file__).resolve().parents[2]
# It wants a jsonschema of 2017, so it has an environment of its own (`make setup`).
SINGER_CHECK_TAP = ROOT / ".venv-singer-tools" / "bin" / "singer-check-tap"


@pytest.mark.skipif(not SINGER_CHECK_TAP.exists(), reason="no singer-tools: run `make setup`")
def test_singer_check_tap_accepts_the_output(simulator: Simulator, tmp_path: Path) -> None:
    tap = Command(tap_arguments(tmp_path, simulator.settings_for_tap())).run(check=True)

    checked = subprocess.run(
        [SINGER_CHECK_TAP],
        input=tap.stdout,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "The output is valid" in checked.stdout
