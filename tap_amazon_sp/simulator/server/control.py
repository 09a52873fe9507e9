"""The simulator's own paths, `/_simulator/...`: look inside and make things go wrong."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from tap_amazon_sp.simulator.server.accounts import SELLER
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.checks import parse_query
from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.settings import AwsKey
from tap_amazon_sp.simulator.server.world import World

CONTROL_PATH = "/_simulator/"

_TRUTH = "truth/"
_FAULT_SETTINGS = {entry.name for entry in fields(Fault)} - {"id"}


class Control:
    """Serves `/_simulator/...`."""

    def __init__(self, world: World) -> None:
        """Control a world."""
        self._world = world

    def serve(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request; 400 with `{"error": ...}` says what is wrong with it."""
        try:
            return self._route(request)
        except (ValueError, TypeError, KeyError) as error:
            return _json(400, {"error": str(error)})

    def _route(self, request: HttpRequest) -> HttpAnswer:  # noqa: PLR0911 - one per path
        world, path = self._world, request.path.removeprefix(CONTROL_PATH)
        method = request.method
        if (method, path) == ("GET", "health"):
            return _json(200, {"status": "ok", "served": world.served})
        if (method, path) == ("GET", "metrics"):
            return _json(200, world.log.metrics())
        if path == "requests" and method in ("GET", "DELETE"):
            if method == "DELETE":
                world.log.clear()
            return _json(200, {"requests": world.log.entries()})
        if path == "faults" and method in ("GET", "DELETE"):
            if method == "DELETE":
                world.faults.clear()
            return _json(200, {"faults": world.faults.waiting()})
        if (method, path) == ("POST", "faults"):
            return _json(201, {"id": world.faults.inject(_fault(json.loads(request.body)))})
        if (method, path) == ("POST", "aws-keys"):
            world.signatures.register(AwsKey(**json.loads(request.body)))
            return _json(201, {})
        if method == "GET" and path.startswith(_TRUTH):
            account = parse_query(request.raw_query).get("account", [SELLER.name])[0]
            domain = path.removeprefix(_TRUTH)
            return HttpAnswer(
                200,
                {"Content-Type": "application/json"},
                json.dumps(world.truth(domain, account), ensure_ascii=False).encode(),
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
