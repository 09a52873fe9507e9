from __future__ import annotations

from tests.warehouses import Warehouse


def test_nothing_but_the_answers_is_printed_by_duckdb(warehouses: dict[str, Warehouse]) -> None:
    query = "SELECT current_setting('enable_progress_bar') AS shown"

    assert warehouses["duckdb"].rows(query) == [{"shown": False}]
