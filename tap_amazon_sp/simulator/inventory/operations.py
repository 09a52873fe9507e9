"""FBA Inventory: getInventorySummaries.

Source: Amazon's model `fbaInventory` (what each quantity counts; a start date selects SKUs that
have changed since, and a change of inbound quantities alone does not count). A start date takes
precedence over SKUs, and a list of SKUs over a single one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.timestamps import iso

OPERATION = "fbaInventory.getInventorySummaries"

_PAGE_SIZE = 50
_UNFULFILLABLE = {
    "customerDamagedQuantity": "CUSTOMER_DAMAGED",
    "warehouseDamagedQuantity": "WAREHOUSE_DAMAGED",
    "distributorDamagedQuantity": "DISTRIBUTOR_DAMAGED",
    "carrierDamagedQuantity": "CARRIER_DAMAGED",
    "defectiveQuantity": "DEFECTIVE",
    "expiredQuantity": "EXPIRED",
}
"""Dispositions by the property that counts them."""


class FbaInventory:
    """The FBA Inventory API."""

    def __init__(
        self, stock: Callable[[], Stock], pager: Pager, *, longest_page: int | None
    ) -> None:
        """Serve a stock.

        Args:
            stock: Returns the stock of the seller as it is now.
            pager: Cuts lists into pages.
            longest_page: Maximum length of a page.
        """
        self._stock = stock
        self._pager = pager
        self._size = min(_PAGE_SIZE, longest_page or _PAGE_SIZE)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {OPERATION: self.get_inventory_summaries}

    def truth(self, now: float) -> list[dict[str, Any]]:
        """Return the summaries of all marketplaces, with details."""
        stock = self._stock()
        return [
            _summary(shelf, now, with_details=True)
            for marketplace in stock.world.marketplaces
            for shelf in stock.shelves(marketplace)
        ]

    def get_inventory_summaries(self, call: Call) -> Answer:
        """List the stock of the seller's SKUs in a marketplace."""
        wanted = call.parameters
        page = self._pager.page(call, self._size, lambda: self._find(call))
        body: dict[str, Any] = {
            "payload": {
                "granularity": {
                    "granularityType": wanted["granularityType"],
                    "granularityId": wanted["granularityId"],
                },
                "inventorySummaries": [
                    _summary(shelf, call.now, with_details=wanted["details"])
                    for shelf in page.items
                ],
            }
        }
        if page.next_token:
            body["pagination"] = {"nextToken": page.next_token}
        return Answer(body)

    def _find(self, call: Call) -> list[Shelf]:
        stock = self._stock()
        marketplace = stock.world.marketplaces_by_id.get(call.parameters["granularityId"])
        if marketplace is None:
            return []
        shelves = stock.shelves(marketplace)
        if "startDateTime" in call.given:
            since = call.times["startDateTime"]
            return [shelf for shelf in shelves if shelf.changed_at >= since]
        skus = _skus(call)
        if skus is None:
            return shelves
        by_sku = {shelf.product.sku: shelf for shelf in shelves}
        return [by_sku[sku] for sku in dict.fromkeys(skus) if sku in by_sku]


def _skus(call: Call) -> list[str] | None:
    if "sellerSkus" in call.given:
        skus: list[str] = call.parameters["sellerSkus"]
        return skus
    return [call.parameters["sellerSku"]] if "sellerSku" in call.given else None


def _summary(shelf: Shelf, now: float, *, with_details: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "asin": shelf.product.asin,
        "fnSku": shelf.product.fnsku,
        "sellerSku": shelf.product.sku,
        "condition": "NewItem",
    }
    if with_details:
        record["inventoryDetails"] = _details(shelf, now)
    return record | {
        "lastUpdatedTime": iso(shelf.changed_at),
        "productName": shelf.product.title,
        "totalQuantity": sum(shelf.units.values()) + shelf.outstanding,
        "stores": [],
    }


def _details(shelf: Shelf, now: float) -> dict[str, Any]:
    inbound = shelf.inbound_units(now)
    return {
        "fulfillableQuantity": shelf.fulfillable,
        "inboundWorkingQuantity": inbound["working"],
        "inboundShippedQuantity": inbound["shipped"],
        "inboundReceivingQuantity": inbound["receiving"],
        "reservedQuantity": {
            "totalReservedQuantity": shelf.reserved,
            "pendingCustomerOrderQuantity": shelf.reserved,
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
        "researchingQuantity": {
            "totalResearchingQuantity": 0,
            "researchingQuantityBreakdown": [
                {"name": f"researchingQuantityIn{term}Term", "quantity": 0}
                for term in ("Short", "Mid", "Long")
            ],
        },
        "unfulfillableQuantity": {
            "totalUnfulfillableQuantity": shelf.unfulfillable,
            **{name: shelf.units[disposition] for name, disposition in _UNFULFILLABLE.items()},
        },
    }
