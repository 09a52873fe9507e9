"""The columns of flat files.

Amazon does not document them. Those in `data/report_columns.json` without `inferred` are the ones
that public connectors have seen in sellers' files; the others are guesses.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.data import read_data

_GENERIC_COLUMNS = ("record-id", "date", "sku", "asin", "product-name", "quantity", "amount")


def columns_of(name: str) -> Sequence[str]:
    """Return the columns of a flat file, by report type."""
    known = _columns().get(name)
    return known["columns"] if known else _GENERIC_COLUMNS


@functools.cache
def _columns() -> Mapping[str, Any]:
    return read_data("report_columns.json")
