"""A life of orders: a large backlog is read with both operations, while orders change all the time.

Notifications tell of the changes: some twice, some late, some never. Each run is killed in its
midst, and so is the target of every other run. The next one goes on from the last STATE that the
target passed on. At any time, what is gone from the queue must be in the target: the notification,
and its order as it was then or later. At the end, the target must have each order as the simulator
has it, and no older record may have replaced a newer one.
"""

from __future__ import annotations

import json
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

from benchmarks.order_truth import Key, differences, expected_records
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.signatures import AwsKey
from tests.kills.lives import MAX_SECONDS, Run, watched
from tests.kills.targets import Target
from tests.processes import Command
from tests.queues import KEYS, FauxqsServer
from tests.sellers import CREATE_REPORT, days_ago
from tests.tap_runs import catalog_of, read_messages, tap_arguments
from tests.world_clock import WorldClock

ORDERS, ITEMS, CHANGES = "orders", "order_items", "order_changes"
SEARCH, SINGLE = "orders_2026-01-01.searchOrders", "orders_2026-01-01.getOrder"

BACKLOG = 3_500
"""Orders at the start: more than searchOrders reads within its burst, so that getOrder helps."""
SPEED = 300.0
REPORT_SECONDS = 0.3
"""How long a report takes, in real time."""
WRONG_IN_REPORTS = 0.02
HISTORY_DAYS = 20
SLOW_PAGE = 0.3
"""Seconds that a page takes where getOrder is to read most orders."""
NAP = 0.03
"""Seconds between changes of orders."""
SETTLED = 150.0
"""After so many seconds searchOrders has all changes, and its usage plan all tokens."""
PAUSES = (5.0, 10.0, SETTLED)
"""Seconds between two runs: time for a token of searchOrders, whose answer tells its rate."""


DUPLICATES, DISORDER, LOST = 0.2, 0.2, 0.05
"""The shares of notifications that come twice, late, and never."""
MAX_CHANGES = 150
"""Changes while a run goes on, at most: a run reads all messages before it ends."""
NOT_KILLED = "not before its end"
KILLS_PER_LIFE = 7
MAX_WRONG = 20
MAX_LAST_RUNS = 4
"""Runs after which the queue must be empty: the first writes what the second deletes."""


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
        notifications: Different notifications in the targets at the end.
        wrong: What is wrong, in sentences.
    """

    moments: Counter[str] = field(default_factory=Counter)
    targets: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    changes: int = 0
    again: int = 0
    notifications: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def killed(self) -> int:
        """How many runs were killed."""
        return sum(self.moments.values()) - self.moments[NOT_KILLED]

    @property
    def is_spoilt(self) -> bool:
        """Whether so much is wrong that more would say nothing new."""
        return len(self.wrong) > MAX_WRONG

    def lines(self) -> Iterator[str]:
        """Yield the lines that say what came of it."""
        moments = ", ".join(f"{name}: {count}" for name, count in sorted(self.moments.items()))
        yield f"{self.killed} runs that read orders were killed ({moments})"
        yield (
            f"{self.targets} of their targets, too; {self.calls[SEARCH]:,} pages, "
            f"{self.calls[SINGLE]:,} single orders, {self.changes:,} changes meanwhile; "
            f"{self.orders:,} orders and {self.notifications:,} notifications at the end, "
            f"{self.again:,} records written again"
        )
        yield from self.wrong or ["nothing missing, nothing stale, no message lost"]


def live(
    kills: int,
    folder: Path,
    server: FauxqsServer,
    *,
    seed: int,
    tell: Callable[[str], object] = lambda _: None,
) -> OrderTally:
    """Let lives of orders follow each other until so many runs are killed.

    Args:
        kills: How many.
        folder: Where the files of the runs lie.
        server: Where the queues of the notifications are.
        seed: Chooses the first seller, the changes and the moments.
        tell: Takes a line after each life.
    """
    tally = OrderTally()
    while tally.killed < kills and not tally.is_spoilt:
        OrderLife(folder, server, seed).run(min(kills - tally.killed, KILLS_PER_LIFE), tally)
        tell(
            f"seed {seed}: {tally.killed} of {kills} runs killed, {len(tally.wrong)} faults so far"
        )
        seed += 1
    return tally


class OrderLife:
    """Runs of one account, each killed but the last."""

    def __init__(
        self, folder: Path, server: FauxqsServer, seed: int, backlog: int = BACKLOG
    ) -> None:
        """Start nothing yet.

        Args:
            folder: Where the files of the runs lie.
            server: Where the queue of the notifications is.
            seed: Chooses the seller, the changes and the moments.
            backlog: How many orders there are at the start.
        """
        self._folder = folder
        self._seed = seed
        self._luck = random.Random(seed)  # noqa: S311 - no secret
        self._clock = WorldClock()
        self._queue = server.create()
        self._target = Target({ORDERS: "lastUpdatedTime", ITEMS: "lastUpdatedTime"})
        self._world = SimulatorSettings(
            orders=backlog,
            records=5,
            purchase_orders=1,
            history_days=HISTORY_DAYS,
            seed=seed,
            speed=SPEED,
            changes_per_minute=0,
            processing_seconds=REPORT_SECONDS * SPEED,
            # Every other seller's reports lack orders, and have some that the API does not know.
            order_reports_lacking=WRONG_IN_REPORTS * (seed % 2),
            order_reports_unknown=WRONG_IN_REPORTS * (seed % 2),
            notify=self._queue.url,
            notify_types=("ORDER_CHANGE",),
            notify_duplicates=DUPLICATES,
            notify_disorder=DISORDER,
            notify_lost=LOST,
            aws_keys=(AwsKey(*KEYS.values()),),
            port=0,
            now=self._clock,
        )

    def run(self, kills: int, tally: OrderTally) -> None:
        """Kill so many runs, let the last ones go to their end, and compare with what there is."""
        wrong: list[str] = []
        with Simulator(self._world) as simulator:
            settings = simulator.settings_for_tap() | self._queue.settings
            self._settings = settings | {
                "start_date": days_ago(HISTORY_DAYS + 2),
                "report_poll_interval": 0.05,
                "restricted_data": True,
                "notifications_wait": 0,
            }
            self._catalog = catalog_of(ORDERS, ITEMS, CHANGES, settings=self._settings)
            for left in range(kills, 0, -1):
                wrong += self._killed_run(simulator, left, tally)
                wrong += self._lost_messages(simulator)
                self._clock.put_forward(self._luck.choice(PAUSES))
            self._clock.put_forward(SETTLED)
            simulator.send_notifications()
            for number in range(MAX_LAST_RUNS):
                if number and not self._queue.message_ids():
                    break
                wrong += self._whole_run(simulator, tally)
                wrong += self._lost_messages(simulator)
                self._clock.put_forward(min(PAUSES))
            truth = simulator.truth(ORDERS)
            sent = [one for one in simulator.truth("notifications") if one["copies"]]
        wrong += self._faults(truth)
        wrong += self._faults_of_notifications(sent)
        tally.orders += len(truth)
        tally.notifications += len(self._target.of_stream(CHANGES))
        tally.again += sum(count - 1 for count in self._target.times.values())
        tally.wrong += [f"seed {self._seed}: {line}" for line in wrong]

    def _arguments(self, simulator: Simulator) -> list[str]:
        simulator.clear_requests()
        simulator.clear_faults()
        self._queue.end_visibility_timeouts()
        return tap_arguments(
            self._folder, self._settings, catalog=self._catalog, state=self._target.state
        )

    def _killed_run(self, simulator: Simulator, left: int, tally: OrderTally) -> Iterator[str]:
        """Run, and kill the run at a moment that luck chooses; yield what is wrong."""
        luck = self._luck
        missing = len(simulator.truth(ORDERS)) - len(self._target.of_stream(ORDERS))
        moment, wait = self._moment(simulator, max(missing, 50), left)
        arguments = self._arguments(simulator)
        if luck.random() < 0.5:
            simulator.inject("slow", operation=SEARCH, delay=SLOW_PAGE, count=None)
        with watched(arguments) as run, changing(simulator) as changes:
            wait(run)
            run.process.kill()
            run.reads.set()
            hangs = not run.has_ended(MAX_SECONDS)
        exit_code = run.process.returncode
        was_killed = exit_code == -signal.SIGKILL
        tally.moments[moment if was_killed else NOT_KILLED] += 1
        tally.changes += len(changes)
        tally.calls.update(request["operation"] for request in simulator.requests)
        if hangs:
            yield f"a run could not be killed {moment}"
        if "Traceback" in run.log or exit_code not in {0, -signal.SIGKILL}:
            yield f"{moment}: exit code {exit_code}\n{run.log[-3000:]}"
        dies = left % 2 == 0
        tally.targets += dies
        messages = read_messages(run.output.decode(errors="replace"))
        self._target.take(messages, killed_by=luck if dies else None)

    def _whole_run(self, simulator: Simulator, tally: OrderTally) -> Iterator[str]:
        """Run to the end; yield what is wrong."""
        finished = Command(self._arguments(simulator)).run()
        tally.calls.update(request["operation"] for request in simulator.requests)
        if finished.returncode != 0:
            yield f"the last run: exit code {finished.returncode}\n{finished.stderr[-3000:]}"
        self._target.take(read_messages(finished.stdout))

    # --- What must be ---------------------------------------------------------------------------

    def _lost_messages(self, simulator: Simulator) -> Iterator[str]:
        """Yield the messages that are gone from the queue, and not in the target."""
        # Before the queue: what is sent meanwhile is there, at least.
        sent = simulator.truth("notifications")
        left = Counter(
            json.loads(body)["NotificationMetadata"]["NotificationId"]
            for body in self._queue.bodies().values()
        )
        gone = [one["body"] for one in sent if one["sent"] > left[one["notificationId"]]]
        notifications, orders = self._target.of_stream(CHANGES), self._target.of_stream(ORDERS)
        for message in gone:
            notification_id = message["NotificationMetadata"]["NotificationId"]
            order_id = message["Payload"]["OrderChangeNotification"]["AmazonOrderId"]
            if (notification_id,) not in notifications:
                yield f"a message is deleted, but notification {notification_id} is not written"
            order = orders.get((order_id,))
            time = message["EventTime"]
            if order is None or parse_timestamp(order["lastUpdatedTime"]) < parse_timestamp(time):
                yield f"a message is deleted, but order {order_id} is not written as of {time}"

    def _faults_of_notifications(self, sent: list[dict[str, Any]]) -> Iterator[str]:
        """Yield what is wrong with the notifications in the target and in the queue."""
        found = {notification_id for (notification_id,) in self._target.of_stream(CHANGES)}
        expected = {one["notificationId"] for one in sent}
        for what, ids in (("missing", expected - found), ("of no truth", found - expected)):
            if ids:
                yield f"{len(ids)} notifications are {what}, such as {min(ids)}"
        if left := self._queue.message_ids():
            yield f"{len(left)} messages are never deleted"

    def _faults(self, truth: list[dict[str, Any]]) -> Iterator[str]:
        """Yield what is wrong in the target, with an example each."""
        orders, items = self._target.of_stream(ORDERS), self._target.of_stream(ITEMS)
        wrong: dict[str, list[str]] = {"missing": [], "wrong or stale": [], "of no truth": []}
        expected = dict(record for order in truth for record in expected_records(order))
        found = {Key(ORDERS, order_id, ""): row for (order_id,), row in orders.items()}
        found |= {Key(ITEMS, *ids): row for ids, row in items.items()}
        for key, record in expected.items():
            if key not in found:
                wrong["missing"].append(str(tuple(key)))
            elif paths := [*differences(found[key], record, complete=True)]:
                wrong["wrong or stale"].append(f"{tuple(key)} at {paths}")
        wrong["of no truth"] = [str(tuple(key)) for key in found.keys() - expected.keys()]
        wrong["replaced by an older record"] = [str(key) for key in self._target.stale]
        for what, examples in wrong.items():
            if examples:
                yield f"{len(examples)} records are {what}, such as {examples[0]}"

    def _moment(
        self, simulator: Simulator, missing: int, left: int
    ) -> tuple[str, Callable[[Run], object]]:
        """Choose when to kill a run: a name, and what waits for it."""
        luck = self._luck
        # Enough lines to spread the kills over the backlog; an order has about two items.
        lines = luck.randint(1, max(1, 6 * missing // (left + 1)))
        calls, seconds = luck.randint(1, 150), luck.uniform(0, 1)

        def asked(operation: str) -> int:
            return sum(request["operation"] == operation for request in simulator.requests)

        return luck.choice(
            [
                ("after lines", lambda run: run.wait(lambda: run.lines >= lines)),
                ("after single orders", lambda run: run.wait(lambda: asked(SINGLE) >= calls)),
                (
                    "while a report is made",
                    lambda run: run.wait(lambda: bool(asked(CREATE_REPORT))),
                ),
                ("at the start", lambda _: time.sleep(seconds)),
                ("while nobody reads", lambda run: run.stop_reading(lines)),
            ]
        )


@contextmanager
def changing(simulator: Simulator) -> Iterator[list[str]]:
    """Let orders change one after the other; the list has their ids."""
    changed: list[str] = []
    ends = threading.Event()

    def change() -> None:
        while len(changed) < MAX_CHANGES and not ends.wait(NAP):
            changed.extend(simulator.change_orders(1))

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    try:
        yield changed
    finally:
        ends.set()
        thread.join()
