"""Invoices: those that Amazon issues for sellers in Brazil, and those between vendors and Amazon.

Facts: Amazon's models `InvoicesApiModel_2024-06-19` (its reference says that it is for Brazil) and
`financesInvoices_2026-06-25` (issue dates at most 90 days apart; Amazon does not say which role is
needed).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.timestamps import FIRST_RECORDS
from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.stream import Parameters
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.reading.windows import WindowedStream

BRAZIL = find_marketplace("BR").id
SECOND = dt.timedelta(seconds=1)


class _BrazilianStream(WindowedStream):
    roles = ("Tax Invoicing (Restricted)",)
    from_request = {"marketplaceId": "marketplaceId"}

    def marketplace_parameters(self) -> Iterator[Parameters]:
        """Give Brazil, if it is among the marketplaces: the API knows no other."""
        for parameters in super().marketplace_parameters():
            if parameters.get("marketplaceId") == BRAZIL:
                yield parameters


class TaxInvoices(_BrazilianStream):
    """Invoices that Amazon issued for the seller, in Brazil only.

    The latest seven days are read again, as the government's answer changes an invoice.
    """

    name = "tax_invoices"
    operation_id = "InvoicesApiModel_2024-06-19.getInvoices"
    primary_keys = ("marketplaceId", "id")
    replication_key = "date"
    updated_after = "dateStart"
    late_by = dt.timedelta(days=7)


class TaxInvoiceExports(_BrazilianStream):
    """Exports of invoices that were asked for, in Brazil only: their status and documents."""

    name = "tax_invoice_exports"
    operation_id = "InvoicesApiModel_2024-06-19.getInvoicesExports"
    primary_keys = ("marketplaceId", "exportId")
    replication_key = "generateExportStartedAt"
    updated_after = "dateStart"
    unfinished = {"status": frozenset({"REQUESTED", "PROCESSING"})}
    # One that is only requested has no time yet that the bookmark could wait for.
    late_by = dt.timedelta(days=1)


class VendorInvoices(WindowedStream):
    """Headers of the invoices between a vendor, or seller, and Amazon.

    Amazon wants issue dates besides the time of the change. Invoices that were issued longer than
    two years before the time that is read are not looked for.
    """

    name = "vendor_invoices"
    operation_id = "financesInvoices_2026-06-25.getInvoiceHeaders"
    primary_keys = ("marketplaceId", "invoiceIdentifier")
    replication_key = "lastUpdatedDate"
    from_request = {"marketplaceId": "marketplaceId"}
    updated_after = "invoicesModifiedAfter"
    # Invoices may be issued after they were last modified.
    late_by = dt.timedelta(days=14)
    # Both "after" and "before" leave out the very moment.
    overlap = SECOND
    requests_repeat = True

    def window_requests(self, window: Window) -> Iterator[Parameters]:
        """Give requests for all issue dates: without any, Amazon takes those of 90 days."""
        first = max(window.after - dt.timedelta(days=2 * 365), FIRST_RECORDS)
        for parameters in super().window_requests(window):
            issued_after = first
            while issued_after < window.before:
                issued_before = min(issued_after + dt.timedelta(days=90), window.before)
                yield parameters | {"fromIssueDate": issued_after, "toIssueDate": issued_before}
                if issued_before == window.before:
                    break
                issued_after = issued_before - SECOND


class VendorInvoiceItems(CalledChildStream):
    """The line items of each invoice in `vendor_invoices`: a call per invoice and 600 items."""

    name = "vendor_invoice_items"
    operation_id = "financesInvoices_2026-06-25.getInvoice"
    parent_stream_type = VendorInvoices
    primary_keys = ("marketplaceId", "invoiceIdentifier", "lineItemId")
    parameters_from_parent = {
        "marketplaceId": "marketplaceId",
        "invoiceIdentifier": "invoiceIdentifier",
    }
    from_parent = {**parameters_from_parent, "lastUpdatedDate": "lastUpdatedDate"}


STREAMS = (TaxInvoices, TaxInvoiceExports, VendorInvoices, VendorInvoiceItems)
