from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import Answer, SellingPartnerClient
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
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.timestamps import format_timestamp, parse_timestamp
from tap_amazon_sp.jobs.polling import JobUnfinishedError, PollingPace
from tap_amazon_sp.jobs.queue import (
    MOST_LOST_LOOKS,
    MOST_ORDERING_TRIES,
    MOST_TYPES_LISTED,
    WAIT_BEFORE_LOOKING,
    Desk,
    Order,
)
from tap_amazon_sp.jobs.requests import (
    FRESH,
    QUERIES,
    REPORTS,
    JobApi,
    QueryRequest,
    ReportRequest,
)
from tests.fake_clock import FakeClock

WAIT = 30.0
US = "ATVPDKIKX0DER"
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
START = parse_timestamp("2026-11-01")
PACE = PollingPace(first=2.0)
CREATE, GET, LIST = "createReport", "getReport", "getReports"


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
        self.looks: list[tuple[str, float]] = []
        self.listed: list[Mapping[str, Any]] = []
        self.failures_before: list[BaseException | None] = []
        self.failures_after: list[BaseException | None] = []
        self.failures_of_looks: dict[str, BaseException] = {}
        self.when_created: Callable[[], object] = int
        self.when_looked_at: Callable[[], object] = int
        self.most_at_once = 1000

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        if body is not None:
            return self._create(operation, body)
        (job_id,) = (parameters or {}).values()
        self.when_looked_at()
        self.looks.append((job_id, self.clock.monotonic()))
        if job_id in self.failures_of_looks:
            raise self.failures_of_looks[job_id]
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
        """Take in a job that somebody else asked for, or a run before this one."""
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
        return {**job, name: job_id, "processingStatus": status}

    @property
    def types_created(self) -> list[str]:
        return [body["reportType"] for body in self.created]

    def looks_at(self, job_id: str) -> list[float]:
        return [at for looked_at, at in self.looks if looked_at == job_id]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def amazon(clock: FakeClock) -> Amazon:
    return Amazon(clock)


@pytest.fixture
def desk(amazon: Amazon) -> Desk:
    return desk_of(amazon)


def desk_of(amazon: Amazon, api: JobApi = REPORTS, *, timeout: float = 7200.0) -> Desk:
    client = cast("SellingPartnerClient", amazon)
    return Desk(client, amazon.clock, api, pace=PACE, timeout=timeout)


def kind(name: str = "GET_A", **about: Any) -> ReportType:
    return ReportType(name, **({"dates": DateRange("optional")} | about))


def request(
    name: str = "GET_A", *, days: float = 1, number: int = 0, **about: Any
) -> ReportRequest:
    start = START + number * DAY
    return ReportRequest(kind(name), (US,), start=start, end=start + days * DAY, **about)


def with_options(name: str = "GET_A") -> ReportRequest:
    """A request for which no report that is there will do."""
    return ReportRequest(kind(name, options={"a": Option("a")}), (US,), start=START)


def of_now(name: str = "GET_NOW", **about: Any) -> ReportRequest:
    return ReportRequest(kind(name, dates=DateRange("none")), (US,), **about)


def ids_of(desk: Desk, *orders: Order) -> list[str]:
    return [str(desk.result(order)["reportId"]) for order in orders]


# --- Ordering ----------------------------------------------------------------------------------


def test_what_is_ordered_is_created_and_waited_for(desk: Desk, amazon: Amazon) -> None:
    heard: list[str | None] = []

    order = desk.order(request(), hear=lambda order: heard.append(order.job_id))
    assert amazon.created == []
    job = desk.result(order)

    assert amazon.created == [request().body]
    assert (job["reportId"], job["processingStatus"]) == ("new1", "DONE")
    assert heard == ["new1"]
    assert not order.was_there


@pytest.mark.parametrize("status", ["DONE", "CANCELLED", "FATAL"])
def test_a_job_is_returned_however_it_ended(desk: Desk, amazon: Amazon, status: str) -> None:
    amazon.add("old", {"reportType": "GET_A"}, ends_as=status)

    job = desk.result(desk.order(request(), known_id="old"))

    assert job["processingStatus"] == status


def test_the_next_of_every_stream_goes_before_the_second_of_any(desk: Desk, amazon: Amazon) -> None:
    orders = [
        desk.order(with_options("GET_SECOND"), turn=1, expected=900.0),
        desk.order(with_options("GET_FIRST"), turn=0, expected=1.0),
    ]

    ids_of(desk, *orders)

    assert amazon.types_created == ["GET_FIRST", "GET_SECOND"]


def test_what_takes_longest_goes_first(desk: Desk, amazon: Amazon) -> None:
    orders = [
        desk.order(request("GET_SHORT", days=1)),
        desk.order(request("GET_LONG", days=30)),
        desk.order(request("GET_SLOW", days=1), expected=300.0),
        desk.order(request("GET_SLOWER", days=1), expected=600.0),
        # As long as the second: first come, first served.
        desk.order(request("GET_LONG_TOO", days=30)),
        desk.order(of_now("GET_OF_NOW")),
    ]

    ids_of(desk, *orders)

    assert amazon.types_created == [
        "GET_SLOWER",
        "GET_SLOW",
        "GET_LONG",
        "GET_LONG_TOO",
        "GET_SHORT",
        "GET_OF_NOW",
    ]


def test_all_that_is_announced_is_ordered_before_anything_is_placed(
    desk: Desk, amazon: Amazon
) -> None:
    orders: dict[int, Order] = {}
    amazon.when_created = lambda: orders_seen.append(len(orders))
    orders_seen: list[int] = []

    def plan(number: int) -> Callable[[], int]:
        def order() -> int:
            orders[number] = desk.order(with_options(f"GET_{number}"), expected=float(number))
            return number

        return order

    plans = [desk.announce(plan(number)) for number in range(5)]
    # Nobody wants a result yet.
    assert orders == {}
    assert [desk.wait_for(made) for made in plans] == [0, 1, 2, 3, 4]
    ids_of(desk, *orders.values())

    assert orders_seen == [5] * 5
    assert amazon.types_created == ["GET_4", "GET_3", "GET_2", "GET_1", "GET_0"]


def test_a_plan_that_fails_leaves_the_others(desk: Desk) -> None:
    def fail() -> None:
        raise ValueError

    failing, working = desk.announce(fail), desk.announce(lambda: desk.order(request()))

    with pytest.raises(ValueError, match=r"^$"):
        desk.wait_for(failing)
    assert ids_of(desk, desk.wait_for(working)) == ["new1"]


def test_two_streams_that_want_the_same_share_an_order(desk: Desk, amazon: Amazon) -> None:
    heard: list[str] = []
    first = desk.order(with_options(), hear=lambda order: heard.append(f"first {order.job_id}"))
    second = desk.order(with_options(), hear=lambda order: heard.append(f"second {order.job_id}"))
    other = desk.order(with_options("GET_B"))

    assert first is second
    ids_of(desk, first, second, other)

    assert sorted(amazon.types_created) == ["GET_A", "GET_B"]
    assert sorted(heard) == [f"first {first.job_id}", f"second {first.job_id}"]


def test_who_comes_later_hears_the_id_at_once(desk: Desk, amazon: Amazon) -> None:
    ids_of(desk, desk.order(request()))
    heard: list[str | None] = []

    order = desk.order(request(), hear=lambda order: heard.append(order.job_id))

    assert heard == ["new1"]
    assert ids_of(desk, order) == ["new1"]
    assert len(amazon.created) == 1


def test_a_desk_works_again_after_it_had_nothing_to_do(desk: Desk, amazon: Amazon) -> None:
    assert ids_of(desk, desk.order(request())) == ["new1"]
    before = [thread.name for thread in threading.enumerate() if thread.name.startswith("report")]

    assert ids_of(desk, desk.order(request(number=1))) == ["new2"]

    # Threads that have nothing to do end.
    assert len(before) <= 2
    assert len(amazon.created) == 2


def test_what_is_ordered_ahead_is_placed_while_nobody_waits(desk: Desk, amazon: Amazon) -> None:
    placed = threading.Event()
    ids_of(desk, desk.order(request()))
    amazon.when_created = placed.set

    # As a stream does that goes on to read a large document, which is there already.
    desk.order(request(number=1))

    assert placed.wait(0.3)


# --- Ids from the state ------------------------------------------------------------------------


def test_what_was_ordered_before_is_collected(desk: Desk, amazon: Amazon, clock: FakeClock) -> None:
    amazon.add("old", request().body, seconds=0.0)
    heard: list[str | None] = []

    order = desk.order(request(), known_id="old", hear=lambda order: heard.append(order.job_id))

    assert heard == ["old"]
    assert ids_of(desk, order) == ["old"]
    assert (amazon.created, amazon.listed) == ([], [])
    assert order.was_there
    # It may be over for long.
    assert amazon.looks_at("old") == [clock.monotonic()]


@pytest.mark.parametrize("error", [NotFoundError("getReport"), InvalidRequestError("getReport")])
def test_what_was_ordered_before_and_is_there_no_more_is_ordered_anew(
    desk: Desk, amazon: Amazon, error: Exception
) -> None:
    amazon.failures_of_looks["gone"] = error
    heard: list[str | None] = []

    order = desk.order(request(), known_id="gone", hear=lambda order: heard.append(order.job_id))

    assert ids_of(desk, order) == ["new1"]
    assert heard == ["gone", "new1"]
    assert not order.was_there
    assert len(amazon.created) == 1


def test_an_id_that_only_the_second_knows_is_that_of_both(desk: Desk, amazon: Amazon) -> None:
    amazon.add("old", with_options().body)
    heard: list[str] = []

    first = desk.order(with_options(), hear=lambda order: heard.append(f"first {order.job_id}"))
    second = desk.order(
        with_options(),
        known_id="old",
        hear=lambda order: heard.append(f"second {order.job_id}"),
    )

    assert ids_of(desk, first, second) == ["old", "old"]
    assert sorted(heard) == ["first old", "second old"]
    assert amazon.created == []


def test_what_vanishes_in_the_run_that_created_it_is_an_error(desk: Desk, amazon: Amazon) -> None:
    order = desk.order(request(), hear=lambda order: amazon.jobs.pop(str(order.job_id)))

    with pytest.raises(NotFoundError):
        desk.result(order)
    assert len(amazon.created) == 1


# --- Reports that are there --------------------------------------------------------------------


def test_a_report_that_will_do_is_taken(desk: Desk, amazon: Amazon, clock: FakeClock) -> None:
    amazon.add("there", request().body, created=clock.now() - DAY, seconds=0.0)
    heard: list[str | None] = []

    order = desk.order(request(), hear=lambda order: heard.append(order.job_id))

    assert ids_of(desk, order) == ["there"]
    assert (amazon.created, amazon.looks, heard) == ([], [], ["there"])
    assert order.was_there


def test_a_report_that_is_being_made_is_waited_for(desk: Desk, amazon: Amazon) -> None:
    amazon.add("there", request().body, seconds=50.0)

    assert ids_of(desk, desk.order(request())) == ["there"]
    assert amazon.created == []
    assert len(amazon.looks) > 1


def test_the_newest_report_that_will_do_is_taken(
    desk: Desk, amazon: Amazon, clock: FakeClock
) -> None:
    for number, age in enumerate((25, 5, 15)):
        amazon.add(str(number), of_now().body, created=clock.now() - age * MINUTE, seconds=0.0)
    amazon.add(
        "failed", of_now().body, created=clock.now() - MINUTE, seconds=0.0, ends_as="CANCELLED"
    )

    assert ids_of(desk, desk.order(of_now())) == ["1"]


@pytest.mark.parametrize(
    "about",
    [
        {"marketplaceIds": ["A2EUQ1WTGCTBG2"]},
        {"dataEndTime": "2026-11-03T00:00:00Z"},
        {"ends_as": "FATAL"},
        {"ends_as": "CANCELLED"},
    ],
)
def test_a_report_that_will_not_do_is_not_taken(
    desk: Desk, amazon: Amazon, about: dict[str, Any]
) -> None:
    amazon.add("there", request().body, seconds=0.0, **about)

    assert ids_of(desk, desk.order(request())) == ["new1"]


def test_a_report_whose_options_are_unknown_is_not_looked_for(desk: Desk, amazon: Amazon) -> None:
    amazon.add("there", with_options().body, seconds=0.0)

    assert ids_of(desk, desk.order(with_options())) == ["new1"]
    assert amazon.listed == []


def test_reports_of_ten_types_are_listed_in_a_call(
    desk: Desk, amazon: Amazon, clock: FakeClock
) -> None:
    orders = [
        desk.order(request(f"GET_{number:02}", number=day))
        for number in range(25)
        for day in (3, 1)
    ]
    orders.append(desk.order(with_options("GET_WITH")))
    for order in orders[:20]:
        job_id = f"of {order.request.label}"
        amazon.add(job_id, order.request.body, created=clock.now() - DAY, seconds=0.0)

    ids = ids_of(desk, *orders)

    assert [len(parameters["reportTypes"]) for parameters in amazon.listed] == [10, 10, 5]
    assert MOST_TYPES_LISTED == 10
    names = [name for parameters in amazon.listed for name in parameters["reportTypes"]]
    assert len(set(names)) == 25
    assert "GET_WITH" not in names
    # From when on the oldest of them may have been made.
    assert {parameters["createdSince"] for parameters in amazon.listed} == {START + 2 * DAY}
    assert [job_id.startswith("of ") for job_id in ids] == [True] * 20 + [False] * 31
    assert len(amazon.created) == 31


# --- Answers that are lost ---------------------------------------------------------------------


def test_a_report_whose_answer_was_lost_is_found_and_not_ordered_twice(
    desk: Desk, amazon: Amazon, clock: FakeClock
) -> None:
    # Others of the type, of an earlier run: none is this one.
    amazon.add("before", with_options().body, created=clock.now() - MINUTE, seconds=0.0)
    amazon.add("other", with_options().body | {"marketplaceIds": ["A1"]})
    amazon.failures_after = [ServiceError("createReport", status=500)]

    order = desk.order(with_options())

    assert ids_of(desk, order) == ["new1"]
    assert len(amazon.created) == 1
    assert clock.sleeps[0] == WAIT_BEFORE_LOOKING
    assert len(amazon.listed) == 1


def test_a_report_that_was_not_taken_in_is_ordered_again(desk: Desk, amazon: Amazon) -> None:
    amazon.failures_before = [ServiceError("createReport"), ServiceError("createReport")]

    assert ids_of(desk, desk.order(request())) == ["new3"]
    assert amazon.created == [request().body] * 3


def test_a_report_that_is_lost_again_and_again_is_an_error(desk: Desk, amazon: Amazon) -> None:
    amazon.failures_before = [ServiceError("createReport", status=503)] * MOST_ORDERING_TRIES
    failing = desk.order(request("GET_A"), turn=0)
    other = desk.order(request("GET_B"), turn=1)

    with pytest.raises(ServiceError, match="503"):
        desk.result(failing)
    assert len(ids_of(desk, other)) == 1
    assert amazon.types_created == ["GET_A"] * 3 + ["GET_B"]


def test_an_order_takes_no_report_of_another(desk: Desk, amazon: Amazon) -> None:
    # A query does not say which of its pages it is.
    desk = desk_of(amazon, QUERIES)
    first, second = QueryRequest("q", "q"), QueryRequest("q", "q", page_token="2")
    amazon.failures_before = [None, ServiceError("createQuery")]

    orders = [desk.order(first, turn=0), desk.order(second, turn=1)]
    jobs = [desk.result(order) for order in orders]

    assert [job["queryId"] for job in jobs] == ["new1", "new3"]


def test_a_report_that_was_created_within_the_same_second_is_found(
    desk: Desk, amazon: Amazon, clock: FakeClock
) -> None:
    clock.advance(0.7)
    amazon.failures_after = [ServiceError("createReport", status=500)]

    assert ids_of(desk, desk.order(with_options())) == ["new1"]
    assert len(amazon.created) == 1


# --- Looking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 1.0, 30.0, 300.0, 3000.0])
def test_a_job_is_found_late_by_a_share_of_its_time_at_most(
    desk: Desk, amazon: Amazon, seconds: float
) -> None:
    amazon.seconds = seconds

    order = desk.order(with_options())
    desk.result(order)

    late = amazon.looks_at("new1")[-1] - (order.since + seconds)
    assert 0 <= late <= max(PACE.first, min(seconds * PACE.share, PACE.longest)) + 0.001


@pytest.mark.parametrize(("seconds", "most"), [(30.0, 16), (300.0, 75), (3000.0, 145)])
def test_the_number_of_looks_grows_slowly(
    desk: Desk, amazon: Amazon, seconds: float, most: int
) -> None:
    amazon.seconds = seconds

    desk.result(desk.order(with_options()))

    assert 5 < len(amazon.looks) <= most


def test_all_jobs_together_are_looked_at_no_more_than_amazon_allows(
    desk: Desk, amazon: Amazon
) -> None:
    amazon.seconds, amazon.rate, count = 300.0, 0.5, 40
    for number in range(count):
        amazon.add(f"old{number}", request(number=number).body)
    orders = [desk.order(request(number=n), known_id=f"old{n}") for n in range(count)]

    ids_of(desk, *orders)

    times = sorted(at for _, at in amazon.looks)
    for begin in times:
        looks = sum(begin <= at < begin + 60.0 for at in times)
        assert looks <= 60.0 * amazon.rate + count
    # Beside the first looks and the last ones.
    assert len(times) <= (times[-1] - times[0]) * amazon.rate + 2 * count


def test_a_job_that_is_over_early_is_not_kept_waiting_by_slow_ones(
    desk: Desk, amazon: Amazon
) -> None:
    amazon.add("slow", request(number=1).body, seconds=2000.0)
    slow = desk.order(request(number=1), known_id="slow")
    amazon.add("quick", request(number=2).body, seconds=20.0)
    quick = desk.order(request(number=2), known_id="quick")

    assert ids_of(desk, quick) == ["quick"]
    assert amazon.looks_at("quick")[-1] <= quick.since + 20.0 + PACE.first + 0.001
    assert ids_of(desk, slow) == ["slow"]


@pytest.mark.parametrize("timeout", [5.0, 100.0, 1000.0])
def test_a_job_is_waited_for_no_longer_than_the_timeout(amazon: Amazon, timeout: float) -> None:
    desk = desk_of(amazon, timeout=timeout)
    amazon.seconds = timeout + 1.0
    too_late = desk.order(with_options())

    with pytest.raises(JobUnfinishedError) as caught:
        desk.result(too_late)

    assert caught.value.job["reportId"] == too_late.job_id
    assert caught.value.waited == pytest.approx(timeout)
    looks = amazon.looks_at(str(too_late.job_id))
    assert looks[-1] - too_late.since == pytest.approx(timeout)
    # Nobody looks any more.
    amazon.seconds = 0.0
    ids_of(desk, desk.order(with_options("GET_B")))
    assert amazon.looks_at(str(too_late.job_id)) == looks


def test_a_job_that_is_over_with_the_timeout_is_in_time(amazon: Amazon) -> None:
    desk = desk_of(amazon, timeout=100.0)
    amazon.seconds = 100.0

    assert ids_of(desk, desk.order(with_options())) == ["new1"]


# --- Errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [InvalidRequestError("createReport"), AccessDeniedError("createReport")]
)
def test_an_order_that_amazon_refuses_leaves_the_others(
    desk: Desk, amazon: Amazon, error: SellingPartnerError
) -> None:
    amazon.failures_before = [error]
    refused, other = desk.order(request("GET_A")), desk.order(request("GET_B"))

    with pytest.raises(type(error)):
        desk.result(refused)
    # Whoever asks again hears the same.
    with pytest.raises(type(error)):
        desk.result(desk.order(request("GET_A")))
    assert ids_of(desk, other) == ["new2"]


@pytest.mark.parametrize(
    "error", [AccessDeniedError("getReport"), ServiceError("getReport"), AuthenticationError("x")]
)
def test_a_look_that_fails_leaves_the_others(desk: Desk, amazon: Amazon, error: Exception) -> None:
    for name in ("bad", "good"):
        amazon.add(name, request(name).body)
    amazon.failures_of_looks["bad"] = error
    bad, good = (desk.order(request(name), known_id=name) for name in ("bad", "good"))

    with pytest.raises(type(error)):
        desk.result(bad)
    assert ids_of(desk, good) == ["good"]
    # Where no answer comes, it is looked at again for some minutes.
    tries = 1 + MOST_LOST_LOOKS if isinstance(error, ServiceError) else 1
    assert len(amazon.looks_at("bad")) == tries


def test_a_job_outlasts_minutes_without_answers(desk: Desk, amazon: Amazon) -> None:
    amazon.seconds = 600.0
    amazon.add("old", request().body)
    order = desk.order(request(), known_id="old")
    failures = [ServiceError("getReport")] * (MOST_LOST_LOOKS - 1)

    def come_and_go() -> None:
        # Once in a while a look succeeds.
        amazon.failures_of_looks.clear()
        if failures:
            amazon.failures_of_looks["old"] = failures.pop()

    amazon.when_looked_at = come_and_go

    assert desk.result(order)["processingStatus"] == "DONE"
    assert not failures


def test_an_order_without_access_ends_with_that(desk: Desk, amazon: Amazon) -> None:
    amazon.failures_before = [AuthenticationError("expired")] * 2
    orders = [desk.order(request(name)) for name in ("GET_A", "GET_B")]

    for order in orders:
        with pytest.raises(AuthenticationError, match="expired"):
            desk.result(order)
    assert len(amazon.created) == 2


def test_a_fault_of_the_looker_is_raised_by_all_who_wait(desk: Desk, amazon: Amazon) -> None:
    for name in ("bad", "good"):
        amazon.add(name, request(name).body)
    amazon.failures_of_looks["bad"] = ZeroDivisionError()
    are_ordered = threading.Event()
    amazon.when_looked_at = lambda: are_ordered.wait(WAIT)
    orders = [desk.order(request(name), known_id=name) for name in ("bad", "good")]
    are_ordered.set()

    for order in orders:
        with pytest.raises(ZeroDivisionError):
            desk.result(order)
    # And the desk is of use again.
    amazon.failures_of_looks.clear()
    assert ids_of(desk, desk.order(request("GET_C"))) == ["new1"]


def test_who_cannot_hear_an_id_leaves_the_others(desk: Desk) -> None:
    def fail(_: Order) -> None:
        raise OSError

    deaf = desk.order(request("GET_A"), turn=0, hear=fail)
    other = desk.order(request("GET_B"), turn=1)

    with pytest.raises(OSError, match=r"^$"):
        desk.result(deaf)
    assert ids_of(desk, other) == ["new2"]


def test_an_order_too_many_waits_until_one_is_over(desk: Desk, amazon: Amazon) -> None:
    amazon.most_at_once = 2
    refused = threading.Event()
    amazon.when_created = lambda: refused.set() if len(amazon.created) == 2 else None
    # Time stands still meanwhile.
    amazon.when_looked_at = lambda: refused.wait(WAIT)
    orders = [desk.order(with_options(f"GET_{number}"), turn=number) for number in range(4)]

    ids_of(desk, *orders)

    assert refused.is_set()
    assert list(dict.fromkeys(amazon.types_created)) == ["GET_0", "GET_1", "GET_2", "GET_3"]
    # Not again and again meanwhile.
    assert 5 <= len(amazon.created) <= 6


def test_an_order_that_amazon_takes_at_no_time_is_an_error(desk: Desk, amazon: Amazon) -> None:
    amazon.failures_before = [ThrottledError("createReport", status=429)]

    with pytest.raises(ThrottledError):
        desk.result(desk.order(with_options()))


class StoppedClock(FakeClock):
    """A clock on which a stop is asked for after so many seconds."""

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
    desk = desk_of(amazon)
    orders = [desk.order(with_options(name)) for name in ("GET_A", "GET_B", "GET_C")]

    for order in orders:
        with pytest.raises(SyncInterrupted):
            desk.result(order)


# --- Again -------------------------------------------------------------------------------------


def test_what_is_of_no_use_is_ordered_again(desk: Desk, amazon: Amazon, clock: FakeClock) -> None:
    amazon.add("there", request().body, created=clock.now() - DAY, seconds=0.0)
    heard: list[str | None] = []
    order = desk.order(request(), hear=lambda order: heard.append(order.job_id))
    assert ids_of(desk, order) == ["there"]

    again = desk.order_again(order)

    assert ids_of(desk, again) == ["new1"]
    assert not again.was_there
    assert heard == ["there", "new1"]
    assert len(amazon.created) == 1


def test_what_two_streams_found_of_no_use_is_ordered_again_once(desk: Desk, amazon: Amazon) -> None:
    amazon.add("there", request().body, seconds=0.0)
    order = desk.order(request(), known_id="there")
    ids_of(desk, order)

    again = {id(desk.order_again(order)) for _ in range(3)}

    assert len(again) == 1
    assert ids_of(desk, desk.order_again(order)) == ["new1"]
    assert len(amazon.created) == 1


def test_what_is_fresh_is_not_taken_for_ever(desk: Desk, amazon: Amazon, clock: FakeClock) -> None:
    amazon.add("there", of_now().body, seconds=0.0)
    amazon.seconds = FRESH.total_seconds() + 60
    # The desk lists once; by the time of the second it is too old.
    assert ids_of(desk, desk.order(of_now("GET_NOW"))) == ["there"]
    clock.advance(amazon.seconds)

    newer = desk.order(of_now("GET_NOW", newer_than=START))

    # The same order as before: one a run.
    assert ids_of(desk, newer) == ["there"]


def test_a_list_that_cannot_be_had_leads_to_no_second_order() -> None:
    amazon = Amazon(FakeClock())
    client = cast("SellingPartnerClient", amazon)
    desk = Desk(client, amazon.clock, REPORTS, pace=PollingPace(), timeout=60.0)
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
    orders = [desk.order(request) for request in wanted]
    for order in orders:
        with suppress(ServiceError):
            desk.result(order)

    assert amazon.created == []
