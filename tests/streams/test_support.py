from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

SETTINGS: dict[str, Any] = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "marketplace_ids": ["US", "CA"],
}


def test_all_cases_are_asked_for_in_one_list_whatever_the_marketplaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = TapAmazonSP(config=SETTINGS, clock=FakeClock())
    amazon = StubbedAmazon(lambda *_: [{"cases": [{"caseId": "1"}], "nextToken": "t"}])
    monkeypatch.setattr(made.connections[0].client, "answers", amazon.answers)

    stream = made.streams["support_cases"]
    assert list(stream.get_records(None)) == [{"caseId": "1"}]

    # By creation, because a case that changes would move to another page in other orders.
    order = {"sortField": "CREATION_DATE", "sortOrder": "ASC"}
    assert amazon.asked == [("listCases", {"maxResults": 50, **order})]
