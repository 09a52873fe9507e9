"""python-amazon-sp-api: all methods of its clients, called as its documentation shows.

With a third argument, `asyncio`, those of `sp_api.asyncio`.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import io
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sp_api.base import Granularity

from walking import Arguments, Call, Method, Plan, main


@dataclass(frozen=True)
class Place:
    """A marketplace whose endpoint is the simulator."""

    endpoint: str
    marketplace_id: str
    region: str = "us-east-1"


def _token_client(base: type[Any], token_url: str) -> type[Any]:
    scheme, _, rest = token_url.partition("://")
    host, _, path = rest.partition("/")
    places = {"scheme": f"{scheme}://", "host": host, "path": f"/{path}"}
    return type("LocalAccessTokenClient", (base,), places)


_INTERVAL = (datetime(2026, 11, 1, tzinfo=timezone.utc), datetime(2026, 11, 2, tzinfo=timezone.utc))


class Walk:
    """Finds the methods of the client and calls them."""

    def __init__(self, plan: Plan, package: str) -> None:
        """Walk a package.

        Args:
            plan: The calls.
            package: `sp_api`, or `sp_api.asyncio`.
        """
        self.plan = plan
        self.api = importlib.import_module(f"{package}.api")
        self.base = importlib.import_module(f"{package}.base.base_client").BaseClient
        tokens = importlib.import_module(f"{package}.auth").AccessTokenClient
        self.settings = plan.settings
        self.options = {
            "marketplace": Place(self.settings["endpoint"], self.settings["marketplace_id"]),
            "refresh_token": self.settings["refresh_token"],
            "credentials": {
                "lwa_app_id": self.settings["client_id"],
                "lwa_client_secret": self.settings["client_secret"],
            },
            "auth_token_client_class": _token_client(tokens, self.settings["token_url"]),
        }

    def methods(self) -> Iterator[Method]:
        """Yield all methods with an endpoint."""
        for name in _modules(self.api):
            module = importlib.import_module(name)
            for client in vars(module).values():
                if self._is_own(client, name):
                    yield from self._methods_of(client)

    def _is_own(self, value: Any, module: str) -> bool:
        return (
            inspect.isclass(value) and issubclass(value, self.base) and value.__module__ == module
        )

    def _methods_of(self, client: type[Any]) -> Iterator[Method]:
        source = inspect.getsource(client)
        for found in _ENDPOINT.finditer(source):
            path, options, name = found.groups()
            named = re.search(r"method=['\"](\w+)['\"]", options or "")
            method = named[1] if named else "GET"
            if name.startswith("_"):
                continue
            yield Method(
                f"{client.__name__}.{name}",
                self.plan.find(method, path),
                f"{method} {path}",
                functools.partial(self._call, client, name),
            )

    def _call(self, client: type[Any], name: str, call: Call) -> Any:
        arguments = call.next_arguments()
        options = dict(self.options)
        if call.restricted:
            tokens = self.api.Tokens(**self.options)
            resource = {"method": call.method, "path": arguments.filled_path}
            answer = _result(tokens.create_restricted_data_token(restrictedResources=[resource]))
            options["restricted_data_token"] = answer.payload["restrictedDataToken"]
        positional, named = _given(getattr(client, name), client.__name__, name, arguments)
        return _result(getattr(client(**options), name)(*positional, **named))


_ENDPOINT = re.compile(
    r"@sp_endpoint\(\s*[\"']([^\"']+)[\"'](.*?)\)\s*\n(?:\s*@\w+\s*\n)*\s*(?:async )?def (\w+)\(",
    re.DOTALL,
)


def _modules(package: Any) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.ispkg:
            yield found.name


def _result(answer: Any) -> Any:
    """Wait for the answer of a coroutine."""
    return _LOOP.run_until_complete(answer) if inspect.isawaitable(answer) else answer


_LOOP = asyncio.new_event_loop()


def _given(
    function: Callable[..., Any], client: str, name: str, arguments: Arguments
) -> tuple[list[Any], dict[str, Any]]:
    """Return what a method is called with: values of the path in order, all others by name."""
    special = _SPECIAL.get(f"{client}.{name}") or _SPECIAL.get(name)
    if special is not None:
        return special(arguments)
    body = arguments.body
    rest = dict(arguments.query)
    source = inspect.getsource(function)
    takes_body = re.search(r"pop\(['\"]body['\"]\)", source)
    rest |= {name: value for name, value in arguments.headers.items() if f'"{name}"' in source}
    if takes_body:
        rest["body"] = body
    elif isinstance(body, dict):
        rest |= body
    positional: list[Any] = []
    path_values = list(arguments.path_values.values())
    parameters = list(inspect.signature(function).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            break
        if path_values:
            positional.append(path_values.pop(0))
            continue
        if parameter.name in ("data", "body"):
            positional.append(arguments.query if body is None else body)
            rest = {} if body is None else dict(arguments.query)
            continue
        match = next((key for key in rest if _plain(key) == _plain(parameter.name)), None)
        if match is not None:
            positional.append(rest.pop(match))
        elif parameter.default is parameter.empty:
            message = f"{client}.{name} needs {parameter.name}, which the operation does not have"
            raise TypeError(message)
        else:
            break
    return positional, rest


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _fees(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    (identifier,) = given.path_values.values()
    return [identifier, 10.0], {"currency": "USD", "marketplace_id": "ATVPDKIKX0DER"}


_SPECIAL: dict[str, Callable[[Arguments], tuple[list[Any], dict[str, Any]]]] = {
    "get_order_metrics": lambda _: (
        [_INTERVAL, Granularity.DAY],
        {"granularityTimeZone": "US/Pacific"},
    ),
    "create_feed_document": lambda _: ([io.BytesIO(b"<xml/>"), "text/xml"], {}),
    "get_product_pricing_for_skus": lambda _: ([["SKU-1"]], {}),
    "get_product_pricing_for_asins": lambda _: ([["B0TEST1234"]], {}),
    "get_competitive_pricing_for_skus": lambda _: ([["SKU-1"]], {}),
    "get_competitive_pricing_for_asins": lambda _: ([["B0TEST1234"]], {}),
    "get_product_fees_estimate_for_sku": _fees,
    "get_product_fees_estimate_for_asin": _fees,
    "get_my_fees_estimates": lambda _: (
        [[{"id_type": "ASIN", "id_value": "B0TEST1234", "price": 10.0, "currency": "USD"}]],
        {},
    ),
    "upload_document": lambda given: (
        [given.path_values["resource"], io.BytesIO(b"%PDF-1.4")],
        {},
    ),
}

if __name__ == "__main__":
    main(lambda plan: Walk(plan, ".".join(["sp_api", *sys.argv[3:]])).methods())
