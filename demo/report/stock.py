"""The section about stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.report import charts
from demo.report.amounts import count, number
from demo.report.marts import Row, Rows
from demo.report.parts import Panel, Section, Table

_TWO_WEEKS = 14
_MONTH = 30
_KINDS = (("under 2 weeks", "--red"), ("under 30 days", "--orange"), ("longer", "--blue"))


def stock(marts: Mapping[str, Rows]) -> Section:
    """What runs out first."""
    source = (
        "From the mart `inventory`: what is available, divided by the units that were sold a day "
        "in the last 30 days. What was not sold has no days of cover. Marketplaces that share "
        "stock, such as those of the EU, count once."
    )
    rows = marts["stock"]
    panel = _panel(rows, marts["stock_counts"]) if rows else _without(marts["stock_counts"])
    return Section("stock", "Stock", "Stock", [panel], source)


def _without(counts: Sequence[Row]) -> Panel:
    for found in counts:
        listings = count(found["listings"], "product")
        return Panel(f"Nothing was sold in the last 30 days: {listings} in stock")
    return Panel("No inventory was synced")


def _panel(rows: Sequence[Row], counts: Sequence[Row]) -> Panel:
    values = [
        {
            "label": _label(row),
            "title": row["title"] or "",
            "days": float(row["days_of_cover"]),
            "kind": _kind(float(row["days_of_cover"])),
            "shown": f"{number(round(row['days_of_cover']))} days",
        }
        for row in rows
    ]
    table = Table(
        "What runs out first",
        ("SKU", "title", "on hand", "available", "inbound", "sold in 30 days", "days of cover"),
        [
            (
                _label(row),
                row["title"] or "",
                number(row["on_hand"]),
                number(row["available"]),
                number(row["inbound"]),
                number(row["units_sold_30_days"]),
                number(round(row["days_of_cover"], 1)),
            )
            for row in rows
        ],
        frozenset({2, 3, 4, 5, 6}),
    )
    (found,) = counts
    short = number(found["short"]) if found["short"] else "None"
    verb = "runs" if found["short"] in {0, 1} else "run"
    headline = f"{short} of {count(found['sold'], 'product')} that sell {verb} out"
    headline += f" within {_MONTH} days"
    return Panel(headline, chart=charts.cover(values, _KINDS), tables=[table])


def _label(row: Row) -> str:
    sent_by = "sent by merchant" if row["fulfilled_by"] == "MERCHANT" else ""
    return " · ".join(filter(None, (row["sku"], row["place"], sent_by, row["account"])))


def _kind(days: float) -> str:
    short, soon, longer = (name for name, _ in _KINDS)
    if days < _TWO_WEEKS:
        return short
    return soon if days < _MONTH else longer
