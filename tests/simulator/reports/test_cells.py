from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.simulator.reports.cells import Row, cell
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.products import make_products
from tap_amazon_sp.simulator.world.randomness import seeded_random

LEDGER = "GET_LEDGER_DETAIL_VIEW_DATA"


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("Date", "11/20/2026", "2026-11-20"),
        ("Date and Time", "2026-11-20T00:00:00+0000", "2026-11-20T00:00:00Z"),
    ],
)
def test_the_ledger_has_days_and_instants(column: str, written: str, read: str) -> None:
    product = make_products(1, "na")[0]
    row = Row(
        type=LEDGER,
        number=1,
        prefix="1234567",
        rng=seeded_random(1, "row"),
        product=product,
        sku="A",
        market=MARKETPLACES["na"][0],
        moment=1_795_176_000.0,
        made=1_795_176_000.0,
        seller_id="A1",
    )

    text = cell(column, row)
    (record,) = FlatFile([f"{column}\n{text}\n"], kinds=report_type(LEDGER).columns)

    assert text == written
    assert [*record.values()] == [read]
