from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ENTRY: dict[str, Any] = {
    "types": ["GET_AFN_INVENTORY_DATA"],
    "sources": ["reader"],
    "columns": ["sku", "Quantity Available"],
    "more": ["country"],
}
SOURCES = {"reader": "owner/name, a reader"}

Listing = Callable[..., None]


@pytest.fixture
def report_column_list(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("report_column_list")


@pytest.fixture
def listing(
    report_column_list: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Listing:
    """Makes a list with these entries."""

    def write(*entries: dict[str, Any]) -> None:
        path = tmp_path / "report_columns.json"
        listed = {"sources": SOURCES, "reports": entries}
        path.write_text(json.dumps(listed), encoding="utf-8")
        monkeypatch.setattr(report_column_list, "LIST", path)

    return write


def test_columns_are_listed_by_type(report_column_list: ModuleType, listing: Listing) -> None:
    listing(ENTRY)

    (columns,) = report_column_list.columns_of_types().values()

    assert columns.usual == ("sku", "Quantity Available")
    assert columns.all == ["sku", "Quantity Available", "country"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"types": ["GET_MADE_UP"]}, "not in report_types.json: GET_MADE_UP"),
        ({"types": ENTRY["types"] * 2}, "GET_AFN_INVENTORY_DATA is there twice"),
        ({"sources": ["reader", "other"]}, "there is no source other"),
        ({"sources": []}, "GET_AFN_INVENTORY_DATA has no source"),
        ({"sources": []}, "the source reader is not used"),
        ({"more": ["SKU"]}, "GET_AFN_INVENTORY_DATA has the column sku twice"),
    ],
)
def test_mistakes_in_the_list_are_named(
    report_column_list: ModuleType, listing: Listing, change: dict[str, Any], error: str
) -> None:
    listing(ENTRY | change)

    with pytest.raises(report_column_list.BuildError, match=error):
        report_column_list.columns_of_types()
