"""What Amazon charged for a product, and what is left of its sales, in results of queries.

Source: Amazon's GraphQL schema of the dataset (how amounts and net proceeds are calculated; costs
are null if the seller has entered none; "FBA fulfillment fees" is a name of a fee type). The other
names follow the fee types of the schema. Advertising is charged for a marketplace as a whole, so no
product has any.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tap_amazon_sp.simulator.data_kiosk.graphql import TYPE_NAME, Selection
from tap_amazon_sp.simulator.data_kiosk.sales import (
    PeriodProduct,
    QueryPeriods,
    QuerySales,
    written_money,
)
from tap_amazon_sp.simulator.inventory.storage import Storage
from tap_amazon_sp.simulator.money.books import Books
from tap_amazon_sp.simulator.money.components import COMMISSION, FULFILLMENT, REFUND_COMMISSION
from tap_amazon_sp.simulator.money.entries import STORAGE_FEE
from tap_amazon_sp.simulator.money.postings import REFUND, SHIPMENT, Entry
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.periods import day_of
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import number_from

ECONOMICS_TYPE = "Economics"
ECONOMICS_FIELDS = frozenset({"ads", "cost", "fees", "netProceeds"})
"""The fields of the type `Economics` that follow from the books."""

FULFILLMENT_FEES = "FBA fulfillment fees"
STORAGE_FEES = "Monthly inventory storage fees"
_FEES = {
    COMMISSION: "Referral fees",
    FULFILLMENT: FULFILLMENT_FEES,
    REFUND_COMMISSION: "Refund administration fees",
}
"""Names of fee types by component of the books."""

_COMPONENTS = {
    "FBA_FULFILLMENT_FEE": (FULFILLMENT_FEES, "Base fulfillment fee"),
    "FBA_STORAGE_FEE": (STORAGE_FEES, "Base monthly storage fee"),
}
"""Name of a fee type, and of its only component, by what a query includes components for."""


@dataclass(frozen=True)
class SellerFigures:
    """What the results of queries follow from.

    Attributes:
        orders: The orders of the seller.
        books: What moved money on the seller's account.
        storage: What storage costs, by product.
    """

    orders: OrderBook
    books: Books
    storage: Storage


class _Charge(NamedTuple):
    """A charge for a product.

    Attributes:
        moment: When it was posted, epoch seconds.
        name: Name of the fee type.
        marketplace: The marketplace.
        product: The product.
        units: What Amazon took, in hundredths or units without cents; negative if it gave back.
        quantity: Number of units that were charged.
    """

    moment: int
    name: str
    marketplace: Marketplace
    product: Product
    units: int
    quantity: int


@dataclass
class _Fee:
    units: int = 0
    quantity: int = 0


@dataclass(frozen=True)
class QueryEconomics:
    """The fees of the rows of a query, worked out when the first of them is needed.

    Attributes:
        figures: What they follow from.
        periods: The periods and marketplaces of the rows.
        sales: The figures of sales of the same rows.
        components: The fee types that the query wants components of.
    """

    figures: SellerFigures
    periods: QueryPeriods
    sales: QuerySales
    components: Sequence[str]

    def value(self, selection: Selection, row: PeriodProduct, last: dt.date) -> Any:
        """Return the value of one of `ECONOMICS_FIELDS`.

        Args:
            selection: The field that the query selects.
            row: What the row is about.
            last: Last day of its period.
        """
        if selection.name == "cost":
            return None
        if selection.name == "ads":
            return []
        fees = self._fees.get(row, {})
        if selection.name == "fees":
            summaries = [self._summary(row, last, name, fee) for name, fee in fees.items()]
            return [_selected(summary, "FeeSummary", selection.fields) for summary in summaries]
        return _selected(self._net_proceeds(row, fees), "NetProceeds", selection.fields)

    @functools.cached_property
    def _fees(self) -> Mapping[PeriodProduct, Mapping[str, _Fee]]:
        found: dict[PeriodProduct, dict[str, _Fee]] = {}
        for charge in self._charges():
            row = self.periods.row(day_of(charge.moment), charge.marketplace, charge.product)
            if row is not None and charge.units:
                fee = found.setdefault(row, {}).setdefault(charge.name, _Fee())
                fee.units += charge.units
                fee.quantity += charge.quantity
        return found

    def _charges(self) -> Iterator[_Charge]:
        books, markets = self.figures.books, self.figures.orders.world.marketplaces
        for entry in books.at(self.periods.now).entries:
            market = markets[entry.market]
            if self.periods.row(day_of(entry.posted_at), market, None) is None:
                continue
            if entry.subject[0] == STORAGE_FEE:
                yield from self._storage(entry, market)
            elif entry.kind in (REFUND, SHIPMENT):
                yield from self._of_items(entry, market)

    def _of_items(self, entry: Entry, market: Marketplace) -> Iterator[_Charge]:
        for posted in self.figures.books.posting(entry).items:
            taken: Counter[str] = Counter()
            for line in posted.lines:
                if line.component in _FEES:
                    taken[_FEES[line.component]] -= line.units
            quantity = posted.quantity if entry.kind == SHIPMENT else 0
            for name, units in taken.items():
                product = posted.item.product
                yield _Charge(entry.posted_at, name, market, product, units, quantity)

    def _storage(self, entry: Entry, market: Marketplace) -> Iterator[_Charge]:
        year, month = divmod(int(entry.subject[1]) - 1, 12)
        for charge in self.figures.storage.charges(market, year, month + 1):
            product = charge.shelf.product
            yield _Charge(entry.posted_at, STORAGE_FEES, market, product, charge.fee, 0)

    def _summary(self, row: PeriodProduct, last: dt.date, name: str, fee: _Fee) -> dict[str, Any]:
        detail = _detail(row.marketplace, fee)
        components = [
            {"name": component, "aggregatedDetail": detail, "properties": []}
            for wanted in self.components
            for of, component in [_COMPONENTS[wanted]]
            if of == name
        ]
        number = None if row.product is None else row.product.number
        identifier = number_from(row.first, row.marketplace.id, number, name) % 16**12
        charge = {
            "identifier": f"{identifier:012x}",
            "startDate": row.first.isoformat(),
            "endDate": last.isoformat(),
            "aggregatedDetail": detail,
            "components": components or None,
            "properties": [],
        }
        return {"feeTypeName": name, "charge": charge, "charges": [charge]}

    def _net_proceeds(self, row: PeriodProduct, fees: Mapping[str, _Fee]) -> dict[str, Any]:
        sales = self.sales.figures(row)
        total = sales.amounts()["netProductSales"] - sum(fee.units for fee in fees.values())
        sold = sales.counts()["netUnitsSold"]
        return {
            "total": written_money(total, row.marketplace),
            "perUnit": written_money(round(total / sold), row.marketplace) if sold else None,
        }


def _detail(market: Marketplace, fee: _Fee) -> dict[str, Any]:
    whole, nothing = written_money(fee.units, market), written_money(0, market)
    per_unit = written_money(round(fee.units / fee.quantity), market) if fee.quantity else None
    return {
        "amount": whole,
        "promotionAmount": nothing,
        "taxAmount": nothing,
        "totalAmount": whole,
        "quantity": float(fee.quantity) if fee.quantity else None,
        "amountPerUnit": per_unit,
        "amountPerUnitDelta": None,
    }


_TYPES = {
    "charge": "Fee",
    "charges": "Fee",
    "aggregatedDetail": "AggregatedDetail",
    "components": "FeeComponent",
}
"""Types of Amazon's schema by the field that has them; money is of the type `Amount`."""


def _selected(value: Any, type_name: str, fields: Iterable[Selection]) -> Any:
    """Return what a query selects of a value."""
    if isinstance(value, list):
        return [_selected(one, type_name, fields) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        field.label: type_name
        if field.name == TYPE_NAME
        else _selected(value[field.name], _TYPES.get(field.name, "Amount"), field.fields)
        for field in fields
    }
