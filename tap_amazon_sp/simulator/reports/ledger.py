"""Rows of the inventory ledger.

Sources: Amazon's page "Inventory reports" (options of both views) and public readers of sellers'
files: shipments and all that leaves is negative; the summary has a row for each SKU, disposition
and location; a month is written as `11/2026`. How a week is written is a guess: as its first day.
Days are UTC here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tap_amazon_sp.simulator.inventory.movements import (
    EVENT_COLUMNS,
    REASON_COLUMNS,
    RECEIPTS,
    SHIPMENTS,
    Movement,
)
from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.reports.stock_rows import StockRow, StockView
from tap_amazon_sp.simulator.world.periods import day_of, periods_between
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC

_PERIODS = {"DAILY": "DAY", "WEEKLY": "WEEK", "MONTHLY": "MONTH"}
_COUNTED = (*EVENT_COLUMNS.values(), *dict.fromkeys(REASON_COLUMNS.values()))
_NEVER_MOVED = (
    "In Transit Between Warehouses",
    "Vendor Returns",
    "Warehouse Transfer In/Out",
    "Disposed",
    "Unknown Events",
)
_DAY_FORMAT = "%m/%d/%Y"
_MONTH_FORMAT = "%m/%Y"


def ledger_summary(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_LEDGER_SUMMARY_VIEW_DATA.

    A row shows what was in the warehouse when a period began, what moved, and what was left. The
    first and the last period are whole, even if only a part of them was requested.
    """
    options = view.request.options
    by_time = options.get("aggregatedByTimePeriod") or "MONTHLY"
    form = _MONTH_FORMAT if by_time == "MONTHLY" else _DAY_FORMAT
    last_day = day_of(min(view.request.end, view.request.now))
    periods = [
        *periods_between(_PERIODS.get(by_time, "MONTH"), day_of(view.request.start), last_day)
    ]
    for shelf in _wanted(view):
        location = shelf.marketplace.country
        if options.get("aggregateByLocation") == "FC":
            location = shelf.fulfillment_center
        for first, disposition, counts in _periods(shelf, periods, view.request.now):
            yield StockRow(
                shelf.product,
                shelf.marketplace,
                _start(first),
                shelf.product.number,
                {
                    "Date": first.strftime(form),
                    "Disposition": disposition,
                    **dict.fromkeys(_NEVER_MOVED, 0),
                    **counts,
                    "Location": location,
                },
            )


def _periods(
    shelf: Shelf, periods: Sequence[tuple[dt.date, dt.date]], now: float
) -> Iterator[tuple[dt.date, str, Mapping[str, int]]]:
    """Yield first day, disposition and quantities of each period with something to show."""
    movements = iter([one for one in shelf.movements if one.moment <= now])
    movement = next(movements, None)
    balances: Counter[str] = Counter()
    for first, last in periods:
        start, end = _start(first), _start(last) + DAY
        counts: dict[str, Counter[str]] = {}
        before: dict[str, int] = {}
        while movement is not None and movement.moment < end:
            kind = movement.disposition
            if movement.moment >= start:
                before.setdefault(kind, balances[kind])
                counts.setdefault(kind, Counter())[movement.column] += movement.quantity
            balances[kind] += movement.quantity
            movement = next(movements, None)
        for kind in sorted({*counts, *(kind for kind, units in balances.items() if units)}):
            yield (
                first,
                kind,
                {
                    "Starting Warehouse Balance": before.get(kind, balances[kind]),
                    **{column: counts.get(kind, Counter())[column] for column in _COUNTED},
                    "Ending Warehouse Balance": balances[kind],
                },
            )


def ledger_detail(view: StockView) -> Iterable[StockRow]:
    """Yield the rows of GET_LEDGER_DETAIL_VIEW_DATA, oldest first.

    The shipments of a SKU on one day are one row, without a reference.
    """
    wanted = view.request.options.get("eventType")
    rows = [
        (movement.moment // DAY, number, shelf, movement)
        for number, shelf in enumerate(_wanted(view))
        for movement in _by_day(one for one in shelf.movements if view.covers(one.moment))
        if not wanted or movement.event == wanted
    ]
    for number, (day, _, shelf, movement) in enumerate(sorted(rows, key=lambda row: row[:2])):
        settled = _settled(movement, view.request.now)
        yield StockRow(
            shelf.product,
            shelf.marketplace,
            day * DAY,
            number,
            {
                "Event Type": movement.event,
                "Reference ID": _reference(movement),
                "Quantity": movement.quantity,
                "Fulfillment Center": shelf.fulfillment_center,
                "Disposition": movement.disposition,
                "Reason": movement.reason,
                "Country": shelf.marketplace.country,
                "Reconciled Quantity": settled,
                "Unreconciled Quantity": (
                    abs(movement.quantity) - settled if movement.settled_at else 0
                ),
            },
        )


def _wanted(view: StockView) -> Iterator[Shelf]:
    """Yield the stock of the products that the options of the request name."""
    options = view.request.options
    for shelf in view.shelves():
        product = shelf.product
        ids = {"FNSKU": product.fnsku, "MSKU": product.sku, "ASIN": product.asin}
        if all(options.get(name) in (None, "", value) for name, value in ids.items()):
            yield shelf


def _by_day(movements: Iterable[Movement]) -> Iterator[Movement]:
    """Yield movements; the shipments of a day come together."""
    shipped: Counter[int] = Counter()
    first: dict[int, Movement] = {}
    for movement in movements:
        if movement.event == SHIPMENTS:
            day = movement.moment // DAY
            shipped[day] += movement.quantity
            first.setdefault(day, movement)
        else:
            yield movement
    for day, movement in first.items():
        yield movement._replace(quantity=shipped[day])


def _settled(movement: Movement, now: float) -> int:
    """Return how many lost units were found or paid for by a moment."""
    if movement.settled_at is None or movement.settled_at > now:
        return 0
    return abs(movement.quantity)


def _reference(movement: Movement) -> str:
    if movement.event == SHIPMENTS:
        return ""
    if movement.event == RECEIPTS:
        return f"FBA{movement.source:09d}"
    return f"{20_000_000_000_000 + movement.source}"


def _start(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), UTC).timestamp())
