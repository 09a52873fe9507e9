"""Tokens API: restricted data tokens.

Source: Amazon's model `tokens_2021-03-01` and its page "Tokens API Use Case Guide": at most 50
resources; data elements for getOrders, getOrder and getOrderItems only; report documents by their
own path, never by a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.server.calls import AccessToken, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_input
from tap_amazon_sp.simulator.server.lwa import AccessTokens
from tap_amazon_sp.simulator.server.models import Models

API = "tokens_2021-03-01"

_MAX_RESOURCES = 50
_REPORT_DOCUMENT = "reports_2021-06-30.getReportDocument"


class Tokens:
    """The Tokens API."""

    def __init__(self, models: Models, tokens: AccessTokens) -> None:
        """Issue restricted data tokens among the access tokens."""
        self._models = models
        self._tokens = tokens

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {f"{API}.createRestrictedDataToken": self.create_restricted_data_token}

    def create_restricted_data_token(self, call: Call) -> Answer:
        """Issue a restricted data token."""
        resources = call.body["restrictedResources"]
        if not 1 <= len(resources) <= _MAX_RESOURCES:
            message = f"'restrictedResources' must hold 1 to {_MAX_RESOURCES} resources."
            raise invalid_input(message)
        token = AccessToken(
            "RDT",
            call.token.client_id,
            call.account,
            call.now + self._tokens.lifetime,
            resources=tuple(self._check(resource) for resource in resources),
        )
        issued = self._tokens.issue(token)
        return Answer({"restrictedDataToken": issued, "expiresIn": int(self._tokens.lifetime)})

    def _check(self, resource: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
        method, path = resource["method"], resource["path"]
        elements = frozenset(resource.get("dataElements") or ())
        match = self._models.match(method, path)
        if match is None:
            message = f"'{method} {path}' is not a resource of the Selling Partner API."
            raise invalid_input(message)
        if match.operation.id == _REPORT_DOCUMENT:
            if "{" in path:
                message = f"'{path}' must name one report document."
                raise invalid_input(message)
            return method, path, elements
        known = match.operation.restricted
        if known is None:
            message = f"'{method} {path}' is not a restricted resource."
            raise invalid_input(message)
        if known and not elements:
            message = f"'dataElements' is required for '{path}'."
            raise invalid_input(message)
        if known and not elements <= {*known}:
            wrong = ", ".join(sorted(elements - {*known}))
            message = f"'dataElements' of '{path}' cannot be {wrong}."
            raise invalid_input(message)
        return method, path, elements
