"""All orders of a seller from each source: the time at Amazon's limits, and whether all is right.

    python benchmarks/orders.py [--orders 2500 10000 100000] [--seconds 60] [--sources ...]

One after the other, each with a simulator of its own that has the same seller, these read all
orders, with all datasets:

- `loop`: a loop with python-amazon-sp-api (`order_loop.py`), the least that can be done with one
  search;
- `before`: this tap at commit 8fbcfa8, with searchOrders alone. It comes from the git history;
  without that, as in a source archive, this row is left out;
- `search`, `combined`: this tap with each `orders_source`;
- `report`: this tap with the past from reports (`orders_history`).

The simulator has Amazon's documented rates times a speed, and Amazon's bursts. A time is from the
first request to the last record, times that speed: the time at Amazon's own rates. What does not
scale, processor time and HTTP, is multiplied as well, so times are a little too long. Each speed is
such that a run takes about `--seconds`, but not so high that the server and the program, on one
machine, cannot keep up.

The shortest time is that of the calls that give orders: 100 with each searchOrders, one with each
getOrder, side by side if the source uses both. The records are compared with the simulator's
orders, property by property: `missing` orders were not written, `wrong` ones have a property that
is not the present one. A record from a report may lack properties; what it has must be right.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.builds import NoHistoryError, other_build
from benchmarks.local_servers import requests_seen, simulator, truth, truth_text
from benchmarks.order_truth import ITEMS, ORDERS, Comparison, compare
from benchmarks.tables import count, goal, table
from benchmarks.tap_process import TAP, FinishedRun, RunFailedError, run, run_tap, write_json
from benchmarks.usage_plans import usage_plan
from tap_amazon_sp.amazon.order_datasets import DATASETS
from tests.loader_environments import Environment

HERE = Path(__file__).parent
PEERS = HERE.parent / "requirements" / "peers"
LIBRARY = "python-amazon-sp-api"
BEFORE = "8fbcfa8"

SEARCH, SINGLE = "orders_2026-01-01.searchOrders", "orders_2026-01-01.getOrder"
PAGE_SIZE = 100
MAX_CALLS = {SEARCH: 5.0, SINGLE: 60.0}
"""Calls a second that server and program manage together on a machine with two cores."""
REPORT_SPEED = 30.0
"""For runs whose time is that of reports, which Amazon makes within a minute or two."""
THROTTLED = 429

LOOP, OLD, SEARCH_ALONE, COMBINED, REPORT = "loop", "before", "search", "combined", "report"
GOALS = {
    (SEARCH_ALONE, LOOP): {2500: 1.02, 10_000: 1.02, 100_000: 1.02},
    (COMBINED, OLD): {2500: 0.40, 10_000: 0.56, 100_000: 0.56},
    (REPORT, OLD): {10_000: 0.08, 100_000: 0.008},
}
"""The most that the time of one source may be, as a share of the other's, by number of orders."""
TIMES_SHORTEST = 1.05
COLUMNS = (
    "",
    "speed",
    "searchOrders",
    "getOrder",
    "others",
    "429s",
    "time",
    "/ loop",
    f"/ {BEFORE}",
    "/ shortest",
    "missing",
    "wrong",
    "items missing",
    "wrong",
)


@dataclass(frozen=True)
class Source:
    """A program that reads orders.

    Attributes:
        title: What it is called in the table.
        settings: Settings of the tap.
        operations: The operations that give it orders.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    operations: Sequence[str] = (SEARCH,)

    def shortest(self, orders: int) -> float:
        """Return the least number of seconds at Amazon's rates until its calls gave all orders."""
        if not self.operations:
            return 0.0
        pages = math.ceil(orders / PAGE_SIZE)
        if SINGLE not in self.operations:
            return _seconds_for(SEARCH, pages)
        return min(
            max(
                _seconds_for(SEARCH, full),
                _seconds_for(SINGLE, max(0, orders - PAGE_SIZE * full)),
            )
            for full in range(pages + 1)
        )

    def speed(self, orders: int, seconds: float) -> float:
        """Return the speed with which a run takes about so long, if that is not too fast."""
        if not self.operations:
            return REPORT_SPEED
        highest = min(MAX_CALLS[name] / usage_plan(name, 1)[0] for name in self.operations)
        return min(max(1.0, self.shortest(orders) / seconds), highest)


def _seconds_for(operation: str, calls: int) -> float:
    rate, burst = usage_plan(operation, 1)
    return max(0.0, calls - burst) / rate


SOURCES = {
    LOOP: Source(f"loop with {LIBRARY}"),
    OLD: Source(f"tap-amazon-sp {BEFORE}"),
    SEARCH_ALONE: Source("`orders_source: search`", {"orders_source": "search"}),
    COMBINED: Source("`orders_source: combined`", {"orders_source": "combined"}, (SEARCH, SINGLE)),
    REPORT: Source("`orders_history: report`", {"orders_history": "report"}, ()),
}


@dataclass(frozen=True)
class Measured:
    """A run that ended.

    Attributes:
        speed: Times Amazon's rates.
        calls: Requests that were not refused, by operation.
        throttled: How many were answered with 429.
        seconds: From the first request to the last record, at Amazon's rates.
        compared: What was written, compared with the truth, by stream.
        finished: The process.
    """

    speed: float
    calls: Counter[str]
    throttled: int
    seconds: float
    compared: Mapping[str, Comparison]
    finished: FinishedRun


@dataclass(frozen=True)
class Bench:
    """How everything is measured.

    Attributes:
        folder: For environments, settings and output.
        days: How many days back the orders reach.
        seconds: How long a run should take.
        start_date: When the tap begins; None is as far back as Amazon has orders.
    """

    folder: Path
    days: int
    seconds: float
    start_date: str | None

    def measure(self, name: str, orders: int, program: str) -> Measured:
        """Read all orders once.

        Args:
            name: The source.
            orders: How many the seller has.
            program: The command of the tap; the interpreter for the loop.

        Raises:
            RunFailedError: The program failed or sent no request.
        """
        source = SOURCES[name]
        speed = source.speed(orders, self.seconds)
        output = self.folder / "output.jsonl"
        world = simulator(
            orders=orders,
            history_days=self.days,
            speed=speed,
            changes_per_minute=0,
            prepared=True,
        )
        with world as settings:
            # The seller is made up when the first request comes, which takes seconds.
            truth(settings, "created_reports")
            if name == LOOP:
                finished = self._loop(program, settings, speed, output)
            else:
                given = {**settings, **source.settings, **_scaled(speed)}
                given |= {"start_date": self.start_date} if self.start_date else {}
                finished = run_tap(self.folder, given, (ORDERS, ITEMS), tap=program, output=output)
            entries = requests_seen(settings)
            compared = compare(
                output,
                truth_text(settings, ORDERS),
                with_items=name != LOOP,
            )
        output.unlink()
        if not entries:
            message = f"{source.title} sent no request"
            raise RunFailedError(message)
        began_at = min(entry["received_at"] for entry in entries)
        refused = [entry for entry in entries if entry["status"] == THROTTLED]
        calls = Counter(entry["operation"] for entry in entries)
        calls.subtract(entry["operation"] for entry in refused)
        seconds = (finished.last_record_at - began_at) * speed
        return Measured(speed, calls, len(refused), seconds, compared, finished)

    def _loop(
        self, python: str, settings: Mapping[str, Any], speed: float, output: Path
    ) -> FinishedRun:
        rate, burst = usage_plan(SEARCH, speed)
        credentials = {
            "lwa_app_id": settings["client_id"],
            "lwa_client_secret": settings["client_secret"],
            "refresh_token": settings["refresh_token"],
        }
        search = {
            "lastUpdatedAfter": "2000-01-01T00:00:00Z",
            "maxResultsPerPage": PAGE_SIZE,
            "marketplaceIds": settings["marketplace_ids"],
            "includedData": list(DATASETS),
        }
        given = {name: settings[name] for name in ("endpoint", "token_url")} | {
            "credentials": credentials,
            "search": search,
            "rate": rate,
            "burst": burst,
        }
        path = write_json(self.folder / "loop.json", given)
        return run([python, str(HERE / "order_loop.py"), str(path)], output=output)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[2500, 10_000, 100_000])
    parser.add_argument("--days", type=int, default=60, help="how many days back they reach")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long a run should take")
    parser.add_argument("--sources", nargs="+", choices=tuple(SOURCES), default=tuple(SOURCES))
    parser.add_argument("--before", default=BEFORE, metavar="REVISION", help="the other build")
    parser.add_argument(
        "--no-start-date", action="store_true", help="the tap does not know when they begin"
    )
    options = parser.parse_args()
    first = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=options.days + 1)
    start_date = None if options.no_start_date else first.isoformat()

    with tempfile.TemporaryDirectory() as folder:
        programs = _programs(Path(folder), options.sources, options.before)
        bench = Bench(Path(folder), options.days, options.seconds, start_date)
        for orders in options.orders:
            measured = {}
            for name, program in programs.items():
                print(f"{name}, {count(orders)} orders ...", file=sys.stderr, flush=True)
                one = measured[name] = bench.measure(name, orders, program)
                # A long run may be stopped before its table.
                print(f"  {duration(one.seconds)}", file=sys.stderr, flush=True)
            print(f"{count(orders)} orders of {options.days} days:\n", flush=True)
            print(table(COLUMNS, [_row(name, orders, measured) for name in measured]))
            print()
            for sentence in _sentences(orders, measured):
                print(f"- {sentence}")
            print(flush=True)


def _programs(folder: Path, sources: Sequence[str], revision: str) -> dict[str, str]:
    """Return the program of each source, after its environment is made."""
    programs = dict.fromkeys((name for name in SOURCES if name in sources), TAP)
    if LOOP in programs:
        environment = Environment(LIBRARY, folder, requirements=PEERS)
        environment.make()
        programs[LOOP] = str(environment.bin / "python")
    if OLD in programs:
        try:
            programs[OLD] = other_build(revision, folder / "before")
        except NoHistoryError as error:
            del programs[OLD]
            print(f"Without a comparison with an earlier build: {error}\n")
    return programs


def _scaled(speed: float) -> dict[str, Any]:
    """Return settings of the tap for all data, and for waits that the speed makes shorter."""
    return {
        "orders_included_data": list(DATASETS),
        "restricted_data": True,
        "report_poll_interval": max(0.01, 5.0 / speed),
    }


def _row(name: str, orders: int, measured: Mapping[str, Measured]) -> list[str]:
    one = measured[name]
    others = one.calls.total() - one.calls[SEARCH] - one.calls[SINGLE]
    return [
        SOURCES[name].title,
        f"{one.speed:.0f}",
        count(one.calls[SEARCH]),
        count(one.calls[SINGLE]),
        count(others),
        count(one.throttled),
        duration(one.seconds),
        *(_ratio(one, measured.get(other)) for other in (LOOP, OLD)),
        _of_shortest(name, orders, one),
        *(
            figure
            for stream in (ORDERS, ITEMS)
            for figure in (
                (count(one.compared[stream].missing), count(one.compared[stream].wrong))
                if stream in one.compared
                else ("", "")
            )
        ),
    ]


def _ratio(one: Measured, other: Measured | None) -> str:
    return f"{one.seconds / other.seconds:.4f}" if other else ""


def _of_shortest(name: str, orders: int, one: Measured) -> str:
    shortest = SOURCES[name].shortest(orders)
    return f"{one.seconds / shortest:.3f}" if shortest else ""


def _sentences(orders: int, measured: Mapping[str, Measured]) -> list[str]:
    """Return what was reached of the goals, and what is to be said of the records."""
    sentences = []
    for (name, other), limits in GOALS.items():
        if orders in limits and name in measured and other in measured:
            ratio = measured[name].seconds / measured[other].seconds
            what = f"{SOURCES[name].title} / {SOURCES[other].title}"
            sentences.append(goal(what, ratio, limits[orders], digits=4))
    shortest = SOURCES[COMBINED].shortest(orders)
    if COMBINED in measured and shortest:
        ratio = measured[COMBINED].seconds / shortest
        what = f"{SOURCES[COMBINED].title} / shortest possible"
        sentences.append(goal(what, ratio, TIMES_SHORTEST, digits=3))
    if SEARCH_ALONE in measured:
        more = measured[SEARCH_ALONE].calls[SEARCH] - math.ceil(orders / PAGE_SIZE)
        sentences.append(goal("Calls of searchOrders beyond full pages", more, 1, digits=0))
    ours = [one for name, one in measured.items() if name not in (LOOP, OLD)]
    if ours:
        refused = sum(one.throttled for one in ours)
        sentences.append(goal("Responses with 429", refused, 0, digits=0))
    return sentences + [
        sentence for name, one in measured.items() for sentence in _of_records(name, one)
    ]


def _of_records(name: str, one: Measured) -> Iterator[str]:
    """Yield what is to be said of the records of a source."""
    title = SOURCES[name].title
    for stream, compared in one.compared.items():
        if compared.missing or compared.wrong:
            often = compared.properties.most_common(5)
            worst = ", ".join(f"`{path}` ({count(number)})" for path, number in often)
            yield (
                f"{title}: {count(compared.missing)} of {stream} missing, "
                f"{count(compared.wrong)} wrong{': ' if worst else ''}{worst}"
            )
        if compared.beyond:
            yield f"{title}: {count(compared.beyond)} of {stream} that the API does not have"
        if compared.from_reports:
            yield (
                f"{title}: {count(compared.from_reports)} records of {stream} are from reports, "
                f"with {len(compared.claimed)} properties"
            )


def duration(value: float) -> str:
    """Return seconds as text, in the unit in which one reads them."""
    if value < 600:  # noqa: PLR2004 - ten minutes
        return f"{value:.0f} s"
    return f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.2f} h"  # noqa: PLR2004


if __name__ == "__main__":
    main()
