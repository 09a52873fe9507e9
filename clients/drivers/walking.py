"""What the drivers in Python share. It needs nothing but the standard library.

A driver runs in the environment of its client: `python DRIVER.py PLAN RESULTS`. PLAN is a JSON file
with the calls, the addresses and the credentials; RESULTS gets one line of JSON for each method of
the client.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MAX_PROBLEM = 600


@dataclass(frozen=True)
class Arguments:
    """What an operation is called with.

    Attributes:
        path_values: By name, in the order of the path.
        query: By name; lists stay lists.
        headers: By name.
        body: None if there is none.
        filled_path: The path with its values.
    """

    path_values: dict[str, Any]
    query: dict[str, Any]
    headers: dict[str, Any]
    body: Any
    filled_path: str


@dataclass
class Call:
    """An operation that a client may have a method for.

    Attributes:
        id: E.g. `ordersV0.getOrder`.
        method: HTTP method.
        path: Template of the path.
        grantless: Scope of the token, or None.
        restricted: Whether it needs a restricted data token.
    """

    id: str
    method: str
    path: str
    grantless: str | None
    restricted: bool
    arguments: list[Arguments]
    used: int = 0

    def next_arguments(self) -> Arguments:
        """Return arguments that no call has used, if there are any."""
        chosen = self.arguments[min(self.used, len(self.arguments) - 1)]
        self.used += 1
        return chosen


@dataclass(frozen=True)
class Plan:
    """All that a driver is told.

    Attributes:
        calls: In the order in which they are to be made.
        settings: `endpoint`, `token_url`, `client_id`, `client_secret`, `refresh_token`,
            `marketplace_id`, `seller_id`.
    """

    calls: list[Call]
    settings: dict[str, str]
    by_path: dict[tuple[str, str], Call] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str) -> Plan:
        """Read a plan."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        calls = [
            Call(
                **{
                    name: entry[name]
                    for name in ("id", "method", "path", "grantless", "restricted")
                },
                arguments=[Arguments(**arguments) for arguments in entry["arguments"]],
            )
            for entry in content["calls"]
        ]
        by_path = {(call.method, _bare(call.path)): call for call in calls}
        return cls(calls, content["settings"], by_path)

    def find(self, method: str, path: str) -> Call | None:
        """Return the call of a method and a path whose placeholders have other names."""
        return self.by_path.get((method.upper(), _bare(path)))


def _bare(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


@dataclass(frozen=True)
class Method:
    """A method of a client.

    Attributes:
        name: As one finds it in the client, e.g. `OrdersV0.get_order`.
        call: What it calls; None if the simulator has no such operation.
        request: The HTTP method and the path, as the client has them.
        run: Calls it.
    """

    name: str
    call: Call | None
    request: str
    run: Callable[[Call], Any]


def walk(plan: Plan, methods: Iterable[Method], results: str) -> None:
    """Call all methods in the order of the plan, and write what came of each."""
    order = {call.id: position for position, call in enumerate(plan.calls)}
    known = sorted(methods, key=lambda one: order[one.call.id] if one.call else -1)
    with Path(results).open("w", encoding="utf-8") as file:
        for method in known:
            problem = "" if method.call else f"no operation: {method.request}"
            if method.call is not None:
                try:
                    method.run(method.call)
                except Exception as error:  # noqa: BLE001 - whatever a client raises is a result
                    problem = f"{type(error).__name__}: {error}"[:_MAX_PROBLEM] or "failed"
            entry = {
                "client_method": method.name,
                "operation": method.call.id if method.call else None,
                "problem": problem,
            }
            file.write(json.dumps(entry) + "\n")
            file.flush()


def main(methods_of: Callable[[Plan], Iterable[Method]]) -> None:
    """Run a driver."""
    plan = Plan.read(sys.argv[1])
    walk(plan, methods_of(plan), sys.argv[2])
