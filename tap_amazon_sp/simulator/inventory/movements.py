"""Movements of stock, in the words of Amazon's inventory ledger.

Sources: Amazon's page "Inventory reports" has the event types and the options of the ledger; public
readers of sellers' ledgers have the signs, the reason codes and their meaning (`M` misplaced, `F`
found, `E` damaged and always followed by `P` in another disposition, `O` corrected, also because
Amazon has paid for the units).
"""

from __future__ import annotations

from typing import NamedTuple

RECEIPTS = "Receipts"
SHIPMENTS = "Shipments"
CUSTOMER_RETURNS = "CustomerReturns"
ADJUSTMENTS = "Adjustments"

SELLABLE = "SELLABLE"
WAREHOUSE_DAMAGED = "WAREHOUSE_DAMAGED"

MISPLACED = "M"
FOUND = "F"
DAMAGED = "E"
RECLASSIFIED = "P"
CORRECTED = "O"

EVENT_COLUMNS = {
    RECEIPTS: "Receipts",
    SHIPMENTS: "Customer Shipments",
    CUSTOMER_RETURNS: "Customer Returns",
}
"""Columns of the summary of the ledger by event type."""

REASON_COLUMNS = {
    MISPLACED: "Lost",
    FOUND: "Found",
    DAMAGED: "Damaged",
    RECLASSIFIED: "Other Events",
    CORRECTED: "Other Events",
}
"""Columns of the summary by reason of an adjustment."""


class Movement(NamedTuple):
    """Units of a product that come into a warehouse, leave it, or change their disposition.

    Attributes:
        moment: Epoch seconds.
        event: Event type of the ledger.
        quantity: Number of units; negative if they leave.
        disposition: What they are like.
        source: Number of what moved them: the order of a shipment or return, the inbound shipment
            of a receipt, the event of an adjustment.
        reason: Code of the reason of an adjustment; else empty.
        settled_at: When lost units are found or paid for, epoch seconds; may lie in the future.
    """

    moment: int
    event: str
    quantity: int
    disposition: str
    source: int
    reason: str = ""
    settled_at: int | None = None

    @property
    def column(self) -> str:
        """The column of the summary of the ledger that counts it."""
        return REASON_COLUMNS[self.reason] if self.reason else EVENT_COLUMNS[self.event]
