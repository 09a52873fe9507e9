"""The figures of sales in results of queries: those of the orders, as the reports have them."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tap_amazon_sp.simulator.data_kiosk.graphql import TYPE_NAME, Selection
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.sales_figures import SalesFigures, SalesWindow, sales_events
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.periods import day_of
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC

SALES_TYPES = frozenset({"ByAsinSales", "ByDateSales", "Sales"})
"""The types of Amazon's GraphQL schemas whose fields are figures of sales."""

_BUSINESS = "B2B"
_OF_ECONOMICS = "Sales"


class PeriodProduct(NamedTuple):
    """What a row is about.

    Attributes:
        first: First day of its period.
        marketplace: The marketplace.
        product: The product; None if rows are not about products.
    """

    first: dt.date
    marketplace: Marketplace
    product: Product | None


@dataclass(frozen=True)
class QueryPeriods:
    """The periods, marketplaces and products of the rows of a query.

    Attributes:
        markets: The marketplaces.
        days: First and last day of each period, oldest first.
        by_product: Whether rows are about products.
        now: When the query was made, epoch seconds.
    """

    markets: Sequence[Marketplace]
    days: Sequence[tuple[dt.date, dt.date]]
    by_product: bool
    now: float

    def row(
        self, day: dt.date, marketplace: Marketplace, product: Product | None
    ) -> PeriodProduct | None:
        """Return the row that counts what happened on a day; None if there is none."""
        at = bisect.bisect(self._firsts, day) - 1
        if at < 0 or day > self.days[at][1] or marketplace not in self.markets:
            return None
        return PeriodProduct(self.days[at][0], marketplace, product if self.by_product else None)

    @functools.cached_property
    def _firsts(self) -> list[dt.date]:
        return [first for first, _ in self.days]


@dataclass(frozen=True)
class QuerySales:
    """The figures of the rows of a query, worked out when the first of them is needed.

    Attributes:
        book: The orders of the seller.
        periods: The periods, marketplaces and products of the rows.
    """

    book: OrderBook
    periods: QueryPeriods

    def figures(self, row: PeriodProduct, *, business: bool = False) -> SalesFigures:
        """Return the figures of a row, or only those of Amazon Business."""
        found = self._business if business else self._all
        return found.get(row, SalesFigures())

    def value(self, selection: Selection, row: PeriodProduct, type_name: str) -> Any:
        """Return the value of a field of one of `SALES_TYPES`."""
        name = selection.name.removesuffix(_BUSINESS)
        found = self.figures(row, business=selection.name.endswith(_BUSINESS))
        amounts, counts = found.amounts(), found.counts()
        if name not in amounts:
            return {**counts, **found.rates()}[name]
        is_average = name == "averageSellingPrice" and type_name == _OF_ECONOMICS
        if is_average and not counts["unitsOrdered"]:
            # Amazon's schema says so for this type.
            return None
        money = {**written_money(amounts[name], row.marketplace), TYPE_NAME: "Amount"}
        return {field.label: money[field.name] for field in selection.fields}

    @functools.cached_property
    def _all(self) -> Mapping[PeriodProduct, SalesFigures]:
        return self._figures(business=False)

    @functools.cached_property
    def _business(self) -> Mapping[PeriodProduct, SalesFigures]:
        return self._figures(business=True)

    def _figures(self, *, business: bool) -> Mapping[PeriodProduct, SalesFigures]:
        periods = self.periods
        found: dict[PeriodProduct, SalesFigures] = defaultdict(SalesFigures)
        window = SalesWindow(
            periods.markets,
            _midnight(periods.days[0][0]),
            _midnight(periods.days[-1][1]) + DAY - 1,
            periods.now,
            business,
        )
        for event in sales_events(self.book, window):
            row = periods.row(day_of(event.moment), event.marketplace, event.product)
            if row is not None:
                found[row].add(event)
        return found


def written_money(units: int, market: Marketplace) -> dict[str, Any]:
    """Return money as `Amount`; `units` are hundredths, or units of a currency without cents."""
    return {
        "amount": float(amount(units, market.currency)),
        "currencyCode": market.currency,
    }


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), UTC).timestamp()
