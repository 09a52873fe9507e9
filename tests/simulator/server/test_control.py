from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.api_caller import ORDERS, TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator

WINDOW: dict[str, Any] = {"createdAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": 1}


def control(api: ApiCaller, path: str, method: str = "GET", **options: Any) -> requests.Response:
    url = f"{api.simulator.url}/_simulator/{path}"
    return requests.request(method, url, timeout=TIMEOUT, **options)


def test_health_lists_the_operations_that_are_served(api: ApiCaller) -> None:
    body = control(api, "health").json()

    assert body["status"] == "ok"
    assert "orders_2026-01-01.searchOrders" in body["served"]


def test_the_log_holds_requests_without_secrets(api: ApiCaller) -> None:
    api.get(ORDERS, **WINDOW)

    (entry,) = control(api, "requests").json()["requests"]

    assert entry["operation"] == "orders_2026-01-01.searchOrders"
    assert entry["account"] == "seller"
    assert entry["query"] == {"createdAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": "1"}
    assert entry["status"] == 200
    assert entry["token_kind"] == "LWA"
    assert entry["signed"] is False
    assert entry["request_id"]
    assert "Atza|" not in json.dumps(entry)
    assert api.simulator.requests == [entry]
    control(api, "requests", "DELETE")
    assert api.simulator.requests == []


def test_metrics_count_calls_and_throttles(api: ApiCaller) -> None:
    api.simulator.inject("throttle", skip=2)

    for _ in range(4):
        api.get(ORDERS, **WINDOW)

    (counts,) = control(api, "metrics").json().values()
    assert counts == {"calls": 4, "throttled": 1, "statuses": {"200": 3, "429": 1}}
    assert list(api.simulator.metrics.values()) == [counts]


@pytest.mark.parametrize("domain", ["orders", "purchase_orders", "feeds", "reports"])
def test_truth_is_served(api: ApiCaller, domain: str) -> None:
    assert control(api, f"truth/{domain}").json() == api.simulator.truth(domain)


def test_unknown_paths_and_domains_are_refused(api: ApiCaller) -> None:
    assert control(api, "truth/unicorns").status_code == 400
    assert control(api, "nonsense").status_code == 404
    assert control(api, "aws-keys", "POST", data="{}").status_code == 400


def test_orders_change_on_demand(start: StartSimulator) -> None:
    api = start()
    before = {order["orderId"]: order for order in api.simulator.truth("orders")}

    (changed,) = control(api, "changes", "POST", json={"count": 1}).json()["orders"]
    (again,) = control(api, "changes", "POST", json={"order_ids": [changed]}).json()["orders"]

    after = {order["orderId"]: order for order in api.simulator.truth("orders")}
    assert again == changed
    assert {name for name in after if after[name] != before.get(name)} == {changed}
    assert control(api, "changes", "POST", json={"number": 1}).status_code == 400
    unknown = control(api, "changes", "POST", json={"order_ids": ["unknown"]})
    assert (unknown.status_code, unknown.json()["error"]) == (400, "there is no order unknown")


def test_aws_keys_are_registered_over_http(api: ApiCaller) -> None:
    key = {"key_id": "ASIAHTTP", "secret": "s", "session_token": "t"}

    assert control(api, "aws-keys", "POST", json=key).status_code == 201


def test_a_port_in_use_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = SimulatorSettings(orders=0, port=taken.getsockname()[1])

        with pytest.raises(OSError, match="in use"):
            Simulator(settings).start()


def test_it_leaves_no_thread_behind() -> None:
    with Simulator(SimulatorSettings(orders=0, purchase_orders=0, port=0)) as simulator:
        requests.get(f"{simulator.url}/_simulator/health", timeout=TIMEOUT)

    assert simulator._thread is not None
    assert not simulator._thread.is_alive()


def test_many_clients_are_served_side_by_side(api: ApiCaller) -> None:
    api.log_in()
    statuses: list[int] = []

    def read() -> None:
        statuses.extend(api.get(ORDERS, **WINDOW).status_code for _ in range(5))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 40
