"""Results of Data Kiosk queries: a row for each period, marketplace and product.

Rows have the fields that the query selects from Amazon's schemas. Figures of sales are those of the
orders, fees and proceeds of products those of the books. The other values are made up, and always
the same for the same field of the same row.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.data_kiosk.economics import (
    ECONOMICS_FIELDS,
    ECONOMICS_TYPE,
    QueryEconomics,
    SellerFigures,
)
from tap_amazon_sp.simulator.data_kiosk.graphql import (
    TYPE_NAME,
    Selection,
    datasets,
    field_type,
    plain_type,
)
from tap_amazon_sp.simulator.data_kiosk.sales import (
    SALES_TYPES,
    PeriodProduct,
    QueryPeriods,
    QuerySales,
)
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.periods import day_of, periods_between
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import number_from

_MAX_AGE = dt.timedelta(days=2 * 366)
_WHOLE_RANGE = "RANGE"
_WORDS = ("Standard", "Café au lait", "Größe M", "東京")
_NULL_ONE_IN = 6
_MAX_NUMBER = 500
# Fields whose rows are about products, and fields whose rows are about the future.
_OF_PRODUCTS = frozenset(
    {
        "salesAndTrafficByAsin",
        "salesAndTrafficTrends",
        "economics",
        "economicsPreview",
        "economicsSimulation",
    }
)
_AHEAD = frozenset({"economicsPreview", "economicsSimulation"})


@dataclass(frozen=True)
class About:
    """The subject of a row.

    Attributes:
        first: First day.
        last: Last day.
        market: Marketplace.
        product: Product; None if the row is not about a product.
    """

    first: dt.date
    last: dt.date
    market: Marketplace
    product: Product | None


class QueryResult:
    """All rows of a query."""

    def __init__(
        self, figures: SellerFigures, dataset: str, selection: Selection, *, now: float
    ) -> None:
        """Determine which rows there are.

        Args:
            figures: What figures of the seller follow from.
            dataset: Name of the dataset.
            selection: The field of the dataset that the query selects.
            now: Epoch seconds.
        """
        world = figures.orders.world
        self._types = datasets()[dataset]
        root = plain_type(field_type(self._types["Query"]["fields"][dataset]))
        self._type = plain_type(field_type(self._types[root]["fields"][selection.name]))
        self._selection = selection
        self._seed = world.seed
        self._today = day_of(now)
        self._marketplaces = world.marketplaces_by_id
        self._products: Sequence[Product | None] = (
            world.products if selection.name in _OF_PRODUCTS else [None]
        )
        self.problem = self._problem()
        self._markets = [] if self.problem else self._wanted_markets()
        self._periods = [] if self.problem else self._wanted_periods()
        self._sales: QuerySales | None = None
        self._economics: QueryEconomics | None = None
        if self._periods and selection.name not in _AHEAD:
            by_product = selection.name in _OF_PRODUCTS
            periods = QueryPeriods(self._markets, self._periods, by_product, now)
            self._sales = QuerySales(figures.orders, periods)
            wanted = selection.arguments.get("includeComponentsForFeeTypes") or []
            self._economics = QueryEconomics(figures, periods, self._sales, _listed(wanted))

    def _problem(self) -> str | None:
        """Return why there is no result, or None."""
        arguments = self._selection.arguments
        start, end = self._dates()
        if end < start:
            return "endDate must not be before startDate."
        if start < self._today - _MAX_AGE:
            return "startDate must be no more than two years ago."
        wanted = arguments.get("marketplaceIds", [])
        unknown = [name for name in _listed(wanted) if name not in self._marketplaces]
        if unknown:
            return f"The selling partner is not in marketplace {', '.join(unknown)}."
        return None

    def _dates(self) -> tuple[dt.date, dt.date]:
        start, end = (
            dt.date.fromisoformat(self._selection.arguments[name])
            for name in ("startDate", "endDate")
        )
        return start, end

    def _wanted_markets(self) -> list[Marketplace]:
        arguments = self._selection.arguments
        ids = arguments.get("marketplaceIds") or arguments.get("marketplaceId")
        if ids is None:
            filters = _listed(arguments.get("filters") or [])
            ids = [one["marketplaceId"] for one in filters if one.get("marketplaceId")]
        found = [self._marketplaces[name] for name in _listed(ids) if name in self._marketplaces]
        return found or [next(iter(self._marketplaces.values()))]

    def _granularity(self) -> str:
        """Return the period of a row: `DAY`, `WEEK`, `MONTH`, or the whole range."""
        arguments = self._selection.arguments
        by = arguments.get("dateAggregation") or arguments.get("aggregateBy")
        if isinstance(by, dict):
            return str(by.get("date") or "DAY")
        if self._selection.name == "salesAndTrafficByAsin" or self._selection.name in _AHEAD:
            return _WHOLE_RANGE
        return str(by or "DAY")

    def _wanted_periods(self) -> list[tuple[dt.date, dt.date]]:
        """Return first and last day of each period; today has no data yet."""
        start, end = self._dates()
        if self._selection.name not in _AHEAD:
            end = min(end, self._today - dt.timedelta(days=1))
        if end < start:
            return []
        by = self._granularity()
        if by == _WHOLE_RANGE:
            return [(start, end)]
        return [
            (first, last)
            for first, last in periods_between(by, start, end)
            # Only periods that lie completely in the range have rows.
            if first >= start and last <= end
        ]

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self._periods) * len(self._markets) * len(self._products)

    def lines(self, start: int, stop: int) -> bytes:
        """Return the rows from one number to another, as JSONL."""
        rows = (self._row(number) for number in range(start, min(stop, self.count)))
        return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)

    def _row(self, number: int) -> dict[str, Any]:
        number, product = divmod(number, len(self._products))
        period, market = divmod(number, len(self._markets))
        first, last = self._periods[period]
        about = About(first, last, self._markets[market], self._products[product])
        return self._object(self._type, self._selection.fields, about, (self._selection.name,))

    def _object(
        self,
        type_name: str,
        fields: Sequence[Selection],
        about: About,
        path: tuple[str, ...],
    ) -> dict[str, Any]:
        return {
            selection.label: type_name
            if selection.name == TYPE_NAME
            else self._field(type_name, selection, about, path)
            for selection in fields
        }

    def _field(
        self, type_name: str, selection: Selection, about: About, path: tuple[str, ...]
    ) -> Any:
        """Return the value of a field of an object."""
        row = PeriodProduct(about.first, about.market, about.product)
        if self._sales is not None and type_name in SALES_TYPES:
            return self._sales.value(selection, row, type_name)
        if (
            self._economics is not None
            and type_name == ECONOMICS_TYPE
            and selection.name in ECONOMICS_FIELDS
        ):
            return self._economics.value(selection, row, about.last)
        declared = field_type(self._types[type_name]["fields"][selection.name])
        return self._value(declared, selection, about, path)

    def _value(
        self, declared: str, selection: Selection, about: About, path: tuple[str, ...]
    ) -> Any:
        path = (*path, selection.name)
        number = self._number(about, path)
        if (
            not declared.endswith("!")
            and number % _NULL_ONE_IN == 0
            and not _names_subject(selection.name)
        ):
            return None
        declared = declared.removesuffix("!")
        if declared.startswith("["):
            return [
                self._value(f"{declared[1:-1].removesuffix('!')}!", selection, about, (*path, at))
                for at in ("0", "1")[: 1 + number % 2]
            ]
        facts = self._types.get(declared, {})
        if "fields" in facts:
            return self._object(declared, selection.fields, about, path)
        if "values" in facts:
            return facts["values"][number % len(facts["values"])]
        made: Mapping[str, Any] = {
            "Int": number % _MAX_NUMBER,
            "Long": number % _MAX_NUMBER,
            "Float": round(number % (_MAX_NUMBER * 100) / 100, 2),
            "Boolean": number % 2 == 0,
        }
        return made[declared] if declared in made else self._text(selection.name, about, number)

    def _number(self, about: About, path: tuple[str, ...]) -> int:
        product = about.product.number if about.product else ""
        return number_from(self._seed, about.first, about.last, about.market.id, product, *path)

    def _text(self, name: str, about: About, number: int) -> str:
        product = about.product
        endings = {
            "startdate": about.first.isoformat(),
            "enddate": about.last.isoformat(),
            "date": about.first.isoformat(),
            "marketplaceid": about.market.id,
            "currencycode": about.market.currency,
            "asin": product.asin if product else f"B0{number % 16**8:08X}",
            "sku": product.sku if product else f"SKU-{number % 16**8:08X}",
        }
        words = _WORDS[number % len(_WORDS)]
        return next((text for end, text in endings.items() if name.lower().endswith(end)), words)


def _names_subject(name: str) -> bool:
    """Return whether a field names the subject of a row, and so is never null."""
    return name.lower().endswith(("asin", "sku", "marketplaceid", "date", "code", "metrics", "id"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
