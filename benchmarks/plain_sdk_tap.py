"""A tap that reads Orders 2026-01-01 as the guide of singer-sdk suggests.

    python benchmarks/plain_sdk_tap.py --config config.json

It is a `RESTStream` with a paginator, the schemas of tap-amazon-sp, and the defaults of singer-sdk:
its type conformance, serialization and child streams. The items are a child stream that takes the
items of each order from the context. The child makes no calls and has no bookmark, so it is as fast
as child streams of the SDK can be. The setting `without_items` leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import requests
from singer_sdk import RESTStream, SchemaDirectory, Stream, StreamSchema, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import JSONPathPaginator

SCHEMAS = SchemaDirectory(Path(__file__).parent.parent / "schemas")


class Orders(RESTStream[str]):
    """Orders with their items inside."""

    name = "orders"
    path = "/orders/2026-01-01/orders"
    primary_keys: ClassVar[list[str]] = ["orderId"]
    replication_key = "lastUpdatedTime"
    records_jsonpath = "$.orders[*]"
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SCHEMAS)

    @property
    def url_base(self) -> str:
        """The address of the API."""
        return str(self.config["endpoint"])

    @property
    def http_headers(self) -> dict[str, Any]:
        """The access token, requested once."""
        tap = self._tap
        if not isinstance(tap, PlainTap):
            raise TypeError
        return {"x-amz-access-token": tap.access_token()}

    def get_new_paginator(self) -> JSONPathPaginator:
        """Follow the token in the response."""
        return JSONPathPaginator("$.pagination.nextToken")

    def get_url_params(
        self,
        context: Mapping[str, Any] | None,
        next_page_token: str | None,
    ) -> dict[str, Any]:
        """Request all orders in one window, or the next page."""
        if next_page_token:
            return {"paginationToken": next_page_token}
        return {
            "lastUpdatedAfter": self.get_starting_replication_key_value(context),
            "lastUpdatedBefore": self.config["end_date"],
            "maxResultsPerPage": 100,
        }

    def get_child_context(
        self,
        record: dict[str, Any],
        context: Mapping[str, Any] | None,  # noqa: ARG002 - the SDK's signature
    ) -> dict[str, Any]:
        """Pass the items to the child."""
        return {
            "orderId": record["orderId"],
            "lastUpdatedTime": record["lastUpdatedTime"],
            "marketplaceId": record["salesChannel"]["marketplaceId"],
            "orderItems": record["orderItems"],
        }


class OrderItems(Stream):
    """The items inside the orders."""

    name = "order_items"
    parent_stream_type = Orders
    primary_keys: ClassVar[list[str]] = ["orderId", "orderItemId"]
    schema: ClassVar[StreamSchema[str]] = StreamSchema(SCHEMAS)
    # Otherwise the state would hold each order with its items.
    state_partitioning_keys: ClassVar[list[str]] = []

    def get_records(self, context: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:
        """Yield the items of an order."""
        if context is None:
            return
        for item in context["orderItems"]:
            yield {
                "orderId": context["orderId"],
                "lastUpdatedTime": context["lastUpdatedTime"],
                "marketplaceId": context["marketplaceId"],
                **item,
            }


class PlainTap(Tap):
    """The tap."""

    name = "plain-sdk-tap"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("endpoint", th.StringType, required=True),
        th.Property("token_url", th.StringType, required=True),
        th.Property("client_id", th.StringType, required=True),
        th.Property("client_secret", th.StringType, required=True, secret=True),
        th.Property("refresh_token", th.StringType, required=True, secret=True),
        th.Property("start_date", th.DateTimeType, required=True),
        th.Property("end_date", th.DateTimeType, required=True),
        th.Property("without_items", th.BooleanType, default=False),
    ).to_dict()
    _access_token: str | None = None

    def access_token(self) -> str:
        """Return the access token, the same each time."""
        if self._access_token is None:
            names = ("client_id", "client_secret", "refresh_token")
            answer = requests.post(
                self.config["token_url"],
                data={"grant_type": "refresh_token", **{n: self.config[n] for n in names}},
                timeout=60,
            )
            answer.raise_for_status()
            self._access_token = str(answer.json()["access_token"])
        return self._access_token

    def discover_streams(self) -> list[Stream]:
        """Return both streams, or the orders alone."""
        orders = Orders(self)
        return [orders] if self.config["without_items"] else [orders, OrderItems(self)]


if __name__ == "__main__":
    PlainTap.cli()
