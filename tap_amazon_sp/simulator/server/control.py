"""The simulator's own paths, `/_simulator/...`: look inside and inject faults."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from tap_amazon_sp.simulator.server.accounts import SELLER
from tap_amazon_sp.simulator.server.api import SellingPartnerApi
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.checks import parse_query
from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.paths import CONTROL_PATH
from tap_amazon_sp.simulator.server.signatures import AwsKey

_TRUTH = "truth/"
_FAULT_SETTINGS = {entry.name for entry in fields(Fault)} - {"id"}


class Control:
    """Serves `/_simulator/...`."""

    def __init__(self, api: SellingPartnerApi) -> None:
        """Control an API."""
        self._api = api

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request; errors are `{"error": "..."}` with status 400 or 404."""
        try:
            return self._route(request)
        except (ValueError, TypeError, KeyError) as error:
            return _json(400, {"error": str(error)})

    def _route(self, request: HttpRequest) -> HttpAnswer:  # noqa: PLR0911 - one return per path
        api, path = self._api, request.path.removeprefix(CONTROL_PATH)
        method = request.method
        if (method, path) == ("GET", "health"):
            return _json(200, {"status": "ok", "served": api.served})
        if (method, path) == ("GET", "metrics"):
            return _json(200, api.log.metrics())
        if path == "requests" and method in ("GET", "DELETE"):
            if method == "DELETE":
                api.log.clear()
            return _json(200, {"requests": api.log.entries()})
        if path == "faults" and method in ("GET", "DELETE"):
            if method == "DELETE":
                api.faults.clear()
            return _json(200, {"faults": api.faults.waiting()})
        if (method, path) == ("POST", "faults"):
            return _json(201, {"id": api.faults.inject(_fault(json.loads(request.body)))})
        if (method, path) == ("POST", "aws-keys"):
            api.signatures.register(AwsKey(**json.loads(request.body)))
            return _json(201, {})
        if method == "GET" and path.startswith(_TRUTH):
            account = parse_query(request.raw_query).get("account", [SELLER.name])[0]
            domain = path.removeprefix(_TRUTH)
            return HttpAnswer(
                200,
                {"Content-Type": "application/json"},
                json.dumps(api.truth(domain, account), ensure_ascii=False).encode(),
            )
        return _json(404, {"error": f"there is no {method} {request.path}"})


def _fault(content: dict[str, Any]) -> Fault:
    unknown = {*content} - _FAULT_SETTINGS
    if unknown:
        message = f"a fault has no {', '.join(sorted(unknown))}"
        raise ValueError(message)
    return Fault(**content)


def _json(status: int, body: Any) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
