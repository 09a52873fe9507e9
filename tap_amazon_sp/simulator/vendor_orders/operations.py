"""Retail procurement: purchase orders of the vendor.

Facts: Amazon's model `vendorOrders`: a window covers at most seven days; an order that Amazon never
changed has no changed date, so only its creation finds it; a change of state is no change. The
status of an order is updated by both.
"""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.orders.history import PAST_ENDS_BEFORE_START
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_parameter, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES, amount
from tap_amazon_sp.simulator.world.products import Product, make_products
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE, iso

API = "vendorOrders"

_MAX_PAGE = 100
_LONGEST_WINDOW = 7 * DAY
_NUMBER_LETTERS = string.ascii_uppercase + string.digits
_TYPES = ("RegularOrder", "NewProductIntroduction", "RushOrder", "ConsignedOrder")
_WAREHOUSES = ("PHX3", "SEA6", "LHR1", "FRA3", "NRT5")
_VENDOR_CODES = ("SIMVA", "SIMVB")
_STATES = ("New", "Acknowledged", "Closed")
_CONFIRMATION = {"New": "UNCONFIRMED", "Acknowledged": "ACCEPTED", "Closed": "ACCEPTED"}
_RECEIPT = {"New": "NOT_RECEIVED", "Acknowledged": "NOT_RECEIVED", "Closed": "RECEIVED"}
# Purchase orders change more slowly than orders.
_PACE_OF_ORDERS = 0.1


@dataclass
class PurchaseOrder:
    """A purchase order; times are epoch seconds.

    Attributes:
        index: Its number in the simulator.
        number: Amazon's purchase order number.
        created: When it was placed.
        state: `New`, `Acknowledged` or `Closed`.
        state_changed: When it came to that state.
        changed: When Amazon last changed it; None if it never did.
        changes: How often.
        cancelled_item: Whether a change cancelled its first item.
    """

    index: int
    number: str
    created: int
    state: str
    state_changed: int
    changed: int | None = None
    changes: int = 0
    cancelled_item: bool = False

    @property
    def updated(self) -> int:
        """When its status last changed."""
        return max(self.state_changed, self.changed or 0)

    def change(self, moment: int, *, cancels: bool) -> None:
        """Let Amazon change it."""
        self.changed = moment
        self.changes += 1
        self.cancelled_item = self.cancelled_item or cancels

    def move_on(self, moment: int) -> None:
        """Go to the next state."""
        self.state = _STATES[_STATES.index(self.state) + 1]
        self.state_changed = moment


class VendorOrders:
    """The reading operations of purchase orders, and the orders."""

    def __init__(  # noqa: PLR0913 - what the world is made of
        self,
        pager: Pager,
        *,
        seed: int,
        region: str,
        count: int,
        start: float,
        days: int,
        changes_per_minute: float,
    ) -> None:
        """Make up the past; see `OrderHistory` for the arguments."""
        self._pager = pager
        self._seed = seed
        end = int(start) - PAST_ENDS_BEFORE_START
        self._end_of_past = end
        self._pace = changes_per_minute * _PACE_OF_ORDERS / MINUTE
        self._changes = 0
        self._marketplace = MARKETPLACES[region][0]
        self._products = make_products(seed, region)
        self._orders: list[PurchaseOrder] = []
        self._by_number: dict[str, PurchaseOrder] = {}
        luck = chance(seed, "purchase orders")
        for moment in sorted(end - int(luck.random() * (days - 1) * DAY) for _ in range(count)):
            self._live(luck, self._place(luck, moment), end)

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        return {
            f"{API}.getPurchaseOrders": self.get_purchase_orders,
            f"{API}.getPurchaseOrder": self.get_purchase_order,
            f"{API}.getPurchaseOrdersStatus": self.get_purchase_orders_status,
        }

    def truth(self) -> list[dict[str, Any]]:
        """All purchase orders as they are now."""
        return [self._render(order) for order in self._orders]

    def truth_of_statuses(self) -> list[dict[str, Any]]:
        """The status of all purchase orders as it is now."""
        return [self._render_status(order) for order in self._orders]

    def advance(self, now: float) -> None:
        """Let everything happen that is due by now (epoch seconds)."""
        while self._pace:
            luck = chance(self._seed, "purchase order change", self._changes)
            moment = self._end_of_past + (self._changes + luck.random()) / self._pace
            if moment > now:
                return
            self._changes += 1
            open_orders = [order for order in self._orders[-200:] if order.state != "Closed"]
            draw = luck.random()
            if not open_orders or draw < 0.3:  # noqa: PLR2004 - share of new ones
                self._place(luck, int(moment))
                continue
            order = luck.choice(open_orders)
            moment = max(moment, order.created + 1)
            if draw < 0.65:  # noqa: PLR2004 - share of changes
                order.change(int(moment), cancels=luck.random() < 0.2)  # noqa: PLR2004
            else:
                order.move_on(int(moment))

    def get_purchase_orders(self, call: Call) -> Answer:
        """Give purchase orders created or changed in a window."""
        for after, before in (("createdAfter", "createdBefore"), ("changedAfter", "changedBefore")):
            _check_window(call, after, before)
        size = call.parameters.get("limit", _MAX_PAGE)
        page = self._pager.page(call, size, lambda: self._find(call))
        with_details = call.parameters.get("includeDetails", True)
        payload: dict[str, Any] = {
            "orders": [self._render(order, details=with_details) for order in page.items]
        }
        if page.next_token:
            payload["pagination"] = {"nextToken": page.next_token}
        return Answer({"payload": payload})

    def get_purchase_order(self, call: Call) -> Answer:
        """Give one purchase order."""
        number = call.parameters["purchaseOrderNumber"]
        order = self._by_number.get(number)
        if order is None:
            message = f"Purchase order {number}"
            raise not_found(message)
        return Answer({"payload": self._render(order)})

    def get_purchase_orders_status(self, call: Call) -> Answer:
        """Give the status of purchase orders created or updated in a window."""
        for after, before in (("createdAfter", "createdBefore"), ("updatedAfter", "updatedBefore")):
            _check_window(call, after, before)
        size = call.parameters.get("limit", _MAX_PAGE)
        page = self._pager.page(
            call,
            size,
            lambda: self._sorted(
                call, [order for order in self._orders if self._status_matches(call, order)]
            ),
        )
        payload: dict[str, Any] = {
            "ordersStatus": [self._render_status(order) for order in page.items]
        }
        if page.next_token:
            payload["pagination"] = {"nextToken": page.next_token}
        return Answer({"payload": payload})

    def _find(self, call: Call) -> list[PurchaseOrder]:
        return self._sorted(call, [order for order in self._orders if self._matches(call, order)])

    def _sorted(self, call: Call, found: list[PurchaseOrder]) -> list[PurchaseOrder]:
        if "sortOrder" in call.parameters:
            found.sort(key=lambda order: order.created)
            if call.parameters["sortOrder"] == "DESC":
                found.reverse()
        else:
            chance(self._seed, "disorder", len(found)).shuffle(found)
        return found

    def _matches(self, call: Call, order: PurchaseOrder) -> bool:
        wanted, times = call.parameters, call.times
        if not {"createdAfter", "createdBefore", "changedAfter", "changedBefore"} & {*times}:
            # Without a window Amazon looks at the last seven days.
            times = {"createdAfter": call.now - _LONGEST_WINDOW}
        return (
            _inside(order.created, times, "createdAfter", "createdBefore")
            and _inside(order.changed, times, "changedAfter", "changedBefore")
            and (wanted.get("isPOChanged") is not True or order.changed is not None)
            and wanted.get("purchaseOrderState", order.state) == order.state
            and ("poItemState" not in wanted or order.cancelled_item)
            and wanted.get("orderingVendorCode", _vendor_code(order)) == _vendor_code(order)
        )

    def _status_matches(self, call: Call, order: PurchaseOrder) -> bool:
        wanted, times = call.parameters, call.times
        windows = {"createdAfter", "createdBefore", "updatedAfter", "updatedBefore"}
        if "purchaseOrderNumber" not in wanted and not windows & {*times}:
            times = {"updatedAfter": call.now - _LONGEST_WINDOW}
        if not (
            _inside(order.created, times, "createdAfter", "createdBefore")
            and _inside(order.updated, times, "updatedAfter", "updatedBefore")
            and wanted.get("purchaseOrderNumber", order.number) == order.number
            and wanted.get("orderingVendorCode", _vendor_code(order)) == _vendor_code(order)
        ):
            return False
        expected = {
            "purchaseOrderStatus": _order_status(order),
            "itemConfirmationStatus": _CONFIRMATION[order.state],
            "itemReceiveStatus": _RECEIPT[order.state],
        }
        if "shipToPartyId" in wanted:
            expected["shipToPartyId"] = self._details(order)["shipToParty"]["partyId"]
        return all(wanted.get(name, value) == value for name, value in expected.items())

    def _place(self, luck: random.Random, moment: int) -> PurchaseOrder:
        number = ""
        while not number or number in self._by_number:
            number = "".join(luck.choices(_NUMBER_LETTERS, k=8))
        order = PurchaseOrder(len(self._orders), number, moment, "New", moment)
        self._orders.append(order)
        self._by_number[number] = order
        return order

    @staticmethod
    def _live(luck: random.Random, order: PurchaseOrder, end: int) -> None:
        acknowledged = order.created + luck.randrange(2 * HOUR, 48 * HOUR)
        closed = acknowledged + luck.randrange(8 * DAY, 20 * DAY)
        changed = order.created + luck.randrange(6 * HOUR, 9 * DAY)
        for moment in (acknowledged, closed):
            if moment <= end:
                order.move_on(moment)
        if luck.random() < 0.35 and changed <= end:  # noqa: PLR2004 - share of changed ones
            order.change(changed, cancels=luck.random() < 0.2)  # noqa: PLR2004

    def _render(self, order: PurchaseOrder, *, details: bool = True) -> dict[str, Any]:
        record: dict[str, Any] = {
            "purchaseOrderNumber": order.number,
            "purchaseOrderState": order.state,
        }
        if details:
            record["orderDetails"] = self._details(order)
        return record

    def _render_status(self, order: PurchaseOrder) -> dict[str, Any]:
        details = self._details(order)
        return {
            "purchaseOrderNumber": order.number,
            "purchaseOrderStatus": _order_status(order),
            "purchaseOrderDate": details["purchaseOrderDate"],
            "lastUpdatedDate": iso(order.updated),
            "sellingParty": details["sellingParty"],
            "shipToParty": details["shipToParty"],
            "itemStatus": [_item_status(order, item) for item in details["items"]],
        }

    def _details(self, order: PurchaseOrder) -> dict[str, Any]:
        luck = chance(self._seed, "purchase order", order.index)
        ship_from = order.created + luck.randrange(3, 8) * DAY
        deliver_from = ship_from + 2 * DAY
        changed = {} if order.changed is None else {"purchaseOrderChangedDate": iso(order.changed)}
        return {
            "purchaseOrderDate": iso(order.created),
            **changed,
            "purchaseOrderStateChangedDate": iso(order.state_changed),
            "purchaseOrderType": luck.choice(_TYPES),
            "paymentMethod": "Invoice",
            "buyingParty": {"partyId": "AMZN1"},
            "sellingParty": {"partyId": _vendor_code(order)},
            "shipToParty": {"partyId": luck.choice(_WAREHOUSES)},
            "billToParty": {"partyId": "AMZN1"},
            "shipWindow": f"{iso(ship_from)}--{iso(ship_from + 5 * DAY)}",
            "deliveryWindow": f"{iso(deliver_from)}--{iso(deliver_from + 7 * DAY)}",
            "items": [
                self._item(luck, order, position, product)
                for position, product in enumerate(
                    luck.sample(self._products, luck.randrange(1, 6))
                )
            ],
        }

    def _item(
        self, luck: random.Random, order: PurchaseOrder, position: int, product: Product
    ) -> dict[str, Any]:
        quantity = luck.randrange(1, 40) * 12 + order.changes
        if position == 0 and order.cancelled_item:
            quantity = 0
        currency = self._marketplace.currency
        price = product.price(self._marketplace)
        return {
            "itemSequenceNumber": str(position + 1),
            "amazonProductIdentifier": product.asin,
            "vendorProductIdentifier": product.sku,
            "orderedQuantity": {"amount": quantity, "unitOfMeasure": "Eaches", "unitSize": 1},
            "isBackOrderAllowed": luck.random() < 0.5,  # noqa: PLR2004
            "netCost": {"currencyCode": currency, "amount": amount(price // 2, currency)},
            "listPrice": {"currencyCode": currency, "amount": amount(price, currency)},
        }


def _order_status(order: PurchaseOrder) -> str:
    return "CLOSED" if order.state == "Closed" else "OPEN"


def _item_status(order: PurchaseOrder, item: Mapping[str, Any]) -> dict[str, Any]:
    ordered = item["orderedQuantity"]
    nothing = {**ordered, "amount": 0}
    receipt: dict[str, Any] = {"receiveStatus": _RECEIPT[order.state], "receivedQuantity": nothing}
    if order.state == "Closed":
        receipt |= {"receivedQuantity": ordered, "lastReceiveDate": iso(order.state_changed)}
    return {
        "itemSequenceNumber": item["itemSequenceNumber"],
        "buyerProductIdentifier": item["amazonProductIdentifier"],
        "vendorProductIdentifier": item["vendorProductIdentifier"],
        "netCost": item["netCost"],
        "listPrice": item["listPrice"],
        "orderedQuantity": {"orderedQuantity": ordered},
        "acknowledgementStatus": {
            "confirmationStatus": _CONFIRMATION[order.state],
            "acceptedQuantity": nothing if order.state == "New" else ordered,
            "rejectedQuantity": nothing,
        },
        "receivingStatus": receipt,
    }


def _vendor_code(order: PurchaseOrder) -> str:
    return _VENDOR_CODES[order.index % len(_VENDOR_CODES)]


def _check_window(call: Call, after_name: str, before_name: str) -> None:
    if after_name not in call.times:
        return
    after = call.times[after_name]
    before = call.times.get(before_name, call.now)
    if before < after:
        raise invalid_parameter(before_name, f"it is before '{after_name}'")
    # A window of seven days that ends now takes a moment to arrive.
    if before - after > _LONGEST_WINDOW + (0 if before_name in call.times else MINUTE):
        raise invalid_parameter(after_name, "the date range must not exceed 7 days")


def _inside(moment: int | None, times: Mapping[str, float], after: str, before: str) -> bool:
    if after not in times and before not in times:
        return True
    return moment is not None and (
        times.get(after, float("-inf")) < moment < times.get(before, float("inf"))
    )
