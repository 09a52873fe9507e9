"""amzn-selling-partner: all methods of its resources."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from typing import Any

from amzn_selling_partner import Client
from amzn_selling_partner.plugins.amazon_spapi import LWAAuth, LWACredentials, with_rdt
from amzn_selling_partner.sdk.resources import OPERATIONS

from walking import Arguments, Call, Method, Plan, main


class Walk:
    """Finds the methods of the client and calls them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        settings = plan.settings
        credentials = LWACredentials(
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            refresh_token=settings["refresh_token"],
        )
        auth = LWAAuth(credentials, token_url=settings["token_url"], base_url=settings["endpoint"])
        self.client = Client(
            base_url=settings["endpoint"], auth=auth, throttle=False, max_retries=0
        )

    def methods(self) -> Iterator[Method]:
        """Yield all methods."""
        for key, (name, method, path, *_) in OPERATIONS.items():
            resource = key.partition(".")[0]
            function = getattr(getattr(self.client, resource), name)
            yield Method(
                f"{resource}.{name}",
                self.plan.find(method, path),
                f"{method} {path}",
                functools.partial(_call, function),
            )


def _call(function: Any, call: Call) -> None:
    arguments = call.next_arguments()
    named = _given(function, arguments)
    if call.restricted:
        named["request_options"] = with_rdt()
    function(**named)


def _given(function: Any, arguments: Arguments) -> dict[str, Any]:
    given = arguments.path_values | arguments.query | arguments.headers
    values = {_plain(name): value for name, value in given.items()}
    named: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        key = _plain(parameter.name)
        if key in values:
            named[parameter.name] = values.pop(key)
        elif arguments.body is not None and (
            parameter.default is parameter.empty or parameter.name == "body"
        ):
            named[parameter.name] = arguments.body
    if values:
        message = f"it does not take {', '.join(values)}"
        raise TypeError(message)
    return named


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


if __name__ == "__main__":
    main(lambda plan: Walk(plan).methods())
