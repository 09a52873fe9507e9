"""Making the documents of reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.jobs.job import CANCELLED, FATAL, Job
from tap_amazon_sp.simulator.reports.from_orders import ORDER_REPORTS, OrderReport
from tap_amazon_sp.simulator.reports.generated import GeneratedReports
from tap_amazon_sp.simulator.reports.report_orders import OrderReportFlaws, ReportBook, ReportOrders
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.types import ReportType
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.world.timestamps import parse_iso

_INTERNAL_ERROR = "An internal error has occurred while the report was made."


class ReportMaker:
    """Attaches a document to a report."""

    def __init__(
        self,
        documents: Documents,
        book: ReportBook,
        generated: GeneratedReports,
        types: Mapping[str, ReportType],
    ) -> None:
        """Make the reports of a seller.

        Args:
            documents: Stores documents.
            book: The orders of the seller.
            generated: Makes the reports that do not show orders.
            types: All report types by name.
        """
        self._documents = documents
        self._book = book.orders
        self._books = book.books
        self._flaws = book.flaws
        self._generated = generated
        self._types = types

    def attach_document(self, account: Account, job: Job, why_fatal: str | None = None) -> None:
        """Attach a document to a report; a report without data becomes CANCELLED.

        Args:
            account: The account that the report belongs to.
            job: The report.
            why_fatal: For a report that ends FATAL: what its document says.
        """
        if job.outcome == FATAL:
            why = json.dumps({"errorDetails": why_fatal or _INTERNAL_ERROR}).encode()
            job.document_id = self._documents.add(
                account.name, "application/json;charset=UTF-8", lambda: why, zipped=bool(why_fatal)
            ).id
            return
        if job.outcome == CANCELLED:
            return
        marketplaces = self._book.world.marketplaces_by_id
        request = ReportRequest(
            type=self._types[job.type],
            marketplaces=[marketplaces[name] for name in job.marketplace_ids],
            start=parse_iso(job.specification["dataStartTime"]),
            end=parse_iso(job.specification["dataEndTime"]),
            now=job.created,
            options=job.specification.get("reportOptions", {}),
            seller_id=account.seller_id,
            is_vendor=account == VENDOR,
        )
        shows_orders = ORDER_REPORTS.get(job.type)
        if shows_orders is not None and not self._generated.is_large(job.type):
            self._attach_order_report(account, job, request, shows_orders)
        else:
            self._attach_generated(account, job, request)

    def _attach_generated(self, account: Account, job: Job, request: ReportRequest) -> None:
        made = self._generated.made(request)
        if made is None or request.type.is_too_old(request.start, job.created):
            job.outcome = CANCELLED
            return
        job.document_id = self._documents.add(
            account.name,
            made.content_type,
            made.make,
            zipped=made.zipped,
            restricted=request.type.restricted,
        ).id

    def _attach_order_report(
        self, account: Account, job: Job, request: ReportRequest, report: OrderReport
    ) -> None:
        shown = request
        if report.is_region_wide:
            shown = replace(request, marketplaces=self._book.world.marketplaces)
        flaws = self._flaws if report.is_region_wide else OrderReportFlaws()
        orders = ReportOrders(shown, self._book, self._books, flaws)
        # These also keep the orders as they are now, in case that they change until the download.
        needs_orders = {"BY_LAST_UPDATE": orders.any_updated, "BY_ORDER_DATE": orders.any_created}
        is_empty = any(part in job.type and not find() for part, find in needs_orders.items())
        if is_empty or request.type.is_too_old(request.start, job.created):
            job.outcome = CANCELLED
            return
        file = self._generated.files.file(request)
        job.document_id = self._documents.add(
            account.name,
            report.content_type(file.charset),
            lambda: report.make(orders, file),
            zipped=True,
            restricted=request.type.restricted,
        ).id
