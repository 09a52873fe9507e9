from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests

from tests.simulator.api_caller import FEEDS, ORDERS_V0, REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator


@pytest.mark.parametrize("host", ["sellingpartnerapi-na.amazon.com", "27.0.0.1:80", "a b/"])
def test_addresses_in_answers_are_those_of_the_server_whatever_the_client_calls_it(
    api: ApiCaller, host: str
) -> None:
    place = api.call(
        "POST",
        f"{FEEDS}/documents",
        json={"contentType": "text/xml"},
        headers={"Host": host},
    )

    assert place.status_code == 201, place.text
    address = urlsplit(place.json()["url"])
    assert f"{address.scheme}://{address.netloc}" == api.simulator.url


def test_addresses_in_answers_begin_with_the_public_url(start: StartSimulator) -> None:
    public = start(public_url="http://sp-api:9326").simulator
    bound = f"http://127.0.0.1:{public._port}"
    settings = public.settings_for_tap()
    login = {
        "grant_type": "refresh_token",
        **{name: settings[name] for name in ("client_id", "client_secret", "refresh_token")},
    }
    token = requests.post(f"{bound}/auth/o2/token", data=login, timeout=TIMEOUT).json()

    place = requests.post(
        f"{bound}{FEEDS}/documents",
        json={"contentType": "text/xml"},
        headers={"x-amz-access-token": token["access_token"]},
        timeout=TIMEOUT,
    )

    assert place.json()["url"].startswith("http://sp-api:9326/")
    assert settings["endpoint"] == "http://sp-api:9326"
    assert settings["token_url"] == "http://sp-api:9326/auth/o2/token"


def test_what_has_no_content_is_an_empty_object_or_has_the_status_204(
    start: StartSimulator,
) -> None:
    api = start(processing_seconds=1e12)
    report = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": MARKETPLACES[:1]}
    made = api.call("POST", f"{REPORTS}/reports", json=report).json()

    cancelled = api.call("DELETE", f"{REPORTS}/reports/{made['reportId']}")
    order = api.simulator.truth("orders")[0]
    status = {"marketplaceId": order["salesChannel"]["marketplaceId"], "shipmentStatus": "PickedUp"}
    updated = api.call("POST", f"{ORDERS_V0}/{order['orderId']}/shipment", json=status)

    assert (cancelled.status_code, cancelled.content) == (200, b"{}")
    assert (updated.status_code, updated.content) == (204, b"")
