"""Invoices that Amazon issues for sellers in Brazil, and invoices between vendors and Amazon.

Facts: Amazon's models `InvoicesApiModel_2024-06-19` (its reference says that it is for Brazil) and
`financesInvoices_2026-06-25` (issue dates may be at most 90 days apart; Amazon does not document
the role).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.timestamps import FIRST_RECORDS
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

BRAZIL = frozenset({find_marketplace("BR").id})
SECOND = dt.timedelta(seconds=1)


class _BrazilianStream(AmazonStream):
    """A stream of an API that supports the marketplace in Brazil only."""

    roles = ("Tax Invoicing (Restricted)",)
    from_request = {"marketplaceId": "marketplaceId"}
    only_marketplaces = BRAZIL


class TaxInvoices(_BrazilianStream):
    """Invoices that Amazon issued for the seller, in Brazil only.

    Every run reads the last seven days again, because the government's answer changes an invoice.
    """

    name = "tax_invoices"
    operation_id = "InvoicesApiModel_2024-06-19.getInvoices"
    primary_keys = ("marketplaceId", "id")
    replication_key = "date"
    read = Windows("dateStart", late_by=dt.timedelta(days=7))


class TaxInvoiceExports(_BrazilianStream):
    """Requested exports of invoices, in Brazil only, with their status and documents."""

    name = "tax_invoice_exports"
    operation_id = "InvoicesApiModel_2024-06-19.getInvoicesExports"
    primary_keys = ("marketplaceId", "exportId")
    replication_key = "generateExportStartedAt"
    read = Windows(
        "dateStart",
        unfinished={"status": frozenset({"REQUESTED", "PROCESSING"})},
        # An export that is only requested has no time yet, so the bookmark cannot wait for it.
        late_by=dt.timedelta(days=1),
    )


def _issue_dates(window: Window) -> Iterator[Parameters]:
    """Yield ranges that cover all issue dates; without a range, Amazon searches 90 days only."""
    issued_after = max(window.after - dt.timedelta(days=2 * 365), FIRST_RECORDS)
    while issued_after < window.before:
        issued_before = min(issued_after + dt.timedelta(days=90), window.before)
        yield {"fromIssueDate": issued_after, "toIssueDate": issued_before}
        if issued_before == window.before:
            break
        issued_after = issued_before - SECOND


class VendorInvoices(AmazonStream):
    """Headers of the invoices between a vendor, or a seller, and Amazon.

    Amazon requires a range of issue dates beside the time of the change. The tap searches issue
    dates from two years before the start of each window: older invoices are not found.
    """

    name = "vendor_invoices"
    operation_id = "financesInvoices_2026-06-25.getInvoiceHeaders"
    primary_keys = ("marketplaceId", "invoiceIdentifier")
    replication_key = "lastUpdatedDate"
    from_request = {"marketplaceId": "marketplaceId"}
    read = Windows(
        "invoicesModifiedAfter",
        requests_repeat=True,
        variants=_issue_dates,
        # Both "after" and "before" exclude the given moment.
        overlap=SECOND,
        # Invoices may be issued after they were last modified.
        late_by=dt.timedelta(days=14),
    )


_INVOICE = {"marketplaceId": "marketplaceId", "invoiceIdentifier": "invoiceIdentifier"}


class VendorInvoiceItems(AmazonStream):
    """The line items of invoices in `vendor_invoices`: one request per invoice and 600 items.

    Each item has the header of its invoice in `invoiceHeader`.
    """

    name = "vendor_invoice_items"
    operation_id = "financesInvoices_2026-06-25.getInvoice"
    primary_keys = ("marketplaceId", "invoiceIdentifier", "lineItemId")
    from_answer = {"invoiceHeader": "invoiceHeader"}
    read = PerParent(
        VendorInvoices,
        _INVOICE,
        {**_INVOICE, "lastUpdatedDate": "lastUpdatedDate"},
    )
