"""Writes the page from the marts and the files of the runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from demo.report.amounts import period
from demo.report.earnings import overview, products, revenue, waterfall
from demo.report.marts import Rows, read_marts
from demo.report.page import drawing_library, page
from demo.report.payments import payouts, reconciliation
from demo.report.stock import stock
from demo.report.syncs import read_runs, syncs
from tap_amazon_sp.timeline.model import Run


def write_report(
    connection: psycopg.Connection[Any],
    path: Path,
    *,
    schema: str = "amazon_sp_models",
    runs: Sequence[tuple[str, Path]] = (),
) -> None:
    """Write the page.

    Args:
        connection: To the PostgreSQL that has the marts.
        path: The file to write; one that is there is replaced.
        schema: Of the marts. One that is missing, or is empty, has a sentence for a chart.
        runs: Titles of runs, and the files that their setting `timeline_file` named.

    Raises:
        OSError: The file cannot be written.
        psycopg.Error: The marts cannot be read.
    """
    made = report(read_marts(connection, schema), read_runs(runs), drawing_library())
    path.write_text(made, encoding="utf-8")


def report(marts: Mapping[str, Rows], runs: Sequence[tuple[str, Run]], library: str) -> str:
    """Return the page.

    Args:
        marts: Rows of the marts, by the names of the queries.
        runs: The runs, with their titles.
        library: The script that draws the charts.
    """
    currencies = currencies_of(marts)
    sections = [
        overview(marts, currencies),
        revenue(marts, currencies),
        products(marts, currencies),
        waterfall(marts, currencies),
        payouts(marts, currencies),
        stock(marts),
        reconciliation(marts),
        syncs(runs),
    ]
    return page(sections, currencies, _subtitle(marts), library)


def currencies_of(marts: Mapping[str, Rows]) -> list[str]:
    """Return all currencies: the one with the most orders first."""
    orders = Counter[str]()
    for row in marts["days"]:
        orders[row["currency"]] += row["orders"]
    named = {
        str(row["currency"])
        for name in ("days", "totals", "settlements")
        for row in marts[name]
        if row["currency"]
    }
    return sorted(named, key=lambda currency: (-orders[currency], currency))


def _subtitle(marts: Mapping[str, Rows]) -> str:
    days: list[dt.date] = [row["day"] for row in marts["days"] if row["day"]]
    days += [row[name] for row in marts["totals"] for name in ("first_day", "last_day")]
    when = f"{period(min(days), max(days))} · " if days else ""
    return f"{when}from Amazon's Selling Partner API, with tap-amazon-sp and its dbt models"
