"""The calls that clients make: each operation, with arguments that make sense to the simulator.

The drivers read them as JSON, because each runs in an environment of its client.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.server.models import Operation
from tests.simulator.api_caller import REPORTS
from tests.simulator.conftest import MARKETPLACES
from tests.simulator.operation_caller import OperationCaller

_ENDS = ("cancel", "delete", "rotate", "archive")
_MADE_ANEW = ("cancelReport", "cancelFeed", "cancelQuery", "cancelReportSchedule")
_SCHEDULED_TYPES = (
    "GET_FLAT_FILE_OPEN_LISTINGS_DATA",
    "GET_MERCHANT_LISTINGS_DATA",
    "GET_MERCHANT_LISTINGS_INACTIVE_DATA",
    "GET_MERCHANT_CANCELLED_LISTINGS_DATA",
)
"""Reports of which one is scheduled each: a schedule replaces the one of the same report."""
_TRIES = 3
"""How many methods of one client may call an operation that ends what it is about."""


def planned_calls(simulator: Simulator, only: Container[str] | None = None) -> list[dict[str, Any]]:
    """Return a call of each operation; those that end something come last.

    Args:
        simulator: Gives ids that exist.
        only: Ids of the operations; None is all.

    Returns:
        For each operation: `id`, `api`, `name`, `method`, `path` (a template), `grantless` (the
        scope of the token), `restricted` (it needs a restricted data token), and `arguments`: the
        first is for the first call, and so on; the last one is for all others. An entry has
        `path_values`, `query`, `headers`, all by name, `body`, and `filled_path`.
    """
    caller = OperationCaller(simulator)
    operations = sorted(
        (operation for operation in caller.models if only is None or operation.id in only),
        key=_position,
    )
    planned = [_planned(caller, operation) for operation in operations]
    schedules = _schedules(caller)
    for call in planned:
        if call["name"] in ("getReportSchedule", "cancelReportSchedule"):
            first = call["name"] == "cancelReportSchedule"
            for arguments, schedule in zip(call["arguments"], schedules[first:], strict=False):
                template = call["path"]
                arguments["path_values"] = {"reportScheduleId": schedule}
                arguments["filled_path"] = template.replace("{reportScheduleId}", schedule)
    return planned


def _schedules(caller: OperationCaller) -> Sequence[str]:
    """Schedule reports that no other call schedules; return the ids."""
    made = [
        caller.api.call(
            "POST",
            f"{REPORTS}/schedules",
            json={"reportType": name, "marketplaceIds": MARKETPLACES[:1], "period": "P1D"},
        )
        for name in _SCHEDULED_TYPES
    ]
    return [str(answer.json()["reportScheduleId"]) for answer in made]


def _position(operation: Operation) -> tuple[bool, bool]:
    name = operation.id.partition(".")[2]
    return name.startswith(_ENDS), operation.method != "GET"


def _planned(caller: OperationCaller, operation: Operation) -> dict[str, Any]:
    name = operation.id.partition(".")[2]
    tries = _TRIES if name in _MADE_ANEW else 1
    return {
        "id": operation.id,
        "api": operation.api,
        "name": name,
        "method": operation.method,
        "path": operation.path,
        "grantless": operation.grantless,
        "restricted": operation.restricted == [],
        "arguments": [dict(_arguments(caller, operation)) for _ in range(tries)],
    }


def _arguments(caller: OperationCaller, operation: Operation) -> Iterator[tuple[str, Any]]:
    arguments = caller.arguments(operation)
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.facts["parameters"]:
        if parameter["name"] in arguments.values:
            places[parameter["in"]][parameter["name"]] = arguments.values[parameter["name"]]
    ordered = sorted(places["path"], key=lambda name: operation.path.find(f"{{{name}}}"))
    yield "path_values", {name: places["path"][name] for name in ordered}
    yield "query", places["query"]
    yield "headers", places["header"]
    yield "body", arguments.body
    yield "filled_path", arguments.path
