from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.simulator import Simulator
from tests.amazon.clients import make_client
from tests.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(simulator: Simulator, clock: FakeClock) -> SellingPartnerClient:
    return make_client(simulator, clock)
