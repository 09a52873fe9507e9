"""A life of orders: a large backlog is read with both operations, while orders change all the time.

Each run is killed in its midst, and so is its target now and then. The next one goes on from the
last STATE that the target passed on. At the end, the target must have each order as the simulator
has it, and no older record may have replaced a newer one.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.order_truth import differences
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.kills.lives import MAX_SECONDS, Run, watched
from tests.kills.targets import Target
from tests.processes import Command
from tests.sellers import CREATE_REPORT, days_ago
from tests.tap_runs import catalog_of, read_messages, tap_arguments
from tests.world_clock import WorldClock

ORDERS, ITEMS = "orders", "order_items"
SEARCH, SINGLE = "orders_2026-01-01.searchOrders", "orders_2026-01-01.getOrder"

BACKLOG = 3_500
"""Orders at the start: more than searchOrders reads within its burst, so that getOrder helps."""
SPEED = 300.0
REPORT_SECONDS = 0.3
"""How long a report takes, in real time."""
HISTORY_DAYS = 20
SLOW_PAGE = 0.3
"""Seconds that a page takes where getOrder is to read most orders."""
NAP = 0.03
"""Seconds between changes of orders."""
SETTLED = 150.0
"""After so many seconds searchOrders has all changes, and its usage plan all tokens."""
PAUSES = (5.0, 10.0, SETTLED)
"""Seconds between two runs: time for a token of searchOrders, whose answer tells its rate."""


@dataclass
class OrderTally:
    """What came of lives of orders.

    Attributes:
        moments: Runs that were killed, by the kind of the moment.
        targets: Runs whose target was killed, too.
        calls: Calls of all runs by operation.
        orders: Orders that there were at the end.
        changes: Changes of orders while runs went on.
        again: Records that were written more than once.
        wrong: What is wrong, in sentences.
    """

    moments: Counter[str] = field(default_factory=Counter)
    targets: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    changes: int = 0
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def killed(self) -> int:
        """How many runs were killed."""
        return sum(self.moments.values())

    def lines(self) -> Iterator[str]:
        """Yield the lines that say what came of it."""
        moments = ", ".join(f"{name}: {count}" for name, count in sorted(self.moments.items()))
        yield f"{self.killed} runs that read orders were killed ({moments})"
        yield (
            f"{self.targets} of their targets, too; {self.calls[SEARCH]:,} pages, "
            f"{self.calls[SINGLE]:,} single orders, {self.changes:,} changes meanwhile; "
            f"{self.orders:,} orders at the end, {self.again:,} records written again"
        )
        yield from self.wrong or ["nothing missing, nothing stale"]


class OrderLife:
    """Runs of one account, each killed but the last."""

    def __init__(self, folder: Path, seed: int, backlog: int = BACKLOG) -> None:
        """Start nothing yet.

        Args:
            folder: Where the files of the runs lie.
            seed: Chooses the seller, the changes and the moments.
            backlog: How many orders there are at the start.
        """
        self._folder = folder
        self._seed = seed
        self._luck = random.Random(seed)  # noqa: S311 - no secret
        self._backlog = backlog
        self._clock = WorldClock()
        self._target = Target({ORDERS: "lastUpdatedTime", ITEMS: "lastUpdatedTime"})

    def run(self, kills: int, tally: OrderTally) -> None:
        """Kill so many runs, let one go to its end, and compare with what there is."""
        world = SimulatorSettings(
            orders=self._backlog,
            records=5,
            purchase_orders=1,
            history_days=HISTORY_DAYS,
            seed=self._seed,
            speed=SPEED,
            changes_per_minute=0,
            processing_seconds=REPORT_SECONDS * SPEED,
            port=0,
            now=self._clock,
        )
        with Simulator(world) as simulator:
            settings = simulator.settings_for_tap() | {
                "start_date": days_ago(HISTORY_DAYS + 2),
                "report_poll_interval": 0.05,
                "restricted_data": True,
            }
            catalog = catalog_of(ORDERS, ITEMS, settings={"restricted_data": True})
            for left in range(kills, 0, -1):
                self._killed_run(simulator, settings, catalog, left, tally)
            self._finish(simulator, settings, catalog, tally)

    def _killed_run(
        self,
        simulator: Simulator,
        settings: dict[str, Any],
        catalog: dict[str, Any],
        left: int,
        tally: OrderTally,
    ) -> None:
        missing = len(simulator.truth(ORDERS)) - len(self._target.of_stream(ORDERS))
        moment, wait = self._moment(simulator, max(missing, 50), left)
        self._begin(simulator, is_slow=self._luck.random() < 0.5)  # noqa: PLR2004
        arguments = tap_arguments(
            self._folder, settings, catalog=catalog, state=self._target.state
        )
        with watched(arguments) as run, changing(simulator) as changes:
            wait(run)
            run.process.kill()
            hangs = not run.has_ended(MAX_SECONDS)
        tally.changes += len(changes)
        tally.calls.update(request["operation"] for request in simulator.requests)
        was_killed = run.process.returncode == -signal.SIGKILL
        tally.moments[moment if was_killed else "not before its end"] += 1
        if hangs:
            tally.wrong.append(f"seed {self._seed}, {moment}: it could not be killed")
        if "Traceback" in run.log or (not was_killed and run.process.returncode):
            tally.wrong.append(f"seed {self._seed}, {moment}: {run.log[-3000:]}")
        dies = self._luck.random() < 0.4  # noqa: PLR2004
        tally.targets += dies
        messages = read_messages(run.output.decode(errors="replace"))
        self._target.take(messages, killed_by=self._luck if dies else None)
        self._clock.put_forward(self._luck.choice(PAUSES))

    def _finish(
        self,
        simulator: Simulator,
        settings: dict[str, Any],
        catalog: dict[str, Any],
        tally: OrderTally,
    ) -> None:
        """Run to the end, and compare with what there is."""
        self._clock.put_forward(SETTLED)
        self._begin(simulator, is_slow=False)
        arguments = tap_arguments(
            self._folder, settings, catalog=catalog, state=self._target.state
        )
        finished = Command(arguments).run()
        tally.calls.update(request["operation"] for request in simulator.requests)
        if finished.returncode != 0:
            tally.wrong.append(f"seed {self._seed}: the last run failed: {finished.stderr[-3000:]}")
        self._target.take(read_messages(finished.stdout))
        truth = simulator.truth(ORDERS)
        tally.orders += len(truth)
        tally.again += sum(count - 1 for count in self._target.times.values())
        tally.wrong += [f"seed {self._seed}: {line}" for line in self._faults(truth)]

    def _faults(self, truth: list[dict[str, Any]]) -> Iterator[str]:
        """Yield what is wrong in the target, with an example each."""
        orders, items = self._target.of_stream(ORDERS), self._target.of_stream(ITEMS)
        wrong: dict[str, list[str]] = {"missing": [], "wrong or stale": [], "of no truth": []}
        expected = dict(_expected(truth))
        found = {("", *key): row for key, row in orders.items()}
        found |= {("item", *key): row for key, row in items.items()}
        for key, record in expected.items():
            if key not in found:
                wrong["missing"].append(str(key))
            elif paths := [*differences(found[key], record, complete=True)]:
                wrong["wrong or stale"].append(f"{key} at {paths}")
        wrong["of no truth"] = [str(key) for key in found.keys() - expected.keys()]
        wrong["replaced by an older record"] = [str(key) for key in self._target.stale]
        for what, examples in wrong.items():
            if examples:
                yield f"{len(examples)} records are {what}, such as {examples[0]}"

    def _begin(self, simulator: Simulator, *, is_slow: bool) -> None:
        simulator.clear_requests()
        simulator.clear_faults()
        if is_slow:
            simulator.inject("slow", operation=SEARCH, delay=SLOW_PAGE, count=None)

    def _moment(
        self, simulator: Simulator, missing: int, left: int
    ) -> tuple[str, Callable[[Run], object]]:
        """Choose when to kill a run: a name, and what waits for it."""
        luck = self._luck
        # Enough lines to spread the kills over the backlog; an order has about two items.
        lines = luck.randint(1, max(1, 6 * missing // (left + 1)))
        calls, seconds = luck.randint(1, 150), luck.uniform(0, 0.5)

        def asked(operation: str) -> int:
            return sum(request["operation"] == operation for request in simulator.requests)

        return luck.choice(
            [
                ("after lines", lambda run: run.wait(lambda: run.lines >= lines)),
                ("after single orders", lambda run: run.wait(lambda: asked(SINGLE) >= calls)),
                ("while a report is made", lambda run: run.wait(lambda: bool(asked(CREATE_REPORT)))),
                ("at the start", lambda _: time.sleep(seconds)),
                ("while nobody reads", lambda run: run.stop_reading(lines)),
            ]
        )


@contextmanager
def changing(simulator: Simulator) -> Iterator[list[str]]:
    """Let orders change all the time; the list has the id of each."""
    changed: list[str] = []
    ends = threading.Event()

    def change() -> None:
        while not ends.wait(NAP):
            changed.extend(simulator.change_orders(1))

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    try:
        yield changed
    finally:
        ends.set()
        thread.join()


def _expected(truth: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the orders and their items by what identifies them, as the streams should have them."""
    for order in truth:
        yield ("", order["orderId"]), order
        beside = {
            "orderId": order["orderId"],
            "lastUpdatedTime": order["lastUpdatedTime"],
            "marketplaceId": order["salesChannel"]["marketplaceId"],
        }
        for item in order["orderItems"]:
            yield ("item", order["orderId"], item["orderItemId"]), item | beside
