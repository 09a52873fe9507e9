"""docs/questions.md names streams that exist, with their keys, and reports of their types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.streams import all_built_in_streams
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "questions.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?:\[)?`(\w+)`(?:\]\(\S+\))? \| (.+?) \|", PAGE, re.MULTILINE)
OPTIONS = {
    "GET_VENDOR_SALES_REPORT": {
        "reportPeriod": "DAY",
        "distributorView": "MANUFACTURING",
        "sellingProgram": "RETAIL",
    },
    "GET_VENDOR_INVENTORY_REPORT": {
        "reportPeriod": "DAY",
        "distributorView": "MANUFACTURING",
        "sellingProgram": "RETAIL",
    },
}
REPORT_TYPES = (
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
    "GET_LEDGER_SUMMARY_VIEW_DATA",
    "GET_MERCHANT_LISTINGS_ALL_DATA",
    "GET_SALES_AND_TRAFFIC_REPORT",
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    "GET_VENDOR_INVENTORY_REPORT",
    "GET_VENDOR_SALES_REPORT",
)


@pytest.fixture(scope="module")
def keys() -> dict[str, tuple[str, ...]]:
    """The key of each stream that the page may name."""
    entries = [
        read_report({"report_type": name, "options": OPTIONS.get(name, {})})
        for name in REPORT_TYPES
    ]
    streams = [*all_built_in_streams(), *report_stream_classes(entries)]
    # A stream of an old API comes after the current one of the same name.
    return {stream.name: tuple(stream.primary_keys) for stream in reversed(streams)}


def test_there_are_ten_questions() -> None:
    assert re.findall(r"^## (\d+)\. .*\?$", PAGE, re.MULTILINE) == [
        str(number) for number in range(1, 11)
    ]


@pytest.mark.parametrize(("name", "cell"), ROWS, ids=[name for name, _ in ROWS])
def test_a_stream_has_the_key_that_the_page_names(
    keys: dict[str, tuple[str, ...]], name: str, cell: str
) -> None:
    if cell == "a row of a report":
        assert "_row_number" in keys[name]
    else:
        assert tuple(re.findall(r"`(\w+)`", cell)) == keys[name]
