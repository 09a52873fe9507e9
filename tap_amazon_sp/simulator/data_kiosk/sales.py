"""The figures of sales in results of queries: those of the orders, as the reports have them."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class QuerySales:
    """The figures of the rows of a query, worked out when the first of them is needed.

    Attributes:
        book: The orders of the seller.
        markets: The marketplaces of the rows.
        periods: First and last day of each period, oldest first.
        by_product: Whether rows are about products.
        now: When the query was made, epoch seconds.
    """

    book: OrderBook
    markets: Sequence[Marketplace]
    periods: Sequence[tuple[dt.date, dt.date]]
    by_product: bool
    now: float

    def value(
        self, selection: Selection, first: dt.date, market: Marketplace, product: Product | None
    ) -> Any:
        """Return the value of a field; None if it is not a figure of sales.

        Args:
            selection: The field that the query selects.
            first: First day of the period.
            market: The marketplace.
            product: The product, if the row is about one.
        """
        name = selection.name.removesuffix(_BUSINESS)
        figures = self._business if selection.name.endswith(_BUSINESS) else self._all
        number = None if product is None else product.number
        found = figures.get((first, market.id, number), SalesFigures())
        amounts = found.amounts()
        if name in amounts:
            return _money(selection.fields, amounts[name], market)
        return {**found.counts(), **found.rates()}.get(name)

    @functools.cached_property
    def _all(self) -> Mapping[tuple[dt.date, str, int | None], SalesFigures]:
        return self._figures(business=False)

    @functools.cached_property
    def _business(self) -> Mapping[tuple[dt.date, str, int | None], SalesFigures]:
        return self._figures(business=True)

    def _figures(self, *, business: bool) -> Mapping[tuple[dt.date, str, int | None], SalesFigures]:
        """Return the figures by first day, marketplace and number of the product."""
        found: dict[tuple[dt.date, str, int | None], SalesFigures] = defaultdict(SalesFigures)
        window = SalesWindow(
            self.markets,
            _midnight(self.periods[0][0]),
            _midnight(self.periods[-1][1]) + DAY - 1,
            self.now,
            business,
        )
        firsts = [first for first, _ in self.periods]
        for event in sales_events(self.book, window):
            day = day_of(event.moment)
            first, last = self.periods[bisect.bisect(firsts, day) - 1]
            if day <= last:
                number = event.product.number if self.by_product else None
                found[first, event.marketplace.id, number].add(event)
        return found


def _money(fields: Sequence[Selection], units: int, market: Marketplace) -> dict[str, Any]:
    values = {
        "amount": float(amount(units, market.currency)),
        "currencyCode": market.currency,
        TYPE_NAME: "Amount",
    }
    return {field.label: values[field.name] for field in fields}


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), UTC).timestamp()
