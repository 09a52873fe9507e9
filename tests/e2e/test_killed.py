"""Killing and stopping a run that reads several streams of several accounts side by side."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.reading.window_plan import PAGES_PER_SAVE
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.kills import lives
from tests.processes import DEVNULL, Command, Process
from tests.tap_runs import (
    bookmarks_in,
    catalog_of,
    read_messages,
    run_tap,
    tap_arguments,
    written_too_late,
)

ACCOUNTS = ("seller", "seller-2", "seller-3")
KILLS = 15
KILLS_IN_WINDOWS = 4
"""The first kills come while a window is open; the moments of all others are left to luck."""
STOPS = 10
PAGE = 2
"""Records on a page, but of `orders`."""

_GENERATED = ("awd_2024-05-09.listInboundShipments", "awd_2024-05-09.listOutbounds")
SOURCES = {
    "orders": ("orders", "orders_2026-01-01.searchOrders"),
    "orders_by_two": ("orders", "orders_2026-01-01.searchOrders"),
    "awd_inbound_shipments": (_GENERATED[0],) * 2,
    "awd_outbound_orders": (_GENERATED[1],) * 2,
}
"""By stream that is not a child: the simulator's name of its truth, and the operation."""

PARENTS = {"order_items": "orders"}

Place = tuple[str, str]
"""A stream that is not a child, and an account."""
Key = tuple[str, ...]
"""Stream, account, and what identifies a record."""
Truth = dict[tuple[str, str], list[dict[str, Any]]]
"""By the simulator's name of it and account: the records."""


@pytest.fixture(scope="module")
def sellers() -> Iterator[Simulator]:
    """Sellers who stand still and give short pages."""
    settings = SimulatorSettings(
        sellers=3,
        orders=60,
        records=150,
        history_days=6,
        longest_page=PAGE,
        speed=1_000_000,
        changes_per_minute=0,
        port=0,
    )
    with Simulator(settings) as simulator:
        yield simulator


def settings_of(sellers: Simulator) -> dict[str, Any]:
    start_date = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=7)
    by_two = {
        "name": "orders_by_two",
        "operation": SOURCES["orders_by_two"][1],
        "params": {"maxResultsPerPage": PAGE},
    }
    return sellers.settings_for_tap() | {
        "start_date": start_date.isoformat(),
        "custom_streams": [by_two],
    }


@pytest.fixture(scope="module")
def truth(sellers: Simulator) -> Truth:
    """All that there is, made up once."""
    domains = {domain for domain, _ in SOURCES.values()}
    return {
        (domain, account): sellers.truth(domain, account)
        for domain in domains
        for account in ACCOUNTS
    }


def true_keys(truth: Truth, keys: dict[str, list[str]]) -> set[Key]:
    """The key of every record that there is."""
    found: set[Key] = set()
    for account in ACCOUNTS:
        for stream, (domain, _) in SOURCES.items():
            found |= {
                (stream, account, *(str(record[name]) for name in keys[stream][1:]))
                for record in truth[domain, account]
            }
        found |= {
            ("order_items", account, order["orderId"], item["orderItemId"])
            for order in truth["orders", account]
            for item in order["orderItems"]
        }
    return found


@contextmanager
def running(arguments: list[str]) -> Iterator[tuple[Process, int]]:
    """A run that gets no further than a few records ahead of its reader, and its output's end."""
    with Command(arguments).start(stderr=DEVNULL, pipe_size=4096) as process:
        assert process.stdout is not None
        yield process, process.stdout.fileno()


def read_lines(pipe: int, lines: int) -> bytes:
    """Read until there are so many lines."""
    output = []
    while lines > 0:
        output.append(os.read(pipe, 4096))
        assert output[-1], "it ended before it was to be stopped"
        lines -= output[-1].count(b"\n")
    return b"".join(output)


def read_until_a_window_is_open(pipe: int) -> bytes:
    """Read until a STATE says that a window is to be read on at a page."""
    output = b""
    while b'"window"' not in output:
        output += read_lines(pipe, 1)
    return output


def read_rest(pipe: int) -> bytes:
    return b"".join(iter(lambda: os.read(pipe, 65536), b""))


class Ledger:
    """What several runs wrote together, each from the last state of the one before.

    `unsaved` is what was written and no STATE says so; `most_unsaved` the most records of a stream
    and account that a run left so.
    """

    def __init__(self) -> None:
        self.keys: dict[str, list[str]] = {}
        self.written: Counter[Key] = Counter()
        self.state: dict[str, Any] = {}
        self.unsaved: dict[Place, set[Key]] = defaultdict(set)
        self.most_unsaved: Counter[str] = Counter()

    def take(self, messages: list[dict[str, Any]]) -> None:
        """Take in what a run wrote: nothing twice, and nothing that a STATE called written."""
        of_run: set[Key] = set()
        since_state: dict[Place, set[Key]] = defaultdict(set)
        for message in messages:
            if message["type"] == "SCHEMA":
                self.keys[message["stream"]] = message["key_properties"]
            elif message["type"] == "STATE":
                for place in self._told_by(message["value"]):
                    self.unsaved[place] -= since_state.pop(place, set())
            else:
                stream, record = message["stream"], message["record"]
                key = (stream, *(str(record[name]) for name in self.keys[stream]))
                place = PARENTS.get(stream, stream), record["_account"]
                assert key not in of_run
                assert key not in self.written or key in self.unsaved[place]
                of_run.add(key)
                since_state[place].add(key)
        self.written.update(of_run)
        for place, keys in since_state.items():
            self.unsaved[place] |= keys
            count = sum(key[0] == place[0] for key in keys)
            self.most_unsaved[place[0]] = max(self.most_unsaved[place[0]], count)

    def _told_by(self, state: dict[str, Any]) -> list[Place]:
        """Take in a STATE; return the streams and accounts that changed in it."""
        before, after = bookmarks_in(self.state), bookmarks_in(state)
        self.state = state
        return [
            (stream, account or "")
            for (stream, account), part in after.items()
            if part != before.get((stream, account))
        ]

    def open_windows(self) -> set[Place]:
        """Return what the state says is to be read on at a page."""
        return {
            (stream, account or "")
            for (stream, account), part in bookmarks_in(self.state).items()
            if "window" in part
        }


def resumed(sellers: Simulator, opened: set[Place]) -> list[bool]:
    """Whether the first request in the log, for each of these that has one, is for a page."""
    found = []
    for stream, account in opened:
        asked = (
            request["query"]
            for request in sellers.requests
            if (request["operation"], request["account"]) == (SOURCES[stream][1], account)
            # Two streams ask for orders.
            and (stream == "orders") == (request["query"].get("maxResultsPerPage") == "100")
        )
        if query := next(asked, None):
            found.append(any(name.endswith("Token") for name in query))
    return found


@pytest.mark.parametrize("seed", [1])
def test_nothing_is_missing_after_many_kills_nor_comes_again_once_a_state_told_of_it(
    seed: int,
    sellers: Simulator,
    truth: Truth,
    tmp_path: Path,
    tell: Callable[[str], None],
) -> None:
    luck = random.Random(seed)  # noqa: S311 - no secret
    settings = settings_of(sellers)
    catalog = catalog_of(*SOURCES, "order_items", settings=settings)
    ledger = Ledger()
    records = sum(
        len(truth[domain, account]) for domain, _ in SOURCES.values() for account in ACCOUNTS
    )
    pages: list[bool] = []

    for kills_left in range(KILLS, 0, -1):
        # Enough lines to spread the kills, and few enough to kill the run before it ends.
        missing = records - sum(key[0] in SOURCES for key in ledger.written)
        lines = luck.randint(1, max(1, 2 * missing // (kills_left + 1)))
        opened = ledger.open_windows()
        sellers.clear_requests()
        arguments = tap_arguments(tmp_path, settings, catalog=catalog, state=ledger.state)
        with running(arguments) as (process, pipe):
            output = read_lines(pipe, lines)
            if kills_left > KILLS - KILLS_IN_WINDOWS:
                output += read_until_a_window_is_open(pipe)
            process.kill()
            output += read_rest(pipe)
        assert process.returncode == -signal.SIGKILL
        ledger.take(read_messages(output.decode(errors="replace")))
        pages += resumed(sellers, opened)
    rest = run_tap(tmp_path, settings, catalog=catalog, state=ledger.state)
    ledger.take(rest.messages)

    assert rest.exit_code == 0, rest.log
    assert ledger.written.keys() == true_keys(truth, ledger.keys)
    # A kill costs the pages of one window between two STATEs, at most.
    for stream, count in ledger.most_unsaved.items():
        assert count <= PAGES_PER_SAVE * (100 if stream == "orders" else PAGE)
    assert pages
    assert all(pages)
    twice = sum(count - 1 for count in ledger.written.values())
    tell(
        f"{KILLS} kills of {len(ACCOUNTS)} accounts side by side: {len(ledger.written)} records, "
        f"none missing, {twice} written again; {len(pages)} windows read on at a page"
    )


def test_stopped_and_killed_runs_lose_nothing_and_request_nothing_twice(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    with Simulator(lives.world(2 * STOPS)) as simulator:
        tally = lives.Lives(simulator, tmp_path, seed=5).run(STOPS)

    assert tally.is_good, "\n".join([*lives.table(tally), *tally.logs])
    assert tally.ended == STOPS
    assert tally.records
    tell(f"{STOPS} runs stopped or killed: nothing lost of {tally.records} records")


def test_a_run_stopped_while_all_accounts_write_ends_with_whole_lines_and_a_true_state(
    sellers: Simulator, truth: Truth, tmp_path: Path
) -> None:
    settings = settings_of(sellers)
    catalog = catalog_of(*SOURCES, "order_items", settings=settings)
    ledger = Ledger()

    with running(tap_arguments(tmp_path, settings, catalog=catalog)) as (process, pipe):
        output = read_lines(pipe, 300)
        process.terminate()
        output += read_rest(pipe)

    assert process.returncode == 128 + signal.SIGTERM
    text = output.decode()
    messages = read_messages(text)
    assert text.endswith("\n")
    assert len(messages) == len(text.splitlines())
    assert written_too_late(messages) == []
    ledger.take(messages)
    assert not ledger.written.keys() >= true_keys(truth, ledger.keys)
    rest = run_tap(tmp_path, settings, catalog=catalog, state=ledger.state)
    ledger.take(rest.messages)
    assert ledger.written.keys() == true_keys(truth, ledger.keys)


def test_a_stop_does_not_wait_for_the_rate_limits_of_any_account(tmp_path: Path) -> None:
    world = SimulatorSettings(sellers=3, orders=20, speed=1, changes_per_minute=0, port=0)
    # To a file: nobody reads it meanwhile.
    with Simulator(world) as slow, (tmp_path / "output").open("wb") as output:
        settings = slow.settings_for_tap()
        catalog = catalog_of("orders", "order_items", "feeds", "reports", settings=settings)
        arguments = tap_arguments(tmp_path, settings, catalog=catalog)
        with Command(arguments).start(stdout=output) as process:
            assert process.stderr is not None
            waiting: set[str] = set()
            while waiting != {*ACCOUNTS}:
                line = process.stderr.readline()
                assert line, "it ended before all accounts waited"
                waiting.update(re.findall("account '(.*)', .* for the rate limit", line))

            process.terminate()

            _, log = process.communicate(timeout=20)

    assert process.returncode == 128 + signal.SIGTERM
    assert "Stopped by signal 15" in log
    # Each stream says once how far it came.
    stopped = re.findall(r"(\w+ of \w+): stopped after", log)
    assert stopped
    assert len(stopped) == len({*stopped})
    assert "Traceback" not in log
    text = (tmp_path / "output").read_text("utf-8")
    messages = read_messages(text)
    assert len(messages) == len(text.splitlines())
    assert written_too_late(messages) == []
