"""Reading each document once that Amazon makes by itself or by a schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.jobs.listing import list_jobs, whole_job
from tap_amazon_sp.jobs.polling import DONE, Job, is_finished
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE, REPORTS, report_listing
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.documents import DocumentRead, DocumentReader
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.stream import AmazonStream

READ_BEFORE = "read"
"""The key in a stream's state with the reports near the bookmark that were read."""

MAX_DELAY_IN_LIST = dt.timedelta(hours=1)
"""How late Amazon may add a report to the list."""

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
        # No lookback: a report does not change, and the state lists those near the bookmark.
        start_date, lookback = read.source.declared.start_date, dt.timedelta(0)
        self.bookmark = Bookmark(stream, start_date=start_date, lookback=lookback)

    def pages(self) -> Iterator[Records]:
        """Yield the rows of all new reports, the oldest report first; bookmark each report."""
        now = self.clock.now()
        start = self.bookmark.starting_point()
        parameters = self._parameters(max(start - MAX_DELAY_IN_LIST, now - MAX_LISTED_AGE))
        if self.stream.is_connection_test:
            check_reports(self.stream.client, self._read.report_type, **parameters)
            return
        reports = self._listed_since(start, parameters)
        read = self._read_before()
        self.logger.info(
            "%d reports of %s, %d of them are new",
            len(reports),
            self._read.report_type,
            sum(report["reportId"] not in read for _, report in reports),
        )
        for created, report in reports:
            report_id, status = str(report["reportId"]), report.get("processingStatus")
            if report_id in read:
                continue
            if not is_finished(report) and created >= now - MAX_UNFINISHED:
                self.logger.info("Report %s is %s: the next run reads it", report_id, status)
                return
            if status == DONE:
                yield from self._pages_of_report(report)
            else:
                self.logger.info("Report %s is %s: it has no rows", report_id, status)
            read[report_id] = created
            self._write_bookmark(created, read)

    def _parameters(self, created_since: dt.datetime) -> dict[str, Any]:
        marketplace_ids = self._read.marketplace_ids or self.stream.account.marketplace_ids
        parameters: dict[str, Any] = {"createdSince": created_since}
        return parameters | ({"marketplaceIds": list(marketplace_ids)} if marketplace_ids else {})

    def _listed_since(
        self, start: dt.datetime, parameters: Mapping[str, Any]
    ) -> list[tuple[dt.datetime, Job]]:
        """Return the listed reports by creation, the oldest first.

        Raises:
            SellingPartnerError: Amazon lists a report and does not say how it is.
        """
        end_date, is_first_run = self.end_date, self.bookmark.value() is None
        listed = reports_listed(self.stream.client, self._read.report_type, **parameters)
        found = [
            (created, report)
            for report in (whole_job(self.stream.client, REPORTS, one) for one in listed)
            if (created := moment_of(report, "createdTime")) is not None
            and (end_date is None or created <= end_date)
            and (not is_first_run or created >= start)
        ]
        return sorted(found, key=lambda one: one[0])

    def _pages_of_report(self, report: Job) -> Iterator[Records]:
        try:
            yield from self.rows.pages_of(report)
        except NotFoundError as error:
            # The document is gone for good, but other reports can be read.
            self.logger.warning(error.sentence("It is not read"))

    def _read_before(self) -> dict[str, dt.datetime]:
        """Return the creation times of the reports near the bookmark that were read, by id."""
        found = self.bookmark.written_state().get(READ_BEFORE)
        if not isinstance(found, Mapping) or self.bookmark.value() is None:
            return {}
        return {
            report_id: created
            for report_id in found
            if (created := moment_of(found, report_id)) is not None
        }

    def _write_bookmark(self, created: dt.datetime, read: Mapping[str, dt.datetime]) -> None:
        """Write a STATE with a report and all reports before it as written."""
        bookmark = max(created, self.bookmark.value() or created)
        with self.stream.run.writer.lock:
            if self.bookmark.is_incremental:
                self.stream.get_context_state(self.stream.partition)[READ_BEFORE] = {
                    report_id: format_timestamp(moment)
                    for report_id, moment in read.items()
                    if moment >= bookmark - MAX_DELAY_IN_LIST
                }
            self.bookmark.write(bookmark)


def reports_listed(
    client: SellingPartnerClient, report_type: str, **parameters: Any
) -> Iterator[Job]:
    """Yield the reports of a type that Amazon lists."""
    return list_jobs(client, REPORTS, report_listing(report_type, **parameters))


def check_reports(client: SellingPartnerClient, report_type: str, **parameters: Any) -> None:
    """List some reports of a type, to see whether Amazon gives access."""
    next(reports_listed(client, report_type, **parameters), None)
