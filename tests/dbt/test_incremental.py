"""Models that were built twice equal models that are built at once."""

from __future__ import annotations

import dataclasses

from tests.warehouses import Warehouse

TABLES = """
SELECT table_schema AS schema, table_name AS name
FROM information_schema.tables
WHERE table_schema IN ('amazon_sp_models', 'amazon_sp_models_staging') AND table_type = 'BASE TABLE'
ORDER BY 1, 2
"""
# Rows of either that the other lacks, each as often as it is there more.
DIFFERENCES = """
SELECT '{schema}.{name}' AS model, count(*) AS differences
FROM (
    (SELECT * FROM {schema}.{name} EXCEPT ALL SELECT * FROM {fresh}.{name})
    UNION ALL
    (SELECT * FROM {fresh}.{name} EXCEPT ALL SELECT * FROM {schema}.{name})
) AS found
"""


def test_two_builds_make_what_one_build_makes(warehouse: Warehouse) -> None:
    fresh = dataclasses.replace(warehouse, models="fresh")
    fresh.dbt("build")
    tables = warehouse.rows(TABLES)

    query = "UNION ALL".join(
        DIFFERENCES.format(**table, fresh=table["schema"].replace("amazon_sp_models", "fresh"))
        for table in tables
    )
    found = {row["model"]: row["differences"] for row in warehouse.rows(query)}

    assert len(found) == len(tables) > 0
    assert not {model: count for model, count in found.items() if count}
