"""The rows of a report of all orders, order by order.

A row is an item of an order, or a part of one: the same order, SKU and quantity may come several
times (amzn/selling-partner-api-models#442). The rows of an order usually follow each other, but
nobody promises it.

Facts: the columns of the flat file as in public readers of it; Amazon's XSD AllOrdersReport and
public readers of the XML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.common.timestamps import read_date_time
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS
from tap_amazon_sp.documents.numbers import number_reader
from tap_amazon_sp.documents.values import MISFITS

Row = Mapping[str, Any]

ORDER_ID = "amazon_order_id"
ITEMS = "order_item"
"""The field of an order in XML that has its items."""

NUMBERS = (
    "quantity",
    "item_price",
    "item_tax",
    "shipping_price",
    "shipping_tax",
    "gift_wrap_price",
    "gift_wrap_tax",
    "item_promotion_discount",
    "ship_promotion_discount",
)
TIMES = ("purchase_date", "last_updated_date")

_COMPONENTS = {
    "Principal": "item_price",
    "Tax": "item_tax",
    "Shipping": "shipping_price",
    "ShippingTax": "shipping_tax",
    "GiftWrap": "gift_wrap_price",
    "GiftWrapTax": "gift_wrap_tax",
}
"""The columns of a flat file that have the parts of a price in XML."""

_ORDER_FIELDS = {
    ORDER_ID: (ORDER_ID,),
    "merchant_order_id": ("merchant_order_id",),
    "purchase_date": ("purchase_date",),
    "last_updated_date": ("last_updated_date",),
    "order_status": ("order_status",),
    "sales_channel": ("sales_channel",),
    "is_business_order": ("is_business_order",),
    "fulfillment_channel": ("fulfillment_data", "fulfillment_channel"),
    "ship_service_level": ("fulfillment_data", "ship_service_level"),
    "ship_city": ("fulfillment_data", "address", "city"),
    "ship_state": ("fulfillment_data", "address", "state"),
    "ship_postal_code": ("fulfillment_data", "address", "postal_code"),
    "ship_country": ("fulfillment_data", "address", "country"),
}
_ITEM_FIELDS = {
    "order_item_id": ("amazon_order_item_code",),
    "asin": ("asin",),
    "sku": ("sku",),
    "item_status": ("item_status",),
    "product_name": ("product_name",),
    "quantity": ("quantity",),
    "price_designation": ("price_designation",),
}
"""Where an order in XML has what the columns of a flat file have."""

_PROMOTION_IDS = "promotion_i_ds"
"""What `PromotionIDs` is called in a row."""

_READER = number_reader(NO_CONVENTIONS)


class OrderRowsError(Exception):
    """The rows do not say which orders there are; the text says why, without values."""


class OrderGroups:
    """Groups rows by order, as they come.

    In memory are the rows of one order, and of each order so far a number that stands for its id:
    less than 100 bytes for an order. `scattered` says how often orders came back after rows of
    other orders, by id: what was given of them are only parts. `groups_of` finds them whole in the
    same rows.
    """

    def __init__(self) -> None:
        """Read nothing yet."""
        self.scattered: Counter[str] = Counter()

    def of(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Yield the rows of each order.

        Raises:
            OrderRowsError: A row has no order id.
        """
        seen: set[int] = set()
        current = ""
        group: list[Row] = []
        for row in rows:
            order_id = row[ORDER_ID]
            if order_id == current:
                group.append(row)
                continue
            if not order_id:
                message = "a row has no order id"
                raise OrderRowsError(message)
            if group:
                yield group
            number = hash(order_id)
            if number in seen:
                self.scattered[order_id] += 1
            seen.add(number)
            current, group = order_id, [row]
        if group:
            yield group


def groups_of(rows: Iterable[Row], order_ids: Collection[str]) -> Iterator[list[Row]]:
    """Yield all rows of each of some orders, wherever they are; all of them are in memory."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if (order_id := row[ORDER_ID]) in order_ids:
            found.setdefault(order_id, []).append(row)
    yield from found.values()


def rows_of_message(order: Row) -> list[dict[str, Any]]:
    """Return the rows that a flat file has for an order in XML.

    A value that cannot be read as a number or a time is among the misfits of its row.

    Raises:
        OrderRowsError: It has no items.
    """
    shared = {name: _text(_at(order, path)) for name, path in _ORDER_FIELDS.items()}
    items = order.get(ITEMS) or []
    found = items if isinstance(items, list) else [items]
    rows = [_row_of(shared, item) for item in found if isinstance(item, Mapping)]
    if not rows:
        message = "an order has no items"
        raise OrderRowsError(message)
    return rows


def _row_of(shared: Row, item: Row) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(NUMBERS, "")
    row |= shared
    row |= {name: _text(_at(item, path)) for name, path in _ITEM_FIELDS.items()}
    row["currency"] = ""
    _add_prices(row, item)
    _add_promotions(row, item)
    misfits: dict[str, str] = {}
    for names, read in ((NUMBERS, _number), (TIMES, read_date_time)):
        for name in names:
            if text := row[name]:
                row[name] = read(text)
                if row[name] is None:
                    misfits[name] = text
            else:
                row[name] = None
    if misfits:
        row[MISFITS] = misfits
    return row


def _number(text: str) -> Any:
    # The first remembers what it has read, and most numbers come again.
    found = _READER.certain(text)
    return _READER.reading(text).value if found is None else found


def _add_prices(row: dict[str, Any], item: Row) -> None:
    components = _at(item, ("item_price", "component"))
    currencies = set()
    for component in _listed(components):
        column = _COMPONENTS.get(_text(component.get("type")))
        amount = component.get("amount")
        if column is None or amount is None:
            continue
        value = amount.get("value") if isinstance(amount, Mapping) else amount
        if row[column]:
            # Two parts of one kind: which of them counts, or their sum, nobody says.
            row[column] = f"{row[column]} + {_text(value)}"
        else:
            row[column] = _text(value)
        if isinstance(amount, Mapping):
            currencies.add(_text(amount.get("currency")))
    if len(currencies) == 1:
        (row["currency"],) = currencies


def _add_promotions(row: dict[str, Any], item: Row) -> None:
    promotions = _listed(item.get("promotion"))
    row["promotion_ids"] = ",".join(
        filter(None, (_text(promotion.get(_PROMOTION_IDS)) for promotion in promotions))
    )
    if len(promotions) == 1:
        for name in ("item_promotion_discount", "ship_promotion_discount"):
            found = promotions[0].get(name)
            row[name] = _text(found.get("value") if isinstance(found, Mapping) else found)


def _listed(found: Any) -> list[Row]:
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, Mapping)]


def _at(value: Any, path: Iterable[str]) -> Any:
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
