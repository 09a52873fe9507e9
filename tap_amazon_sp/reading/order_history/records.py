"""Orders as Orders 2026-01-01 has them, made of the rows of a report of all orders.

A record has what the report gives exactly, and nothing that is only nearly right. Amazon's own
words for what the report says in another way are in `_report`, as they are:

- An order has its ids, its times in whole seconds, its marketplace, who fulfils it and, if the
  settings ask for buyers' data and it is neither pending nor cancelled, city, state, postal code
  and country. The status is in `_report`: its words differ (amzn/selling-partner-api-models:
  `Shipping` is documented nowhere).
- An item has its id, product and proceeds of the types ITEM, SHIPPING, GIFT_WRAP and TAX, which are
  totals of the row. Its quantity is in `_report`: it is 0 once an item is cancelled. So are the
  discounts: whether they are negative is disputed.
- An order whose rows do not all have a price, as some are cancelled, has no proceeds of its own.

Facts: Amazon's model `orders_2026-01-01`; the reports' columns as in public readers of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from tap_amazon_sp.amazon.marketplaces import marketplace_of_channel
from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.reading.order_history.rows import OrderRowsError, Row
from tap_amazon_sp.singer.schemas import TEXT, Schema, object_schema

SOURCE = "_source"
"""The property that says where a record comes from: `report`; null means the API."""

REPORT = "_report"
"""The property with what a report says in words and numbers of its own."""

FROM_REPORT = "report"

ORDER_ITEMS = "orderItems"

ORDER_PROPERTIES: Schema = {
    SOURCE: TEXT,
    REPORT: object_schema(
        orderStatus="string", shipServiceLevel="string", isBusinessOrder="boolean"
    ),
}
"""The properties that orders from reports have beside those of Amazon's model."""

ITEM_PROPERTIES: Schema = {
    SOURCE: TEXT,
    REPORT: object_schema(
        orderStatus="string",
        itemStatus="string",
        quantity="integer",
        itemPromotionDiscount="string",
        shipPromotionDiscount="string",
        priceDesignation="string",
        misfits="object",
    ),
}
"""The same of their items."""

NEEDED = (
    "amazon_order_id",
    "purchase_date",
    "last_updated_date",
    "order_status",
    "sales_channel",
    "sku",
    "asin",
    "quantity",
    "currency",
    "item_price",
)
"""The columns without which a flat file is not the report that is expected."""

_NOT_OF_AMAZON = "non-amazon"
"""The beginning of the sales channel, in small letters, of orders of the seller's own shop."""

_FULFILLED_BY = {"Amazon": "AMAZON", "Merchant": "MERCHANT"}
_BOOLEANS = {"true": True, "false": False}
_WITHOUT_RECIPIENT = ("Pending", "Cancelled")
"""Statuses of orders whose address the API does not give (model `ordersV0`, `ShippingAddress`)."""

_ADDRESS = {
    "ship_city": "city",
    "ship_state": "stateOrRegion",
    "ship_postal_code": "postalCode",
    "ship_country": "countryCode",
}
_TAXES = ("item_tax", "shipping_tax", "gift_wrap_tax")
_PRICES = ("item_price", "shipping_price", "gift_wrap_price")
_DISCOUNTS = (
    ("itemPromotionDiscount", "item_promotion_discount"),
    ("shipPromotionDiscount", "ship_promotion_discount"),
)
_MAX_REMEMBERED = 1000
"""Sales channels that are looked up once; Amazon has two dozen."""

_UNREAD = object()

Record = dict[str, Any]
_Proceeds = dict[str, Any]
"""An amount, or `_UNREAD`, by the type of proceeds."""


class OrderRecords:
    """Makes the records of the orders in reports.

    Attributes:
        left_out: Numbers of orders that are left out, by their sales channel: those of other
            marketplaces, and those of the seller's own shop, which the Orders API does not have.
        made_ids: Number of items without an id of Amazon.
    """

    def __init__(self, marketplace_ids: Collection[str], datasets: Collection[str]) -> None:
        """Make nothing yet.

        Args:
            marketplace_ids: The marketplaces to read; empty for all.
            datasets: The datasets of an order that are read, in the words of searchOrders.
        """
        self._wanted = frozenset(marketplace_ids)
        self._has_fulfillment = "FULFILLMENT" in datasets
        self._has_proceeds = "PROCEEDS" in datasets
        self._has_promotion = "PROMOTION" in datasets
        self._has_recipient = "RECIPIENT" in datasets
        self._channels: dict[str, Mapping[str, str] | None] = {}
        self.left_out: Counter[str] = Counter()
        self.made_ids = 0

    def record(self, rows: Sequence[Row]) -> Record | None:
        """Return the record of an order with all its items; None if it is left out.

        Args:
            rows: All rows of the order.

        Raises:
            OrderRowsError: The order has no time, or no sales channel.
        """
        first = rows[0]
        channel = first["sales_channel"]
        if not channel:
            message = "a row has no sales channel"
            raise OrderRowsError(message)
        found = self._channels.get(channel, _UNREAD)
        if found is _UNREAD:
            found = self._look_up(channel)
        if found is None:
            self.left_out[channel] += 1
            return None
        record: Record = {
            SOURCE: FROM_REPORT,
            "orderId": first["amazon_order_id"],
            "createdTime": first["purchase_date"],
            "lastUpdatedTime": first["last_updated_date"],
            "salesChannel": found,
        }
        if len(rows) == 1:
            record[ORDER_ITEMS] = items = [self._item(first, self._item_id(first, 1))]
            proceeds = items[0].get("proceeds")
        else:
            # The parts of an order may have been looked at one after the other.
            record["lastUpdatedTime"] = max(row["last_updated_date"] or "" for row in rows)
            record[ORDER_ITEMS] = self._items(rows)
            proceeds = _order_proceeds(rows) if self._has_proceeds else None
        if proceeds is not None:
            record["proceeds"] = proceeds
        if not record["createdTime"] or not record["lastUpdatedTime"]:
            message = "a row has no time of its order"
            raise OrderRowsError(message)
        self._add_to_order(record, first)
        return record

    def _add_to_order(self, record: Record, row: Row) -> None:
        """Add what not every order has, and what the report says in its own words."""
        get = row.get
        if (alias := get("merchant_order_id")) and alias != record["orderId"]:
            record["orderAliases"] = [{"aliasId": alias, "aliasType": "SELLER_ORDER_ID"}]
        if self._has_fulfillment:
            fulfilled_by = _FULFILLED_BY.get(get("fulfillment_channel") or "")
            if fulfilled_by is not None:
                record["fulfillment"] = {"fulfilledBy": fulfilled_by}
        if self._has_recipient and row["order_status"] not in _WITHOUT_RECIPIENT:
            address = {name: text for column, name in _ADDRESS.items() if (text := get(column))}
            if address:
                record["recipient"] = {"deliveryAddress": address}
        record[REPORT] = report = {"orderStatus": row["order_status"]}
        if level := get("ship_service_level"):
            report["shipServiceLevel"] = level
        if (is_business := _BOOLEANS.get(get("is_business_order") or "")) is not None:
            report["isBusinessOrder"] = is_business

    def _look_up(self, channel: str) -> Mapping[str, str] | None:
        """Return `salesChannel` of the orders of a sales channel; None if they are left out."""
        if len(self._channels) >= _MAX_REMEMBERED:
            self._channels.clear()
        marketplace = marketplace_of_channel(channel)
        found: Mapping[str, str] | None = None
        if marketplace is not None:
            if not self._wanted or marketplace.id in self._wanted:
                found = {"channelName": "AMAZON", "marketplaceId": marketplace.id}
        elif not self._wanted and not channel.strip().lower().startswith(_NOT_OF_AMAZON):
            # A marketplace that this program does not know.
            found = {"channelName": "AMAZON"}
        self._channels[channel] = found
        return found

    # --- Items ----------------------------------------------------------------------------------

    def _items(self, rows: Sequence[Row]) -> list[Record]:
        """Return the items of an order with several rows; rows with the same item id are one."""
        occurrences: Counter[str] = Counter()
        by_id: dict[str, list[Row]] = {}
        for row in rows:
            sku = row["sku"] or ""
            occurrences[sku] += 1
            by_id.setdefault(self._item_id(row, occurrences[sku]), []).append(row)
        return [
            self._item(parts[0] if len(parts) == 1 else _joined(parts), item_id)
            for item_id, parts in by_id.items()
        ]

    def _item_id(self, row: Row, occurrence: int) -> str:
        """Return Amazon's id of an item, or one that is made of its SKU.

        Flat files have ids since the end of May 2026. Amazon's ids are digits, made ones have a
        colon: the first item of a SKU in an order is `SKU:1`.
        """
        if item_id := row.get("order_item_id"):
            return str(item_id)
        self.made_ids += 1
        return f"{row['sku'] or ''}:{occurrence}"

    def _item(self, row: Row, item_id: str) -> Record:
        get = row.get
        item: Record = {
            SOURCE: FROM_REPORT,
            "orderItemId": item_id,
            "product": {
                "asin": row["asin"] or None,
                "title": get("product_name") or None,
                "sellerSku": row["sku"] or None,
            },
        }
        if self._has_proceeds:
            proceeds = _proceeds_of(row)
            if proceeds is not None:
                item["proceeds"] = proceeds
        if self._has_promotion and (ids := get("promotion_ids")):
            item["promotion"] = {
                "breakdowns": [
                    {"promotionId": one} for part in ids.split(",") if (one := part.strip())
                ]
            }
        item[REPORT] = report = {
            "orderStatus": row["order_status"],
            "itemStatus": get("item_status"),
            "quantity": row["quantity"],
        }
        for name, column in _DISCOUNTS:
            if (discount := get(column)) is not None:
                report[name] = str(discount)
        if designation := get("price_designation"):
            report["priceDesignation"] = designation
        if (misfits := get(MISFITS)) is not None:
            # Values that nobody can read for certain, by column.
            report["misfits"] = misfits
        return item


def _joined(parts: Sequence[Row]) -> Row:
    """Return one row for the parts of an item: quantities and money are sums."""
    joined = dict(parts[0])
    misfits: dict[str, str] = {}
    for part in parts:
        misfits |= part.get(MISFITS) or {}
    for column in ("quantity", *_PRICES, *_TAXES, *(one for _, one in _DISCOUNTS)):
        values = [value for part in parts if (value := part.get(column)) is not None]
        joined[column] = sum(values) if values and column not in misfits else None
    if len({part["currency"] for part in parts if part["currency"]}) > 1:
        joined["currency"] = None
    if misfits:
        joined[MISFITS] = misfits
    return joined


# --- Money --------------------------------------------------------------------------------------


def _proceeds_of(row: Row) -> _Proceeds | None:
    """Return `proceeds` of an item; None if the row has no price, or no currency."""
    currency, price = row["currency"], row["item_price"]
    if not currency or price is None:
        return None
    return _breakdowns(row, currency, frozenset(row.get(MISFITS) or ()))


def _order_proceeds(rows: Sequence[Row]) -> _Proceeds | None:
    """Return `proceeds` of an order; None unless all its rows have prices in one currency."""
    currency = rows[0]["currency"]
    if not currency:
        return None
    sums: dict[str, Any] = {}
    misfits: set[str] = set()
    for row in rows:
        if row["currency"] != currency or row["item_price"] is None:
            return None
        if (more := row.get(MISFITS)) is not None:
            misfits.update(more)
        for column in (*_PRICES, *_TAXES):
            value = row.get(column)
            if value is not None:
                sums[column] = sums[column] + value if column in sums else value
    for column in misfits:
        sums.pop(column, None)
    return _breakdowns(sums, currency, misfits)


def _breakdowns(amounts: Mapping[str, Any], currency: str, misfits: AbstractSet[str]) -> _Proceeds:
    """Return proceeds by type; a type is left out if one of its amounts cannot be read."""
    get = amounts.get
    found = [_breakdown("ITEM", amounts["item_price"], currency)]
    if (amount := get("shipping_price")) is not None:
        found.append(_breakdown("SHIPPING", amount, currency))
    if (amount := get("gift_wrap_price")) is not None:
        found.append(_breakdown("GIFT_WRAP", amount, currency))
    if misfits and not misfits.isdisjoint(_TAXES):
        return {"breakdowns": found}
    taxes = [amount for column in _TAXES if (amount := get(column)) is not None]
    if taxes:
        found.append(_breakdown("TAX", taxes[0] if len(taxes) == 1 else sum(taxes), currency))
    return {"breakdowns": found}


def _breakdown(kind: str, amount: Decimal | int, currency: str) -> dict[str, Any]:
    return {"type": kind, "subtotal": {"amount": str(amount), "currencyCode": currency}}
