"""Reports that Amazon makes by itself: each is read once, or said to be missing."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    NotFoundError,
    RefusedDocumentError,
    ReportsMissingError,
    ServiceError,
    UnreadableDocumentError,
)
from tap_amazon_sp.amazon.retry import BUDGET_USED_UP
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE
from tap_amazon_sp.reading import listed_documents
from tap_amazon_sp.reading.documents import DocumentStream
from tap_amazon_sp.reading.listed_documents import (
    MISSING,
    READ_BEFORE,
    UNREAD,
    ListedDocumentsReader,
)
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.reading.test_documents import StubbedDocument

SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
GET_DOCUMENT = "reports_2021-06-30.getReportDocument"
NAME = "report_v2_settlement_report_data_flat_file_v2"
SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US"],
    "reports": [SETTLEMENTS],
}
HOUR = dt.timedelta(hours=1)
HEADER = "settlement-id\ttotal-amount\n"
HOURS_AGO = {"R1": 30, "R2": 20, "R3": 10}
"""When Amazon made each report."""


class BrokenDocument(StubbedDocument):
    """A document whose download fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"")
        self._error = error

    def __enter__(self) -> BrokenDocument:  # noqa: PYI034 - as in the class
        raise self._error


class Runs:
    """Runs of the stream, one after the other, with the state of the one before."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.read: list[str] = []
        self.since: list[dt.datetime] = []
        self.began_at = FakeClock().now()
        self.passed = dt.timedelta(0)
        self._statuses: Mapping[str, str] = {}
        self._gone: tuple[str, ...] = ()
        self._unreadable: tuple[str, ...] = ()
        self.error: Exception | None = None
        self.hours_ago = dict(HOURS_AGO)
        self.tried: list[str] = []

    def run(
        self,
        *,
        after: dt.timedelta = HOUR,
        gone: tuple[str, ...] = (),
        unreadable: tuple[str, ...] = (),
        **statuses: str | None,
    ) -> list[str]:
        """Read; return the reports that were read.

        Args:
            after: The time since the run before.
            gone: Reports without a document.
            unreadable: Reports whose document is none; if `error` is set, it is raised for them.
            statuses: The statuses of the reports, which are DONE by default; None if a report is
                not listed.
        """
        self.passed += after
        all_statuses: dict[str, str | None] = dict.fromkeys(self.hours_ago, "DONE")
        all_statuses |= statuses
        self._statuses = {one: status for one, status in all_statuses.items() if status}
        self._gone, self._unreadable = gone, unreadable
        clock = FakeClock(self.began_at + self.passed)
        tap = TapAmazonSP(config=SETTINGS, state=json.loads(json.dumps(self.state)), clock=clock)
        stream = tap.streams[NAME]
        assert isinstance(stream, DocumentStream)
        stream.client.pages = self._pages  # type: ignore[method-assign]
        stream.connection._found["documents"] = self
        first = len(self.read)
        output = io.StringIO()
        try:
            with redirect_stdout(output):
                for page in stream.reader.pages():
                    assert page
                # As a run does, after all is read.
                if (failure := stream.shortfalls.failure()) is not None:
                    raise failure
        finally:
            for line in output.getvalue().splitlines():
                message = json.loads(line)
                if message["type"] == "STATE":
                    self.state = message["value"]
        return self.read[first:]

    @property
    def of_stream(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state["bookmarks"][NAME]
        return found

    def _pages(
        self, operation: Operation, parameters: Mapping[str, Any]
    ) -> Iterator[list[dict[str, Any]]]:
        assert operation.name == "getReports"
        self.since.append(parameters["createdSince"])
        for report_id, status in self._statuses.items():
            created = self.began_at - self.hours_ago[report_id] * HOUR
            report = {
                "reportId": report_id,
                "reportType": SETTLEMENTS,
                "createdTime": format_timestamp(created),
                "processingStatus": status,
            }
            if status == "DONE":
                report["reportDocumentId"] = report_id
            if created >= parameters["createdSince"]:
                yield [report]

    def of_report(self, document_id: str, **_: Any) -> StubbedDocument:
        if document_id in self._gone:
            raise NotFoundError(GET_DOCUMENT, status=404)
        self.tried.append(document_id)
        if document_id in self._unreadable:
            if self.error is not None:
                return BrokenDocument(self.error)
            return StubbedDocument(HEADER + "\t" * 10_000 + "\n")
        self.read.append(document_id)
        return StubbedDocument(HEADER + "1\t2.0\n")


@pytest.fixture
def runs() -> Runs:
    return Runs()


def test_each_report_is_read_once(runs: Runs) -> None:
    assert runs.run() == ["R1", "R2", "R3"]
    assert runs.run() == []
    assert {UNREAD, MISSING}.isdisjoint(runs.of_stream)


def test_a_recent_report_that_is_not_finished_is_waited_for(runs: Runs) -> None:
    assert runs.run(R2="IN_PROGRESS") == ["R1"]
    assert runs.run() == ["R2", "R3"]


def test_a_report_that_is_finished_after_more_than_a_day_is_read(
    runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    assert runs.run(R1="IN_QUEUE") == ["R2", "R3"]
    assert list(runs.of_stream[UNREAD]) == ["R1"]
    assert "Report R1 is still IN_QUEUE: a later run reads it" in caplog.text
    assert runs.run(R1="IN_PROGRESS") == []
    assert runs.run() == ["R1"]
    assert UNREAD not in runs.of_stream
    assert runs.run() == []


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
def test_a_report_may_also_end_without_rows_after_a_day(runs: Runs, status: str) -> None:
    runs.run(R1="IN_QUEUE")

    if status == "FATAL":
        with pytest.raises(ReportsMissingError):
            runs.run(R1=status)
    else:
        runs.run(R1=status)

    assert UNREAD not in runs.of_stream
    assert runs.run(R1=status) == []


def test_a_report_that_failed_fails_the_stream_once(runs: Runs) -> None:
    with pytest.raises(ReportsMissingError, match="Report R2 is missing: it is FATAL"):
        runs.run(R2="FATAL")

    assert runs.read == ["R1", "R3"]
    assert runs.run(R2="FATAL") == []


def test_a_report_of_a_time_without_data_fails_nothing(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unavailable = "The requested data is unavailable. Please try a different date range"
    monkeypatch.setattr(ListedDocumentsReader, "explanation", lambda *_: unavailable)

    assert runs.run(R2="FATAL") == ["R1", "R3"]

    assert f"Report R2 has no rows: {unavailable}" in caplog.text
    assert runs.run() == []


def test_a_cancelled_report_has_no_data(runs: Runs) -> None:
    assert runs.run(R2="CANCELLED") == ["R1", "R3"]


def test_a_document_that_is_gone_fails_the_stream_once_and_is_tried_again(
    runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with pytest.raises(ReportsMissingError, match=r"Report R2 is missing: .*HTTP 404"):
        runs.run(gone=("R2",))
    assert runs.read == ["R1", "R3"]
    assert list(runs.of_stream[MISSING]) == ["R2"]

    assert runs.run(gone=("R2",)) == []
    assert "Report R2 is not read" in caplog.text
    assert MISSING not in runs.of_stream
    # It is given up.
    assert runs.run() == []


def test_a_document_that_was_gone_for_a_while_is_read(runs: Runs) -> None:
    with pytest.raises(ReportsMissingError):
        runs.run(gone=("R1", "R3"))

    assert runs.run() == ["R1", "R3"]
    assert runs.run() == []


def test_a_report_that_amazon_never_finishes_is_missing_once_it_is_no_longer_listed(
    runs: Runs,
) -> None:
    runs.run(R1="IN_QUEUE")
    runs.run(R1="IN_QUEUE", after=MAX_LISTED_AGE - 40 * HOUR)

    with pytest.raises(ReportsMissingError, match="R1 is missing: Amazon no longer lists it"):
        runs.run(after=20 * HOUR)
    assert runs.run() == []
    assert min(runs.since) >= runs.began_at - MAX_LISTED_AGE


@pytest.mark.parametrize("found", [None, {}, {"R1": None}, {"R1": "yesterday"}])
def test_a_state_that_says_something_odd_of_reports_is_survived(runs: Runs, found: Any) -> None:
    runs.run(R3=None)
    runs.of_stream.update({UNREAD: found, MISSING: found, READ_BEFORE: found})

    assert "R3" in runs.run()


def test_a_document_that_cannot_be_read_keeps_no_other_waiting(runs: Runs) -> None:
    with pytest.raises(UnreadableDocumentError, match="Report R1: it has a line of more than"):
        runs.run(unreadable=("R1",))
    assert runs.read == ["R2", "R3"]
    assert list(runs.of_stream[UNREAD]) == ["R1"]

    runs.hours_ago["R4"] = 0
    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=("R1",))
    assert runs.read == ["R2", "R3", "R4"]

    assert runs.run() == ["R1"]
    assert UNREAD not in runs.of_stream
    assert runs.run() == []


def test_a_document_that_never_can_be_read_is_tried_until_amazon_forgets_the_report(
    runs: Runs,
) -> None:
    for _ in range(3):
        with pytest.raises(UnreadableDocumentError):
            runs.run(unreadable=("R1",))

    with pytest.raises(ReportsMissingError, match="R1 is missing: Amazon no longer lists it"):
        runs.run(after=MAX_LISTED_AGE - 20 * HOUR)
    assert runs.run() == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ServiceError(GET_DOCUMENT, status=503), ServiceError),
        (InvalidRequestError(GET_DOCUMENT, status=400, code="InvalidInput"), RefusedDocumentError),
    ],
)
def test_a_download_that_fails_keeps_no_other_waiting(
    runs: Runs, error: Exception, told: type[Exception]
) -> None:
    runs.error = error

    with pytest.raises(told, match="Report R2"):
        runs.run(unreadable=("R2",))

    assert runs.read == ["R1", "R3"]
    assert runs.run() == ["R2"]


def test_a_document_that_cannot_be_read_and_then_is_gone_is_tried_once_more(runs: Runs) -> None:
    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=("R2",))
    with pytest.raises(ReportsMissingError):
        runs.run(gone=("R2",))
    assert UNREAD not in runs.of_stream
    assert list(runs.of_stream[MISSING]) == ["R2"]

    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=("R2",))
    assert MISSING not in runs.of_stream
    assert runs.run() == ["R2"]


def test_nothing_is_left_behind_when_the_time_for_tries_is_over(runs: Runs) -> None:
    runs.error = ServiceError(GET_DOCUMENT, status=503).with_note(BUDGET_USED_UP)

    with pytest.raises(ServiceError):
        runs.run(unreadable=("R2",))

    assert runs.read == ["R1"]
    assert UNREAD not in runs.of_stream
    assert runs.run() == ["R2", "R3"]


def test_after_five_failures_in_a_row_the_next_run_goes_on(runs: Runs) -> None:
    runs.hours_ago = {f"R{number}": 20 - number for number in range(1, 10)}
    broken = tuple(f"R{number}" for number in range(1, 8))

    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=broken)
    assert list(runs.of_stream[UNREAD]) == ["R1", "R2", "R3", "R4", "R5"]

    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=broken)
    assert runs.read == ["R8", "R9"]
    # Each has its turn, so that none that is healed waits for those that are not.
    assert runs.tried[-5:] == ["R1", "R2", "R3", "R4", "R5"]
    assert list(runs.of_stream[UNREAD]) == ["R6", "R7", "R1", "R2", "R3", "R4", "R5"]
    runs.tried.clear()
    with pytest.raises(UnreadableDocumentError):
        runs.run(unreadable=broken)
    assert runs.tried == ["R6", "R7", "R1", "R2", "R3"]

    assert set(runs.run()) == set(broken)
    assert UNREAD not in runs.of_stream


def test_the_state_lists_a_limited_number_of_reports(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_documents, "MAX_LEFT_BEHIND", 2)
    for _ in range(2):
        with pytest.raises(UnreadableDocumentError):
            runs.run(unreadable=("R1", "R2"))
        assert list(runs.of_stream[UNREAD]) == ["R1", "R2"]
        assert runs.read == []

    assert runs.run() == ["R1", "R2"]
    assert runs.run() == ["R3"]


@pytest.mark.parametrize(
    "found",
    [{"replication_key": "_data_end_time"}, {"pending": []}, {"seconds": 74}],
    ids=["of times", "with jobs", "of the current state"],
)
def test_a_bookmark_of_requested_reports_is_a_mistake_and_not_a_beginning(
    runs: Runs, found: dict[str, Any]
) -> None:
    bookmark = {
        "replication_key": "_report_created_time",
        "replication_key_value": format_timestamp(runs.began_at),
    }
    runs.state = {"bookmarks": {NAME: bookmark | found}}

    with pytest.raises(SettingsError, match="`name`"):
        runs.run()

    assert runs.tried == []
    runs.state = {"bookmarks": {NAME: bookmark}}
    assert runs.run() == []
    runs.state = {"bookmarks": {}}
    assert runs.run() == ["R1", "R2", "R3"]
