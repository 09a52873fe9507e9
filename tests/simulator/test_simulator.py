"""Start, and back to the start: `Simulator.reset` and `POST /_simulator/reset`."""

from __future__ import annotations

import pytest
import requests

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.api_caller import FEEDS, TIMEOUT
from tests.simulator.conftest import StartSimulator

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
SUBSCRIPTION = "/notifications/v1/subscriptions/FEED_PROCESSING_FINISHED"
DOMAINS = ("orders", "feeds", "reports", "notifications.getSubscriptions")


def test_what_was_created_changed_and_injected_is_gone(start: StartSimulator) -> None:
    api = start(orders=20)
    simulator = api.simulator
    before = {domain: simulator.truth(domain) for domain in DOMAINS}
    destination = simulator.truth("notifications.getDestinations")[0]["destinationId"]
    body = {"payloadVersion": "1.0", "destinationId": destination}
    assert api.call("POST", SUBSCRIPTION, json=body).status_code == 200
    document = api.call("POST", f"{FEEDS}/documents", json={"contentType": "text/xml"}).json()
    simulator.change_orders(5)
    simulator.inject("throttle", count=None)
    simulator.change_answer = lambda _, answer: answer
    assert simulator.truth("orders") != before["orders"]
    assert len(simulator.truth("notifications.getSubscriptions")) == 4

    simulator.reset()

    assert {domain: simulator.truth(domain) for domain in DOMAINS} == before
    assert (simulator.requests, simulator.metrics, simulator.faults) == ([], {}, [])
    assert vars(simulator)["change_answer"] is None
    assert requests.get(document["url"], timeout=TIMEOUT).status_code != 200


def test_access_tokens_stay_valid_because_clients_keep_them(start: StartSimulator) -> None:
    api = start(orders=0)
    token = api.log_in()

    api.simulator.reset()

    assert api.get(PARTICIPATIONS, token=token).status_code == 200


def test_token_buckets_are_full_again(start: StartSimulator) -> None:
    api = start(orders=0, speed=1e-6)
    burst = 0
    while api.get(PARTICIPATIONS).status_code == 200:
        burst += 1
    assert burst > 0

    answer = requests.post(f"{api.simulator.url}/_simulator/reset", timeout=TIMEOUT)

    assert (answer.status_code, answer.json()) == (200, {})
    assert [api.get(PARTICIPATIONS).status_code for _ in range(burst + 1)] == [200] * burst + [429]


def test_the_same_changes_happen_again(start: StartSimulator) -> None:
    api = start(orders=20, changes_per_minute=60)
    before = api.simulator.truth("orders")
    assert len(before) > 20

    api.simulator.reset()

    assert api.simulator.truth("orders") == before


def test_credentials_of_every_account(start: StartSimulator) -> None:
    simulator = start(orders=0, sellers=2, region="fe").simulator

    second, vendor = (simulator.credentials(name) for name in ("seller-2", "vendor"))

    assert second.refresh_token == "Atzr|simulator-seller-2"
    assert second.seller_id == "A2SIMULATEDSELLER"
    assert (second.region, len(second.marketplace_ids)) == ("fe", 3)
    assert vendor.refresh_token == "Atzr|simulator-vendor"
    variables = vendor.environment()
    assert variables["SP_API_ENDPOINT"] == simulator.url
    assert variables["SP_API_TOKEN_URL"] == f"{simulator.url}/auth/o2/token"
    assert variables["LWA_APP_ID"] == variables["SELLING_PARTNER_APP_CLIENT_ID"]
    assert variables["SP_API_MARKETPLACE_IDS"].split(",") == [*second.marketplace_ids]


def test_no_request_is_answered_before_the_start_is_complete() -> None:
    simulator = Simulator(SimulatorSettings(orders=0, changes_per_minute=0, port=0))
    refused = []

    def when_bound() -> None:
        with pytest.raises(requests.ReadTimeout) as error:
            requests.get(f"{simulator.url}/_simulator/health", timeout=0.2)
        refused.append(error)

    simulator.start(when_bound)
    health = requests.get(f"{simulator.url}/_simulator/health", timeout=TIMEOUT)
    simulator.stop()

    assert len(refused) == 1
    assert health.status_code == 200


def test_a_start_that_fails_leaves_nothing_behind() -> None:
    simulator = Simulator(SimulatorSettings(orders=0, changes_per_minute=0, port=0))
    message = "no space left"

    def when_bound() -> None:
        raise OSError(message)

    with pytest.raises(OSError, match=message):
        simulator.start(when_bound)

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{simulator.url}/_simulator/health", timeout=TIMEOUT)


def test_an_unknown_region_is_named() -> None:
    with pytest.raises(ValueError, match="`region` must be na, eu or fe, not 'mars'"):
        Simulator(SimulatorSettings(region="mars"))
