"""Amazon's SDK for Python, amzn-sp-api: all methods of its API classes."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spapi
from spapi.configuration import Configuration

from walking import Call, Method, Plan, main

_METHOD = re.compile(
    r"def (\w+)_with_http_info\(.*?all_params = \[(.*?)\].*?"
    r"(?:if '(\w+)' in params:\s*body_params.*?)?call_api\(\s*'([^']+)', '(\w+)'",
    re.DOTALL,
)


@dataclass(frozen=True)
class OneToken:
    """A source of tokens that returns a restricted data token."""

    token: str

    def get_lwa_access_token(self) -> str:
        """Return the token."""
        return self.token


class Walk:
    """Finds the methods of the SDK and calls them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.clients: dict[str | None, Any] = {}
        # Each model that the SDK reads makes a configuration, which adds handlers to the loggers;
        # with a default configuration, it copies that one.
        Configuration.set_default(Configuration())

    def methods(self) -> Iterator[Method]:
        """Yield all methods."""
        for file in sorted(Path(spapi.__file__).parent.glob("api/*/*_api.py")):
            source = file.read_text(encoding="utf-8")
            (api,) = re.findall(r"^class (\w+)\(object\)", source, re.MULTILINE)
            module = importlib.import_module(f"spapi.api.{file.parent.name}.{file.stem}")
            for found in _METHOD.finditer(source):
                name, parameters, _, path, method = found.groups()
                body = re.search(r"body_params = params\['(\w+)'\]", found.group())
                names = re.findall(r"'(\w+)'", parameters)
                yield Method(
                    f"{file.parent.name}.{api}.{name}",
                    self.plan.find(method, path),
                    f"{method} {path}",
                    functools.partial(
                        self._call, getattr(module, api), name, names, body[1] if body else "body"
                    ),
                )

    def _client(self, call: Call) -> Any:
        if call.restricted:
            return self._new_client(None)
        if call.grantless not in self.clients:
            self.clients[call.grantless] = self._new_client(call.grantless)
        return self.clients[call.grantless]

    def _new_client(self, scope: str | None) -> Any:
        settings = self.plan.settings
        config = spapi.SPAPIConfig(
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            refresh_token=None if scope else settings["refresh_token"],
            region="NA",
            scope=scope,
        )
        return spapi.SPAPIClient(
            config, oauth_endpoint=settings["token_url"], endpoint=settings["endpoint"]
        ).api_client

    def _call(self, api: Any, method: str, names: list[str], body: str, call: Call) -> None:
        arguments = call.next_arguments()
        function = getattr(api(self._client(call)), method)
        if call.restricted:
            resource = {"method": call.method, "path": arguments.filled_path}
            tokens = spapi.TokensApi(self._new_client(None))
            answer = tokens.create_restricted_data_token({"restrictedResources": [resource]})
            cache = OneToken(answer.restricted_data_token)
            function.__self__.api_client.configuration.access_token_cache = cache
        given = arguments.path_values | arguments.query | arguments.headers
        values = {_plain(name): value for name, value in given.items()}
        named = {name: values.pop(_plain(name)) for name in names if _plain(name) in values}
        if values:
            message = f"it does not take {', '.join(values)}"
            raise TypeError(message)
        if arguments.body is not None:
            named[body] = arguments.body
        function(**named)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


if __name__ == "__main__":
    main(lambda plan: Walk(plan).methods())
