from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.streams.from_settings import mistakes_in_streams

HINT = "which is not a stream: did you mean `shipment_tracking`?"


@pytest.mark.parametrize(
    ("settings", "mistakes"),
    [
        ({"stream_ids": {"shipment_tracking": ["1"], "catalog_items": ["B1"]}}, []),
        (
            {"stream_ids": {"shipment_trackin": ["1"]}},
            [f"`stream_ids` names 'shipment_trackin', {HINT}"],
        ),
        (
            {"stream_ids": {"orders": ["1"]}, "accounts": [{"name": "us"}]},
            ["`stream_ids` names 'orders', which takes no ids (see docs/streams.md)"],
        ),
        (
            {"accounts": [{"name": "us", "stream_ids": {"feeds": ["1"]}}]},
            [
                (
                    "`accounts` 'us': `stream_ids` names 'feeds', which takes no ids "
                    "(see docs/streams.md)"
                )
            ],
        ),
    ],
)
def test_ids_are_for_streams_that_take_them(settings: dict[str, Any], mistakes: list[str]) -> None:
    assert mistakes_in_streams(read_settings(settings).settings) == mistakes
