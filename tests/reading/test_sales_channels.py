from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.reading.sales_channels import MARKETPLACE_ID, SalesChannels

US, CA, JP = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1VC38T7YXB528"


def rows(*channels: Any) -> list[dict[str, Any]]:
    return [{"order": number, "channel": one} for number, one in enumerate(channels)]


@pytest.mark.parametrize(
    ("channel", "marketplace_id"),
    [
        ("Amazon.com", US),
        (" amazon.COM ", US),
        ("Amazon.ca", CA),
        ("Amazon.co.jp", JP),
        ("Amazon.jp", JP),
        ("Non-Amazon", NO_VALUE),
        ("Amazon.example", NO_VALUE),
        ("", NO_VALUE),
        (None, NO_VALUE),
        (5, NO_VALUE),
    ],
)
def test_a_row_has_the_marketplace_of_its_sales_channel(channel: Any, marketplace_id: str) -> None:
    (row,) = SalesChannels("channel", ()).placed(rows(channel))

    assert row == {"order": 0, "channel": channel, MARKETPLACE_ID: marketplace_id}


def test_rows_without_a_sales_channel_have_no_marketplace() -> None:
    assert SalesChannels("channel", (US,)).placed([{"a": 1}]) == [
        {"a": 1, MARKETPLACE_ID: NO_VALUE}
    ]


def test_rows_of_other_marketplaces_are_left_out_and_counted() -> None:
    channels = SalesChannels("channel", (US,))

    first = channels.placed(rows("Amazon.com", "Amazon.ca", "Non-Amazon", "Amazon.ca"))
    second = channels.placed(rows("Amazon.com.mx"))

    assert [row["order"] for row in first] == [0, 2]
    assert second == []
    assert channels.left_out == "3 (Amazon.ca: 2, Amazon.com.mx: 1)"


def test_nothing_is_left_out_if_all_marketplaces_are_read() -> None:
    channels = SalesChannels("channel", ())

    assert len(channels.placed(rows("Amazon.com", "Amazon.de", "Non-Amazon"))) == 3
    assert channels.left_out == ""


def test_any_number_of_sales_channels_is_survived() -> None:
    channels = SalesChannels("channel", (US,))
    names = [f"shop {number}" for number in range(5000)]

    placed = channels.placed(rows(*names, "Amazon.com"))

    assert len(placed) == 5001
    assert placed[-1][MARKETPLACE_ID] == US


def test_each_marketplace_has_a_domain_of_its_own() -> None:
    assert len({marketplace.domain for marketplace in MARKETPLACES}) == len(MARKETPLACES)
