"""Calls the simulator with `requests` alone, as any client would."""

from __future__ import annotations

from typing import Any

import requests

from tap_amazon_sp.simulator import Simulator

ORDERS = "/orders/2026-01-01/orders"
ORDERS_V0 = "/orders/v0/orders"
PURCHASE_ORDERS = "/vendor/orders/v1/purchaseOrders"
FEEDS = "/feeds/2021-06-30"
REPORTS = "/reports/2021-06-30"
DATA_KIOSK = "/dataKiosk/2023-11-15"
TOKENS = "/tokens/2021-03-01/restrictedDataToken"
TIMEOUT = 20

# One session for all callers: its connections stay open between requests.
_SESSION = requests.Session()
_SESSION.trust_env = False


class ApiCaller:
    """A client that knows nothing but HTTP."""

    def __init__(self, simulator: Simulator, **settings: str) -> None:
        self.simulator = simulator
        self.settings = simulator.settings_for_tap(**settings)
        self.token = ""
        authority = simulator.ca_certificate
        self.verify = True if authority is None else str(authority)

    def post_form(self, **form: str) -> requests.Response:
        """Call the token endpoint."""
        return _SESSION.post(
            self.settings["token_url"], data=form, timeout=TIMEOUT, verify=self.verify
        )

    def client(self) -> dict[str, str]:
        """Return the credentials of the application."""
        return {name: self.settings[name] for name in ("client_id", "client_secret")}

    def log_in(self) -> str:
        """Get an access token; return it."""
        answer = self.post_form(
            grant_type="refresh_token",
            refresh_token=self.settings["refresh_token"],
            **self.client(),
        )
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self.token

    def call(
        self, method: str, path: str, *, token: str | None = None, **options: Any
    ) -> requests.Response:
        """Call an operation; `params` with lists are joined by commas."""
        token = token or self.token or self.log_in()
        headers = {"x-amz-access-token": token} | options.pop("headers", {})
        params = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in options.pop("params", {}).items()
        }
        return _SESSION.request(
            method,
            self.simulator.url + path,
            params=params,
            headers=headers,
            timeout=TIMEOUT,
            verify=self.verify,
            **options,
        )

    def get(self, path: str, *, token: str | None = None, **params: Any) -> requests.Response:
        """Call a reading operation."""
        return self.call("GET", path, token=token, params=params)

    def refused(self, path: str, **params: Any) -> str:
        """Call a reading operation that must answer 400 InvalidInput; return the message."""
        answer = self.get(path, **params)
        assert answer.status_code == 400, answer.text
        (error,) = answer.json()["errors"]
        assert error["code"] == "InvalidInput"
        assert set(error) == {"code", "message", "details"}
        return str(error["message"])

    def search_pages(self, **params: Any) -> list[list[dict[str, Any]]]:
        """Follow searchOrders to the end; return the pages."""
        pages: list[list[dict[str, Any]]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.get(ORDERS, **params, **token)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            pages.append(body["orders"])
            if "nextToken" not in body.get("pagination", {}):
                return pages
            token = {"paginationToken": body["pagination"]["nextToken"]}

    def restricted_token(self, path: str, *elements: str, method: str = "GET") -> str:
        """Return a restricted data token for one resource."""
        resource: dict[str, Any] = {"method": method, "path": path}
        if elements:
            resource["dataElements"] = list(elements)
        answer = self.call("POST", TOKENS, json={"restrictedResources": [resource]})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["restrictedDataToken"])
