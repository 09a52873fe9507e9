"""Reading each report once that others made: Amazon itself, a schedule, another application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    NotFoundError,
    ReportsMissingError,
    SellingPartnerError,
    ServiceError,
    UnreadableDocumentError,
)
from tap_amazon_sp.amazon.marketplaces import marketplaces_in
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.documents.explanations import missing_data
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.jobs.listing import list_jobs, whole_job
from tap_amazon_sp.jobs.polling import DONE, FATAL, Job, is_finished
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE, marketplaces_of, report_listing
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.documents import DocumentRead, DocumentReader
from tap_amazon_sp.reading.pending import JOB_KEYS
from tap_amazon_sp.reading.plan import StreamPlan, further_pages
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.stream import AmazonStream

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts

READ_BEFORE = "read"
"""The key in a stream's state with the reports near the bookmark that were read."""

UNREAD = "unread"
"""The key in a stream's state with the reports before the bookmark that a later run reads: those
that Amazon did not finish in time, and those whose document could not be read. The one that was
tried longest ago is the first."""

MISSING = "missing"
"""The key in a stream's state with the reports whose document was not there: a run has failed for
that, and the next one tries once more."""

MAX_DELAY_IN_LIST = dt.timedelta(hours=1)
"""How late Amazon may add a report to the list."""

MAX_MARKETPLACES = 10
"""Marketplaces that one call of getReports takes (model `reports_2021-06-30`)."""

MAX_NAMED = 10
"""Missing reports that the error of a stream names."""

MAX_LEFT_BEHIND = 200
"""Reports that a state lists as still to be read."""

MAX_UNFINISHED = dt.timedelta(days=1)
"""How long later reports wait for one that is not done."""


@dataclass(frozen=True)
class ListedDocuments(DocumentRead):
    """Rows of the reports of a type that Amazon lists; each report is read once.

    Attributes:
        source: Where the documents come from.
        report_type: The type of the reports.
        marketplace_ids: The marketplaces of the reports; empty for those of the account.
    """

    report_type: str
    marketplace_ids: tuple[str, ...] = ()

    def reader(self, stream: AmazonStream) -> ListedDocumentsReader:
        """Return the reader of new reports."""
        return ListedDocumentsReader(stream, self)


class ListedDocumentsReader(DocumentReader):
    """Reads the listed reports of one stream of one account."""

    def __init__(self, stream: AmazonStream, read: ListedDocuments) -> None:
        """List nothing yet."""
        super().__init__(stream, read.source)
        self._read = read
        self._progress = Progress()
        self._missing: list[str] = []
        self._failure: SellingPartnerError | None = None
        # No lookback: a report does not change, and the state lists those near the bookmark.
        start_date, lookback = read.source.declared.start_date, dt.timedelta(0)
        self.bookmark = Bookmark(stream, start_date=start_date, lookback=lookback)

    how = "reports that Amazon lists"

    def plan(self, counts: Counts | None = None) -> StreamPlan:  # noqa: ARG002 - nothing to count
        """Return the call for the list; nobody knows how many reports are in it.

        Raises:
            SettingsError: The state cannot be read.
        """
        listing = catalogue.operation(REPORTS.list)
        if self._marketplace_ids() is None:
            return StreamPlan(self.how, listing, 0, "exactly")
        self.check_state(self.bookmark, JOB_KEYS)
        further = further_pages(listing, report_listing(self._read.report_type))
        start, end = self.bookmark.starting_point(), self.clock.now()
        if self.end_date is not None:
            end = min(end, self.end_date)
        return StreamPlan(
            self.how, listing, 1, further=further, start=max(start, end - MAX_LISTED_AGE), end=end
        )

    def pages(self) -> Iterator[Records]:
        """Yield the rows of all new reports, the oldest report first; bookmark each report.

        Reports that earlier runs left behind are read after them, as they may fail again.
        """
        marketplace_ids = self._marketplace_ids()
        if marketplace_ids is None:
            self.logger.info(
                "'%s': nothing to read in the region of this account", self.stream.label
            )
            return
        self.check_state(self.bookmark, JOB_KEYS)
        now = self.clock.now()
        start = self.bookmark.starting_point()
        self._progress = progress = self._progress_so_far()
        since = min(start - MAX_DELAY_IN_LIST, *progress.left_behind.values(), now)
        parameters: dict[str, Any] = {"createdSince": max(since, now - MAX_LISTED_AGE)}
        if 0 < len(marketplace_ids) <= MAX_MARKETPLACES:
            parameters["marketplaceIds"] = list(marketplace_ids)
        if self.stream.is_connection_test:
            check_reports(self.stream.client, self._read.report_type, **parameters)
            return
        self._missing.clear()
        reports = self._listed_since(start, parameters, marketplace_ids)
        self.logger.info(
            "Listed reports of %s: %d, new ones: %d",
            self._read.report_type,
            len(reports),
            sum(report["reportId"] not in progress.read for _, report in reports),
        )
        self._failure = None
        yield from self._pages_of_all(reports, now - MAX_UNFINISHED)
        if self._missing:
            told = [*self._missing[:MAX_NAMED]]
            if len(self._missing) > MAX_NAMED:
                told.append(f"{len(self._missing) - MAX_NAMED} more, see the log")
            raise ReportsMissingError(REPORTS.get, message="; ".join(told))
        if self._failure is not None:
            raise self._failure

    def _pages_of_all(
        self, reports: Sequence[tuple[dt.datetime, Job]], waited_for_since: dt.datetime
    ) -> Iterator[Records]:
        """Yield the rows of the reports that are not read yet, and bookmark each report.

        Args:
            reports: The reports by creation, the oldest first.
            waited_for_since: Later reports wait for one that is not finished if it was created
                since then.

        Raises:
            SellingPartnerError: The stream cannot go on.
        """
        progress = self._progress
        places = {report_id: place for place, report_id in enumerate(progress.left_behind)}
        left_behind: dict[int, tuple[dt.datetime, Job]] = {}
        new = []
        for created, report in reports:
            report_id = str(report["reportId"])
            if report_id in places:
                left_behind[places[report_id]] = created, report
            elif report_id not in progress.read:
                new.append((created, report))
        for created, report in new:
            report_id = str(report["reportId"])
            if not is_finished(report) and created >= waited_for_since:
                status = report.get("processingStatus")
                self.logger.info("Report %s is %s: the next run reads it", report_id, status)
                break
            if len(progress.left_behind) >= MAX_LEFT_BEHIND:
                self.logger.warning(
                    "'%s' has %d reports that cannot be read: new ones are read after them",
                    self.stream.label,
                    MAX_LEFT_BEHIND,
                )
                break
            yield from self._pages_of_report(created, report)
            self._write_bookmark(created)
            if self._failure is not None:
                return
        for _, (created, report) in sorted(left_behind.items()):
            yield from self._pages_of_report(created, report)
            self._write_bookmark(created)
            if self._failure is not None:
                return

    def _marketplace_ids(self) -> Sequence[str] | None:
        """Return the marketplaces of the reports, none for all; None if all are elsewhere."""
        given = self._read.marketplace_ids
        if not given:
            return self.stream.account.marketplace_ids
        # An entry applies to the accounts of all regions.
        return marketplaces_in(self.stream.account.region, given) or None

    def _listed_since(
        self, start: dt.datetime, parameters: Mapping[str, Any], marketplace_ids: Sequence[str]
    ) -> list[tuple[dt.datetime, Job]]:
        """Return the listed reports by creation, the oldest first.

        Raises:
            SellingPartnerError: Amazon lists a report and does not say how it is.
        """
        end_date = self.end_date
        left_behind = self._progress.left_behind
        earliest = start if self.bookmark.value() is None else start - MAX_DELAY_IN_LIST
        listed = [
            (created, report)
            for report in (
                whole_job(self.stream.client, REPORTS, one)
                for one in reports_listed(self.stream.client, self._read.report_type, **parameters)
            )
            if (created := moment_of(report, "createdTime")) is not None
            and _is_of(report, marketplace_ids)
        ]
        self._end_those_not_in({str(report["reportId"]) for _, report in listed})
        found = [
            (created, report)
            for created, report in listed
            if (end_date is None or created <= end_date)
            and (created >= earliest or report["reportId"] in left_behind)
        ]
        return sorted(found, key=lambda one: one[0])

    def _end_those_not_in(self, listed: Collection[str]) -> None:
        """Give up the reports of earlier runs that Amazon no longer lists."""
        gone = sorted(self._progress.left_behind.keys() - listed)
        for report_id in gone:
            self._note_missing(report_id, "Amazon no longer lists it")
            self._progress.end(report_id)
        if gone and (bookmark := self.bookmark.value()) is not None:
            self._write_bookmark(bookmark)

    def _pages_of_report(self, created: dt.datetime, report: Job) -> Iterator[Records]:
        """Yield the rows of a report, and note how far it is.

        Raises:
            SellingPartnerError: The others could not be read either.
        """
        report_id, status = str(report["reportId"]), report.get("processingStatus")
        progress = self._progress
        if not is_finished(report):
            self.logger.warning("Report %s is still %s: a later run reads it", report_id, status)
            progress.leave_behind(report_id, created)
            return
        if status == FATAL:
            explanation = self.explanation(report).rstrip(".") or "Amazon does not say why"
            if missing_data(explanation) is None:
                self._note_missing(report_id, f"it is {FATAL}: {explanation}")
            else:
                self.logger.warning("Report %s has no rows: %s", report_id, explanation)
        elif status == DONE:
            is_over = yield from self._pages_of_document(created, report)
            if not is_over:
                return
        else:
            self.logger.warning("Report %s is %s: it has no rows", report_id, status)
        progress.end(report_id)
        progress.read[report_id] = created

    def _pages_of_document(
        self, created: dt.datetime, report: Job
    ) -> Generator[Records, None, bool]:
        """Yield the rows of a finished report; return whether no later run has to read it.

        Raises:
            SellingPartnerError: The documents of others could not be read either.
        """
        report_id, progress = str(report["reportId"]), self._progress
        shortfalls = self.stream.shortfalls
        short = shortfalls.count
        try:
            yield from self.rows.pages_of(report)
        except NotFoundError as error:
            # Other reports can be read.
            if report_id in progress.missing:
                self.logger.warning(error.sentence(f"Report {report_id} is not read"))
                return True
            self._note_missing(report_id, str(error))
            progress.end(report_id)
            progress.missing[report_id] = created
            return False
        except (ServiceError, UnreadableDocumentError) as error:
            if not shortfalls.may_be_alone(error):
                raise
            progress.leave_behind(report_id, created)
            if not shortfalls.spares(error):
                # Too many in a row: the next run begins after them.
                self._failure = error
            return False
        # The keys of the last rows are looked at now.
        self.stream.batch.flush()
        if shortfalls.count > short:
            progress.leave_behind(report_id, created)
            return False
        shortfalls.succeeded()
        return True

    def _note_missing(self, report_id: str, reason: str) -> None:
        """Note a report that makes the stream fail, once the others are read."""
        self._missing.append(f"Report {report_id} is missing: {reason}")
        self.logger.warning("Report %s is missing: %s", report_id, reason)

    def _progress_so_far(self) -> Progress:
        """Return what the state says of single reports; nothing if all are read again."""
        is_continued = self.bookmark.value() is not None
        return Progress.in_state(self.bookmark.written_state()) if is_continued else Progress()

    def _write_bookmark(self, created: dt.datetime) -> None:
        """Write a STATE with a report and all reports before it as read, or left for later."""
        bookmark = max(created, self.bookmark.value() or created)
        self.bookmark.write(
            bookmark,
            despite_shortfalls=True,
            change=lambda state: self._progress.write(state, bookmark - MAX_DELAY_IN_LIST),
        )


@dataclass(frozen=True)
class Progress:
    """What the state says of single reports, with their times of creation by their ids.

    Attributes:
        read: Reports near the bookmark that were read.
        unread, missing: See `UNREAD` and `MISSING`.
    """

    read: dict[str, dt.datetime] = field(default_factory=dict)
    unread: dict[str, dt.datetime] = field(default_factory=dict)
    missing: dict[str, dt.datetime] = field(default_factory=dict)

    @classmethod
    def in_state(cls, state: Mapping[str, Any]) -> Progress:
        """Return what a stream's state says."""
        return cls(*(_moments_in(state.get(key)) for key in (READ_BEFORE, UNREAD, MISSING)))

    @property
    def left_behind(self) -> Mapping[str, dt.datetime]:
        """The reports before the bookmark that are still to be read."""
        return self.unread | self.missing

    def leave_behind(self, report_id: str, created: dt.datetime) -> None:
        """Leave a report for a later run, after those that were left before."""
        self.end(report_id)
        self.unread[report_id] = created

    def end(self, report_id: str) -> None:
        """Leave a report behind no longer."""
        self.unread.pop(report_id, None)
        self.missing.pop(report_id, None)

    def write(self, state: dict[str, Any], read_since: dt.datetime) -> None:
        """Write it into a stream's state, with the read reports that were created since then."""
        read = {one: created for one, created in self.read.items() if created >= read_since}
        for key, moments in ((READ_BEFORE, read), (UNREAD, self.unread), (MISSING, self.missing)):
            if moments or key == READ_BEFORE:
                state[key] = {one: format_timestamp(created) for one, created in moments.items()}
            else:
                state.pop(key, None)


def _moments_in(found: Any) -> dict[str, dt.datetime]:
    if not isinstance(found, Mapping):
        return {}
    return {one: moment for one in found if (moment := moment_of(found, one)) is not None}


def _is_of(report: Job, marketplace_ids: Sequence[str]) -> bool:
    """Return whether a report may be of one of the marketplaces, which are none for all."""
    found = marketplaces_of(report)
    return not found or not marketplace_ids or not set(found).isdisjoint(marketplace_ids)


def reports_listed(
    client: SellingPartnerClient, report_type: str, **parameters: Any
) -> Iterator[Job]:
    """Yield the reports of a type that Amazon lists."""
    return list_jobs(client, REPORTS, report_listing(report_type, **parameters))


def check_reports(client: SellingPartnerClient, report_type: str, **parameters: Any) -> None:
    """List some reports of a type, to see whether Amazon gives access."""
    next(reports_listed(client, report_type, **parameters), None)
