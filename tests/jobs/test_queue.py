from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.amazon.report_types import DateRange, Option, ReportType
from tap_amazon_sp.amazon.retry import POLL_UNANSWERED, RetryableError, RetryPolicy
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.jobs.api import QUERIES, REPORTS, JobApi
from tap_amazon_sp.jobs.counts import JobCounts
from tap_amazon_sp.jobs.creation import MAX_SUBMISSION_TRIES, WAIT_BEFORE_LISTING
from tap_amazon_sp.jobs.listing import MAX_TYPES_PER_CALL
from tap_amazon_sp.jobs.poller import MAX_MISSED_POLLS
from tap_amazon_sp.jobs.polling import JobUnfinishedError, PollingPace
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.jobs.requests import FRESH, QueryRequest, ReportRequest
from tap_amazon_sp.jobs.submission import Submission
from tests.fake_clock import FakeClock

WAIT = 30.0
US = "ATVPDKIKX0DER"
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
START = parse_timestamp("2026-11-01")
PACE = PollingPace(first=2.0)
CREATE, GET, LIST = "createReport", "getReport", "getReports"


def _fail(operation: Operation) -> None:
    raise RetryableError(ServiceError(operation.id))


class Amazon:
    """Makes reports and answers queries, in so many seconds each, as the tap's client.

    Each failure is raised by a call that would create one: before or after it is taken in.
    """

    def __init__(self, clock: FakeClock, seconds: float = 30.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.rate = 2.0
        self.jobs: dict[str, dict[str, Any]] = {}
        self.created: list[Mapping[str, Any]] = []
        self.polls: list[tuple[str, float]] = []
        self.listed: list[Mapping[str, Any]] = []
        self.failures_before: list[BaseException | None] = []
        self.failures_after: list[BaseException | None] = []
        self.failures_of_polls: dict[str, BaseException] = {}
        self.when_created: Callable[[], object] = int
        self.when_polled: Callable[[], object] = int
        self.most_at_once = 1000

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        check: Callable[[Any], object] | None = None,
        retry: RetryPolicy | None = None,
    ) -> Answer:
        if retry is not None:
            # It has no tries of its own: it may not wait while others are due.
            began_at = self.clock.monotonic()
            with suppress(ServiceError):
                retry.run(lambda: _fail(operation))
            assert self.clock.monotonic() == began_at
        answer = self._answer(operation, parameters, body)
        if check is not None:
            # The test's own answers are right.
            check(answer.body)
        return answer

    def _answer(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> Answer:
        if body is not None:
            return self._create(operation, body)
        (job_id,) = (parameters or {}).values()
        self.when_polled()
        self.polls.append((job_id, self.clock.monotonic()))
        if job_id in self.failures_of_polls:
            raise self.failures_of_polls[job_id]
        if job_id not in self.jobs:
            raise NotFoundError(operation.id, status=404)
        return Answer(self._shown(job_id), 200, None)

    def pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        assert operation.name in (LIST, "getQueries")
        self.listed.append(parameters)
        since = parameters["createdSince"]
        found = [
            job
            for job in map(self._shown, self.jobs)
            if job.get("reportType") in parameters.get("reportTypes", [None])
            and parse_timestamp(job["createdTime"]) >= since
        ]
        # In pages of one, the oldest first.
        for job in found:
            yield [job]

    def calls_per_second(self, operation: Operation) -> float:
        assert operation.name in (GET, "getQuery")
        return self.rate

    def add(self, job_id: str, body: Mapping[str, Any], **about: Any) -> str:
        """Add a job that somebody else requested, or an earlier run."""
        created = about.pop("created", self.clock.now())
        self.jobs[job_id] = {
            **body,
            "createdTime": format_timestamp(created.replace(microsecond=0)),
            "ends_at": self.clock.monotonic() + about.pop("seconds", self.seconds),
            **about,
        }
        return job_id

    def _create(self, operation: Operation, body: Mapping[str, Any]) -> Answer:
        self.when_created()
        self.created.append(body)
        if self.failures_before and (error := self.failures_before.pop(0)):
            raise error
        under_way = [job for job in self.jobs if self._shown(job)["processingStatus"] != "DONE"]
        if len(under_way) >= self.most_at_once:
            raise ThrottledError(operation.id, status=429)
        job_id = self.add(f"new{len(self.created)}", body)
        if self.failures_after and (error := self.failures_after.pop(0)):
            raise error
        name = "queryId" if operation.name == "createQuery" else "reportId"
        return Answer({name: job_id}, 202, None)

    def _shown(self, job_id: str) -> dict[str, Any]:
        job = dict(self.jobs[job_id])
        is_over = self.clock.monotonic() >= job.pop("ends_at")
        status = job.pop("ends_as", "DONE") if is_over else "IN_PROGRESS"
        name = "queryId" if "query" in job else "reportId"
        if status == "DONE":
            job |= {"reportDocumentId": f"document of {job_id}"}
        return {**job, name: job_id, "processingStatus": status}

    @property
    def types_created(self) -> list[str]:
        return [body["reportType"] for body in self.created]

    def polls_of(self, job_id: str) -> list[float]:
        return [at for polled, at in self.polls if polled == job_id]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def amazon(clock: FakeClock) -> Amazon:
    return Amazon(clock)


@pytest.fixture
def queue(amazon: Amazon) -> JobQueue:
    return queue_of(amazon)


def queue_of(amazon: Amazon, api: JobApi = REPORTS, *, timeout: float = 7200.0) -> JobQueue:
    client = cast("SellingPartnerClient", amazon)
    return JobQueue(client, amazon.clock, api, pace=PACE, timeout=timeout)


def kind(name: str = "GET_A", **about: Any) -> ReportType:
    return ReportType(name, **({"dates": DateRange("optional")} | about))


def request(
    name: str = "GET_A", *, days: float = 1, number: int = 0, **about: Any
) -> ReportRequest:
    start = START + number * DAY
    return ReportRequest(kind(name), (US,), start=start, end=start + days * DAY, **about)


def with_options(name: str = "GET_A") -> ReportRequest:
    """A request for which no existing report is used."""
    return ReportRequest(kind(name, options={"a": Option("a")}), (US,), start=START)


def of_now(name: str = "GET_NOW", **about: Any) -> ReportRequest:
    return ReportRequest(kind(name, dates=DateRange("none")), (US,), **about)


def ids_of(queue: JobQueue, *submissions: Submission) -> list[str]:
    return [str(queue.wait_for_job(submission)["reportId"]) for submission in submissions]


def test_the_jobs_are_counted_where_they_are(queue: JobQueue, amazon: Amazon) -> None:
    seen: list[JobCounts] = []
    amazon.when_polled = lambda: seen.append(queue.counts([request(number=2).key]))
    submissions = [queue.submit(request(number=number)) for number in range(2)]
    assert queue.counts([request(number=0).key]) == JobCounts(to_submit=2)

    ids_of(queue, *submissions)

    assert {counts.total for counts in seen} == {3}
    # Before the first poll, Amazon has not said that it works on a job.
    assert seen[0].in_queue
    # One may be finished before the other is submitted.
    assert any(counts.in_progress and counts.longest >= 4.0 for counts in seen)
    assert queue.counts() == JobCounts(ready=2)
    queue.outcomes.note(submissions[0].key, "read")
    assert queue.counts() == JobCounts(ready=1, read=1)


# --- Submitting --------------------------------------------------------------------------------


def test_a_submitted_job_is_created_and_waited_for(queue: JobQueue, amazon: Amazon) -> None:
    ids: list[str | None] = []

    submission = queue.submit(request(), on_id=lambda submission: ids.append(submission.job_id))
    assert amazon.created == []
    job = queue.wait_for_job(submission)

    assert amazon.created == [request().body]
    assert (job["reportId"], job["processingStatus"]) == ("new1", "DONE")
    assert ids == ["new1"]
    assert not submission.is_reused


@pytest.mark.parametrize("status", ["DONE", "CANCELLED", "FATAL"])
def test_a_job_is_returned_however_it_ended(queue: JobQueue, amazon: Amazon, status: str) -> None:
    amazon.add("old", {"reportType": "GET_A"}, ends_as=status)

    job = queue.wait_for_job(queue.submit(request(), known_id="old"))

    assert job["processingStatus"] == status


def test_the_next_of_every_stream_goes_before_the_second_of_any(
    queue: JobQueue, amazon: Amazon
) -> None:
    submissions = [
        queue.submit(with_options("GET_SECOND"), turn=1, expected=900.0),
        queue.submit(with_options("GET_FIRST"), turn=0, expected=1.0),
    ]

    ids_of(queue, *submissions)

    assert amazon.types_created == ["GET_FIRST", "GET_SECOND"]


def test_what_takes_longest_goes_first(queue: JobQueue, amazon: Amazon) -> None:
    submissions = [
        queue.submit(request("GET_SHORT", days=1)),
        queue.submit(request("GET_LONG", days=30)),
        queue.submit(request("GET_SLOW", days=1), expected=300.0),
        queue.submit(request("GET_SLOWER", days=1), expected=600.0),
        # As long as the second: first come, first served.
        queue.submit(request("GET_LONG_TOO", days=30)),
        queue.submit(of_now("GET_OF_NOW")),
    ]

    ids_of(queue, *submissions)

    assert amazon.types_created == [
        "GET_SLOWER",
        "GET_SLOW",
        "GET_LONG",
        "GET_LONG_TOO",
        "GET_SHORT",
        "GET_OF_NOW",
    ]


def test_all_plans_are_made_before_any_job_is_created(queue: JobQueue, amazon: Amazon) -> None:
    submissions: dict[int, Submission] = {}
    amazon.when_created = lambda: submitted_by_then.append(len(submissions))
    submitted_by_then: list[int] = []

    def plan(number: int) -> Callable[[], int]:
        def submit() -> int:
            submissions[number] = queue.submit(
                with_options(f"GET_{number}"), expected=float(number)
            )
            return number

        return submit

    plans = [queue.announce(plan(number)) for number in range(5)]
    # Nobody waits yet.
    assert submissions == {}
    assert [queue.wait_for(made) for made in plans] == [0, 1, 2, 3, 4]
    ids_of(queue, *submissions.values())

    assert submitted_by_then == [5] * 5
    assert amazon.types_created == ["GET_4", "GET_3", "GET_2", "GET_1", "GET_0"]


def test_a_plan_that_fails_leaves_the_others(queue: JobQueue) -> None:
    def fail() -> None:
        raise ValueError

    failing, working = queue.announce(fail), queue.announce(lambda: queue.submit(request()))

    with pytest.raises(ValueError, match=r"^$"):
        queue.wait_for(failing)
    assert ids_of(queue, queue.wait_for(working)) == ["new1"]


def test_two_streams_with_the_same_request_share_a_submission(
    queue: JobQueue, amazon: Amazon
) -> None:
    ids: list[str] = []
    first = queue.submit(
        with_options(), on_id=lambda submission: ids.append(f"first {submission.job_id}")
    )
    second = queue.submit(
        with_options(), on_id=lambda submission: ids.append(f"second {submission.job_id}")
    )
    other = queue.submit(with_options("GET_B"))

    assert first is second
    ids_of(queue, first, second, other)

    assert sorted(amazon.types_created) == ["GET_A", "GET_B"]
    assert sorted(ids) == [f"first {first.job_id}", f"second {first.job_id}"]


def test_a_later_stream_gets_the_id_at_once(queue: JobQueue, amazon: Amazon) -> None:
    ids_of(queue, queue.submit(request()))
    ids: list[str | None] = []

    submission = queue.submit(request(), on_id=lambda submission: ids.append(submission.job_id))

    assert ids == ["new1"]
    assert ids_of(queue, submission) == ["new1"]
    assert len(amazon.created) == 1


def test_a_queue_works_again_after_it_had_nothing_to_do(queue: JobQueue, amazon: Amazon) -> None:
    others = {*threading.enumerate()}
    assert ids_of(queue, queue.submit(request())) == ["new1"]
    own = {*threading.enumerate()} - others

    assert ids_of(queue, queue.submit(request(number=1))) == ["new2"]

    # Threads that have nothing to do end.
    assert len([thread for thread in own if thread.name.startswith("report")]) <= 2
    assert len(amazon.created) == 2


def test_a_job_submitted_ahead_is_created_while_nobody_waits(
    queue: JobQueue, amazon: Amazon
) -> None:
    placed = threading.Event()
    ids_of(queue, queue.submit(request()))
    amazon.when_created = placed.set

    # As a stream does that reads a large document meanwhile.
    queue.submit(request(number=1))

    assert placed.wait(0.3)


# --- Ids from the state ------------------------------------------------------------------------


def test_a_job_of_an_earlier_run_is_collected(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    amazon.add("old", request().body, seconds=0.0)
    ids: list[str | None] = []

    submission = queue.submit(
        request(), known_id="old", on_id=lambda submission: ids.append(submission.job_id)
    )

    assert ids == ["old"]
    assert ids_of(queue, submission) == ["old"]
    assert (amazon.created, amazon.listed) == ([], [])
    assert submission.is_reused
    # It may have finished long ago.
    assert amazon.polls_of("old") == [clock.monotonic()]


@pytest.mark.parametrize("error", [NotFoundError("getReport"), InvalidRequestError("getReport")])
def test_a_job_of_an_earlier_run_that_no_longer_exists_is_submitted_again(
    queue: JobQueue, amazon: Amazon, error: Exception
) -> None:
    amazon.failures_of_polls["gone"] = error
    ids: list[str | None] = []

    submission = queue.submit(
        request(), known_id="gone", on_id=lambda submission: ids.append(submission.job_id)
    )

    assert ids_of(queue, submission) == ["new1"]
    assert ids == ["gone", "new1"]
    assert not submission.is_reused
    assert len(amazon.created) == 1


def test_an_id_that_only_the_second_stream_knows_serves_both(
    queue: JobQueue, amazon: Amazon
) -> None:
    amazon.add("old", with_options().body)
    ids: list[str] = []

    first = queue.submit(
        with_options(), on_id=lambda submission: ids.append(f"first {submission.job_id}")
    )
    second = queue.submit(
        with_options(),
        known_id="old",
        on_id=lambda submission: ids.append(f"second {submission.job_id}"),
    )

    assert ids_of(queue, first, second) == ["old", "old"]
    assert sorted(ids) == ["first old", "second old"]
    assert amazon.created == []


def test_a_job_that_vanishes_in_the_run_that_created_it_is_an_error(
    queue: JobQueue, amazon: Amazon
) -> None:
    submission = queue.submit(
        request(), on_id=lambda submission: amazon.jobs.pop(str(submission.job_id))
    )

    with pytest.raises(NotFoundError):
        queue.wait_for_job(submission)
    assert len(amazon.created) == 1


# --- Reports that exist ------------------------------------------------------------------------


def test_a_usable_report_is_used(queue: JobQueue, amazon: Amazon, clock: FakeClock) -> None:
    amazon.add("there", request().body, created=clock.now() - DAY, seconds=0.0)
    ids: list[str | None] = []

    submission = queue.submit(request(), on_id=lambda submission: ids.append(submission.job_id))

    assert ids_of(queue, submission) == ["there"]
    assert (amazon.created, amazon.polls, ids) == ([], [], ["there"])
    assert submission.is_reused


def test_a_report_in_progress_is_waited_for(queue: JobQueue, amazon: Amazon) -> None:
    amazon.add("there", request().body, seconds=50.0)

    assert ids_of(queue, queue.submit(request())) == ["there"]
    assert amazon.created == []
    assert len(amazon.polls) > 1


def test_the_newest_usable_report_is_used(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    for number, age in enumerate((25, 5, 15)):
        amazon.add(str(number), of_now().body, created=clock.now() - age * MINUTE, seconds=0.0)
    amazon.add(
        "failed", of_now().body, created=clock.now() - MINUTE, seconds=0.0, ends_as="CANCELLED"
    )

    assert ids_of(queue, queue.submit(of_now())) == ["1"]


@pytest.mark.parametrize(
    "about",
    [
        {"marketplaceIds": ["A2EUQ1WTGCTBG2"]},
        {"dataEndTime": "2026-11-03T00:00:00Z"},
        {"ends_as": "FATAL"},
        {"ends_as": "CANCELLED"},
    ],
)
def test_another_report_is_not_used(queue: JobQueue, amazon: Amazon, about: dict[str, Any]) -> None:
    amazon.add("there", request().body, seconds=0.0, **about)

    assert ids_of(queue, queue.submit(request())) == ["new1"]


def test_a_report_whose_options_are_unknown_is_not_listed(queue: JobQueue, amazon: Amazon) -> None:
    amazon.add("there", with_options().body, seconds=0.0)

    assert ids_of(queue, queue.submit(with_options())) == ["new1"]
    assert amazon.listed == []


def test_reports_of_ten_types_are_listed_in_a_call(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    submissions = [
        queue.submit(request(f"GET_{number:02}", number=day))
        for number in range(25)
        for day in (3, 1)
    ]
    submissions.append(queue.submit(with_options("GET_WITH")))
    for submission in submissions[:20]:
        job_id = f"of {submission.request.label}"
        amazon.add(job_id, submission.request.body, created=clock.now() - DAY, seconds=0.0)

    ids = ids_of(queue, *submissions)

    assert [len(parameters["reportTypes"]) for parameters in amazon.listed] == [10, 10, 5]
    assert MAX_TYPES_PER_CALL == 10
    names = [name for parameters in amazon.listed for name in parameters["reportTypes"]]
    assert len(set(names)) == 25
    assert "GET_WITH" not in names
    # The earliest time when one of them may have been created.
    assert {parameters["createdSince"] for parameters in amazon.listed} == {START + 2 * DAY}
    assert [job_id.startswith("of ") for job_id in ids] == [True] * 20 + [False] * 31
    assert len(amazon.created) == 31


# --- Answers that are lost ---------------------------------------------------------------------


def test_a_report_whose_answer_was_lost_is_found_and_not_created_twice(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    # Others of the type, of an earlier run: none is this one.
    amazon.add("before", with_options().body, created=clock.now() - MINUTE, seconds=0.0)
    amazon.add("other", with_options().body | {"marketplaceIds": ["A1"]})
    amazon.failures_after = [ServiceError("createReport", status=500)]

    submission = queue.submit(with_options())

    assert ids_of(queue, submission) == ["new1"]
    assert len(amazon.created) == 1
    assert clock.sleeps[0] == WAIT_BEFORE_LISTING
    assert len(amazon.listed) == 1


class StoppedAtFirstWait(FakeClock):
    """A clock on which a stop is requested as soon as something waits."""

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        raise SyncInterrupted(15)


@pytest.mark.parametrize("is_created", [True, False])
@pytest.mark.parametrize("asked", [with_options(), QueryRequest("q", "q")], ids=["report", "query"])
def test_a_stop_before_the_list_is_checked_lets_the_next_run_look_for_the_job(
    asked: ReportRequest | QueryRequest, *, is_created: bool
) -> None:
    amazon = Amazon(StoppedAtFirstWait())
    lost: list[BaseException | None] = [ServiceError("create", status=500)]
    amazon.failures_after, amazon.failures_before = (lost, []) if is_created else ([], lost)
    noted: list[tuple[str | None, dt.datetime | None]] = []
    first = queue_of(amazon, asked.api)
    stopped = first.submit(
        asked, on_id=lambda one: noted.append((one.job_id, one.unanswered_since))
    )
    with pytest.raises(SyncInterrupted):
        first.wait_for_job(stopped)
    ((job_id, since),) = noted
    assert job_id is None

    amazon.clock = FakeClock(amazon.clock.now() + 10 * MINUTE)
    again = queue_of(amazon, asked.api)
    submission = again.submit(asked, unanswered_since=since)

    assert again.wait_for_job(submission)["processingStatus"] == "DONE"
    assert submission.job_id == ("new1" if is_created else "new2")
    assert submission.is_reused is is_created


def test_a_report_that_amazon_did_not_create_is_submitted_again(
    queue: JobQueue, amazon: Amazon
) -> None:
    amazon.failures_before = [ServiceError("createReport"), ServiceError("createReport")]

    assert ids_of(queue, queue.submit(request())) == ["new3"]
    assert amazon.created == [request().body] * 3


def test_a_report_that_is_lost_each_time_is_an_error(queue: JobQueue, amazon: Amazon) -> None:
    amazon.failures_before = [ServiceError("createReport", status=503)] * MAX_SUBMISSION_TRIES
    failing = queue.submit(request("GET_A"), turn=0)
    other = queue.submit(request("GET_B"), turn=1)

    with pytest.raises(ServiceError, match="503"):
        queue.wait_for_job(failing)
    assert len(ids_of(queue, other)) == 1
    assert amazon.types_created == ["GET_A"] * 3 + ["GET_B"]


def test_a_submission_takes_no_job_of_another(queue: JobQueue, amazon: Amazon) -> None:
    # A query does not say which of its pages it is.
    queue = queue_of(amazon, QUERIES)
    first, second = QueryRequest("q", "q"), QueryRequest("q", "q", page_token="2")
    amazon.failures_before = [None, ServiceError("createQuery")]

    submissions = [queue.submit(first, turn=0), queue.submit(second, turn=1)]
    jobs = [queue.wait_for_job(submission) for submission in submissions]

    assert [job["queryId"] for job in jobs] == ["new1", "new3"]


def test_a_report_that_was_created_within_the_same_second_is_found(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    clock.advance(0.7)
    amazon.failures_after = [ServiceError("createReport", status=500)]

    assert ids_of(queue, queue.submit(with_options())) == ["new1"]
    assert len(amazon.created) == 1


# --- Polling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 1.0, 30.0, 300.0, 3000.0])
def test_a_job_is_found_late_by_a_share_of_its_time_at_most(
    queue: JobQueue, amazon: Amazon, seconds: float
) -> None:
    amazon.seconds = seconds

    submission = queue.submit(with_options())
    queue.wait_for_job(submission)

    late = amazon.polls_of("new1")[-1] - (submission.since + seconds)
    assert 0 <= late <= max(PACE.first, min(seconds * PACE.share, PACE.longest)) + 0.001


@pytest.mark.parametrize(("seconds", "most"), [(30.0, 16), (300.0, 75), (3000.0, 145)])
def test_the_number_of_polls_grows_slowly(
    queue: JobQueue, amazon: Amazon, seconds: float, most: int
) -> None:
    amazon.seconds = seconds

    queue.wait_for_job(queue.submit(with_options()))

    assert 5 < len(amazon.polls) <= most


def test_all_jobs_together_are_polled_no_more_than_amazon_allows(
    queue: JobQueue, amazon: Amazon
) -> None:
    amazon.seconds, amazon.rate, count = 300.0, 0.5, 40
    for number in range(count):
        amazon.add(f"old{number}", request(number=number).body)
    submissions = [queue.submit(request(number=n), known_id=f"old{n}") for n in range(count)]

    ids_of(queue, *submissions)

    times = sorted(at for _, at in amazon.polls)
    for begin in times:
        polls = sum(begin <= at < begin + 60.0 for at in times)
        assert polls <= 60.0 * amazon.rate + count
    # Beside the first polls and the last ones.
    assert len(times) <= (times[-1] - times[0]) * amazon.rate + 2 * count


def test_a_quick_job_does_not_wait_for_slow_ones(queue: JobQueue, amazon: Amazon) -> None:
    amazon.add("slow", request(number=1).body, seconds=2000.0)
    slow = queue.submit(request(number=1), known_id="slow")
    amazon.add("quick", request(number=2).body, seconds=20.0)
    quick = queue.submit(request(number=2), known_id="quick")

    assert ids_of(queue, quick) == ["quick"]
    assert amazon.polls_of("quick")[-1] <= quick.since + 20.0 + PACE.first + 0.001
    assert ids_of(queue, slow) == ["slow"]


@pytest.mark.parametrize("timeout", [5.0, 100.0, 1000.0])
def test_a_job_is_waited_for_no_longer_than_the_timeout(amazon: Amazon, timeout: float) -> None:
    queue = queue_of(amazon, timeout=timeout)
    amazon.seconds = timeout + 1.0
    too_late = queue.submit(with_options())

    with pytest.raises(JobUnfinishedError) as caught:
        queue.wait_for_job(too_late)

    assert caught.value.job["reportId"] == too_late.job_id
    assert caught.value.waited == pytest.approx(timeout)
    polls = amazon.polls_of(str(too_late.job_id))
    assert polls[-1] - too_late.since == pytest.approx(timeout)
    # It is not polled any more.
    amazon.seconds = 0.0
    ids_of(queue, queue.submit(with_options("GET_B")))
    assert amazon.polls_of(str(too_late.job_id)) == polls


def test_a_job_that_ends_with_the_timeout_is_in_time(amazon: Amazon) -> None:
    queue = queue_of(amazon, timeout=100.0)
    amazon.seconds = 100.0

    assert ids_of(queue, queue.submit(with_options())) == ["new1"]


# --- Errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [InvalidRequestError("createReport"), AccessDeniedError("createReport")]
)
def test_a_refused_submission_leaves_the_others(
    queue: JobQueue, amazon: Amazon, error: SellingPartnerError
) -> None:
    amazon.failures_before = [error]
    refused, other = queue.submit(request("GET_A")), queue.submit(request("GET_B"))

    with pytest.raises(type(error)):
        queue.wait_for_job(refused)
    # A second submission fails in the same way.
    with pytest.raises(type(error)):
        queue.wait_for_job(queue.submit(request("GET_A")))
    assert ids_of(queue, other) == ["new2"]


@pytest.mark.parametrize(
    "error", [AccessDeniedError("getReport"), ServiceError("getReport"), AuthenticationError("x")]
)
def test_a_failed_poll_leaves_the_others(queue: JobQueue, amazon: Amazon, error: Exception) -> None:
    for name in ("bad", "good"):
        amazon.add(name, request(name).body)
    amazon.failures_of_polls["bad"] = error
    bad, good = (queue.submit(request(name), known_id=name) for name in ("bad", "good"))

    with pytest.raises(type(error)):
        queue.wait_for_job(bad)
    assert ids_of(queue, good) == ["good"]
    # Without an answer, it is polled again for some minutes.
    tries = 1 + MAX_MISSED_POLLS if isinstance(error, ServiceError) else 1
    assert len(amazon.polls_of("bad")) == tries


def test_jobs_without_answers_delay_neither_each_other_nor_the_others(
    queue: JobQueue, amazon: Amazon
) -> None:
    names = [f"bad{number}" for number in range(8)]
    for name in (*names, "good"):
        amazon.add(name, request(name).body)
    amazon.failures_of_polls = {name: ServiceError("getReport") for name in names}
    submissions = [queue.submit(request(name), known_id=name) for name in (*names, "good")]

    good = submissions.pop()
    assert ids_of(queue, good) == ["good"]
    # The clock runs on before this thread sees it.
    assert amazon.polls_of("good")[-1] < good.since + amazon.seconds + 20.0
    for submission in submissions:
        with pytest.raises(ServiceError):
            queue.wait_for_job(submission)
    waits = map(POLL_UNANSWERED.longest_wait, range(1, POLL_UNANSWERED.max_tries))
    assert max(at for _, at in amazon.polls) < good.since + sum(waits) + 60.0


def test_a_poll_waits_as_long_as_amazon_demands(queue: JobQueue, amazon: Amazon) -> None:
    amazon.add("old", request().body)
    error = ServiceError("getReport", status=503)
    error.retry_after = 100.0
    amazon.failures_of_polls["old"] = error
    submission = queue.submit(request(), known_id="old")

    with pytest.raises(ServiceError):
        queue.wait_for_job(submission)
    first, second, *_ = amazon.polls_of("old")
    assert second - first >= error.retry_after


def test_a_job_outlasts_minutes_without_answers(queue: JobQueue, amazon: Amazon) -> None:
    amazon.seconds = 600.0
    amazon.add("old", request().body)
    submission = queue.submit(request(), known_id="old")
    failures = [ServiceError("getReport")] * (MAX_MISSED_POLLS - 1)

    def come_and_go() -> None:
        # Once in a while a poll succeeds.
        amazon.failures_of_polls.clear()
        if failures:
            amazon.failures_of_polls["old"] = failures.pop()

    amazon.when_polled = come_and_go

    assert queue.wait_for_job(submission)["processingStatus"] == "DONE"
    assert not failures


def test_a_submission_without_access_fails_with_that(queue: JobQueue, amazon: Amazon) -> None:
    amazon.failures_before = [AuthenticationError("expired")] * 2
    submissions = [queue.submit(request(name)) for name in ("GET_A", "GET_B")]

    for submission in submissions:
        with pytest.raises(AuthenticationError, match="expired"):
            queue.wait_for_job(submission)
    assert len(amazon.created) == 2


def test_a_fault_of_the_poller_is_raised_in_all_that_wait(queue: JobQueue, amazon: Amazon) -> None:
    for name in ("bad", "good"):
        amazon.add(name, request(name).body)
    amazon.failures_of_polls["bad"] = ZeroDivisionError()
    are_submitted = threading.Event()
    amazon.when_polled = lambda: are_submitted.wait(WAIT)
    submissions = [queue.submit(request(name), known_id=name) for name in ("bad", "good")]
    are_submitted.set()

    for submission in submissions:
        with pytest.raises(ZeroDivisionError):
            queue.wait_for_job(submission)
    # The queue goes on working.
    amazon.failures_of_polls.clear()
    assert ids_of(queue, queue.submit(request("GET_C"))) == ["new1"]


def test_a_failing_listener_leaves_the_others(queue: JobQueue) -> None:
    def fail(_: Submission) -> None:
        raise OSError

    deaf = queue.submit(request("GET_A"), turn=0, on_id=fail)
    other = queue.submit(request("GET_B"), turn=1)

    with pytest.raises(OSError, match=r"^$"):
        queue.wait_for_job(deaf)
    assert ids_of(queue, other) == ["new2"]


def test_a_job_too_many_waits_until_one_is_finished(queue: JobQueue, amazon: Amazon) -> None:
    amazon.most_at_once = 2
    refused = threading.Event()
    amazon.when_created = lambda: refused.set() if len(amazon.created) == 2 else None
    # Time stands still meanwhile.
    amazon.when_polled = lambda: refused.wait(WAIT)
    submissions = [queue.submit(with_options(f"GET_{number}"), turn=number) for number in range(4)]

    ids_of(queue, *submissions)

    assert refused.is_set()
    assert list(dict.fromkeys(amazon.types_created)) == ["GET_0", "GET_1", "GET_2", "GET_3"]
    # It is not tried again meanwhile.
    assert 5 <= len(amazon.created) <= 6


def test_a_job_that_amazon_never_takes_is_an_error(queue: JobQueue, amazon: Amazon) -> None:
    amazon.failures_before = [ThrottledError("createReport", status=429)]

    with pytest.raises(ThrottledError):
        queue.wait_for_job(queue.submit(with_options()))


class StoppedClock(FakeClock):
    """A clock on which a stop is requested after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._stops_at = self.monotonic() + seconds

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        if self.monotonic() >= self._stops_at:
            raise SyncInterrupted(15)


@pytest.mark.parametrize("seconds", [0.0, 3.0, 100.0])
def test_a_stop_ends_all_waits(seconds: float) -> None:
    amazon = Amazon(StoppedClock(seconds), seconds=1000.0)
    amazon.failures_after = [None, ServiceError("createReport")]
    queue = queue_of(amazon)
    submissions = [queue.submit(with_options(name)) for name in ("GET_A", "GET_B", "GET_C")]

    for submission in submissions:
        with pytest.raises(SyncInterrupted):
            queue.wait_for_job(submission)


# --- Again -------------------------------------------------------------------------------------


def test_a_useless_job_is_submitted_again(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    amazon.add("there", request().body, created=clock.now() - DAY, seconds=0.0)
    ids: list[str | None] = []
    submission = queue.submit(request(), on_id=lambda submission: ids.append(submission.job_id))
    assert ids_of(queue, submission) == ["there"]

    again = queue.submit_again(submission)

    assert ids_of(queue, again) == ["new1"]
    assert not again.is_reused
    assert ids == ["there", "new1"]
    assert len(amazon.created) == 1


def test_a_job_that_is_useless_to_two_streams_is_submitted_again_once(
    queue: JobQueue, amazon: Amazon
) -> None:
    amazon.add("there", request().body, seconds=0.0)
    submission = queue.submit(request(), known_id="there")
    ids_of(queue, submission)

    again = {id(queue.submit_again(submission)) for _ in range(3)}

    assert len(again) == 1
    assert ids_of(queue, queue.submit_again(submission)) == ["new1"]
    assert len(amazon.created) == 1


def test_each_request_is_submitted_once_a_run(
    queue: JobQueue, amazon: Amazon, clock: FakeClock
) -> None:
    amazon.add("there", of_now().body, seconds=0.0)
    amazon.seconds = FRESH.total_seconds() + 60
    # The queue lists once; by the time of the second request the report is too old.
    assert ids_of(queue, queue.submit(of_now("GET_NOW"))) == ["there"]
    clock.advance(amazon.seconds)

    newer = queue.submit(of_now("GET_NOW", newer_than=START))

    # The same submission as before: one a run.
    assert ids_of(queue, newer) == ["there"]


def test_a_failed_listing_creates_no_second_report() -> None:
    amazon = Amazon(FakeClock())
    client = cast("SellingPartnerClient", amazon)
    queue = JobQueue(client, amazon.clock, REPORTS, pace=PollingPace(), timeout=60.0)
    wanted = [
        ReportRequest(kind(), (one,), start=START, end=START + DAY)
        for one in (US, "A2EUQ1WTGCTBG2")
    ]
    for request in wanted:
        amazon.add(f"of {request.marketplace_ids}", request.body, seconds=0)
    pages, failures = amazon.pages, [ServiceError("getReports", status=500)]

    def failing_once(*about: Any) -> Any:
        if failures:
            raise failures.pop()
        return pages(*about)

    amazon.pages = failing_once  # type: ignore[assignment,method-assign]
    submissions = [queue.submit(request) for request in wanted]
    for submission in submissions:
        with suppress(ServiceError):
            queue.wait_for_job(submission)

    assert amazon.created == []
