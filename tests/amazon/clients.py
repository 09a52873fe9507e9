"""Clients for tests: of the simulator, and with an HTTP session that a test supplies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.simulator import Simulator
from tests.fake_clock import FakeClock

SEARCH = "orders_2026-01-01.searchOrders"
US = "ATVPDKIKX0DER"
LAST_MONTH_V0 = {"LastUpdatedAfter": dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30)}
LAST_MONTH = {"lastUpdatedAfter": dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30)}
LIST_OFFERS = "replenishment-2022-11-07.listOffers"


def make_client(simulator: Simulator, clock: FakeClock, **settings: Any) -> SellingPartnerClient:
    account = account_of(settings_from(simulator.settings_for_tap() | settings))
    return SellingPartnerClient(account, clock=clock, user_agent="test/1.0", request_timeout=10)


class Wire:
    """A session whose answers come from a function. It needs no access tokens."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        answer: Callable[[str], bytes],
        clock: FakeClock | None = None,
        **settings: Any,
    ) -> None:
        self.urls: list[str] = []
        self._answer = answer
        self.client = SellingPartnerClient(
            account_of(Settings(client_id="id", refresh_token="hush")),
            clock=clock or FakeClock(),
            user_agent="test/1.0",
            session=self,  # type: ignore[arg-type]
            **settings,
        )
        monkeypatch.setattr(self.client._sender._tokens, "token", lambda _: "token")

    def request(self, _: str, url: str, **__: Any) -> requests.Response:
        self.urls.append(url)
        response = requests.Response()
        response.status_code = 200
        response._content = self._answer(url)
        return response

    def orders(self) -> list[dict[str, Any]]:
        """Return the orders of all pages."""
        pages = self.client.pages(catalogue.operation(SEARCH), {})
        return [order for page in pages for order in page]
