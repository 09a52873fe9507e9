from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.amazon.report_types import DateRange, Option, ReportType
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of, parse_timestamp
from tap_amazon_sp.jobs.api import FEEDS, QUERIES, REPORTS, JobApi
from tap_amazon_sp.jobs.requests import FRESH, QueryRequest, ReportRequest

US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
NOW = parse_timestamp("2026-11-21T12:00:00Z")
START, END = parse_timestamp("2026-11-01"), parse_timestamp("2026-11-02")
LAST_INSTANT = END - dt.timedelta(milliseconds=1)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

OF_TIMES = ReportType("GET_OF_TIMES", dates=DateRange("optional"))
OF_NOW = ReportType("GET_OF_NOW", dates=DateRange("none"))
EVERY_FOUR_HOURS = ReportType("GET_SLOW", dates=DateRange("none"), minimum_interval=4 * 3600)
WITH_OPTIONS = ReportType("GET_WITH", options={"a": Option("a")})


def of_times(**about: Any) -> ReportRequest:
    return ReportRequest(OF_TIMES, (US,), **({"start": START, "end": LAST_INSTANT} | about))


def of_now(kind: ReportType = OF_NOW, **about: Any) -> ReportRequest:
    return ReportRequest(kind, (US,), **about)


def report(request: ReportRequest, created: dt.datetime, **changes: Any) -> dict[str, Any]:
    """A report as Amazon lists it, in whole seconds, that a request led to."""
    times = {"dataStartTime": request.start, "dataEndTime": request.end, "createdTime": created}
    return {
        "reportId": "1",
        "reportType": request.type.name,
        "marketplaceIds": list(request.marketplace_ids),
        "processingStatus": "DONE",
        "reportDocumentId": "document",
        **{
            name: format_timestamp(moment.replace(microsecond=0))
            for name, moment in times.items()
            if moment is not None
        },
    } | changes


# --- What is sent ------------------------------------------------------------------------------


def test_a_request_is_sent_in_amazon_s_words() -> None:
    request = ReportRequest(WITH_OPTIONS, (US,), {"a": "1"}, START, LAST_INSTANT)

    assert request.body == {
        "reportType": "GET_WITH",
        "marketplaceIds": [US],
        "reportOptions": {"a": "1"},
        "dataStartTime": "2026-11-01T00:00:00Z",
        "dataEndTime": "2026-11-01T23:59:59.999Z",
    }
    assert request.length == DAY - dt.timedelta(milliseconds=1)
    assert request.label.startswith("GET_WITH from 2026-11-01T00:00:00Z to ")


def test_a_request_without_times_and_options_is_sent_without() -> None:
    assert of_now().body == {"reportType": "GET_OF_NOW", "marketplaceIds": [US]}
    assert of_now().length == dt.timedelta(0)
    assert of_now().label == f"GET_OF_NOW, {US}"


def test_a_query_is_sent_with_the_token_of_its_page() -> None:
    first = QueryRequest("query {a(d: 1)}", "query {a(d: {start})}", START, END)
    second = QueryRequest("query {a(d: 1)}", "query {a(d: {start})}", START, END, "token")

    assert first.body == {"query": "query {a(d: 1)}"}
    assert second.body == {"query": "query {a(d: 1)}", "paginationToken": "token"}
    assert (first.is_further_page, second.is_further_page) == (False, True)
    assert first.length == DAY
    assert "a further page" in second.label


def test_a_subject_identifies_a_request_without_its_time() -> None:
    subjects = {
        request.subject
        for request in (
            of_times(),
            of_now(),
            ReportRequest(OF_TIMES, (CA,)),
            ReportRequest(OF_TIMES, (US,), {"a": "1"}),
            ReportRequest(OF_TIMES, (US,), {"a": "2"}),
            QueryRequest("q", "q"),
            QueryRequest("q", "q", page_token="1"),
            QueryRequest("q", "q", page_token="2"),
        )
    }

    assert len(subjects) == 8
    assert of_times().subject == of_times(start=END, end=NOW, settles=DAY).subject
    # It is in the state of an earlier run, so it is the same in every process.
    assert of_now().subject == "feba3e7679df6d15"
    assert QueryRequest("1", "q").subject == QueryRequest("2", "q").subject


# --- Reports that exist ------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["DONE", "IN_QUEUE", "IN_PROGRESS"])
@pytest.mark.parametrize("created", [END, END + DAY, NOW])
def test_a_report_of_the_same_time_is_used_once_its_data_had_settled(
    status: str, created: dt.datetime
) -> None:
    request = of_times()

    assert request.is_met_by(report(request, created, processingStatus=status), NOW)


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL", "SOMETHING_NEW"])
def test_a_report_that_failed_is_not_used(status: str) -> None:
    request = of_times()

    assert not request.is_met_by(report(request, NOW - MINUTE, processingStatus=status), NOW)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        (END + 3 * DAY - HOUR, False),
        (END + 3 * DAY, True),
        # A new one would be the same.
        (NOW - FRESH, True),
    ],
)
def test_a_report_made_before_its_data_had_settled_is_not_used(
    created: dt.datetime, *, expected: bool
) -> None:
    request = of_times(settles=3 * DAY)

    assert request.is_met_by(report(request, created), NOW) is expected


@pytest.mark.parametrize(("age", "expected"), [(FRESH, True), (FRESH + MINUTE, False)])
def test_a_report_of_the_current_state_is_used_while_it_is_fresh(
    age: dt.timedelta, *, expected: bool
) -> None:
    assert of_now().is_met_by(report(of_now(), NOW - age), NOW) is expected


def test_a_report_that_amazon_makes_rarely_is_fresh_for_longer() -> None:
    request = of_now(EVERY_FOUR_HOURS)

    assert request.is_met_by(report(request, NOW - 4 * HOUR), NOW)
    assert not request.is_met_by(report(request, NOW - 4 * HOUR - MINUTE), NOW)


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
@pytest.mark.parametrize(("age", "expected"), [(4 * HOUR - MINUTE, True), (4 * HOUR, False)])
def test_a_failed_report_is_not_requested_again_while_amazon_makes_no_other(
    status: str, age: dt.timedelta, *, expected: bool
) -> None:
    request = of_now(EVERY_FOUR_HOURS)

    found = request.is_met_by(report(request, NOW - age, processingStatus=status), NOW)

    assert found is expected


def test_a_report_that_was_read_before_is_not_used() -> None:
    read_at = NOW - 10 * MINUTE
    request = of_now(newer_than=read_at)

    assert not request.is_met_by(report(request, read_at), NOW)
    assert request.is_met_by(report(request, read_at + MINUTE), NOW)


def test_a_report_that_was_read_before_is_used_while_amazon_makes_no_other() -> None:
    request = of_now(EVERY_FOUR_HOURS, newer_than=NOW - HOUR)

    assert request.is_met_by(report(request, NOW - HOUR), NOW)
    assert not request.is_met_by(report(request, NOW - 4 * HOUR), NOW)


def test_options_are_not_listed_so_a_report_with_options_is_never_reused() -> None:
    for request in (
        ReportRequest(WITH_OPTIONS, (US,)),
        ReportRequest(OF_NOW, (US,), {"unknown": "1"}),
    ):
        assert request.reusable_since(NOW) is None
        assert not request.is_met_by(report(request, NOW), NOW)


def test_a_query_does_not_say_its_page_so_it_is_never_reused() -> None:
    request = QueryRequest("q", "q")

    assert request.reusable_since(NOW) is None
    assert not request.is_met_by({"query": "q", "processingStatus": "DONE"}, NOW)


@pytest.mark.parametrize(
    ("request_", "since"),
    [
        (of_now(), NOW - FRESH),
        (of_now(EVERY_FOUR_HOURS), NOW - 4 * HOUR),
        (of_times(), LAST_INSTANT),
        (of_times(settles=3 * DAY), LAST_INSTANT + 3 * DAY),
        # Of a time that is just over, a report that was made before it settled may still be fresh.
        (of_times(end=NOW), NOW - FRESH),
    ],
)
def test_reports_are_listed_from_the_first_moment_of_a_usable_one(
    request_: ReportRequest, since: dt.datetime
) -> None:
    assert request_.reusable_since(NOW) == since
    assert request_.listing(since) == {
        "reportTypes": [request_.type.name],
        "pageSize": 100,
        "createdSince": since,
    }


# --- The same ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dataStartTime": "2026-11-01T00:00:01Z", "dataEndTime": "2026-11-02T00:00:00Z"},
        {"dataStartTime": "2026-11-01T01:00:00+01:00"},
        {"dataStartTime": "2026-10-31T23:59:59Z"},
    ],
)
def test_times_are_the_same_within_a_second(changes: dict[str, Any]) -> None:
    assert of_times().matches(report(of_times(), NOW) | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"reportType": "GET_OTHER"},
        {"marketplaceIds": [CA]},
        {"marketplaceIds": [US, CA]},
        {"marketplaceIds": []},
        {"marketplaceIds": None},
        {"dataStartTime": "2026-11-01T00:00:02Z"},
        {"dataStartTime": None},
        {"dataStartTime": "soon"},
        {"dataEndTime": "2026-11-02T00:00:02Z"},
        {"dataEndTime": None},
    ],
)
def test_a_report_that_differs_does_not_match(changes: dict[str, Any]) -> None:
    request = of_times()
    other = report(request, NOW) | changes

    assert not request.matches(other)
    assert not request.is_met_by(other, NOW)


def test_times_of_a_report_of_the_current_state_mean_nothing() -> None:
    times = {"dataStartTime": "2026-01-01T00:00:00Z", "dataEndTime": "2026-02-01T00:00:00Z"}

    assert of_now().matches(report(of_now(), NOW, **times))


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, True),
        ({"dataStartTime": "2026-11-21T11:58:00Z", "dataEndTime": "2026-11-21T12:00:00Z"}, True),
        ({"dataStartTime": "2026-11-20T12:00:00Z", "dataEndTime": "2026-11-21T12:00:00Z"}, False),
    ],
)
def test_a_request_without_times_matches_those_of_the_creation(
    times: dict[str, str], *, expected: bool
) -> None:
    request = ReportRequest(ReportType("GET_UNKNOWN", known=False), (US,))

    assert request.matches(report(request, NOW, **times)) is expected


def test_queries_of_the_same_text_match() -> None:
    assert QueryRequest("q", "t").matches({"query": "q"})
    assert not QueryRequest("q", "t").matches({"query": "t"})
    assert not QueryRequest("q", "t").matches({})


@pytest.mark.parametrize("value", [None, "", "soon", 5, {}])
def test_a_time_that_cannot_be_read_is_none(value: Any) -> None:
    assert moment_of({"createdTime": value}, "createdTime") is None
    assert moment_of({}, "createdTime") is None
    assert moment_of({"createdTime": "2026-11-21T13:00:00+01:00"}, "createdTime") == NOW


# --- What a job is -----------------------------------------------------------------------------

CREATED = {"createdTime": "2026-11-20T00:00:00Z"}
A_REPORT = {**CREATED, "reportId": "1", "processingStatus": "DONE", "reportDocumentId": "a"}
A_QUERY = {**CREATED, "queryId": "1", "processingStatus": "DONE"}
A_FEED = {**CREATED, "feedId": "1", "processingStatus": "DONE", "resultFeedDocumentId": "a"}


@pytest.mark.parametrize(
    ("api", "job"),
    [
        (REPORTS, A_REPORT),
        (REPORTS, {**CREATED, "reportId": "1", "processingStatus": "IN_QUEUE"}),
        (REPORTS, {**CREATED, "reportId": "1", "processingStatus": "FATAL"}),
        (REPORTS, {**CREATED, "reportId": "1", "processingStatus": "CANCELLED", "new": 1}),
        # A query that found nothing has no document.
        (QUERIES, A_QUERY),
        (QUERIES, A_QUERY | {"pagination": {"nextToken": "a"}, "dataDocumentId": "a"}),
        (QUERIES, A_QUERY | {"pagination": {}, "errorDocumentId": None}),
        (FEEDS, A_FEED),
    ],
)
def test_a_job_has_what_amazons_models_require(api: JobApi, job: dict[str, Any]) -> None:
    api.check(job, "1")
    assert api.is_whole(job)


@pytest.mark.parametrize(
    ("api", "job", "mistake"),
    [
        (REPORTS, {}, "no `processingStatus`"),
        (REPORTS, None, "not an object"),
        (REPORTS, [A_REPORT], "not an object"),
        (REPORTS, {"errors": [{"code": "InternalFailure"}]}, "no `processingStatus`"),
        (REPORTS, A_REPORT | {"processingStatus": None}, "no `processingStatus`"),
        (REPORTS, A_REPORT | {"processingStatus": "COMPLETED"}, "an unknown one"),
        (REPORTS, A_REPORT | {"processingStatus": ["DONE"]}, "an unknown one"),
        (REPORTS, A_REPORT | {"reportId": None}, "no `reportId`"),
        (REPORTS, A_REPORT | {"reportId": "2"}, "another `reportId` than the request"),
        (REPORTS, A_REPORT | {"createdTime": None}, "no `createdTime`"),
        (REPORTS, A_REPORT | {"createdTime": "yesterday"}, "not a time"),
        (REPORTS, A_REPORT | {"reportDocumentId": None}, "is DONE, but has no `reportDocumentId`"),
        (REPORTS, A_REPORT | {"reportDocumentId": {"id": "a"}}, "`reportDocumentId` is not an id"),
        (QUERIES, A_QUERY | {"dataDocumentId": ""}, "`dataDocumentId` is not an id"),
        (QUERIES, A_QUERY | {"errorDocumentId": 7}, "`errorDocumentId` is not an id"),
        (QUERIES, A_QUERY | {"pagination": {"nextToken": {"a": 1}}}, "no token that is text"),
        (QUERIES, A_QUERY | {"pagination": "more"}, "no token that is text"),
        (FEEDS, A_FEED | {"resultFeedDocumentId": None}, "has no `resultFeedDocumentId`"),
    ],
)
def test_anything_else_is_not_a_job(api: JobApi, job: Any, mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        api.check(job, "1")
    assert not api.is_whole(job) or job["reportId"] == "2"


def test_a_query_with_an_explanation_of_an_error_has_failed() -> None:
    assert QUERIES.has_failed(A_QUERY | {"errorDocumentId": "a"})
    assert QUERIES.has_failed(A_QUERY | {"processingStatus": "FATAL"})
    assert not QUERIES.has_failed(A_QUERY)
    assert not REPORTS.has_failed(A_REPORT)


@pytest.mark.parametrize("change", [{"processingStatus": "OVER"}, {"reportDocumentId": None}])
def test_a_report_that_the_list_describes_badly_is_not_used(change: dict[str, Any]) -> None:
    request = of_times()

    assert request.is_met_by(report(request, NOW - MINUTE), NOW)
    assert not request.is_met_by(report(request, NOW - MINUTE, **change), NOW)
