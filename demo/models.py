"""What dbt built in the last `dbt build`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    import psycopg

SCHEMA = "amazon_sp_models"
"""The schema of the models, as meltano.yml sets it."""


@dataclass(frozen=True)
class Build:
    """What a `dbt build` did.

    Attributes:
        models: Number of models that were built.
        tests: Number of tests; all passed.
        marts: Names of the tables in the schema of the models, sorted.
    """

    models: int
    tests: int
    marts: tuple[str, ...]


def read_build(folder: Path) -> Build:
    """Read what dbt wrote about its last build.

    Args:
        folder: Where it wrote that, its target path.
    """
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    kinds = Counter(result["unique_id"].partition(".")[0] for result in results)
    nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    built = (nodes[result["unique_id"]] for result in results if result["status"] == "success")
    marts = (
        node["alias"]
        for node in built
        if node["resource_type"] == "model" and node["schema"] == SCHEMA
    )
    return Build(kinds["model"], kinds["test"], tuple(sorted(marts)))


def count_rows(connection: psycopg.Connection[Any], build: Build) -> list[tuple[str, int]]:
    """Return the name and the number of rows of each mart."""
    counted = []
    for name in build.marts:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(SCHEMA, name))
        (count,) = connection.execute(query).fetchone() or (0,)
        counted.append((name, count))
    return counted
