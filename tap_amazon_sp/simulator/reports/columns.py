"""The columns of flat files.

Amazon does not document them. Those in `data/report_columns.json` without `inferred` are the ones
that public connectors have seen in sellers' files; the others are guesses.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.world.timestamps import parse_iso

# Two public parsers of sellers' files saw the column first about 2026-05-28.
_ITEM_ID = "order-item-id"
_ITEM_ID_SINCE = parse_iso("2026-05-28T00:00:00Z")
_LATER_COLUMNS: Mapping[str, Mapping[str, float]] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": {_ITEM_ID: _ITEM_ID_SINCE},
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": {_ITEM_ID: _ITEM_ID_SINCE},
}
"""By type and column: since when reports have the column, epoch seconds."""

DATE_RANGE_TEXTS = (
    "date/time",
    "settlement id",
    "type",
    "order id",
    "sku",
    "description",
    "quantity",
    "marketplace",
    "account type",
    "fulfillment",
    "order city",
    "order state",
    "order postal",
    "tax collection model",
)
"""The columns of the date range reports, without the amounts."""

_GENERIC_COLUMNS = ("record-id", "date", "sku", "asin", "product-name", "quantity", "amount")


def columns_of(
    name: str, made: float | None = None, *, with_item_ids: bool = True
) -> Sequence[str]:
    """Return the columns of a flat file.

    Args:
        name: Report type.
        made: When the report is made, epoch seconds; older ones may lack columns. None is now.
        with_item_ids: Whether reports of all orders may have the ids of items.
    """
    known = _columns().get(name)
    columns = known["columns"] if known else _GENERIC_COLUMNS
    if made is None:
        return columns
    later = _LATER_COLUMNS.get(name, {})
    if not with_item_ids:
        later = {**later, **dict.fromkeys(later.keys() & {_ITEM_ID}, math.inf)}
    return [column for column in columns if later.get(column, made) <= made]


@functools.cache
def _columns() -> Mapping[str, Any]:
    return read_data("report_columns.json")
