"""Windows of streams of documents over many runs: no gaps, and windows replace themselves."""

from __future__ import annotations

import datetime as dt
import functools
import io
import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import redirect_stdout
from typing import Any, cast

import pytest

from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    JobFailedError,
    UnreadableDocumentError,
)
from tap_amazon_sp.common.events import Events
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.jobs.polling import Job, JobUnfinishedError
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.jobs.submission import Submission
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.document_windows import DEFAULT_STRETCH, LONG_WINDOW, READ_BY_DAY
from tap_amazon_sp.reading.pending import (
    DAYS_FROM,
    MAX_UNREAD,
    PENDING,
    READ_TO,
    TOOK,
    UNREAD_WINDOWS,
)
from tap_amazon_sp.reading.shortfalls import MAX_IN_A_ROW, Shortfalls
from tap_amazon_sp.reading.submitted_documents import (
    MAX_WINDOWS_AHEAD,
    SubmittedDocuments,
    SubmittedDocumentsReader,
)
from tap_amazon_sp.reading.window_plan import SETTLING_TIME
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.settings.data_kiosk_queries import read_queries
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.streams.from_settings.data_kiosk_queries import query_stream_classes
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.reading.test_documents import StubbedDocument, StubbedDocuments

US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US"],
}
NOW = parse_timestamp("2026-11-21T12:00:00.25Z")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SETTLED_NOW = parse_timestamp("2026-11-21T11:58:00Z")

ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
LEDGER = "GET_LEDGER_DETAIL_VIEW_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
VENDOR_SALES = "GET_VENDOR_SALES_REPORT"
REAL_TIME = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"
REAL_TIME_SALES = "GET_VENDOR_REAL_TIME_SALES_REPORT"
REAL_TIME_TRAFFIC = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
VENDOR = {"distributorView": "MANUFACTURING", "sellingProgram": "RETAIL"}
VENDOR_DAYS = {"window": "DAY", "options": VENDOR}


class StubbedQueue:
    """Finishes jobs at once: without data, or with the answer of a test for the id of a job."""

    def __init__(self, clock: FakeClock) -> None:
        self.requests: list[JobRequest] = []
        self.turns: list[int] = []
        self.expected: list[float] = []
        self.known: list[str] = []
        self.unanswered: list[dt.datetime] = []
        self.listed_ends: list[dt.datetime | None] = []
        self.answers: dict[str, Exception | Job] = {}
        self.events = Events(clock).of_account(None)
        self._clock = clock
        self._numbers = itertools.count(1)

    @property
    def began_at(self) -> dt.datetime:
        return self._clock.now()

    def announce(self, plan: Callable[[], None]) -> Future[None]:
        made: Future[None] = Future()
        plan()
        made.set_result(None)
        return made

    def wait_for(self, future: Future[None]) -> None:
        future.result()

    def submit(  # noqa: PLR0913 - as the queue
        self,
        request: JobRequest,
        *,
        stream: str,
        turn: int,
        expected: float,
        known_id: str | None,
        unanswered_since: dt.datetime | None,
        on_id: Callable[[Submission], object],
    ) -> Submission:
        submission = Submission(
            request,
            (turn,),
            self.events.job(request.kind, stream),
            job_id=known_id or f"new{next(self._numbers)}",
        )
        submission.is_reused = known_id is not None or request.end in self.listed_ends
        submission.listeners.append(on_id)
        self.requests.append(request)
        self.turns.append(turn)
        self.expected.append(expected)
        if known_id is not None:
            self.known.append(known_id)
        if unanswered_since is not None:
            self.unanswered.append(unanswered_since)
        on_id(submission)
        return submission

    def note_read(self, submission: Submission) -> None:
        submission.events.reach("read")

    def note_failed(self, submission: Submission) -> None:
        """Count nothing."""

    def submit_again(self, submission: Submission) -> Submission:
        request, rank = submission.request, submission.rank
        self.requests.append(request)
        events = submission.events.another()
        again = Submission(request, rank, events, job_id=f"new{next(self._numbers)}")
        again.listeners = submission.listeners
        for on_id in again.listeners:
            on_id(again)
        return again

    def wait_for_job(self, submission: Submission) -> Job:
        job_id = str(submission.job_id)
        answer = self.answers.get(job_id, {})
        if isinstance(answer, Exception):
            raise answer
        now = format_timestamp(self._clock.now())
        job = dict.fromkeys(("reportId", "queryId"), job_id)
        return {**job, "processingStatus": "DONE", "createdTime": now, **answer}


@functools.cache
def shared_tap() -> TapAmazonSP:
    """Return a tap without streams: there are many, and these tests need none."""
    return TapAmazonSP(config=SETTINGS)


class Runs:
    """Runs of one stream of documents, one after the other."""

    def __init__(self, entry: Mapping[str, Any], **settings: Any) -> None:
        self.tap = shared_tap()
        self.clock = self.tap.run.clock = FakeClock()
        self.queue = StubbedQueue(self.clock)
        connection = Connection(
            settings_from(SETTINGS | settings),
            clock=self.clock,
            throttle=self.tap.run.throttle,
            user_agent="test/1.0",
        )
        connection._found.update({"report jobs": self.queue, "query jobs": self.queue})
        if "query" in entry:
            (made,) = query_stream_classes(read_queries([entry]))
        else:
            made = report_stream_classes([read_report(entry)])[0]
        self.stream = made(self.tap, self.tap.run, connection)
        assert isinstance(self.stream.read, SubmittedDocuments)
        assert isinstance(self.stream.reader, SubmittedDocumentsReader)
        self.rules = self.stream.read.jobs.rules
        self.reader = self.stream.reader
        self.states: list[dict[str, Any]] = []

    @property
    def state(self) -> dict[str, Any]:
        """The state of the stream in the last STATE."""
        return dict(self.states[-1]["bookmarks"][self.stream.name]) if self.states else {}

    @property
    def bookmark(self) -> dt.datetime | None:
        value = self.state.get("replication_key_value")
        return None if value is None else parse_timestamp(value)

    def run(
        self,
        now: dt.datetime,
        *,
        state: Mapping[str, Any] | None = None,
        unfinished: tuple[int, ...] = (),
        error: type[Exception] | None = None,
        rows: int = 0,
        **answers: Exception | Job,
    ) -> list[Window]:
        """Read all windows; return those for which jobs were submitted.

        Args:
            now: The moment of the run.
            state: The state of the stream, instead of the state after the last run.
            unfinished: The numbers of the jobs of this run that Amazon does not finish.
            error: The error that ends the run.
            rows: How many rows the documents have that can be read.
            answers: Properties of jobs, by job id.
        """
        self.clock.advance((now - self.clock.now()).total_seconds())
        self._set_state(self.state if state is None else state)
        self.queue.requests.clear()
        self.queue.turns.clear()
        self.queue.known.clear()
        self.queue.answers = dict(answers)
        first = next(self.queue._numbers)
        self.queue._numbers = itertools.count(first)
        for number in unfinished:
            job: Job = {"processingStatus": "IN_QUEUE", "reportId": f"new{first + number}"}
            self.queue.answers[f"new{first + number}"] = JobUnfinishedError(job, 60.0)
        stdout = io.StringIO()
        try:
            with redirect_stdout(stdout):
                if error is None:
                    assert sum(map(len, self.reader.pages())) == rows
                else:
                    with pytest.raises(error):
                        list(self.reader.pages())
        finally:
            self.states += [json.loads(line)["value"] for line in stdout.getvalue().splitlines()]
        return self.windows

    def run_freely(self, now: dt.datetime, **answers: Any) -> None:
        """Read what can be read; an error may end the run."""
        try:
            self.run(now, **answers)
        except JobFailedError as error:
            self.stream.shortfalls.add(error)

    def begin_again(self) -> None:
        """Forget what the last run could not read, as a new process would."""
        self.stream.shortfalls = Shortfalls(self.stream.logger, self.stream.label)

    def _set_state(self, state: Mapping[str, Any]) -> None:
        # As if it were read from a file.
        copied = json.loads(json.dumps({self.stream.name: dict(state)} if state else {}))
        cast("dict[str, Any]", self.tap.state)["bookmarks"] = copied

    @property
    def windows(self) -> list[Window]:
        """The windows with jobs that the last run submitted, each once."""
        found = [
            Window(request.start, request.end)
            for request in self.queue.requests
            if request.start is not None and request.end is not None
        ]
        return [Window(one.after, inclusive_end(one.before)) for one in dict.fromkeys(found)]


def inclusive_end(last: dt.datetime) -> dt.datetime:
    """Return the end of a window, given its last instant in a request."""
    for gap in (dt.timedelta(milliseconds=1), dt.timedelta(seconds=1)):
        end = last + gap
        is_midnight = end.hour == end.minute == 0
        if end.second == end.microsecond == 0 and (is_midnight or gap < dt.timedelta(seconds=1)):
            return end
    return last


def written(windows: list[Window]) -> list[tuple[str, str]]:
    return [(format_timestamp(one.after), format_timestamp(one.before)) for one in windows]


def report(name: str, /, **about: Any) -> dict[str, Any]:
    return {"report_type": name, **about}


def query(**about: Any) -> dict[str, Any]:
    text = 'query {a(startDate: "{start}", endDate: "{end}") {b}}'
    return {"name": "economics", "query": text, **about}


# --- Many runs ---------------------------------------------------------------------------------

ENTRIES = {
    "by day": report(ORDERS, lookback="PT0S"),
    "comes in late": report(ORDERS),
    "lookback": report(LEDGER, lookback="P3D"),
    "long lookback": report(LEDGER, lookback="P20D"),
    "six hours": report(FEEDBACK, window="PT6H"),
    "week of days": report(FEEDBACK, window="P7D"),
    "short": report(REAL_TIME),
    "period by day": report(TRAFFIC),
    "period by week": report(VENDOR_SALES, window="WEEK", options=VENDOR),
    "period by month": report(TRAFFIC, window="MONTH"),
    "query": query(),
    "query of weeks": query(window="P7D", lookback="P2D"),
}
STARTS = {
    "days ago": "2026-11-17T06:30:00Z",
    "weeks ago": "2026-10-02",
    "a year ago": "2025-10-20T23:59:59Z",
}
SLOWEST = ("six hours", "a year ago")
_RANDOM = random.Random(5)  # noqa: S311 - no secret
PAUSES = [
    [MINUTE, 5 * MINUTE, HOUR, 11 * HOUR, 13 * HOUR, DAY, 3 * DAY, 12 * DAY, 31 * DAY, 70 * DAY],
    [_RANDOM.random() * 5 * DAY for _ in range(12)],
]


@pytest.mark.parametrize(
    ("entry", "start"),
    # A year in windows of six hours would take seconds.
    [(entry, start) for entry in ENTRIES for start in STARTS if (entry, start) != SLOWEST],
)
def test_runs_leave_nothing_out_and_read_again_what_replaces_itself(entry: str, start: str) -> None:
    runs = Runs(ENTRIES[entry], start_date=STARTS[start])
    declared: Any = runs.reader.source.declared
    longest = declared.type.dates.longest if "query" not in entry else None
    for pauses in PAUSES:
        starts: set[dt.datetime] = set()
        reached = wanted_from = parse_timestamp(STARTS[start])
        runs.states.clear()
        now = NOW
        for pause in pauses:
            now += pause
            windows = runs.run(now)
            end = (now - SETTLING_TIME).replace(microsecond=0)
            if not windows:
                assert runs.rules.only_whole
                continue

            # No gap and no overlap, neither between windows nor with the run before.
            assert all(one.before == other.after for one, other in itertools.pairwise(windows))
            oldest = runs.rules.oldest_kept(now)
            assert windows[0].after <= max(reached, oldest)
            assert windows[0].after <= max(
                reached - runs.reader.bookmark.lookback, wanted_from, oldest
            )
            # No window that is not over.
            assert windows[-1].before <= end
            if runs.rules.only_whole:
                length = runs.rules.window
                assert length is not None
                assert all(length.end_after(one.after) == one.before for one in windows)
                assert length.end_after(windows[-1].before) > end
            else:
                assert windows[-1].before == end
            assert longest is None or all(one.length <= longest for one in windows)
            # Windows that were read before begin at the same moments again.
            again = {one.after for one in windows if one.after < reached}
            before = {one for one in starts if windows[0].after <= one}
            assert not starts or again == before
            starts |= {one.after for one in windows}
            reached = windows[-1].before
            assert runs.bookmark == reached
            assert PENDING not in runs.state


@pytest.mark.parametrize("pause", [45 * DAY, 200 * DAY])
@pytest.mark.parametrize("entry", [report(FEEDBACK), query()])
def test_a_long_pause_without_a_start_date_leaves_nothing_out(
    entry: dict[str, Any], pause: dt.timedelta
) -> None:
    runs = Runs(entry)
    runs.run(NOW)
    reached = runs.bookmark
    assert reached is not None

    windows = runs.run(NOW + pause)

    assert windows[0].after <= reached


@pytest.mark.parametrize(
    ("entry", "first"),
    [
        # Since the beginning of a longer window.
        (report(FEEDBACK), "2026-10-04T00:00:00Z"),
        (query(), "2026-10-22T00:00:00Z"),
        # The last whole window, if that begins earlier.
        (report(TRAFFIC, window="MONTH"), "2026-10-01T00:00:00Z"),
        (report(TRAFFIC, window="DAY"), "2026-10-22T00:00:00Z"),
    ],
)
def test_a_stream_without_a_start_date_reads_a_month(entry: dict[str, Any], first: str) -> None:
    runs = Runs(entry)

    windows = runs.run(NOW)

    assert format_timestamp(windows[0].after) == first
    assert dt.timedelta(days=30) == DEFAULT_STRETCH
    assert windows[-1].before > SETTLED_NOW - 31 * DAY


@pytest.mark.parametrize("name", [ORDERS, LEDGER, REAL_TIME])
def test_nothing_is_requested_that_amazon_no_longer_keeps(name: str) -> None:
    runs = Runs(report(name), start_date="2020-01-01")
    history = runs.rules.history
    assert history is not None

    windows = runs.run(NOW)

    # Since the first whole day, with one more day for the time that a run takes.
    assert windows[0].before > NOW - history
    assert windows[-1].before > NOW - 2 * DAY


@pytest.mark.parametrize("name", [ORDERS, LEDGER])
def test_no_window_begins_before_what_amazon_keeps(name: str) -> None:
    runs = Runs(report(name), start_date="2020-01-01")
    history = runs.rules.history
    assert history is not None

    assert runs.run(NOW)[0].after >= NOW - history


def test_old_data_is_read_in_longer_windows() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-07-01")

    windows = runs.run(NOW)

    lengths = [one.length for one in windows]
    days_from = parse_timestamp(runs.state[DAYS_FROM])
    assert {one.length for one in windows if one.before <= days_from} == {30 * DAY}
    assert set(lengths[:-1]) == {30 * DAY, DAY}
    assert days_from <= NOW - 7 * DAY
    assert all(one.length <= DAY for one in windows if one.after >= days_from)
    # Later runs read the same days by day again.
    runs.run(NOW + 90 * DAY)
    assert parse_timestamp(runs.state[DAYS_FROM]) == days_from
    assert all(one.length <= DAY for one in runs.windows)


def test_days_that_are_pending_are_collected_though_days_are_counted_from_later() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-07-01")
    # A stream without a state would begin windows of a day one month later.
    changes = LONG_WINDOW.end_after(LONG_WINDOW.start_around(NOW)) + READ_BY_DAY
    runs.run(changes - HOUR, unfinished=(0,))
    pending = {entry["id"] for entry in runs.state[PENDING]}
    assert len(pending) == MAX_WINDOWS_AHEAD + 1

    runs.run(changes + HOUR)

    assert pending <= set(runs.queue.known)


# --- What is pending ---------------------------------------------------------------------------


def test_a_part_of_a_window_that_is_pending_is_collected_before_the_whole() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-21")
    assert written(runs.run(NOW, unfinished=(0,))) == [
        ("2026-11-21T00:00:00Z", "2026-11-21T11:58:00Z")
    ]
    (entry,) = runs.state[PENDING]
    assert "replication_key_value" not in runs.state

    windows = runs.run(NOW + HOUR)

    assert runs.queue.known == [entry["id"]]
    assert written(windows) == [
        ("2026-11-21T00:00:00Z", "2026-11-21T11:58:00Z"),
        ("2026-11-21T00:00:00Z", "2026-11-21T12:58:00Z"),
    ]
    assert format_timestamp(runs.bookmark) == "2026-11-21T12:58:00Z"  # type: ignore[arg-type]
    assert PENDING not in runs.state


def test_nothing_new_is_submitted_so_soon_after_what_is_pending() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-21")
    runs.run(NOW, unfinished=(0,))

    windows = runs.run(NOW + 20 * MINUTE)

    assert written(windows) == [("2026-11-21T00:00:00Z", "2026-11-21T11:58:00Z")]
    assert format_timestamp(runs.bookmark) == "2026-11-21T11:58:00Z"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "found",
    [
        {"replication_key": "_report_created_time"},
        {"replication_key": "_data_end_time", "read": {}},
    ],
    ids=["of another time", "of listed reports"],
)
def test_a_bookmark_of_another_way_of_reading_is_a_mistake_and_skips_nothing(
    found: dict[str, Any],
) -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-18")
    bookmark = {"replication_key_value": "2026-11-21T00:00:00Z"}

    assert runs.run(NOW, state=bookmark | found, error=SettingsError) == []

    assert runs.run(NOW, state=bookmark | {"replication_key": "_data_end_time"}) != []


def test_a_document_made_before_its_data_settled_is_read_again() -> None:
    runs = Runs(report(FEEDBACK, lookback="P2D"), start_date="2026-11-20")
    first, _ = runs.run(NOW, unfinished=(0,))
    later = NOW + 10 * DAY

    # It was made half a day after its end. The second run is ten days later.
    asked = runs.run(later, new1={"createdTime": "2026-11-21T12:00:00Z"})
    submitted = [request for request in runs.queue.requests if request.start == first.after]
    asked_later = runs.run(later + DAY)

    assert first in asked
    assert len(submitted) > 1 or first in asked_later


def test_a_request_without_an_answer_is_looked_for_with_the_same_window() -> None:
    runs = Runs(report(ORDERS))
    runs.run(NOW - 2 * DAY)
    bookmark = runs.state["replication_key_value"]
    window = {"after": "2026-11-21T00:00:00Z", "before": format_timestamp(SETTLED_NOW - MINUTE)}
    subject = runs.queue.requests[-1].subject
    entry = {"subject": subject, "unanswered_since": "2026-11-21T11:00:00Z", **window}

    windows = runs.run(NOW, state={"replication_key_value": bookmark, PENDING: [entry]})

    assert parse_timestamp(window["before"]) in {one.before for one in windows}
    assert runs.queue.unanswered == [parse_timestamp("2026-11-21T11:00:00Z")]


def test_an_unfinished_job_keeps_later_jobs_pending() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-18", lookback="PT0S")

    # Amazon is still making the second day.
    first = runs.run(NOW, unfinished=(1,))

    assert len(first) == 4
    assert format_timestamp(runs.bookmark) == "2026-11-19T00:00:00Z"  # type: ignore[arg-type]
    assert [entry["after"] for entry in runs.state[PENDING]] == [
        "2026-11-19T00:00:00Z",
        "2026-11-20T00:00:00Z",
        "2026-11-21T00:00:00Z",
    ]
    again = runs.run(NOW + MINUTE)
    assert again == first[1:]
    assert len(runs.queue.known) == 3


def failure_of(runs: Runs) -> str:
    """Return why the stream fails after its last run; the next run begins without it."""
    failure = runs.stream.shortfalls.failure()
    runs.begin_again()
    return "" if failure is None else str(failure)


def unread(runs: Runs) -> list[str]:
    """Return the beginnings of the windows that the state lists as unread."""
    return [entry["after"][:10] for entry in runs.state.get(UNREAD_WINDOWS, ())]


FATAL: Job = {"processingStatus": "FATAL"}


def test_a_failed_job_is_tried_again_alone_and_what_follows_is_read_once() -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-18")

    assert len(runs.run(NOW, new2=FATAL)) == 4

    assert "Amazon could not make report new2 (FATAL)" in failure_of(runs)
    assert runs.bookmark == parse_timestamp("2026-11-19")
    assert unread(runs) == ["2026-11-19"]
    assert parse_timestamp(runs.state[READ_TO]) == SETTLED_NOW
    assert PENDING not in runs.state

    # What is new, then what failed.
    assert written(runs.run(NOW + DAY, new7=FATAL)) == [
        ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        ("2026-11-22T00:00:00Z", "2026-11-22T11:58:00Z"),
        ("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"),
    ]
    assert "report new7" in failure_of(runs)
    assert runs.bookmark == parse_timestamp("2026-11-19")

    assert ("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z") in written(runs.run(NOW + DAY + HOUR))
    assert runs.bookmark == SETTLED_NOW + DAY + HOUR
    assert {UNREAD_WINDOWS, READ_TO}.isdisjoint(runs.state)
    assert not failure_of(runs)


def test_a_first_window_that_fails_leaves_the_stream_without_a_bookmark() -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-18")

    runs.run(NOW, new1=FATAL)

    assert runs.bookmark is None
    assert unread(runs) == ["2026-11-18"]
    assert len(runs.run(NOW + HOUR)) == 2
    assert runs.bookmark == SETTLED_NOW + HOUR


def test_only_the_job_of_the_marketplace_that_failed_is_tried_again() -> None:
    entry = report(FEEDBACK, marketplace_ids=["US", "CA"], lookback="PT0S")
    runs = Runs(entry, start_date="2026-11-19")

    runs.run(NOW, new1=FATAL)
    failed, *_ = runs.queue.requests
    runs.run(NOW)

    assert [request for request in runs.queue.requests if request.start == failed.start] == [failed]
    assert cast("Any", failed).marketplace_ids == (US,)
    # Under other settings, all of the window is requested.
    runs = Runs(entry, start_date="2026-11-19")
    runs.run(NOW, new1=FATAL)
    other = Runs(report(FEEDBACK, marketplace_ids=["CA", "MX"], lookback="PT0S"))
    other.run(NOW, state=runs.state)
    asked = [request for request in other.queue.requests if request.start == failed.start]
    assert len(asked) == 2


def test_many_windows_that_fail_are_no_wall() -> None:
    """Brand Analytics: each week before the registration of a brand fails."""
    runs = Runs(report(FEEDBACK, window="DAY", lookback="PT0S"), start_date="2026-11-01")
    registered = parse_timestamp("2026-11-09")
    succeeding = runs.queue.wait_for_job
    read: list[dt.datetime] = []

    def wait_for_job(submission: Submission) -> Job:
        start = submission.request.start
        assert start is not None
        if start < registered:
            return {**succeeding(submission), **FATAL}
        read.append(start)
        return succeeding(submission)

    runs.queue.wait_for_job = wait_for_job  # type: ignore[method-assign]
    for number in range(4):
        runs.run_freely(NOW + number * MINUTE)
        assert failure_of(runs)
        assert runs.bookmark is None

    assert len(unread(runs)) == 8
    assert parse_timestamp(runs.state[READ_TO]) == SETTLED_NOW + 3 * MINUTE
    # Each day once, but for the one that is not over.
    days = [one for one in read if one < parse_timestamp("2026-11-21")]
    assert len(days) == len(set(days)) == 12
    # Each run tries some of those that failed, and the next run others.
    assert set(unread(runs)[:5]) != set(unread(runs)[3:])


def test_a_window_that_is_not_over_is_replaced_by_the_longer_one() -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-20")
    runs.run(NOW, new2=FATAL)
    assert unread(runs) == ["2026-11-21"]
    runs.begin_again()

    windows = runs.run(NOW + 5 * HOUR)

    # Older rows of the same key would replace newer ones.
    assert written(windows) == [("2026-11-21T00:00:00Z", "2026-11-21T16:58:00Z")]
    assert runs.bookmark == SETTLED_NOW + 5 * HOUR
    assert UNREAD_WINDOWS not in runs.state


def test_windows_that_are_read_again_may_fail_without_moving_the_bookmark_back() -> None:
    runs = Runs(report(FEEDBACK, lookback="P2D"), start_date="2026-11-15")
    runs.run(NOW)
    reached = runs.bookmark

    windows = runs.run(NOW + DAY, new8=FATAL)

    assert format_timestamp(windows[0].after) == "2026-11-19T00:00:00Z"
    assert runs.bookmark == reached
    assert unread(runs) == ["2026-11-19"]


def test_what_could_not_be_read_is_given_up_once_amazon_no_longer_keeps_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = Runs(report(REAL_TIME), start_date="2026-11-16")
    runs.run(NOW, new1=FATAL)
    first = unread(runs)
    runs.begin_again()

    runs.run(NOW + 20 * DAY)

    assert first
    assert "could not be read, and Amazon no longer keeps them" in caplog.text
    assert UNREAD_WINDOWS not in runs.state


def test_the_state_lists_only_so_many_windows_that_could_not_be_read() -> None:
    runs = Runs(report(FEEDBACK, window="PT1H", lookback="PT0S"), start_date="2026-11-15")
    answers: dict[str, Job] = {f"new{number}": FATAL for number in range(1, 1000)}

    for _ in range(20):
        runs.run_freely(NOW, **answers)
        assert "Amazon could not make report" in failure_of(runs)

    assert len(unread(runs)) == MAX_UNREAD
    assert len(json.dumps(runs.state)) < 10_000
    # What follows them is not passed over.
    windows = runs.run(NOW)
    assert len(windows) == len(set(windows)) == 6 * 24 + 12
    assert runs.bookmark == SETTLED_NOW
    assert UNREAD_WINDOWS not in runs.state


@pytest.mark.parametrize(
    "garbage",
    [
        {UNREAD_WINDOWS: 5},
        {UNREAD_WINDOWS: [5]},
        {UNREAD_WINDOWS: []},
        {UNREAD_WINDOWS: [{"subject": "a", "after": "x", "before": "y"}]},
        {UNREAD_WINDOWS: [{"subject": "a"}]},
        {READ_TO: "soon"},
        {READ_TO: None},
        {READ_TO: "2030-01-01T00:00:00Z"},
        {READ_TO: "2026-11-16T00:00:00Z"},
    ],
)
def test_a_state_that_says_something_odd_of_unread_windows_skips_nothing(
    garbage: dict[str, Any],
) -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-16")
    runs.run(NOW, new2=FATAL)
    runs.begin_again()

    windows = runs.run(NOW, state=runs.state | garbage)

    assert format_timestamp(windows[0].after) == "2026-11-17T00:00:00Z"
    assert len(windows) == 5
    assert runs.bookmark == SETTLED_NOW


FEEDBACK_HEADER = "Date\tRating\tComments\n"


def reports_of(runs: Runs, **documents: str) -> dict[str, Any]:
    """Set documents by the ids of their jobs; return the answers for these jobs."""
    stubs = {job_id: StubbedDocument(content) for job_id, content in documents.items()}
    runs.stream.connection._found["documents"] = StubbedDocuments(stubs)
    return {job_id: {"reportDocumentId": job_id} for job_id in documents}


@pytest.mark.parametrize("broken", ["{", '{"a": [' + "9" * 5000 + "]}"])
def test_windows_after_a_document_that_cannot_be_read_are_read_once(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-18")
    document = FEEDBACK_HEADER + "11/18/2026\t5\tGreat\n"
    answers = reports_of(runs, new1=document, new2=broken, new3=document, new4=document)

    assert len(runs.run(NOW, rows=3, **answers)) == 4

    failure = runs.stream.shortfalls.failure()
    assert isinstance(failure, UnreadableDocumentError)
    assert "Report new2" in str(failure)
    assert "Report new2" in caplog.text
    # The next run reads the document again.
    assert runs.bookmark == parse_timestamp("2026-11-19")
    assert [entry["id"] for entry in runs.state[PENDING]] == ["new2"]
    assert unread(runs) == ["2026-11-19"]
    runs.begin_again()
    # It stays broken; a new one may not.
    answers = reports_of(runs, new2=broken, new5=document, new6=document)
    runs.run(NOW + HOUR, rows=2, **answers)
    assert runs.queue.known == ["new2"]
    assert "Report new2: " in caplog.text
    assert "Requesting another, as it may stay so" in caplog.text
    assert runs.bookmark == SETTLED_NOW + HOUR
    assert {PENDING, UNREAD_WINDOWS, READ_TO}.isdisjoint(runs.state)
    assert runs.stream.shortfalls.failure() is None


def test_another_document_is_requested_in_each_run_until_one_can_be_read() -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-20")
    document = FEEDBACK_HEADER + "11/20/2026\t5\tGreat\n"
    runs.run(NOW, rows=1, **reports_of(runs, new1="{", new2=document))
    for number, (known, another) in enumerate([("new1", "new4"), ("new4", "new6")], 1):
        runs.begin_again()
        new = f"new{2 * number + 1}"
        answers = reports_of(runs, **{known: "{", another: "{", new: document})

        runs.run(NOW + number * MINUTE, rows=1, **answers)

        assert runs.queue.known == [known]
        assert isinstance(runs.stream.shortfalls.failure(), UnreadableDocumentError)
        assert [entry["id"] for entry in runs.state[PENDING]] == [another]
        assert unread(runs) == ["2026-11-20"]


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
def test_a_broken_document_is_not_forgotten_if_amazon_makes_no_other(status: str) -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-20")
    document = FEEDBACK_HEADER + "11/20/2026\t5\tGreat\n"
    runs.run(NOW, rows=1, **reports_of(runs, new1="{", new2=document))
    runs.begin_again()

    answers = reports_of(runs, new1="{", new3=document)
    runs.run(NOW + MINUTE, rows=1, **answers, new4={"processingStatus": status})

    assert runs.stream.shortfalls.failure() is not None
    assert unread(runs) == ["2026-11-20"]
    # The job without data is not taken for the data of the window.
    assert PENDING not in runs.state


def test_another_is_requested_in_place_of_a_listed_report_with_a_broken_document() -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-20")
    document = FEEDBACK_HEADER + "11/20/2026\t5\tGreat\n"
    runs.run(NOW, rows=0)
    runs.queue.listed_ends = [runs.queue.requests[0].end]
    runs.states.clear()

    answers = reports_of(runs, new3="{", new4=document, new5=document)
    runs.run(NOW, state={}, rows=2, **answers)

    assert runs.stream.shortfalls.failure() is None
    assert runs.bookmark == SETTLED_NOW


def test_a_stream_ends_when_one_document_after_the_other_cannot_be_read() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-12")
    answers = reports_of(runs, **{f"new{number}": "{" for number in range(1, 11)})

    runs.run(NOW, error=UnreadableDocumentError, **answers)

    assert runs.stream.shortfalls.count == MAX_IN_A_ROW - 1
    assert runs.bookmark is None


_UNAVAILABLE = "The requested data is unavailable. Please try a different date range"


def failed_with(explanation: str, entry: dict[str, Any], start: str) -> tuple[Runs, Job]:
    """Return runs of one window, and its job that failed with an explanation."""
    runs = Runs(entry, start_date=start)
    documents = StubbedDocuments({"d": StubbedDocument(explanation)})
    runs.stream.connection._found["documents"] = documents
    return runs, {"processingStatus": "FATAL", "reportDocumentId": "d"}


_LATE = (
    "Error in report request: The report data for the requested date range is not yet available. "
    "Try submitting this createReport request at a later time, or modify dataEndTime to be an "
    "earlier date."
)


@pytest.mark.parametrize(
    ("explanation", "start"),
    [(_UNAVAILABLE, "2026-11-19"), (_LATE, "2026-11-19"), (_LATE, "2026-11-01")],
)
def test_data_that_may_still_come_are_requested_again_by_the_next_run(
    explanation: str, start: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs, failed = failed_with(explanation, report(VENDOR_SALES, **VENDOR_DAYS), start)
    runs.reader.bookmark.lookback = dt.timedelta(0)

    first, *_ = runs.run(NOW, new1=failed)

    assert "Report new1 has no data yet, GET_VENDOR_SALES_REPORT from " in caplog.text
    assert f"{explanation.rstrip('.')}. The next run requests it again" in caplog.text
    assert runs.stream.shortfalls.failure() is None
    assert runs.bookmark is None
    assert unread(runs) == [start]
    assert PENDING not in runs.state
    assert runs.run(NOW) == [first]
    assert runs.bookmark == parse_timestamp("2026-11-21")


@pytest.mark.parametrize(
    ("explanation", "start"),
    [(_UNAVAILABLE, "2026-11-01"), (_LATE, "2026-10-01"), ("No data available.", "2026-11-01")],
)
def test_a_period_without_data_is_told_and_passed(
    explanation: str, start: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs, failed = failed_with(explanation, report(VENDOR_SALES, **VENDOR_DAYS), start)

    windows = runs.run(NOW, new1=failed)

    assert (
        f"Report new1: Amazon has no data for GET_VENDOR_SALES_REPORT from {start}T00:00:00Z to "
    ) in caplog.text
    assert explanation.rstrip(".") in caplog.text
    assert "Going on with what follows" in caplog.text
    assert runs.stream.shortfalls.failure() is None
    assert runs.bookmark == parse_timestamp("2026-11-21")
    assert {UNREAD_WINDOWS, PENDING}.isdisjoint(runs.state)
    assert len(windows) > 10


@pytest.mark.parametrize(
    ("explanation", "entry", "start"),
    [
        ("The option is wrong.", report(VENDOR_SALES, **VENDOR_DAYS), "2026-11-19"),
        ("Data is temporarily unavailable", report(VENDOR_SALES, **VENDOR_DAYS), "2026-10-19"),
        (_UNAVAILABLE, report(LISTINGS), "2026-11-19"),
    ],
)
def test_another_failure_is_an_error(explanation: str, entry: dict[str, Any], start: str) -> None:
    runs, failed = failed_with(explanation, entry, start)

    runs.run(NOW, new1=failed)

    assert explanation.rstrip(".") in failure_of(runs)
    assert runs.bookmark is None


def test_a_report_that_amazon_never_finishes_keeps_nothing_else_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = Runs(report(FEEDBACK, lookback="PT0S"), start_date="2026-11-18")
    runs.run(NOW, unfinished=(1,))
    stuck = {"reportId": "new2", "processingStatus": "IN_QUEUE", "createdTime": "2026-11-21"}

    runs.run(NOW + 2 * DAY, new2=JobUnfinishedError(stuck, 60.0))

    assert "a day after its request: the next run requests it again" in caplog.text
    assert not failure_of(runs)
    assert unread(runs) == ["2026-11-19"]
    assert parse_timestamp(runs.state[READ_TO]) == SETTLED_NOW + 2 * DAY
    assert PENDING not in runs.state
    runs.run(NOW + 2 * DAY + HOUR)
    assert "new2" not in runs.queue.known
    assert runs.bookmark == SETTLED_NOW + 2 * DAY + HOUR


def test_a_cancelled_report_is_told_with_what_amazon_keeps(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = Runs(report(TRAFFIC, end_date="2025-01-05"), start_date="2025-01-04")

    runs.run(NOW, new1={"processingStatus": "CANCELLED"})

    assert (
        "Report new1 is cancelled: Amazon has no data for GET_SALES_AND_TRAFFIC_REPORT from "
        f"2025-01-04T00:00:00Z to 2025-01-04T23:59:59Z, {US}. Amazon keeps the data of this report "
        "since 2024-11-22T00:00:00Z"
    ) in caplog.text
    assert caplog.records[-1].levelname == "WARNING"


def test_a_pasted_request_that_is_too_old_is_told(caplog: pytest.LogCaptureFixture) -> None:
    times = {"dataStartTime": "2021-06-11T00:00:00Z", "dataEndTime": "2021-06-12T00:00:00Z"}

    assert Runs({"reportType": TRAFFIC} | times).run(NOW) == []

    (warning,) = [one for one in caplog.records if one.levelname == "WARNING"]
    assert (
        "nothing to read up to 2021-06-12T00:00:00Z: Amazon keeps these data since "
        "2024-11-22T00:00:00Z only"
    ) in warning.getMessage()


def test_a_time_without_data_is_read() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-20")

    runs.run(NOW, new1={"processingStatus": "CANCELLED"}, new2={"processingStatus": "CANCELLED"})

    assert runs.bookmark == SETTLED_NOW
    assert PENDING not in runs.state


def test_an_error_of_the_queue_keeps_the_bookmark() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-19")

    runs.run(NOW, error=InvalidRequestError, new2=InvalidRequestError("createReport"))

    assert format_timestamp(runs.bookmark) == "2026-11-20T00:00:00Z"  # type: ignore[arg-type]


def test_all_marketplaces_of_a_window_are_read_before_the_bookmark_moves() -> None:
    runs = Runs(report(FEEDBACK, marketplace_ids=["US", "CA"]), start_date="2026-11-20")

    runs.run(NOW, unfinished=(1,))

    asked = [
        (request.body["marketplaceIds"], turn)
        for request, turn in zip(runs.queue.requests, runs.queue.turns, strict=True)
    ]
    assert asked == [([US], 0), ([CA], 0), ([US], 1), ([CA], 1)]
    assert runs.bookmark is None
    # The state lists all jobs: the next run reads all of them, and submits none again.
    assert len(runs.state[PENDING]) == 4
    runs.run(NOW + MINUTE)
    assert len(runs.queue.known) == len(runs.queue.requests) == 4
    assert runs.bookmark == SETTLED_NOW


def test_the_state_lists_submitted_jobs_before_anything_is_read() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-01")

    runs.run(NOW)

    pending = [len(state["bookmarks"][runs.stream.name].get(PENDING, ())) for state in runs.states]
    assert pending[:MAX_WINDOWS_AHEAD] == list(range(1, MAX_WINDOWS_AHEAD + 1))
    assert max(pending) == MAX_WINDOWS_AHEAD + 1
    # No state has a bookmark before the pending jobs of its window are removed.
    for state in runs.states:
        found = state["bookmarks"][runs.stream.name]
        bookmark = found.get("replication_key_value")
        assert all(
            bookmark is None or entry["after"] >= bookmark for entry in found.get(PENDING, ())
        )


def test_the_next_job_is_expected_to_take_as_long_as_the_last() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-21")
    runs.run(NOW)
    assert runs.queue.expected == [0.0]
    done = {"createdTime": "2026-11-21T12:00:00Z", "processingEndTime": "2026-11-21T12:02:30Z"}

    runs.run(NOW + HOUR, new2=done)
    assert runs.state[TOOK] == 150
    runs.run(NOW + 2 * HOUR)

    assert runs.queue.expected == [0.0, 0.0, 150.0]


def test_a_bookmark_never_goes_back() -> None:
    runs = Runs(report(LEDGER, lookback="P20D"), start_date="2026-11-01")
    runs.run(NOW)
    reached = runs.bookmark
    assert reached is not None

    runs.run(NOW + DAY, unfinished=(3,))

    assert runs.bookmark == reached


# --- Ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["2026-11-19", "2026-11-19T18:30:00Z"])
def test_an_end_date_ends_the_last_window(end: str) -> None:
    runs = Runs(report(FEEDBACK, end_date=end), start_date="2026-11-17")

    windows = runs.run(NOW)

    assert windows[-1].before == parse_timestamp(end) == runs.bookmark
    # After that, there is nothing left to read.
    assert runs.run(NOW + HOUR) == []
    assert runs.run(NOW + 9 * DAY) == []


@pytest.mark.parametrize("end", ["2026-12-01", "2026-11-21T11:58:01Z"])
def test_a_future_end_date_has_no_effect_yet(end: str) -> None:
    runs = Runs(report(FEEDBACK, end_date=end), start_date="2026-11-20")

    assert runs.run(NOW)[-1].before == SETTLED_NOW
    assert runs.run(NOW + 30 * DAY)[-1].before == parse_timestamp(end)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"report_type": FEEDBACK, "start_date": "2026-12-01"}, "it starts on 2026-12-01"),
        (
            {"report_type": TRAFFIC, "window": "MONTH", "start_date": "2026-11-05"},
            "no MONTH since 2026-11-05T00:00:00Z is over",
        ),
    ],
)
def test_the_log_says_why_there_is_nothing_to_read(
    entry: dict[str, Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    assert Runs(entry).run(NOW) == []

    assert f"nothing to read yet: {words}" in caplog.text


def test_the_log_says_that_everything_is_read(caplog: pytest.LogCaptureFixture) -> None:
    runs = Runs(report(FEEDBACK, end_date="2026-11-20"), start_date="2026-11-18")
    runs.run(NOW)
    caplog.set_level("INFO")

    assert runs.run(NOW + HOUR) == []

    assert "nothing to read yet: all is read up to 2026-11-20T00:00:00Z" in caplog.text


@pytest.mark.parametrize("start", ["2026-11-21T23:00:00Z", "2026-11-22", "2027-01-01"])
def test_a_future_start_date_reads_nothing_yet(start: str) -> None:
    assert Runs(report(FEEDBACK), start_date=start).run(NOW) == []
    assert Runs(report(TRAFFIC), start_date=start).run(NOW) == []


def test_an_entry_s_own_dates_override_those_of_all_streams() -> None:
    runs = Runs(
        report(FEEDBACK, start_date="2026-11-10", end_date="2026-11-12"),
        start_date="2026-11-01",
        end_date="2026-11-20",
    )

    assert written(runs.run(NOW)) == [
        ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"),
        ("2026-11-11T00:00:00Z", "2026-11-12T00:00:00Z"),
    ]


# --- A request of Amazon's form ----------------------------------------------------------------


def of_amazon(name: str = FEEDBACK, **about: Any) -> dict[str, Any]:
    times = {"dataStartTime": "2026-11-03T06:00:00Z", "dataEndTime": "2026-11-18T21:30:00Z"}
    return {"reportType": name, **times, **about}


@pytest.mark.parametrize("name", [FEEDBACK, TRAFFIC, LEDGER])
def test_a_request_with_both_times_is_made_once_as_it_is(name: str) -> None:
    runs = Runs(of_amazon(name), start_date="2026-01-01")

    runs.run(NOW)

    (request,) = runs.queue.requests
    assert request.body["dataStartTime"] == "2026-11-03T06:00:00Z"
    assert request.body["dataEndTime"] == "2026-11-18T21:30:00Z"
    if name != TRAFFIC:
        assert runs.run(NOW + HOUR) == runs.run(NOW + 30 * DAY) == []


@pytest.mark.parametrize(
    ("entry", "settings"),
    [
        # Its data arrive late.
        (of_amazon(TRAFFIC), {}),
        (of_amazon(), {"lookback": "P2D"}),
        (of_amazon(lookback="P2D"), {}),
    ],
)
def test_a_request_with_both_times_is_not_split_later(
    entry: dict[str, Any], settings: dict[str, Any]
) -> None:
    runs = Runs(entry, **settings)
    runs.run(NOW)

    runs.run(NOW + HOUR)

    bodies = {request.body["dataStartTime"] for request in runs.queue.requests}
    assert bodies <= {"2026-11-03T06:00:00Z"}


def test_a_request_that_is_pending_is_collected() -> None:
    runs = Runs(of_amazon())
    runs.run(NOW, unfinished=(0,))

    runs.run(NOW + DAY)

    assert runs.queue.known == ["new1"]
    assert runs.bookmark == parse_timestamp("2026-11-18T21:30:00Z")


def test_a_request_waits_for_its_end() -> None:
    runs = Runs(of_amazon(dataEndTime="2026-11-22T00:00:00Z"))

    assert runs.run(NOW) == []
    runs.run(NOW + DAY)
    (request,) = runs.queue.requests
    assert request.body["dataEndTime"] == "2026-11-22T00:00:00Z"


def test_a_request_that_is_too_long_for_amazon_is_split() -> None:
    runs = Runs(of_amazon(ORDERS, dataStartTime="2026-09-03T06:00:00Z"))

    windows = runs.run(NOW)

    assert len(windows) > 1
    assert windows[0].after <= parse_timestamp("2026-09-03T06:00:00Z")
    assert windows[-1].before == parse_timestamp("2026-11-18T21:30:00Z")
    assert all(one.length <= 30 * DAY for one in windows)


# --- Requests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "last"),
    [
        # Amazon's ranges include their ends.
        (report(FEEDBACK), "2026-11-19T23:59:59.999Z"),
        (report(TRAFFIC), "2026-11-19T23:59:59Z"),
    ],
)
def test_the_last_instant_of_a_day_is_not_the_next_day_s(entry: dict[str, Any], last: str) -> None:
    runs = Runs(entry, start_date="2026-11-19", end_date="2026-11-21")

    runs.run(NOW)

    first, second = runs.queue.requests
    assert first.body["dataEndTime"] == last
    assert second.body["dataStartTime"] == "2026-11-20T00:00:00Z"


def test_the_last_instant_of_six_hours_is_not_in_the_next_window() -> None:
    runs = Runs(report(FEEDBACK, window="PT6H"), start_date="2026-11-20", end_date="2026-11-21")

    runs.run(NOW)

    for one, other in itertools.pairwise(runs.queue.requests):
        assert one.end is not None
        assert other.start is not None
        assert one.end < other.start


def test_a_query_covers_whole_days() -> None:
    runs = Runs(query(window="P7D"), start_date="2026-11-01")

    runs.run(NOW)

    texts = [request.body["query"] for request in runs.queue.requests]
    assert texts == [
        'query {a(startDate: "2026-10-29", endDate: "2026-11-04") {b}}',
        'query {a(startDate: "2026-11-05", endDate: "2026-11-11") {b}}',
        'query {a(startDate: "2026-11-12", endDate: "2026-11-18") {b}}',
    ]


def test_further_pages_of_a_query_belong_to_its_window() -> None:
    runs = Runs(query(), start_date="2026-11-19", end_date="2026-11-20")
    more = {"pagination": {"nextToken": "second"}}

    runs.run(NOW, new1=more, new2=JobUnfinishedError({}, 60.0))

    assert [request.body.get("paginationToken") for request in runs.queue.requests] == [
        None,
        "second",
    ]
    assert runs.bookmark is None
    assert len(runs.state[PENDING]) == 2
    runs.run(NOW + HOUR, new1=more)
    assert runs.queue.known == ["new1", "new2"]
    assert format_timestamp(runs.bookmark) == "2026-11-20T00:00:00Z"  # type: ignore[arg-type]
    assert PENDING not in runs.state


def test_a_page_token_of_a_query_that_comes_again_ends_the_stream() -> None:
    runs = Runs(query(), start_date="2026-11-19", end_date="2026-11-20")
    more = {"pagination": {"nextToken": "second"}}

    runs.run(NOW, new1=more, new2=more)

    assert "page token of a page that was read already" in failure_of(runs)
    assert runs.bookmark is None


def test_a_query_that_is_done_with_an_error_fails() -> None:
    runs = Runs(query(), start_date="2026-11-19", end_date="2026-11-20")

    documents = StubbedDocuments({"e": StubbedDocument('{"errors": ["Bad date"]}')})
    runs.stream.connection._found["documents"] = documents

    runs.run(NOW, new1={"errorDocumentId": "e"})

    assert re.search(r"query new1 \(DONE\), Data Kiosk .*: Bad date", failure_of(runs))
    assert runs.bookmark is None
    assert PENDING not in runs.state


def test_a_query_that_was_cancelled_is_requested_again(caplog: pytest.LogCaptureFixture) -> None:
    runs = Runs(query(), start_date="2026-11-19", end_date="2026-11-20")

    runs.run(NOW, new1={"processingStatus": "CANCELLED"})

    assert len(runs.queue.requests) == 2
    assert "Query new1 of 'economics' was cancelled by a user or an application" in caplog.text
    assert format_timestamp(runs.bookmark) == "2026-11-20T00:00:00Z"  # type: ignore[arg-type]


def test_a_query_that_is_cancelled_twice_fails_and_the_next_run_requests_it_again() -> None:
    runs = Runs(query(), start_date="2026-11-19", end_date="2026-11-20")
    cancelled = {"processingStatus": "CANCELLED"}

    runs.run(NOW, new1=cancelled, new2=cancelled)

    assert "Query new2 was cancelled by a user" in failure_of(runs)
    assert (runs.bookmark, PENDING in runs.state) == (None, False)

    assert len(runs.run(NOW)) == 1
    assert runs.queue.known == []


def test_a_report_of_the_current_state_has_no_windows() -> None:
    runs = Runs(report(LISTINGS, marketplace_ids=["US", "CA"]), start_date="2026-01-01")

    earlier = {"createdTime": "2026-11-21T11:50:00Z"}
    runs.run(NOW, new1={"createdTime": "2026-11-21T11:57:00Z"}, new2=earlier)

    assert [sorted(request.body) for request in runs.queue.requests] == [
        ["marketplaceIds", "reportType"]
    ] * 2
    assert format_timestamp(runs.bookmark) == "2026-11-21T11:57:00Z"  # type: ignore[arg-type]
    runs.run(NOW + HOUR)
    assert [cast("Any", one).newer_than for one in runs.queue.requests] == [
        parse_timestamp("2026-11-21T11:57:00Z")
    ] * 2


def test_a_report_of_the_current_state_is_collected_by_the_next_run() -> None:
    runs = Runs(report(LISTINGS))
    runs.run(NOW, unfinished=(0,))

    runs.run(NOW + DAY)

    assert runs.queue.known == ["new1"]
    assert PENDING not in runs.state


def test_windows_of_a_stream_are_numbered_by_turn() -> None:
    runs = Runs(report(FEEDBACK), start_date="2026-11-01")

    windows = runs.run(NOW)

    assert runs.queue.turns == list(range(len(windows)))
    assert len(windows) > MAX_WINDOWS_AHEAD


def test_a_connection_test_submits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(report(FEEDBACK))
    listed: list[Mapping[str, Any]] = []
    monkeypatch.setattr(runs.stream, "ABORT_AT_RECORD_COUNT", 1)

    def pages(_: object, parameters: Mapping[str, Any]) -> Iterator[list[Any]]:
        listed.append(parameters)
        yield []

    monkeypatch.setattr(runs.stream.client, "pages", pages)
    runs.reader.begin()

    assert runs.run(NOW) == []
    assert runs.queue.requests == []
    assert [parameters["reportTypes"] for parameters in listed] == [[FEEDBACK]]


def test_windows_of_whole_periods_match_those_of_amazon() -> None:
    runs = Runs(report(VENDOR_SALES, window="WEEK", options=VENDOR), start_date="2026-11-01")

    windows = runs.run(NOW)

    assert [one.after for one in windows] == [
        Period("WEEK").start_around(one.after) for one in windows
    ]
    # The week of the 15th is not over.
    assert written(windows)[-1] == ("2026-11-08T00:00:00Z", "2026-11-15T00:00:00Z")


class RowsOfRuns(Runs):
    """Runs that record the marketplace, time and report of the rows that were read."""

    def __init__(self, entry: dict[str, Any], **settings: Any) -> None:
        super().__init__(entry, **settings)
        self.read: list[tuple[str, str, str]] = []

        def pages_of(job: Any, *, window: Any = None, request: Any = None) -> Iterator[Any]:
            start = "" if window is None else format_timestamp(window.after)
            self.read.append((request.marketplace_ids[0], start, job["reportId"]))
            return iter(())

        self.reader.rows.pages_of = pages_of  # type: ignore[method-assign]


def test_the_last_hour_of_a_day_is_a_full_one() -> None:
    """Schema: "Output will include all full hours that fall within the range"."""
    entry = {"report_type": REAL_TIME_SALES, "options": {"currencyCode": "USD"}}
    runs = Runs(entry | {"start_date": "2026-11-20"})

    runs.run(NOW)

    assert runs.queue.requests[0].end == parse_timestamp("2026-11-21")


def test_an_end_is_as_long_ago_as_amazon_requires() -> None:
    """Schema: "at least 60 minutes earlier than the time of the request"."""
    runs = Runs({"report_type": REAL_TIME_TRAFFIC, "start_date": "2026-11-21"})

    runs.run(NOW)

    assert all(request.end and request.end <= NOW - 60 * MINUTE for request in runs.queue.requests)


def test_windows_read_again_at_the_edge_of_the_history_have_the_same_start() -> None:
    runs = RowsOfRuns(
        {"report_type": ORDERS, "start_date": "2023-01-01", "marketplace_ids": ["US", "CA"]}
    )

    runs.run(NOW, unfinished=(1,))
    runs.run(NOW + DAY)

    starts = [start for marketplace, start, _ in runs.read if marketplace == US]
    # A day that Amazon no longer keeps is not read again, and neither is a part of it.
    assert starts[:2] == ["2024-11-22T00:00:00Z", "2024-11-23T00:00:00Z"]
    assert len(set(starts)) == len(starts)


def test_windows_read_again_by_full_table_replace_themselves() -> None:
    runs = Runs({"report_type": RETURNS, "start_date": "2026-09-01"})
    runs.stream.forced_replication_method = "FULL_TABLE"

    first = {window.after for window in runs.run(NOW)}
    second = {window.after for window in runs.run(NOW + 31 * DAY)}

    assert first <= second


def test_the_current_state_is_requested_again_even_if_another_marketplace_fails() -> None:
    runs = RowsOfRuns({"report_type": LISTINGS, "marketplace_ids": ["US", "CA"]})
    runs.run(NOW, new2=FATAL)
    assert "report new2" in failure_of(runs)

    made = {"createdTime": format_timestamp(NOW)}
    runs.run(NOW + 3 * DAY, new1=made, new3=FATAL)
    assert "report new3" in failure_of(runs)

    first, second = [report_id for marketplace, _, report_id in runs.read if marketplace == US]
    assert first != second


def test_no_report_is_requested_within_the_interval_of_its_type() -> None:
    runs = Runs({"report_type": RETURNS, "start_date": "2026-11-20"})
    runs.run(NOW)

    again = runs.run(NOW + 10 * MINUTE)

    assert [one.before for one in again] == [parse_timestamp("2026-11-21")]


def test_parts_of_a_split_request_do_not_share_an_instant() -> None:
    times = {"dataStartTime": "2026-10-05T00:00:00Z", "dataEndTime": "2026-11-18T00:00:00Z"}
    runs = Runs({"reportType": ORDERS} | times)

    runs.run(NOW)

    starts = {request.start for request in runs.queue.requests}
    assert not starts & {request.end for request in runs.queue.requests}


def test_a_request_is_cut_at_what_amazon_keeps() -> None:
    times = {"dataStartTime": "2024-01-01T00:00:00Z", "dataEndTime": "2024-12-31T00:00:00Z"}

    assert Runs({"reportType": TRAFFIC} | times).run(NOW) != []


def test_a_state_of_another_method_does_not_return_a_failed_report_again_and_again() -> None:
    runs = Runs({"report_type": ORDERS, "start_date": "2026-11-20"})
    runs.run(NOW, unfinished=(0,))
    pending = runs.state
    runs.stream.forced_replication_method = "FULL_TABLE"

    runs.run(NOW, state=pending)

    assert runs.queue.known == []


@pytest.mark.parametrize("name", [RETURNS, "GET_FBA_REIMBURSEMENTS_DATA"])
def test_a_day_with_daily_updates_is_read_when_it_is_complete(name: str) -> None:
    """Page "Report Type Values": "Content updated daily"."""
    runs = Runs({"report_type": name, "start_date": "2026-11-20"})
    runs.run(parse_timestamp("2026-11-21T00:10:00Z"))

    later = runs.run(parse_timestamp("2026-11-22T00:10:00Z"))

    assert later[0].after == parse_timestamp("2026-11-20")


def test_an_old_report_is_read_if_amazon_makes_no_newer_one() -> None:
    """Amazon cancels a report if it made one of the same type within the interval."""
    runs = RowsOfRuns({"report_type": RETURNS, "start_date": "2026-11-20", "lookback": "P1D"})
    runs.run(parse_timestamp("2026-11-21T23:30:00Z"), unfinished=(0,))
    old, *_ = [str(entry["id"]) for entry in runs.state["pending"]]
    assert not runs.read

    # Its data have settled since the report was made.
    cancelled = {"processingStatus": "CANCELLED"}
    answers: dict[str, Any] = {f"new{number}": cancelled for number in range(3, 9)}
    answers[old] = {"createdTime": "2026-11-21T23:30:00Z"}
    runs.run(parse_timestamp("2026-11-22T00:30:00Z"), **answers)

    assert old in [report_id for _, _, report_id in runs.read]


def test_an_account_of_another_region_requests_nothing_and_writes_no_bookmark(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    runs = Runs(report(FEEDBACK, marketplace_ids=["DE"]), start_date="2026-11-18")

    assert runs.run(NOW) == []

    assert runs.bookmark is None
    assert "nothing to read in the region of this account" in caplog.text
