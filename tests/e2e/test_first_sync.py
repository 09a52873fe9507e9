"""What docs/first_sync.md shows is run here, block by block, as a reader would."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams.from_settings import mistakes_in_streams
from tests.pages import LOADER, code_blocks, page
from tests.processes import BIN

PAGE = page("docs/first_sync.md")


def blocks(language: str) -> list[str]:
    return code_blocks(PAGE, language)


def simulator_settings(command: str) -> SimulatorSettings:
    """What the command on the page starts, on a free port."""
    options = dict(re.findall(r"--(orders|speed) (\d+)", command))
    return SimulatorSettings(port=0, orders=int(options["orders"]), speed=float(options["speed"]))


@pytest.mark.lengthy
def test_the_tutorial_runs_as_shown(tmp_path: Path) -> None:
    install, simulate, doctor, discover, read, look, read_again, read_report, plan = blocks(
        "console"
    )
    report, _ = map(json.loads, blocks("json"))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    loader = bin_folder / "target-jsonl"
    loader.write_text(LOADER)
    loader.chmod(0o755)
    folder = tmp_path / "first-sync"
    folder.mkdir()
    config = folder / "config.json"

    def run(block: str) -> str:
        return subprocess.run(
            ["/bin/bash", "-e", "-o", "pipefail", "-c", block],
            cwd=folder,
            env=os.environ
            | {"PATH": os.pathsep.join((str(BIN), str(bin_folder), os.environ["PATH"]))},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout

    def rows(pattern: str) -> int:
        return sum(len(path.read_text().splitlines()) for path in folder.glob(pattern))

    assert "pipx install target-jsonl" in install
    with Simulator(simulator_settings(simulate)) as simulator:
        config.write_text(json.dumps(simulator.settings_for_tap()))
        lines = run(doctor).splitlines()[1:]
        assert {line for line in lines if " ok" not in line} == {
            line for line in lines if line.startswith("restricted data")
        }
        run(discover)
        run(read)
        order, *lines, state = run(look).splitlines()
        assert json.loads(order)["orderId"]
        assert any("INFO" in line and "orders: done after" in line for line in lines)
        assert "orders" in json.loads(state)["bookmarks"]
        assert {path.stem for path in folder.glob("*.jsonl")} - {"states"} == {
            "orders",
            "order_items",
            "marketplace_participations",
            "feeds",
        }
        first = rows("orders.jsonl")
        run(read_again)
        assert first <= rows("orders.jsonl") < 2 * first
        config.write_text(json.dumps(simulator.settings_for_tap() | report))
        run(read_report)
        assert rows("report_*.jsonl")
        assert "searchOrders" in run(plan)


def test_the_configuration_of_an_own_account_is_enough() -> None:
    *_, own = map(json.loads, blocks("json"))

    assert mistakes_in_streams(settings_from(own)) == []
