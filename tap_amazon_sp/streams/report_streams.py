"""The streams of the setting `reports`: rows of reports, one stream an entry.

Facts: Amazon's model of Reports and its pages on report types, in `reports/report_types.json`. A
report that is asked for with several marketplaces holds the data of one of them only
(amzn/selling-partner-api-models#1998, #2567, #2775), so each is asked for alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.periods import DAY, Period
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.documents.names import column_names, renamed_schema, snake_case
from tap_amazon_sp.jobs.polling import DONE, UNFINISHED_STATUSES, Job
from tap_amazon_sp.jobs.requests import LISTED_FOR, REPORTS, ReportRequest, listed
from tap_amazon_sp.reading.documents import (
    DATA_END,
    DATA_START,
    ROW_NUMBER,
    DocumentStream,
)
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.reading.submitted_documents import LONG_WINDOW, OrderedStream
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.settings.reports import (
    ReportSettings,
    hint_for_unknown,
    report_streams,
)
from tap_amazon_sp.singer.inference import Schema, nullable

if TYPE_CHECKING:
    from tap_amazon_sp.documents.document import Document
    from tap_amazon_sp.documents.rows import Rows
    from tap_amazon_sp.jobs.queue import Desk

REPORT_ID = "_report_id"
REPORT_TYPE = "_report_type"
MARKETPLACE_ID = "_marketplace_id"
MARKETPLACE_IDS = "_marketplace_ids"
REPORT_CREATED = "_report_created_time"

READ_BEFORE = "read"
"""Where in its state a stream of listed reports says which of the newest are read."""
OVERLAP = dt.timedelta(hours=1)
"""How late a report may come into the list."""
LONGEST_IN_QUEUE = dt.timedelta(days=1)
"""A listed report that is not done after that keeps no other from being read."""

RECENT = dt.timedelta(days=10)
"""Of a time that is not longer ago, data that are not there may still come."""
_NOT_THERE = ("unavailable", "not available", "not yet available")

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)
_ONE_MILLISECOND = dt.timedelta(milliseconds=1)


class ReportStream(DocumentStream):
    """The rows of the reports of one entry of `reports`."""

    declared: ClassVar[ReportSettings]
    operation_id = "reports_2021-06-30.getReportDocument"
    id_property = REPORT_ID
    created_property = REPORT_CREATED

    @property
    def entry(self) -> str:
        """What to call the entry in the settings that declares the stream."""
        return f"`reports`['{self.declared.type.name}']"

    def missing_settings(self) -> list[str]:
        """Return the settings without which this stream cannot be read, and that are not given."""
        if self.declared.type.restricted and not self.account.restricted_data:
            return ["restricted_data"]
        return []

    def begin(self) -> None:
        """Tell of a type that nobody knows, which may be a mistake."""
        super().begin()
        kind = self.declared.type
        if not kind.known:
            self.logger.warning(
                "%s is no report type that is known here%s", kind.name, hint_for_unknown(kind.name)
            )

    def added_to_rows(self) -> Schema:
        """Return the schemas of the properties that are added to all rows."""
        return {
            REPORT_TYPE: {"type": ["string"]},
            MARKETPLACE_IDS: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
            **({MARKETPLACE_ID: {"type": ["string"]}} if self.declared.is_ordered else {}),
            **super().added_to_rows(),
        }

    def known_properties(self) -> Schema:
        """Return the schemas of properties that Amazon documents."""
        array = self.declared.array
        if array is None:
            return {}
        schema = dict(array.schema)
        if self.declared.column_names == "snake_case":
            schema = renamed_schema(schema)
        # Amazon leaves out, or sends null for, what it does not have.
        found: Schema = nullable(schema).get("properties", {})
        return found

    def added_to(self, job: Job, window: Window | None, request: Any) -> Any:
        """Return the properties that all rows of a report get."""
        added = {
            REPORT_ID: job["reportId"],
            REPORT_TYPE: self.declared.type.name,
            MARKETPLACE_IDS: list(job.get("marketplaceIds") or ()),
        }
        if isinstance(request, ReportRequest):
            added[MARKETPLACE_ID] = request.marketplace_ids[0]
        return super().added_to(job, window, request) | added

    def open_document(self, job: Job) -> Document | None:
        """Return the document of a report, which is not opened yet; None where there is none."""
        document_id = job.get("reportDocumentId")
        if not document_id:
            return None
        return self.connection.documents.of_report(
            document_id, restricted=self.declared.type.restricted
        )

    def rows_in(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:
        """Read the beginning of a document and return its rows."""
        from tap_amazon_sp.documents.rows import read_rows  # noqa: PLC0415 - slow to load

        return read_rows(
            content,
            self.declared.type,
            content_type=document.content_type,
            marketplace_ids=job.get("marketplaceIds") or (),
            record_path=self.declared.record_path,
            style=self.declared.column_names,
        )

    def file_names(self, document: Document) -> tuple[str, str]:
        """Return how the name of a document's file begins and, if it is not converted, ends."""
        from tap_amazon_sp.documents.files import extension_of  # noqa: PLC0415 - slow to load

        declared = self.declared
        stem = declared.type.name
        if declared.format and declared.record_path:
            # Each array of a JSON report has rows of its own.
            stem += f"-{declared.record_path}"
        return stem, extension_of(declared.type.format, document.content_type)

    def names_of(self, job: Job) -> tuple[str, str]:
        """Return what to call a job, and its id."""
        return "Report", str(job.get("reportId"))

    def _reports_listed(self, **parameters: Any) -> Iterator[Job]:
        wanted = {"reportTypes": [self.declared.type.name], "pageSize": 100, **parameters}
        yield from listed(self.client, REPORTS, wanted)

    def check_access(self, **parameters: Any) -> None:
        """List some reports of the type."""
        next(self._reports_listed(**parameters), None)


class OrderedReportStream(ReportStream, OrderedStream):
    """The rows of reports that are asked for."""

    @property
    def desk(self) -> Desk:
        """Where they are ordered."""
        return self.connection.report_desk

    @property
    def has_times(self) -> bool:
        """Whether each is of a time; others show how things are."""
        return self.declared.has_times

    @property
    def lookback(self) -> dt.timedelta:
        """The entry's own lookback, or how long the data of the type come in late, at least."""
        if self.declared.lookback is not None:
            return self.declared.lookback
        return max(super().lookback, self.declared.type.dates.latency or dt.timedelta(0))

    @property
    def whole_windows(self) -> bool:  # type: ignore[override]
        """Whether a window is read only when it is over."""
        return self.declared.period is not None

    @property
    def window_length(self) -> Period | None:
        """What one report is of: what the entry says, or the period that the type counts in."""
        return self.declared.window or self.declared.period

    @property
    def long_windows(self) -> Period:
        """What one report is of that is long ago: as long as the type takes, within reason."""
        longest = self.declared.type.dates.longest
        if longest is None or longest >= LONG_WINDOW.longest:
            return LONG_WINDOW
        return Period(longest)

    def windows_between(self, start: dt.datetime, end: dt.datetime) -> Iterator[Window]:
        """Give the windows of a time."""
        if not self.is_made_as_it_is:
            yield from super().windows_between(start, end)
            return
        bookmark = self.bookmark()
        if end == self.declared.end_date and (bookmark is None or bookmark < end):
            yield Window(self.declared.start_date or start, end)

    def kept_part(self, window: Window, oldest: dt.datetime) -> Iterator[Window]:
        """Give what can be read of a window that Amazon keeps from a midnight on."""
        if self.is_made_as_it_is:
            self.logger.warning(
                "Amazon keeps nothing of '%s' older than %s", self.label, format_timestamp(oldest)
            )
            yield Window(oldest, window.before)
        else:
            yield from super().kept_part(window, oldest)

    @property
    def is_made_as_it_is(self) -> bool:
        """Whether the entry is one request, which is not too long."""
        declared = self.declared
        start, end = declared.start_date, declared.end_date
        longest = declared.type.dates.longest
        if not declared.is_one_request or start is None or end is None:
            return False
        return longest is None or end - start <= longest

    def latest_end(self, now: dt.datetime) -> dt.datetime:
        """Return up to when may be asked for."""
        return min(super().latest_end(now), now - (self.declared.type.dates.ends_before or _NONE))

    @property
    def nothing_new_for(self) -> dt.timedelta:
        """How long after it was read Amazon has nothing newer of a window that is not over."""
        return self.declared.type.interval

    def default_start(self, end: dt.datetime) -> dt.datetime:
        """Return from when on is read where nobody says so: a month, or the last whole period."""
        start = super().default_start(end)
        if self.window_length is None:
            return start
        last = self.window_length.start_around(end)
        return min(start, self.window_length.start_around(last - _ONE_SECOND))

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which Amazon has no data."""
        history = self.declared.type.dates.history
        if history is None:
            return super().oldest_kept(now)
        # A day within it, as the report is asked for later than it is planned.
        return Period("DAY").start_around(now - history + DAY)

    def requests_for(self, window: Window | None) -> Iterator[ReportRequest]:
        """Give a request for each marketplace."""
        declared = self.declared
        marketplace_ids = [
            marketplace_id
            for marketplace_id in declared.marketplace_ids
            # Entries hold for all accounts.
            if find_marketplace(marketplace_id).region == self.account.region
        ]
        if not declared.marketplace_ids:
            marketplace_ids = list(self.connection.participating_marketplaces)
        start = end = None
        if window is not None:
            start, end = window.after, self._last_instant(window)
        for marketplace_id in marketplace_ids:
            yield ReportRequest(
                declared.type,
                (marketplace_id,),
                declared.options,
                start,
                end,
                settles=self.lookback,
                newer_than=None if window is not None else self.bookmark(),
            )

    def _last_instant(self, window: Window) -> dt.datetime:
        """Return the end of a window as Amazon wants it, which is part of it."""
        if self.is_made_as_it_is or self.declared.type.dates.whole_hours:
            return window.before
        grid = (Period("DAY"), self.window_length or Period("DAY"))
        if any(window.before == period.start_around(window.before) for period in grid):
            return window.before - (_ONE_SECOND if self.declared.period else _ONE_MILLISECOND)
        return window.before

    def pages_of_job(self, job: Job, **about: Any) -> Iterator[list[dict[str, Any]]]:
        """Give the rows of a report, unless they were read before."""
        bookmark = self.bookmark() if about.get("window") is None else None
        created = moment_of(job, "createdTime")
        if bookmark is not None and created is not None and created <= bookmark:
            self.logger.info(
                "Report %s of '%s' was read before, and Amazon makes no newer one yet",
                job.get("reportId"),
                self.label,
            )
            return
        yield from super().pages_of_job(job, **about)

    def is_not_there_yet(self, explanation: str, window: Window | None) -> bool:
        """Whether an explanation of Amazon's means that it has no data of that time yet.

        Brand Analytics say "The requested data is unavailable. Please try a different date range"
        (amzn/selling-partner-api-docs#2444).
        """
        if window is None or window.before < self.tap.clock.now() - max(RECENT, self.lookback):
            return False
        return any(words in explanation.lower() for words in _NOT_THERE)


class ListedReportStream(ReportStream):
    """The rows of reports that Amazon makes by itself, or by a schedule: each is read once."""

    @property
    def lookback(self) -> dt.timedelta:
        """None: a report does not change, and those near the bookmark are remembered."""
        return dt.timedelta(0)

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the rows of all reports that are new, the oldest first; bookmark each."""
        now = self.tap.clock.now()
        start = self.starting_point()
        since = max(start - OVERLAP, now - LISTED_FOR)
        parameters: dict[str, Any] = {"createdSince": since}
        if marketplace_ids := self.declared.marketplace_ids or self.account.marketplace_ids:
            parameters["marketplaceIds"] = list(marketplace_ids)
        if self.ABORT_AT_RECORD_COUNT is not None:
            self.check_access(**parameters)
            return
        found = [
            (created, report)
            for report in self._reports_listed(**parameters)
            if (created := moment_of(report, "createdTime")) is not None
            and (self.end_date is None or created <= self.end_date)
            and (self.bookmark() is not None or created >= start)
        ]
        found.sort(key=lambda one: one[0])
        read = self._read_before()
        self.logger.info(
            "%d reports of %s, of which %d are new",
            len(found),
            self.declared.type.name,
            sum(report["reportId"] not in read for _, report in found),
        )
        for created, report in found:
            report_id, status = str(report["reportId"]), report.get("processingStatus")
            if report_id in read:
                continue
            if status in UNFINISHED_STATUSES and created >= now - LONGEST_IN_QUEUE:
                self.logger.info("Report %s is %s: the next run reads it", report_id, status)
                return
            if status == DONE:
                try:
                    yield from self.pages_of_job(report)
                except NotFoundError as error:
                    # It never comes back, and there are others.
                    self.logger.warning(error.sentence("It is not read"))
            else:
                self.logger.info("Report %s is %s: there is nothing in it", report_id, status)
            read[report_id] = created
            self._bookmark(created, read)

    def _read_before(self) -> dict[str, dt.datetime]:
        """Return the reports near the bookmark that are read, and when they were created."""
        found = self.written_state().get(READ_BEFORE)
        bookmark = self.bookmark()
        if not isinstance(found, Mapping) or bookmark is None:
            return {}
        return {
            report_id: created
            for report_id in found
            if (created := moment_of(found, report_id)) is not None
        }

    def _bookmark(self, created: dt.datetime, read: Mapping[str, dt.datetime]) -> None:
        """Write a STATE that says: this report is written, and those before it."""
        bookmark = max(created, self.bookmark() or created)
        with self.tap.writer.lock:
            if self.replication_method == "INCREMENTAL":
                self.get_context_state(self.partition)[READ_BEFORE] = {
                    report_id: format_timestamp(moment)
                    for report_id, moment in read.items()
                    if moment >= bookmark - OVERLAP
                }
            self.write_bookmark(bookmark)


def report_stream_classes(settings: Mapping[str, Any]) -> list[type[SellingPartnerStream]]:
    """Return a class for each stream of the setting `reports`.

    Raises:
        ValueError: An entry is wrong.
    """
    return [_make(declared) for declared in report_streams(settings)]


def _make(declared: ReportSettings) -> type[SellingPartnerStream]:
    is_of_times = declared.is_ordered and declared.has_times
    return type(
        f"Report_{declared.name}",
        (OrderedReportStream if declared.is_ordered else ListedReportStream,),
        {
            "__doc__": f"Declared in `reports`: {declared.type.name}.",
            "name": declared.name,
            "declared": declared,
            "primary_keys": _primary_keys(declared),
            "replication_key": DATA_END if is_of_times else REPORT_CREATED,
        },
    )


def _primary_keys(declared: ReportSettings) -> tuple[str, ...]:
    """Return what tells rows apart: the type's natural keys, else window and row number."""
    if declared.keys is not None:
        return declared.keys
    if not declared.is_ordered:
        return REPORT_ID, ROW_NUMBER
    natural: list[str] = []
    if declared.array is not None:
        natural = declared.array.keys(declared.options, declared.type.default_options)
    if not natural:
        return DATA_START, MARKETPLACE_ID, ROW_NUMBER
    if declared.column_names == "snake_case":
        known = list(declared.array.schema.get("properties", {})) if declared.array else []
        names = dict(zip(known, column_names(known), strict=True))
        natural = [names.get(name, snake_case(name)) for name in natural]
    of_window = (DATA_START,) if declared.array is None or declared.array.undated else ()
    return *of_window, MARKETPLACE_ID, *natural
