"""The flat files of the simulator, read without anything of the tap."""

from __future__ import annotations

import csv
import io

from tap_amazon_sp.simulator.reports.types import report_types

# Quoted throughout, with quotes inside that are not doubled.
_UNDOUBLED = ("GET_LEDGER_SUMMARY_VIEW_DATA", "GET_LEDGER_DETAIL_VIEW_DATA")


def table_of(type_name: str, text: str) -> list[list[str]]:
    """Return the header and the rows of a file in the usual dialect of its type."""
    if type_name in _UNDOUBLED:
        return [line[1:-1].split('"\t"') for line in text.splitlines()]
    if type_name.startswith("GET_DATE_RANGE_FINANCIAL_"):
        _, _, text = text.partition("\r\n\r\n")
    if report_types()[type_name].format == "CSV":
        return [*csv.reader(io.StringIO(text, newline=""))]
    return [line.split("\t") for line in text.splitlines()]
