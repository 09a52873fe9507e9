"""Reads what the page shows from the marts of `dbt/`. A mart that does not exist has no rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, tuple_row

Row = Mapping[str, Any]
Rows = Sequence[Row]

FILE = Path(__file__).with_name("marts.sql")

QUERIES: Mapping[str, str] = dict(
    re.findall(r"^-- (\w+)\n(.+?);\n", FILE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
)
"""What is read, by name; `{orders}` is the mart of that name. The dialect is PostgreSQL's."""

STEPS = (
    "revenue",
    "shipping",
    "gift_wrap",
    "discounts",
    "tax",
    "tax_withheld",
    "refunds",
    "commission",
    "fulfillment_fees",
    "storage_fees",
    "advertising",
    "subscription_fees",
    "other_fees",
    "reimbursements",
    "other",
)
"""The columns of `totals` that add up to `net`."""


def read_marts(connection: psycopg.Connection[Any], schema: str) -> dict[str, Rows]:
    """Return the rows of each query of `QUERIES`, by its name.

    Args:
        connection: To PostgreSQL.
        schema: Of the marts.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema]
        )
        known = {name for (name,) in cursor.fetchall()}
    return {name: _rows(connection, schema, known, query) for name, query in QUERIES.items()}


def _rows(
    connection: psycopg.Connection[Any], schema: str, known: set[str], query: str
) -> list[Row]:
    marts = set(re.findall(r"\{(\w+)\}", query))
    if not known.issuperset(marts):
        return []
    names = {mart: sql.Identifier(schema, mart) for mart in marts}
    with connection.cursor(row_factory=dict_row) as cursor:
        # The query is one of the file of this package.
        cursor.execute(sql.SQL(cast("Any", query)).format(**names))
        return [*cursor.fetchall()]
