from __future__ import annotations

from typing import Any

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ORDERS, PURCHASE_ORDERS, ApiCaller
from tests.simulator.conftest import StartSimulator

WINDOW: dict[str, Any] = {"createdAfter": "2026-11-01T00:00:00Z", "maxResultsPerPage": 1}


def statuses(api: ApiCaller, count: int) -> list[int]:
    return [api.get(ORDERS, **WINDOW).status_code for _ in range(count)]


def test_the_bucket_holds_the_burst_and_fills_at_the_rate(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=1)

    assert statuses(api, 21) == [200] * 20 + [429]
    clock.advance(1 / 0.0056)
    assert statuses(api, 2) == [200, 429]
    clock.advance(10**6)
    api.log_in()
    assert statuses(api, 21) == [200] * 20 + [429]


def test_speed_multiplies_the_rate_and_not_the_burst(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(speed=10)

    assert statuses(api, 21) == [200] * 20 + [429]
    clock.advance(0.1 / 0.0056)
    assert statuses(api, 2) == [200, 429]


def test_a_429_looks_like_amazons(start: StartSimulator) -> None:
    api = start(speed=1)
    statuses(api, 20)

    answer = api.get(ORDERS, **WINDOW)

    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "QuotaExceeded"
    assert answer.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert answer.headers["x-amzn-RequestId"]
    assert "Retry-After" not in answer.headers
    assert "x-amzn-RateLimit-Limit" not in answer.headers


def test_each_account_and_operation_has_its_own_bucket(start: StartSimulator) -> None:
    api = start(speed=1)
    vendor = ApiCaller(api.simulator, refresh_token="Atzr|simulator-vendor")

    purchases = [api.get(PURCHASE_ORDERS, limit=1).status_code for _ in range(11)]

    assert purchases == [200] * 10 + [429]
    assert vendor.get(PURCHASE_ORDERS, limit=1).status_code == 200
    assert statuses(api, 1) == [200]


def test_a_refused_request_costs_a_token_too(start: StartSimulator) -> None:
    api = start(speed=1)

    refused = [api.get(ORDERS).status_code for _ in range(21)]

    assert refused == [400] * 20 + [429]
