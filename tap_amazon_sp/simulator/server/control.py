"""The simulator's own paths, `/_simulator/...`: look inside and inject faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import fields
from typing import Any

from tap_amazon_sp.simulator.server import json_bodies
from tap_amazon_sp.simulator.server.accounts import SELLER
from tap_amazon_sp.simulator.server.api import SellingPartnerApi
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.checks import parse_query
from tap_amazon_sp.simulator.server.consent import consented
from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.paths import CONSENTED_PATH, CONTROL_PATH
from tap_amazon_sp.simulator.server.signatures import AwsKey

_TRUTH = "truth/"
_FAULT_SETTINGS = {entry.name for entry in fields(Fault)} - {"id"}
_CHANGE_SETTINGS = {"count", "account", "order_ids"}


class Control:
    """Serves `/_simulator/...`."""

    def __init__(self, api: SellingPartnerApi) -> None:
        """Control an API."""
        self._api = api
        self._routes: Mapping[tuple[str, str], Callable[[dict[str, Any]], HttpAnswer]] = {
            ("GET", "health"): self._health,
            ("GET", "metrics"): self._metrics,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._clear_requests,
            ("GET", "faults"): self._faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "faults"): self._inject,
            ("POST", "changes"): self._change_orders,
            ("POST", "reset"): self._reset,
            ("POST", "aws-keys"): self._register_key,
        }

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request; errors are `{"error": "..."}` with status 400 or 404."""
        try:
            return self._route(request)
        except (ValueError, TypeError, KeyError) as error:
            return _json(400, {"error": str(error)})

    def _route(self, request: HttpRequest) -> HttpAnswer:
        if request.path == CONSENTED_PATH:
            return consented(request)
        method, path = request.method, request.path.removeprefix(CONTROL_PATH)
        if method == "GET" and path.startswith(_TRUTH):
            return self._truth(request, path.removeprefix(_TRUTH))
        serve = self._routes.get((method, path))
        if serve is None:
            return _json(404, {"error": f"there is no {method} {request.path}"})
        return serve(json_bodies.decode(request.body) if request.body else {})

    def _truth(self, request: HttpRequest, domain: str) -> HttpAnswer:
        account = parse_query(request.raw_query).get("account", [SELLER.name])[0]
        return HttpAnswer(
            200,
            {"Content-Type": "application/json"},
            json.dumps(self._api.truth(domain, account), ensure_ascii=False).encode(),
        )

    def _health(self, _: Any) -> HttpAnswer:
        return _json(200, {"status": "ok", "served": self._api.served})

    def _metrics(self, _: Any) -> HttpAnswer:
        return _json(200, self._api.log.metrics())

    def _requests(self, _: Any) -> HttpAnswer:
        return _json(200, {"requests": self._api.log.entries()})

    def _clear_requests(self, _: Any) -> HttpAnswer:
        self._api.log.clear()
        return self._requests(None)

    def _faults(self, _: Any) -> HttpAnswer:
        return _json(200, {"faults": self._api.faults.waiting()})

    def _clear_faults(self, _: Any) -> HttpAnswer:
        self._api.faults.clear()
        return self._faults(None)

    def _inject(self, content: dict[str, Any]) -> HttpAnswer:
        _refuse_unknown(content, _FAULT_SETTINGS, "a fault has")
        return _json(201, {"id": self._api.faults.inject(Fault(**content))})

    def _change_orders(self, content: dict[str, Any]) -> HttpAnswer:
        _refuse_unknown(content, _CHANGE_SETTINGS, "changes have")
        return _json(200, {"orders": self._api.change_orders(**{"count": 1, **content})})

    def _reset(self, _: Any) -> HttpAnswer:
        self._api.reset()
        return _json(200, {})

    def _register_key(self, content: dict[str, Any]) -> HttpAnswer:
        self._api.signatures.register(AwsKey(**content))
        return _json(201, {})


def _refuse_unknown(content: dict[str, Any], known: Container[str], what: str) -> None:
    if unknown := [name for name in content if name not in known]:
        message = f"{what} no {', '.join(sorted(unknown))}"
        raise ValueError(message)


def _json(status: int, body: Any) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
