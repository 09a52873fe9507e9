"""The sections about money that was earned: figures, revenue, products, what Amazon kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from demo.report import charts
from demo.report.amounts import count, day, money, number, percent, period, whole_money
from demo.report.marts import STEPS, Row, Rows
from demo.report.parts import Panel, Section, Spec, Table

FEES = (
    "commission",
    "fulfillment_fees",
    "storage_fees",
    "advertising",
    "subscription_fees",
    "other_fees",
)
"""The columns of `profit_and_loss` that Amazon keeps for its services."""

_KINDS = (("revenue", "--pale"), ("net", "--blue"))


def in_currency(rows: Rows, currency: str) -> list[Row]:
    """Return the rows of a currency."""
    return [row for row in rows if row["currency"] == currency]


def overview(marts: Mapping[str, Rows], currencies: Sequence[str]) -> Section:
    """The figures of each currency, in a row."""
    panels = [_figures(marts, currency) for currency in currencies] or [Panel("Nothing was sold")]
    return Section("overview", "Overview", "At a glance", panels)


def _figures(marts: Mapping[str, Rows], currency: str) -> Panel:
    figures = []
    days = in_currency(marts["days"], currency)
    if days:
        figures.append(("orders", number(sum(row["orders"] for row in days))))
        ordered = sum((row["revenue"] for row in days), Decimal(0))
        figures.append(("ordered", whole_money(ordered, currency)))
    headline = f"{currency}: nothing was sold"
    for total in in_currency(marts["totals"], currency):
        fees = sum((total[name] for name in FEES), Decimal(0))
        figures += [
            ("revenue posted", whole_money(total["revenue"], currency)),
            ("fees", whole_money(fees, currency)),
            ("refunds", whole_money(total["refunds"], currency)),
            ("net", whole_money(total["net"], currency)),
        ]
        headline = _kept(total, currency)
    if days and headline.endswith("nothing was sold"):
        headline = f"{count(sum(row['orders'] for row in days), 'order')} in {currency}"
    return Panel(headline, currency, figures=figures)


def _kept(total: Row, currency: str) -> str:
    net, revenue = total["net"], total["revenue"]
    if revenue <= 0:
        return f"Net of {whole_money(net, currency)}"
    left = f"{whole_money(net, currency)} is left of {whole_money(revenue, currency)}"
    return f"{left}: {percent(net, revenue)}, before the cost of the goods"


def revenue(marts: Mapping[str, Rows], currencies: Sequence[str]) -> Section:
    """Revenue by day and marketplace."""
    panels = [
        _revenue_in(in_currency(marts["days"], currency), currency) for currency in currencies
    ] or [Panel("No orders with prices were synced")]
    unpriced = "".join(
        f" {count(row['orders'], 'order')} without a price yet "
        f"{'is' if row['orders'] == 1 else 'are'} left out."
        for row in marts["unpriced"]
    )
    source = (
        "From the mart `orders`: product prices without tax and shipping, of orders that are not "
        f"cancelled, on the day on which they were placed in their marketplace.{unpriced}"
    )
    return Section("revenue", "Revenue", "Revenue by day and marketplace", panels, source)


def _revenue_in(rows: Sequence[Row], currency: str) -> Panel:
    if not rows:
        return Panel(f"No orders in {currency}", currency)
    by_day: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_day[row["day"]] += row["revenue"]
    total = sum(by_day.values(), Decimal(0))
    best = max(by_day, key=lambda one: by_day[one])
    marketplaces = sorted({row["marketplace"] for row in rows})
    where = f"Amazon {marketplaces[0]}" if len(marketplaces) == 1 else "all marketplaces"
    values = [
        {
            "day": row["day"].isoformat(),
            "day_shown": day(row["day"]),
            "series": row["marketplace"],
            "amount": float(row["revenue"]),
            "shown": f"{money(row['revenue'], currency)} from {count(row['orders'], 'order')}",
        }
        for row in rows
    ]
    table = Table(
        f"Revenue by day and marketplace, {currency}",
        ("day", "marketplace", "orders", "units", "revenue"),
        [
            (
                day(row["day"]),
                row["marketplace"],
                number(row["orders"]),
                number(row["units"]),
                money(row["revenue"], currency),
            )
            for row in rows
        ],
        frozenset({2, 3, 4}),
    )
    headline = f"{whole_money(total, currency)} on {where}, most of it on {day(best)}"
    if len(by_day) > 1:
        headline = (
            f"{whole_money(total, currency)} from {where}; the best day was {day(best)} "
            f"with {whole_money(by_day[best], currency)}"
        )
    return Panel(
        headline,
        currency,
        charts.stacked_days(values, marketplaces, currency),
        [table],
        [period(min(by_day), max(by_day))],
    )


def products(marts: Mapping[str, Rows], currencies: Sequence[str]) -> Section:
    """The best products: their revenue, and what was left of it."""
    # Without finances, nothing is known of what is left.
    rows = marts["products"] or marts["products_of_orders"]
    panels = [_products_in(in_currency(rows, currency), currency) for currency in currencies]
    panels = panels or [Panel("No sales were synced")]
    source = (
        "From the marts `profit_and_loss` and `order_items`: the ten SKUs with the most revenue. "
        "Net is what is left after refunds and Amazon's fees, before the cost of the goods."
    )
    return Section("products", "Products", "Ten best products", panels, source)


def _products_in(rows: Sequence[Row], currency: str) -> Panel:
    if not rows:
        return Panel(f"No sales in {currency}", currency)
    has_net = "net" in rows[0]
    kinds = _KINDS if has_net else _KINDS[:1]
    values = [
        {
            "label": _product(row),
            "title": row["title"] or "",
            "kind": kind,
            "amount": float(row[kind]),
            "shown": money(row[kind], currency),
        }
        for row in rows
        for kind, _ in kinds
    ]
    table = Table(
        f"Ten best products, {currency}",
        ("SKU", "title", "units", *(kind for kind, _ in kinds)),
        [
            (
                _product(row),
                row["title"] or "",
                number(row["units"]),
                *(money(row[kind], currency) for kind, _ in kinds),
            )
            for row in rows
        ],
        frozenset({2, 3, 4}),
    )
    best = rows[0]
    headline = f"{_product(best)} sold best: {whole_money(best['revenue'], currency)}"
    if has_net:
        headline += f"; {percent(best['net'], best['revenue'])} of it stays"
    return Panel(headline, currency, charts.overlaid_rows(values, kinds, currency), [table])


def _product(row: Row) -> str:
    return f"{row['sku']} · {row['account']}" if row["account"] else str(row["sku"])


def waterfall(marts: Mapping[str, Rows], currencies: Sequence[str]) -> Section:
    """From revenue to net."""
    panels = []
    for currency in currencies:
        totals = in_currency(marts["totals"], currency)
        panels += [_steps_in(total, currency) for total in totals]
        if not totals:
            panels.append(Panel(f"Amazon has posted nothing in {currency}", currency))
    panels = panels or [Panel("No finances were synced")]
    source = (
        "From the mart `profit_and_loss`: what Amazon posted, on the day on which it did so. Money "
        "that Amazon only holds back for a while counts as earned."
    )
    return Section("waterfall", "Fees", "From revenue to net", panels, source)


def _steps_in(total: Row, currency: str) -> Panel:
    steps = [(name, total[name]) for name in STEPS if total[name] or name == "revenue"]
    fees = sum((total[name] for name in FEES), Decimal(0))
    rows = [(name.replace("_", " "), money(amount, currency)) for name, amount in steps]
    table = Table(
        f"From revenue to net, {currency}",
        ("", "amount"),
        [*rows, ("net", money(total["net"], currency))],
        frozenset({1}),
    )
    notes = [period(total["first_day"], total["last_day"])]
    rest = total["net"] - sum((amount for _, amount in steps), Decimal(0))
    if rest:
        notes.append(f"The steps do not add up to net: {money(rest, currency)} is missing.")
    revenue_of = total["revenue"]
    headline = f"Amazon's fees are {whole_money(abs(fees), currency)}"
    if revenue_of > 0:
        headline += f", {percent(abs(fees), revenue_of)} of the revenue"
    return Panel(headline, currency, _waterfall_of(steps, total["net"], currency), [table], notes)


def _waterfall_of(steps: Sequence[tuple[str, Decimal]], net: Decimal, currency: str) -> Spec:
    return charts.waterfall([*_bars(steps, net, currency)], currency)


def _bars(
    steps: Sequence[tuple[str, Decimal]], net: Decimal, currency: str
) -> Iterator[dict[str, Any]]:
    reached = Decimal(0)
    for name, amount in [*steps, ("net", net)]:
        is_total = name in {"revenue", "net"}
        begin = Decimal(0) if is_total else reached
        reached = begin + amount
        yield {
            "label": name.replace("_", " "),
            "begin": float(begin),
            "end": float(reached),
            "edge": float(max(begin, reached)),
            "kind": "total" if is_total else "more" if amount > 0 else "less",
            "shown": whole_money(amount, currency),
        }
