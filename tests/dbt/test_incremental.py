"""Models that were built twice equal models that are built at once."""

from __future__ import annotations

import dataclasses

from tests.warehouses import Warehouse

# What tells of earlier builds is not compared: records that did not change keep their times.
COLUMNS = """
SELECT tables.table_schema AS schema, tables.table_name AS name, columns.column_name AS column_name
FROM information_schema.tables
JOIN information_schema.columns
    ON columns.table_schema = tables.table_schema AND columns.table_name = tables.table_name
WHERE tables.table_schema IN ('amazon_sp_models', 'amazon_sp_models_staging')
    AND tables.table_type = 'BASE TABLE'
    AND columns.column_name NOT IN ('loaded_at', 'built_at', 'earlier_posted_day')
ORDER BY 1, 2, 3
"""
# Rows of either that the other lacks, each as often as it is there more.
DIFFERENCES = """
SELECT '{schema}.{name}' AS model, count(*) AS differences
FROM (
    (SELECT {columns} FROM {schema}.{name} EXCEPT ALL SELECT {columns} FROM {fresh}.{name})
    UNION ALL
    (SELECT {columns} FROM {fresh}.{name} EXCEPT ALL SELECT {columns} FROM {schema}.{name})
) AS found
"""


def test_two_builds_make_what_one_build_makes(warehouse: Warehouse) -> None:
    fresh = dataclasses.replace(warehouse, models="fresh")
    fresh.dbt("build")
    tables: dict[tuple[str, str], list[str]] = {}
    for row in warehouse.rows(COLUMNS):
        tables.setdefault((row["schema"], row["name"]), []).append(row["column_name"])

    query = "UNION ALL".join(
        DIFFERENCES.format(
            schema=schema,
            name=name,
            columns=", ".join(columns),
            fresh=schema.replace("amazon_sp_models", "fresh"),
        )
        for (schema, name), columns in tables.items()
    )
    found = {row["model"]: row["differences"] for row in warehouse.rows(query)}

    assert len(found) == len(tables) > 0
    assert not {model: count for model, count in found.items() if count}
