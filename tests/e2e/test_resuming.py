"""Killing the tap, stopping it, and starting it again."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import DEVNULL, Command
from tests.tap_runs import catalog_of, read_messages, run_tap, tap_arguments


def kill_after(arguments: list[str], lines: int, signal_number: signal.Signals) -> tuple[str, int]:
    """Run until so many lines are written, send the signal, and return the output."""
    process = Command(arguments).start(stderr=DEVNULL)
    assert process.stdout is not None
    written = []
    for line in process.stdout:
        written.append(line)
        if len(written) == lines:
            process.send_signal(signal_number)
            break
    written.append(process.stdout.read())
    process.stdout.close()
    return "".join(written), process.wait(timeout=60)


def last_state(output: str) -> dict[str, Any]:
    states = [message for message in read_messages(output) if message["type"] == "STATE"]
    return states[-1]["value"] if states else {}


def order_ids(messages: list[dict[str, Any]]) -> list[str]:
    return [message["record"]["orderId"] for message in messages if message["type"] == "RECORD"]


def test_a_killed_run_resumes_at_the_last_window(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap()
    catalog = catalog_of("orders")
    truth = {order["orderId"] for order in simulator.truth("orders")}
    arguments = tap_arguments(tmp_path, settings, catalog=catalog)

    written: list[str] = []
    state: dict[str, Any] = {}
    for lines in (30, 90, 150):
        arguments = tap_arguments(tmp_path, settings, catalog=catalog, state=state)
        output, exit_code = kill_after(arguments, lines, signal.SIGKILL)
        assert exit_code == -signal.SIGKILL
        written += order_ids(read_messages(output))
        state = last_state(output) or state
    rest = run_tap(tmp_path, settings, catalog=catalog, state=state)

    assert rest.exit_code == 0
    assert set(written) | {record["orderId"] for record in rest.records("orders")} == truth


def test_a_state_is_true_for_the_records_before_it(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap()
    catalog = catalog_of("orders")
    changed = {order["orderId"]: order["lastUpdatedTime"] for order in simulator.truth("orders")}

    run = run_tap(tmp_path, settings, catalog=catalog)

    seen: set[str] = set()
    states = 0
    for message in run.messages:
        if message["type"] == "RECORD":
            seen.add(message["record"]["orderId"])
        if message["type"] == "STATE":
            states += 1
            state = message["value"]["bookmarks"]["orders"]
            bookmark = state.get("replication_key_value", "")
            claimed = {order for order, changed_at in changed.items() if changed_at < bookmark}
            assert claimed <= seen
    # After each page.
    assert states >= len(changed) / 100


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_ends_with_a_whole_line_and_says_so(
    simulator: Simulator, tmp_path: Path, signal_number: signal.Signals
) -> None:
    settings = simulator.settings_for_tap()
    catalog = catalog_of("orders")

    output, exit_code = kill_after(
        tap_arguments(tmp_path, settings, catalog=catalog), 10, signal_number
    )

    assert exit_code == 128 + signal_number
    assert output.endswith("\n")
    assert len(read_messages(output)) == len(output.splitlines())


def test_a_stop_does_not_wait_for_the_rate_limit(tmp_path: Path, slow_simulator: Simulator) -> None:
    catalog = catalog_of("reports")
    arguments = tap_arguments(tmp_path, slow_simulator.settings_for_tap(), catalog=catalog)
    process = Command(arguments).start()
    assert process.stderr is not None
    # The bucket of getReports holds 10 calls; the eleventh waits for 45 seconds.
    while len(slow_simulator.requests) < 10:
        assert process.poll() is None
        time.sleep(0.02)

    process.terminate()

    _, log = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Stopped by signal 15" in log


def test_a_stop_does_not_wait_for_slow_answers(simulator: Simulator, tmp_path: Path) -> None:
    simulator.inject(operation="ordersV0.getOrderItems", kind="slow", delay=60.0, count=None)
    catalog = catalog_of("order_items", settings={"orders_api": "v0"})
    settings = simulator.settings_for_tap() | {"orders_api": "v0"}
    process = Command(tap_arguments(tmp_path, settings, catalog=catalog)).start()
    while not any("getOrderItems" in request["operation"] for request in simulator.requests):
        assert process.poll() is None
        time.sleep(0.02)

    process.terminate()

    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_reader_that_goes_away_ends_the_run_without_a_traceback(
    simulator: Simulator, tmp_path: Path
) -> None:
    process = Command(tap_arguments(tmp_path, simulator.settings_for_tap())).start()
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr is not None
    log = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert "The reader of the output went away" in log
    assert "Traceback" not in log


@pytest.fixture
def busy_day() -> Iterator[Simulator]:
    """A seller whose orders are all of one day, so that one window has all their pages."""
    settings = SimulatorSettings(
        orders=1500, history_days=2, speed=100_000, changes_per_minute=0, shuffle=True, port=0
    )
    with Simulator(settings) as simulator:
        yield simulator


class KilledRun:
    """A run of the orders of one day that was killed in the midst of them."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self.simulator = simulator
        self.folder = folder
        self.catalog = catalog_of("orders")
        self.truth = {order["orderId"] for order in simulator.truth("orders")}
        arguments = tap_arguments(folder, simulator.settings_for_tap(), catalog=self.catalog)
        output, exit_code = kill_after(arguments, 1150, signal.SIGKILL)
        assert exit_code == -signal.SIGKILL
        messages = read_messages(output)
        self.state = last_state(output)
        last = max(number for number, found in enumerate(messages) if found["type"] == "STATE")
        self.saved = order_ids(messages[:last])
        """What was written before the last STATE."""
        assert 0 < len(self.saved) < len(self.truth)
        simulator.clear_requests()

    def resume(self) -> tuple[set[str], list[dict[str, str]]]:
        """Run again; return the ids that were written and the requests."""
        settings = self.simulator.settings_for_tap()
        run = run_tap(self.folder, settings, catalog=self.catalog, state=self.state)
        assert run.exit_code == 0, run.log
        assert "window" not in run.last_state["bookmarks"]["orders"]
        return {record["orderId"] for record in run.records("orders")}, [
            request["query"]
            for request in self.simulator.requests
            if request["operation"] == "orders_2026-01-01.searchOrders"
        ]


def test_a_run_killed_in_the_midst_of_a_long_window_goes_on_at_its_page(
    busy_day: Simulator, tmp_path: Path
) -> None:
    killed = KilledRun(busy_day, tmp_path)
    window = killed.state["bookmarks"]["orders"]["window"]
    pages_saved = len(killed.saved) // 100

    written, asked = killed.resume()

    # The page behind the last STATE is the first that is asked for.
    assert asked[0]["paginationToken"] == window["page_token"]
    assert all("paginationToken" in query for query in asked[: 15 - pages_saved])
    assert {query["lastUpdatedBefore"] for query in asked[: 15 - pages_saved]} == {
        asked[0]["lastUpdatedBefore"]
    }
    # Then what is between the window's end and now.
    assert ["paginationToken" in query for query in asked[15 - pages_saved :]] == [False]
    assert written == killed.truth - set(killed.saved)


def test_a_run_whose_page_amazon_has_forgotten_reads_the_window_again(
    busy_day: Simulator, tmp_path: Path
) -> None:
    killed = KilledRun(busy_day, tmp_path)
    busy_day.inject(
        operation="orders_2026-01-01.searchOrders",
        kind="status",
        status=400,
        code="InvalidInput",
        message="Next token is invalid or expired",
        only_with_token=True,
    )

    written, asked = killed.resume()

    assert ["paginationToken" in query for query in asked[:3]] == [True, False, True]
    assert written == killed.truth
