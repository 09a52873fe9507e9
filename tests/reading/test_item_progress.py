from __future__ import annotations

from typing import cast

from tap_amazon_sp.reading.item_progress import in_chunks
from tap_amazon_sp.reading.progress import left_of
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
OFFERS = "productPricingV0.getItemOffersBatch"
ITEMS = {"US": [*range(60)], "CA": [], "MX": [*range(20)], "BR": [*range(500)]}


def test_the_items_before_a_request_are_passed() -> None:
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams["item_offers"])
    seen = []

    for country, some in in_chunks(stream, [*ITEMS], ITEMS.__getitem__, 20):
        seen.append((country, len(some), stream.progress.share))
        stream.client.metrics.count_call(OFFERS)
        if len(seen) == 3:
            # Two calls for a sixth of the items, one since then, and a token.
            left = left_of(stream)
            assert left is not None
            assert round(left.seconds) == 80

    third = 20 / 60
    assert seen[:5] == [
        ("US", 20, 0.0),
        ("US", 20, third / 4),
        ("US", 20, 2 * third / 4),
        ("MX", 20, 0.5),
        ("BR", 20, 0.75),
    ]
    assert seen[-1] == ("BR", 20, 0.75 + 0.96 / 4)
