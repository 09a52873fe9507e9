"""Runs of the tap in this process, with answers that a test provides."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest

from tap_amazon_sp.amazon.answer_checks import checked_page
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.run import StreamsFailedError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import Pages, StubbedAmazon
from tests.tap_runs import select

SETTINGS = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "token_url": "http://127.0.0.1:9/",
    "endpoint": "http://127.0.0.1:9",
    "marketplace_ids": ["US"],
    "orders_api": "v0",
    "start_date": "2026-11-01T00:00:00Z",
    "end_date": "2026-11-10T00:00:00Z",
}


class CheckedAmazon(StubbedAmazon):
    """Answers that are checked as the client checks them."""

    def answers(self, operation: Operation, *arguments: Any, **options: Any) -> Iterator[Answer]:
        for answer in super().answers(operation, *arguments, **options):
            yield checked_page(operation, answer)


class Run:
    """What one run of the tap wrote."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        pages: Pages,
        *selected: str,
        state: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        config = SETTINGS | {"max_parallel_requests": 1} | settings
        catalog = TapAmazonSP(config=config, clock=FakeClock()).catalog_dict
        tap = TapAmazonSP(
            config=config, catalog=select(catalog, *selected), state=state, clock=FakeClock()
        )
        client = tap.connections[0].client
        self.amazon = CheckedAmazon(pages)
        monkeypatch.setattr(client, "answers", self.amazon.answers)
        self.failure = ""
        with redirect_stdout(io.StringIO()) as stdout:
            try:
                tap.sync_all()
            except StreamsFailedError as error:
                self.failure = str(error)
        messages = [json.loads(line) for line in stdout.getvalue().splitlines()]
        self.records = [
            (one["stream"], one["record"]) for one in messages if one["type"] == "RECORD"
        ]
        states = [one["value"] for one in messages if one["type"] == "STATE"]
        self.state: dict[str, Any] = states[-1] if states else {}

    def ids(self, stream: str) -> list[str]:
        return [record["AmazonOrderId"] for name, record in self.records if name == stream]

    @property
    def bookmark(self) -> str | None:
        found: str | None = self.state["bookmarks"]["orders"].get("replication_key_value")
        return found
