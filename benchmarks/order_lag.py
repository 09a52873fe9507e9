"""A seller with 50,000 changed orders a day: how long a change takes to the target.

    python benchmarks/order_lag.py [--changes 50000] [--days 3] [--faster 500]

The tap runs every hour with the state of the run before, as a scheduled job does; while a run takes
longer, the next one waits for the following hour. Two sources are read at the same time, each in a
process with a simulator of its own that has Amazon's documented limits:

- `search`: searchOrders alone;
- `combined`: searchOrders, getOrder, reports, and the notifications of changed orders in a queue of
  fauxqs.

The lag of a change is the time from the order's last update to its record on standard output. The
table has the changes that were written in each six hours; `not read` is how far the bookmark was
behind at their end. After the last run, the target is compared with the simulator: orders that
changed before that run began must be there as they are.

Time passes faster, for the simulator and the tap alike, so three days take nine minutes. What is
not faster counts as many times: processor time, HTTP, and the waits of SQS, whose clock is real.
So lags are rather too long, the more so the faster time passes: an hour has hundreds of calls of
SQS. Messages become visible again after a second instead of five minutes.

An order that changes twice between two runs is written once, so a day has somewhat fewer changed
orders than changes. searchOrders alone gives 48,384 orders a day: its lag grows if there are more.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import logging
import math
import multiprocessing
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from benchmarks.tables import count, table
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.reading import inbox
from tap_amazon_sp.simulator import AwsKey, Simulator, SimulatorSettings
from tap_amazon_sp.tap import TapAmazonSP
from tests.fast_clock import FastClock
from tests.queues import KEYS, fauxqs_server
from tests.tap_runs import bookmarks_in, catalog_of

HOUR = 3600.0
PERIOD = 6 * HOUR
ORDERS_BEFORE = 100_000
"""Orders of the time before, whose next steps are among the changes. With fewer, many orders would
change twice between two runs, and so be written once."""
SEARCH, COMBINED = "search", "combined"
YOUNGEST = dt.timedelta(minutes=3)
"""searchOrders has no younger changes; the model says two minutes."""
COLUMNS = (
    "hours",
    "source",
    "runs",
    "longest run",
    "written",
    "median lag",
    "longest lag",
    "not read",
    "searchOrders",
    "getOrder",
    "429s",
)


@dataclass
class Period:
    """What happened in some hours.

    Attributes:
        lags: Seconds of each change that was written.
        runs: Seconds of each run that ended.
        behind: Seconds that the bookmark was behind at the end of the last run.
        calls: Requests, by the end of the operation's id.
        throttled: Answers of 429.
    """

    lags: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    behind: float = math.nan
    calls: dict[str, int] = field(default_factory=dict)
    throttled: int = 0


@dataclass(frozen=True)
class Followed:
    """A source that was read for some days.

    Attributes:
        periods: By their number.
        missing: Orders that changed before the last run began and are not in the target.
        stale: Those that are there as they were before.
    """

    periods: Mapping[int, Period]
    missing: int
    stale: int


class Target(io.TextIOBase):
    """Takes the messages of the tap as a target would, with the time of each."""

    def __init__(self, clock: FastClock, periods: dict[int, Period]) -> None:
        """Have nothing yet."""
        self._clock = clock
        self._periods = periods
        self._rest = ""
        self.versions: dict[str, dt.datetime] = {}
        self.state: dict[str, Any] = {}

    def write(self, text: str) -> int:
        """Take whole lines, or parts of them."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            message = json.loads(line)
            if message["type"] == "STATE":
                self.state = message["value"]
            elif message["type"] == "RECORD" and message["stream"] == "orders":
                self._take(message["record"])
        return len(text)

    def _take(self, record: Mapping[str, Any]) -> None:
        order_id, version = record["orderId"], parse_timestamp(record["lastUpdatedTime"])
        known = self.versions.get(order_id)
        self.versions[order_id] = version
        if known != version:
            lag = (self._clock.now() - version).total_seconds()
            self._periods.setdefault(period_of(self._clock), Period()).lags.append(lag)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--changes", type=int, default=50_000, help="changed orders a day")
    parser.add_argument("--days", type=float, default=3.0)
    parser.add_argument("--faster", type=float, default=500.0, help="how much faster time passes")
    parser.add_argument("--sources", nargs="+", choices=(SEARCH, COMBINED), default=None)
    options = parser.parse_args()
    sources = options.sources or [SEARCH, COMBINED]
    # A thread that another started must not be half in a copy of this process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(sources), mp_context=context) as pool:
        running = {
            source: pool.submit(follow, source, options.changes, options.days, options.faster)
            for source in sources
        }
        followed = {source: future.result() for source, future in running.items()}
    print(f"{count(options.changes)} changed orders a day, a run each hour:\n")
    numbers = sorted({number for one in followed.values() for number in one.periods})
    print(
        table(
            COLUMNS,
            [
                row(number, source, one.periods[number])
                for number in numbers
                for source, one in followed.items()
                if number in one.periods
            ],
        )
    )
    print()
    for source, one in followed.items():
        print(f"- {source}: {count(one.missing)} missing, {count(one.stale)} stale at the end")


def follow(source: str, changes: int, days: float, faster: float) -> Followed:
    """Read one source for some days.

    Raises:
        StreamsFailedError: A run failed.
    """
    logging.disable(logging.WARNING)
    with contextlib.ExitStack() as stack:
        queue = stack.enter_context(fauxqs_server()).create()
        clock = FastClock(faster)
        world = SimulatorSettings(
            orders=ORDERS_BEFORE,
            changes_per_minute=changes / 24 / 60,
            now=clock.now,
            port=0,
            prepared=True,
            notify=queue.url if source == COMBINED else None,
            notify_types=("ORDER_CHANGE",),
            aws_keys=(AwsKey(*KEYS.values()),),
        )
        simulator = stack.enter_context(Simulator(world))
        settings: dict[str, Any] = {"orders_source": source}
        streams = ["orders"]
        if source == COMBINED:
            inbox.VISIBILITY = 1
            settings |= queue.settings | {"notifications_wait": 0}
            streams.append("order_changes")
        return Schedule(clock, simulator, settings, streams).follow(days)


class Schedule:
    """Runs of the tap at each full hour."""

    def __init__(
        self,
        clock: FastClock,
        simulator: Simulator,
        settings: Mapping[str, Any],
        streams: Sequence[str],
    ) -> None:
        """Run nothing yet.

        Args:
            clock: That of the tap and the simulator.
            simulator: The seller.
            settings: Settings of the tap beside those of the simulator.
            streams: The streams to read.
        """
        self._clock = clock
        self._simulator = simulator
        # The simulator needs some time to begin.
        self._since = clock.now()
        self._settings = (
            simulator.settings_for_tap() | {"start_date": self._since.isoformat()} | dict(settings)
        )
        self._streams = streams
        self._periods: dict[int, Period] = {}
        self._target = Target(clock, self._periods)

    def follow(self, days: float) -> Followed:
        """Run the tap for some days.

        Raises:
            StreamsFailedError: A run failed.
        """
        first = hour = int(self._clock.monotonic() / HOUR)
        began_at = self._since
        while True:
            # After a long run, the next one waits for the next full hour.
            hour = max(hour + 1, math.ceil(self._clock.monotonic() / HOUR))
            if hour > first + days * 24:
                return Followed(self._periods, *self._compare(began_at))
            self._clock.sleep(max(0.0, hour * HOUR - self._clock.monotonic()))
            began_at = self._clock.now()
            self._run()

    def _run(self) -> None:
        begin = self._clock.monotonic()
        period = self._periods.setdefault(period_of(self._clock), Period())
        self._simulator.clear_requests()
        tap = TapAmazonSP(
            config=self._settings,
            catalog=catalog_of(*self._streams, settings=self._settings),
            state=self._target.state,
            clock=self._clock.for_another_run(),
        )
        with contextlib.redirect_stdout(self._target):
            tap.sync_all()
        period.runs.append(self._clock.monotonic() - begin)
        bookmarks = bookmarks_in(self._target.state)
        bookmark = bookmarks.get(("orders", None), {}).get("replication_key_value")
        if bookmark is not None:
            behind = self._clock.now() - parse_timestamp(bookmark)
            period.behind = behind.total_seconds()
        for operation, figures in self._simulator.metrics.items():
            name = operation.rpartition(".")[2]
            period.calls[name] = period.calls.get(name, 0) + figures["calls"]
            period.throttled += figures["throttled"]

    def _compare(self, began_at: dt.datetime) -> tuple[int, int]:
        """Return how many orders are missing in the target, and how many are stale."""
        missing = stale = 0
        for order in self._simulator.truth("orders"):
            version = parse_timestamp(order["lastUpdatedTime"])
            if not self._since <= version < began_at - YOUNGEST:
                continue
            known = self._target.versions.get(order["orderId"])
            missing += known is None
            stale += known is not None and known < version
        return missing, stale


def period_of(clock: FastClock) -> int:
    """Return the number of the present period."""
    return int(clock.monotonic() / PERIOD)


def row(number: int, source: str, period: Period) -> list[str]:
    """Return the row of a period."""
    hours = PERIOD / HOUR
    return [
        f"{number * hours:.0f} - {(number + 1) * hours:.0f}",
        source,
        count(len(period.runs)),
        minutes(max(period.runs, default=math.nan)),
        count(len(period.lags)),
        minutes(statistics.median(period.lags) if period.lags else math.nan),
        minutes(max(period.lags, default=math.nan)),
        minutes(period.behind),
        count(period.calls.get("searchOrders", 0)),
        count(period.calls.get("getOrder", 0)),
        count(period.throttled),
    ]


def minutes(seconds: float) -> str:
    """Return seconds as minutes; nothing if there are none."""
    return "" if math.isnan(seconds) else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    main()
