from __future__ import annotations

import pytest

from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.world.timestamps import parse_iso

ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (None, "order-item-id"),
        ("2026-05-28T00:00:00Z", "order-item-id"),
        ("2026-05-27T23:59:59Z", "price-designation"),
    ],
)
def test_a_report_has_the_columns_of_the_time_when_it_is_made(made: str | None, last: str) -> None:
    assert columns_of(ORDERS, None if made is None else parse_iso(made))[-1] == last


def test_a_type_without_known_columns_has_some() -> None:
    assert len(columns_of("GET_SOMETHING_NEW_DATA")) > 3
