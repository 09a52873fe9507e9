"""Remittances: what Amazon pays to vendors, and the invoices that each payment is for.

Facts: Amazon's model `financeRemittance-2026-03-17` (payments of the last year, and at most 90 days
in a request). Amazon documents neither the role nor the rates.
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

_ITEM = ("invoiceNumber", "invoiceType", "description")
_REMITTANCE = {"marketplaceId": "marketplaceId", "uniquePaymentId": "uniquePaymentId"}


class Remittances(AmazonStream):
    """Payments of Amazon with their amounts and states.

    Amazon filters by the date of payment, not by change. So the bookmark does not move past the
    oldest payment that is in progress, and every run reads the last 14 days again.
    """

    name = "remittances"
    operation_id = "financeRemittance-2026-03-17.getRemittanceHeaders"
    primary_keys = ("marketplaceId", "uniquePaymentId")
    replication_key = "paymentDate"
    from_request = {"marketplaceId": "marketplaceId"}
    read = Windows(
        "startDate",
        retention=dt.timedelta(days=365),
        longest=dt.timedelta(days=90),
        unfinished={"remittanceStatus": frozenset({"IN_PROGRESS"})},
        late_by=dt.timedelta(days=14),
    )


class RemittanceItems(AmazonStream):
    """The invoices that each payment is for: one request per payment and page.

    Lines have no id: `occurrence` counts lines with the same invoice, type and description. Each
    line has its payment in `remittanceHeader`.
    """

    name = "remittance_items"
    operation_id = "financeRemittance-2026-03-17.getRemittance"
    primary_keys = (*_REMITTANCE, *_ITEM, "occurrence")
    numbered_by = _ITEM
    from_answer = {"remittanceHeader": "remittanceHeader"}
    read = PerParent(Remittances, _REMITTANCE, _REMITTANCE)
