"""A life: runs of the same two accounts, each stopped in its midst, until one reads to the end.

Each run goes on from the last STATE of the one before. At the end, everything must have been
written, and no report or query requested twice that a STATE knew of.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import Command, Process
from tests.sellers import CREATE_QUERY, CREATE_REPORT, days_ago
from tests.tap_runs import bookmarks_in, catalog_of, read_messages, tap_arguments

JOB_SECONDS = 0.2
"""How long a report or query takes."""
SLOW_ANSWER = 0.4
"""Seconds that Amazon needs to accept a report or query, where a stop is to strike meanwhile."""
MAX_SECONDS = 40.0
"""After this time a process hangs: less than any of its own limits on a loaded machine."""
CREATIONS = (CREATE_REPORT, CREATE_QUERY)

LISTS = ("orders", "orders_by_two", "awd_inbound_shipments", "order_items")
REPORTS = {
    "report_merchant_listings_all": "GET_MERCHANT_LISTINGS_ALL_DATA",
    "report_flat_file_all_orders_data_by_order_date_general": (
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    ),
    "report_sales_and_traffic": "GET_SALES_AND_TRAFFIC_REPORT",
    "report_sales_and_traffic_by_asin": "GET_SALES_AND_TRAFFIC_REPORT",
}
WITHOUT_DAYS = "GET_MERCHANT_LISTINGS_ALL_DATA"
QUERY = (
    "query { analytics_economics_2024_03_15 { economics("
    'startDate: "{start}", endDate: "{end}", marketplaceIds: ["ATVPDKIKX0DER"], '
    "aggregateBy: { date: DAY, productId: MSKU }) "
    "{ startDate endDate marketplaceId msku sales { unitsOrdered } } } }"
)
OF_A_RUN = frozenset(
    {"_report_id", "_report_created_time", "_query_id", "_query_created_time", "_data_end_time"}
    | {"_data_start_time", "_row_number", "_window_end"}
)
"""Properties that are others when the same is requested again."""

Signals = tuple[signal.Signals, ...]
ENDS: Mapping[str, Signals] = {
    "KILL": (signal.SIGKILL,),
    "TERM": (signal.SIGTERM,),
    "TERM, TERM": (signal.SIGTERM, signal.SIGTERM),
    "TERM, INT": (signal.SIGTERM, signal.SIGINT),
    "INT": (signal.SIGINT,),
}
"""How runs are ended: the signals, ten milliseconds apart."""
PAUSE = 0.01


@dataclass
class Result:
    """What came of the runs that were ended in one way.

    Attributes:
        ended: Runs that were ended.
        tracebacks: Runs with a traceback in their log.
        hangs: Runs that went on for `MAX_SECONDS`.
        codes: Runs with another exit code than that of the first signal.
        cut: Stopped runs whose last line is not whole.
        doubled: Reports and queries that a later run requested again.
        longest: Seconds from the signal to the end, at most.
    """

    ended: int = 0
    tracebacks: int = 0
    hangs: int = 0
    codes: int = 0
    cut: int = 0
    doubled: int = 0
    longest: float = 0.0

    def is_good(self, *, killed: bool) -> bool:
        """Return whether nothing is wrong; after a kill, a line may be cut off."""
        wrong = self.tracebacks + self.hangs + self.codes
        return not wrong and (killed or not self.cut + self.doubled)


@dataclass
class Tally:
    """What came of many lives: how runs were ended, and the lost records by stream."""

    results: dict[str, Result] = field(default_factory=lambda: {name: Result() for name in ENDS})
    moments: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    records: int = 0
    logs: list[str] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """How many runs were ended."""
        return sum(result.ended for result in self.results.values())

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and all else is as it must be."""
        return not self.lost and all(
            result.is_good(killed=name == "KILL") for name, result in self.results.items()
        )


def world(accounts: int) -> SimulatorSettings:
    """Settings of a simulator with sellers who stand still."""
    return SimulatorSettings(
        sellers=accounts,
        orders=40,
        records=25,
        history_days=6,
        longest_page=2,
        speed=1e6,
        changes_per_minute=0,
        shuffle=True,
        processing_seconds=(JOB_SECONDS * 1e6, JOB_SECONDS * 1e6),
        port=0,
    )


class Lives:
    """Makes lives with the accounts of a simulator, two for each."""

    def __init__(self, simulator: Simulator, folder: Path, seed: int) -> None:
        self._simulator = simulator
        self._folder = folder
        self._luck = random.Random(seed)  # noqa: S311 - no secret
        self._accounts = iter(simulator.settings_for_tap()["accounts"])
        self.tally = Tally()

    def run(self, kills: int) -> Tally:
        """Make lives until so many runs were ended; return what came of them."""
        names = list(ENDS) * (kills // len(ENDS) + 1)
        while (left := kills - self.tally.ended) > 0:
            life = Life(self._simulator, self._folder, [next(self._accounts) for _ in range(2)])
            ends = [names[self.tally.ended + number] for number in range(min(left, 6))]
            for name in ends:
                if not life.ended_run(name, self._luck, self.tally):
                    break
            life.finish(self.tally)
        return self.tally


class Life:
    """The runs of two accounts."""

    def __init__(
        self, simulator: Simulator, folder: Path, accounts: Sequence[dict[str, Any]]
    ) -> None:
        self._simulator = simulator
        self._folder = folder
        self._names = [account["name"] for account in accounts]
        self._settings = self._settings_of(accounts)
        self._state: dict[str, Any] = {}
        self._written: set[tuple[str, ...]] = set()
        self._told_ids: set[str] = set()
        self._ended_by: dict[str, tuple[str, bool]] = {}
        """By the id of a report or query: how its run ended, and whether a STATE knew it."""

    def _settings_of(self, accounts: Sequence[dict[str, Any]]) -> dict[str, Any]:
        days = {"start_date": days_ago(2), "end_date": days_ago(0), "lookback": "PT0S"}
        reports: list[str | dict[str, Any]] = [
            kind if kind == WITHOUT_DAYS else {"report_type": kind, "window": "DAY", **days}
            for kind in dict.fromkeys(REPORTS.values())
        ]
        by_two = {
            "name": "orders_by_two",
            "operation": "orders_2026-01-01.searchOrders",
            "params": {"maxResultsPerPage": 2},
        }
        return self._simulator.settings_for_tap() | {
            "accounts": list(accounts),
            "marketplace_ids": ["US"],
            "start_date": days_ago(7),
            "end_date": days_ago(0),
            "report_poll_interval": 0.05,
            "custom_streams": [by_two],
            "reports": reports,
            "data_kiosk_queries": [
                {"name": "economics", "query": QUERY}
                | {name: days[name] for name in list(days)[:2]}
            ],
        }

    @cached_property
    def _catalog(self) -> dict[str, Any]:
        declared = ("accounts", "custom_streams", "reports", "data_kiosk_queries")
        settings = {name: self._settings[name] for name in declared}
        return catalog_of(*LISTS, *REPORTS, "economics", settings=settings)

    def _arguments(self, state: dict[str, Any]) -> list[str]:
        return tap_arguments(self._folder, self._settings, catalog=self._catalog, state=state)

    # --- Runs -----------------------------------------------------------------------------------

    def ended_run(self, name: str, luck: random.Random, tally: Tally) -> bool:
        """Run, and end the run at a moment that luck chooses.

        Returns:
            Whether it was ended; False if it came to its own end before.
        """
        moment, wait = self._moment(luck)
        self._simulator.clear_requests()
        self._simulator.clear_faults()
        if moment == "while it is requested":
            for operation in CREATIONS:
                self._simulator.inject("slow", operation=operation, delay=SLOW_ANSWER, count=None)
        with watched(self._arguments(self._state)) as run:
            wait(run)
            was_running = run.process.poll() is None
            ended_at = time.monotonic()
            for number, one in enumerate(ENDS[name]):
                time.sleep(PAUSE if number else 0)
                run.process.send_signal(one)
            run.reads.set()
            hangs = not run.has_ended(MAX_SECONDS)
        took = time.monotonic() - ended_at
        self._simulator.clear_faults()
        exit_code = run.process.returncode
        is_late = not was_running or exit_code == 0
        self._take(run.output, "" if is_late else name)
        if is_late:
            return False
        first = ENDS[name][0]
        result = tally.results[name]
        tally.moments[moment] += 1
        result.ended += 1
        result.hangs += hangs
        result.longest = max(result.longest, took)
        right = {-first} if name == "KILL" else {128 + first, -first}
        failures = Counter(
            tracebacks="Traceback" in run.log or "Exception ignored" in run.log,
            codes=exit_code not in right,
            cut=bool(run.output) and not run.output.endswith(b"\n"),
        )
        for what, count in failures.items():
            setattr(result, what, getattr(result, what) + count)
        if failures["tracebacks"] or failures["codes"] or hangs:
            tally.logs.append(f"{name} {moment}: exit code {exit_code}\n{run.log[-3000:]}")
        return True

    def finish(self, tally: Tally) -> None:
        """Run to the end, and compare with what there is."""
        finished = Command(self._arguments(self._state)).run()
        if finished.returncode != 0:
            tally.logs.append(f"the last run: exit code {finished.returncode}\n{finished.stderr}")
            tally.lost["the last run"] += 1
        self._take(finished.stdout.encode(), "")
        self._count_doubled(tally)
        undisturbed = Life(self._simulator, self._folder, self._settings["accounts"])
        whole = Command(undisturbed._arguments({})).run()
        undisturbed._take(whole.stdout.encode(), "")
        tally.records += len(undisturbed._written)
        tally.lost.update(key[0] for key in undisturbed._written - self._written)

    def _take(self, output: bytes, ended_by: str) -> None:
        """Take in what a run wrote, and how it ended: "" at its own end."""
        keys: dict[str, list[str]] = {}
        for message in read_messages(output.decode(errors="replace")):
            if message["type"] == "SCHEMA":
                keys[message["stream"]] = message["key_properties"]
            elif message["type"] == "STATE":
                self._state = message["value"]
                self._told_ids |= self._pending()
            else:
                self._written.add(_key(message["stream"], message["record"], keys))
        read = self._told_ids - self._pending()
        for job in self._jobs():
            # What was read may be requested again: how things are, they are for each run.
            if job.id in read and WITHOUT_DAYS in job.request[1]:
                self._ended_by[job.id] = "", True
            else:
                self._ended_by.setdefault(job.id, (ended_by, job.id in self._told_ids))

    def _pending(self) -> set[str]:
        """Ids of the reports and queries that the state says are not read."""
        return {
            entry["id"]
            for part in bookmarks_in(self._state).values()
            for entry in part.get("pending", ())
        }

    def _jobs(self) -> Iterator[Job]:
        for account in self._names:
            for report in self._simulator.truth("created_reports", account):
                names = ("reportType", "dataStartTime", "dataEndTime", "reportOptions")
                # That of the present ends whenever it was requested.
                is_present = report["reportType"] == WITHOUT_DAYS
                asked = [report.get(name) for name in (names[:1] if is_present else names)]
                yield Job(report["reportId"], (account, json.dumps(asked, sort_keys=True)))
            for query in self._simulator.truth("queries", account):
                if "economics(" in query["query"]:
                    yield Job(query["queryId"], (account, query["query"]))

    def _count_doubled(self, tally: Tally) -> None:
        first: dict[tuple[str, str], Job] = {}
        for job in self._jobs():
            before = first.setdefault(job.request, job)
            if before is not job:
                ended_by, is_told = self._ended_by[before.id]
                # A kill may come before the STATE that tells of it.
                if ended_by and (ended_by != "KILL" or is_told):
                    tally.results[ended_by].doubled += 1
                    known = "known to" if is_told else "in no"
                    tally.logs.append(
                        f"{ended_by}: {before.id} ({known} STATE), again {job.id}: {job.request}"
                    )

    # --- Moments --------------------------------------------------------------------------------

    def _moment(self, luck: random.Random) -> tuple[str, Callable[[Run], object]]:
        """Choose when to end a run: a name, and what waits for it."""
        simulator = self._simulator
        lines, requests = luck.randint(1, 250), luck.randint(1, 120)
        jobs, seconds = luck.randint(1, 6), luck.uniform(0, 0.3)

        def created() -> int:
            return sum(request["operation"] in CREATIONS for request in simulator.requests)

        return luck.choice(
            [
                ("after lines", lambda run: run.wait(lambda: run.lines >= lines)),
                (
                    "after requests",
                    lambda run: run.wait(lambda: len(simulator.requests) >= requests),
                ),
                ("while it is requested", lambda run: run.wait(lambda: created() >= jobs)),
                ("at the start", lambda _: time.sleep(seconds)),
                ("while nobody reads", lambda run: run.stop_reading(lines)),
            ]
        )


@dataclass(frozen=True)
class Job:
    """A report or query: its id, and what was requested."""

    id: str
    request: tuple[str, str]


def _key(stream: str, record: Mapping[str, Any], keys: Mapping[str, list[str]]) -> tuple[str, ...]:
    if stream in LISTS:
        return (stream, *(str(record[name]) for name in keys[stream]))
    values = sorted((name, value) for name, value in record.items() if name not in OF_A_RUN)
    return stream, repr(values)


class Run:
    """A run whose output is read beside it."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.lines = 0
        self.log = ""
        self.reads = threading.Event()
        self.reads.set()
        self._pieces: list[bytes] = []
        self._stops_at: int | None = None
        self._threads = [
            threading.Thread(target=self._read, args=[process.stdout.fileno()], daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def output(self) -> bytes:
        """What it wrote so far."""
        return b"".join(self._pieces)

    def _read(self, pipe: int) -> None:
        while piece := os.read(pipe, 4096):
            self._pieces.append(piece)
            self.lines += piece.count(b"\n")
            if self._stops_at is not None and self.lines >= self._stops_at:
                self._stops_at = None
                self.reads.clear()
            self.reads.wait(MAX_SECONDS)

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self.log = self.process.stderr.read()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait for something, or the end."""
        while not until() and self.process.poll() is None:
            time.sleep(0.004)

    def stop_reading(self, lines: int) -> None:
        """Stop to read after so many lines, and wait until the pipe is full."""
        self._stops_at = lines
        self.wait(lambda: not self.reads.is_set())
        time.sleep(0.1)

    def has_ended(self, seconds: float) -> bool:
        """Wait for the end; return whether it came. If not, kill it."""
        gives_up_at = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < gives_up_at:
            time.sleep(0.004)
        has_ended = self.process.poll() is not None
        if not has_ended:
            self.process.kill()
        for thread in self._threads:
            thread.join(MAX_SECONDS)
        return has_ended


@contextmanager
def watched(arguments: list[str], environment: Mapping[str, str] | None = None) -> Iterator[Run]:
    """A run that gets no further than a few records ahead of its reader."""
    command = Command(arguments, environment=environment)
    with command.start(pipe_size=4096) as process:
        yield Run(process)


def table(tally: Tally) -> Iterator[str]:
    """Yield the lines that say what came of it."""
    names = [one.name for one in dataclasses.fields(Result) if one.name != "longest"]
    yield f"{'signals':<12}" + "".join(f"{name:>12}" for name in names) + f"{'longest':>12}"
    for name, result in tally.results.items():
        counts = "".join(f"{getattr(result, one):>12}" for one in names)
        yield f"{name:<12}{counts}{result.longest:>10.2f} s"
    yield ", ".join(f"{moment}: {count}" for moment, count in sorted(tally.moments.items()))
    lost = ", ".join(f"{stream}: {count}" for stream, count in sorted(tally.lost.items()))
    yield f"{tally.records} records; lost: {lost or 0}"
