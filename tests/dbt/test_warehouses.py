from __future__ import annotations

from pathlib import Path

from demo.postgres import PostgresAddress
from tests.warehouses import Warehouse


def test_nothing_but_the_answers_is_printed_by_duckdb(tmp_path: Path) -> None:
    nowhere = PostgresAddress(port=0, password="")
    query = "SELECT current_setting('enable_progress_bar') AS shown"

    assert Warehouse("duckdb", tmp_path, nowhere).rows(query) == [{"shown": False}]
