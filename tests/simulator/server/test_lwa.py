from __future__ import annotations

import json

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ORDERS, TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator


def test_a_refresh_token_gives_an_access_token_for_an_hour(api: ApiCaller) -> None:
    answer = api.post_form(
        grant_type="refresh_token", refresh_token="Atzr|simulator-seller", **api.client()
    )

    assert answer.status_code == 200
    body = answer.json()
    assert body["access_token"].startswith("Atza|")
    assert len(body["access_token"]) <= 2048
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    assert body["refresh_token"] == "Atzr|simulator-seller"


def test_a_grantless_token_comes_without_a_refresh_token(api: ApiCaller) -> None:
    answer = api.post_form(
        grant_type="client_credentials",
        scope="sellingpartnerapi::notifications",
        **api.client(),
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|wrong"}, 400, "invalid_grant"),
        ({"refresh_token": "Atzr|simulator-revoked"}, 400, "invalid_grant"),
        (
            {
                "client_id": "amzn1.application-oa2-client.simulator-other",
                "client_secret": "amzn1.oa2-cs.v1.simulator-other",
            },
            400,
            "unauthorized_client",
        ),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "no::such"}, 400, "invalid_scope"),
    ],
)
def test_the_token_endpoint_refuses_in_amazons_words(
    api: ApiCaller, changes: dict[str, str], status: int, error: str
) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "Atzr|simulator-seller",
        **api.client(),
    }

    answer = api.post_form(**(form | changes))

    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_a_token_request_can_be_json(api: ApiCaller, content_type: str) -> None:
    request = {
        "grant_type": "refresh_token",
        "refresh_token": "Atzr|simulator-seller",
        **api.client(),
    }

    answer = _post(api, json.dumps(request), content_type)

    assert answer.status_code == 200
    assert answer.json()["access_token"].startswith("Atza|")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("grant_type=refresh_token", "text/plain"),
        ("grant_type=refresh_token", "application/json"),
        ("[]", "application/json"),
        ('{"grant_type": 1}', "application/json"),
        ('{"grant_type": "refresh_token"}', "application/x-www-form-urlencoded"),
    ],
)
def test_a_token_request_that_is_neither_is_refused(
    api: ApiCaller, body: str, content_type: str
) -> None:
    answer = _post(api, body, content_type)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_grantless_token_can_have_several_scopes(api: ApiCaller) -> None:
    scopes = "sellingpartnerapi::notifications sellingpartnerapi::client_credential:rotation"
    answer = api.post_form(grant_type="client_credentials", scope=scopes, **api.client())
    token = answer.json()["access_token"]

    destinations = api.get("/notifications/v1/destinations", token=token)
    rotation = api.call("POST", "/applications/2023-11-30/clientSecret", token=token)

    assert destinations.status_code == 200
    assert rotation.status_code == 204


def test_one_wrong_scope_of_several_is_refused(api: ApiCaller) -> None:
    scopes = "sellingpartnerapi::notifications no::such"

    answer = api.post_form(grant_type="client_credentials", scope=scopes, **api.client())

    assert answer.json()["error"] == "invalid_scope"


def _post(api: ApiCaller, body: str, content_type: str) -> requests.Response:
    headers = {"Content-Type": content_type}
    url = api.settings["token_url"]
    return requests.post(url, data=body, headers=headers, timeout=TIMEOUT)


def test_an_access_token_expires(start: StartSimulator, clock: FakeClock) -> None:
    api = start(token_lifetime=100)
    api.log_in()
    window = {"createdAfter": "2026-11-01T00:00:00Z"}

    clock.advance(99)
    assert api.get(ORDERS, **window).status_code == 200
    clock.advance(1)
    answer = api.get(ORDERS, **window)

    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["code"] == "Unauthorized"
    assert "expired" in error["details"]
