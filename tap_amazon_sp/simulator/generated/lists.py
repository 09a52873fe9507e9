"""What is known about the operations that list records: keys, filters, and references."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.generated.names import also_called, plain, stem_of
from tap_amazon_sp.simulator.generated.schemas import flat, schema_at
from tap_amazon_sp.simulator.server.models import Models, Operation

_ID = re.compile(r"(Id|Identifier|Number|Name|SKU|Sku|sku|ASIN|asin|packageId)$")
_UPDATED = re.compile("updat|modif|chang|status", re.IGNORECASE)
_CONTROL = re.compile(
    r"^(sort(by|order|field)|includeddata(set)?|.*locale|keyword|detail|include.*|.*language.*"
    r"|interval|granularity.*|.*timezone|firstdayofweek|issuelocale|identifierstype|querytype"
    r"|itemtype|identifier|storeid|baseamount)$"
)

# Amazon describes them as "last updated after" and "have changed since".
_UPDATED_IN_OTHER_WORDS = frozenset({"queryStartDate", "startDateTime"})

_KEYS = {
    "fulfillmentInboundV0.getShipmentItems": "SellerSKU",
    "fulfillmentInboundV0.getShipmentItemsByShipmentId": "SellerSKU",
    "fulfillmentOutbound_2020-07-01.getFeatureInventory": "sellerSku",
    "fulfillmentInbound_2024-03-20.listTransportationOptions": "transportationOptionId",
    "fulfillmentInbound_2024-03-20.listInboundPlanItems": "msku",
    "fulfillmentInbound_2024-03-20.listPackingGroupItems": "msku",
    "fulfillmentInbound_2024-03-20.listShipmentItems": "msku",
    "financesInvoices_2026-06-25.getInvoiceHeaders": "invoiceIdentifier",
    "sellerWallet_2024-03-01.listAccountTransactions": "transactionId",
    "replenishment-2022-11-07.listOffers": "sku",
    "replenishment-2022-11-07.listOfferMetrics": "sku",
    "InvoicesApiModel_2024-06-19.getInvoices": "id",
    "fulfillmentInbound_2024-03-20.listItemComplianceDetails": "msku",
    "aplusContent_2020-11-01.searchContentPublishRecords": "contentReferenceKey",
    "sellerWallet_2024-03-01.listAccountBalances": "",
}
"""Keys of records, for lists without an operation that returns one record."""

_UNIQUE: Mapping[str, tuple[str, ...]] = {
    "listingsRestrictions_2021-08-01.getListingsRestrictions": ("marketplaceId", "conditionType"),
    "sellerWallet_2024-03-01.listAccountBalances": ("balanceType", "balanceCurrency"),
}
"""Dotted paths of properties that are unique together, by list."""

_DIRECT_FULFILLMENT = {
    "vendorDirectFulfillmentShippingV1": "vendorDirectFulfillmentOrdersV1",
    "vendorDirectFulfillmentShipping_2021-12-28": "vendorDirectFulfillmentOrders_2021-12-28",
}

ABOUT: Mapping[str, str] = {
    f"{shipping}.{name}": f"{orders}.getOrders"
    for shipping, orders in _DIRECT_FULFILLMENT.items()
    for name in ("getShippingLabels", "getPackingSlips", "getCustomerInvoices")
}
"""Lists with one document for each record of another list."""

ACCEPTS_ANY = (
    "catalogItems_",
    "definitionsProductTypes_",
    "fulfillmentOutbound_2020-07-01.getFeat",
)
"""Operations that return one record and accept ids that no list has."""


@dataclass(frozen=True)
class TimeFilter:
    """A pair of parameters that filter by time; both bounds are included.

    Attributes:
        after: Name of the lower bound.
        before: Name of the upper bound.
        is_date: Whether the bounds are dates.
        on_updated: Whether they filter by the last change rather than by creation.
    """

    after: str | None
    before: str | None
    is_date: bool
    on_updated: bool


@dataclass(frozen=True)
class ListFacts:
    """What is known about an operation that lists records.

    Attributes:
        operation: The operation.
        item: Schema of a record.
        properties: Schemas of the properties of a record.
        own_key: Name of the property that identifies a record; empty if there is none.
        scope: Names of the parameters that the list depends on, e.g. the id of its parent.
        filters: Names of properties by name of the parameter that filters them.
        options: Possible values by plain name of the property, from parameters of that name.
        times: Its time filters.
        unique: Dotted paths of properties that are unique together; often empty.
    """

    operation: Operation
    item: Mapping[str, Any]
    properties: Mapping[str, Any]
    own_key: str
    scope: tuple[str, ...]
    filters: Mapping[str, str]
    options: Mapping[str, Sequence[str]]
    times: tuple[TimeFilter, ...]
    unique: tuple[str, ...]

    @property
    def is_below(self) -> bool:
        """Whether it belongs to another record, not to the seller; such lists are short."""
        return any(plain(name) != "sellerid" for name in self.scope)

    @property
    def exact(self) -> frozenset[str]:
        """Stems of the times that it filters by."""
        names = (name for pair in self.times for name in (pair.after, pair.before) if name)
        return frozenset(stem_of(name) for name in names)


@dataclass(frozen=True)
class Link:
    """The source of the values of a path parameter.

    Attributes:
        source: Id of the operation that lists the values.
        key: Name of the property that holds them.
    """

    source: str
    key: str


class Lists:
    """The operations that list records."""

    def __init__(self, models: Models, operations: Sequence[Operation]) -> None:
        """Read the models of some operations.

        Args:
            models: Amazon's models.
            operations: The operations that are served from their model.
        """
        self.operations = operations
        self._models = models
        listing = {
            (operation.api, operation.path): operation
            for operation in operations
            if is_collection(operation)
        }
        self._links: dict[tuple[str, str], Link] = {}
        keys = dict(_KEYS)
        for operation in models:
            for name, path in _parents(operation):
                source = listing.get((operation.api, path))
                if source is not None:
                    key = keys.get(source.id) or self._key_called(source, name)
                    if key:
                        keys[source.id] = key
                        self._links[operation.id, name] = Link(source.id, key)
        self._facts = {
            operation.id: self._read(operation, keys.get(operation.id))
            for operation in listing.values()
        }
        self._by_key: dict[tuple[str, str], str] = {}
        for facts in self._facts.values():
            if facts.own_key and plain(facts.own_key) != "id":
                self._by_key.setdefault(
                    (facts.operation.api, plain(facts.own_key)), facts.operation.id
                )

    def get(self, operation_id: str) -> ListFacts | None:
        """Return what is known about a list, or None."""
        return self._facts.get(operation_id)

    def link(self, operation: Operation, parameter: str) -> Link | None:
        """Return the source of the values of a path parameter, or None."""
        return self._links.get((operation.id, parameter))

    def parent_in(self, operation: Operation, schema: Mapping[str, Any]) -> str:
        """Return the property of an object that is the record which a path names, or ""."""
        links = [self.link(operation, name) for name, _ in _parents(operation)]
        link = next((found for found in reversed(links) if found is not None), None)
        facts = self.get(link.source) if link else None
        if facts is None:
            return ""
        for name, inner in schema.get("properties", {}).items():
            if inner.get("$ref") is not None and inner.get("$ref") == facts.item.get("$ref"):
                return str(name)
        return ""

    def by_key(self, api: str, name: str) -> ListFacts | None:
        """Return the list whose records are identified by a property with a plain name, or None."""
        return self._facts.get(self._by_key.get((api, name), ""))

    def _item(self, operation: Operation) -> Mapping[str, Any]:
        facts, models = operation.facts, self._models
        schema = schema_at(models, operation.api, facts["success_schema"], facts["results"])
        found: Mapping[str, Any] = schema.get("items", {})
        return found

    def _properties(self, operation: Operation) -> Mapping[str, Any]:
        found: Mapping[str, Any] = flat(self._models, operation.api, self._item(operation)).get(
            "properties", {}
        )
        return found

    def _key_called(self, source: Operation, name: str) -> str:
        names = {plain(found): found for found in self._properties(source)}
        for candidate in (plain(name), "id", "sellersku", "sku", "name"):
            if candidate in names:
                return names[candidate]
        return ""

    def _read(self, operation: Operation, key: str | None) -> ListFacts:
        facts = operation.facts
        properties = self._properties(operation)
        if key is None:
            key = self._likely_key(operation, properties)
        times = tuple(
            TimeFilter(
                pair["after"],
                pair["before"],
                pair["format"] == "date",
                bool(_UPDATED.search(pair["after"] or pair["before"]))
                or pair["after"] in _UPDATED_IN_OTHER_WORDS,
            )
            for pair in facts.get("time_filters", ())
        )
        timed = {name for pair in times for name in (pair.after, pair.before)}
        scope = []
        filters = {}
        options = {}
        paging = facts.get("paging") or {}
        held_out = {paging.get("token_parameter"), paging.get("size_parameter"), *timed}
        for parameter in facts["parameters"]:
            name = parameter["name"]
            if parameter["in"] == "path":
                scope.append(name)
            elif parameter["in"] != "query" or name in held_out or _CONTROL.match(plain(name)):
                continue
            else:
                called = next(
                    (found for found in properties if plain(found) in also_called(plain(name))),
                    None,
                )
                inner = (
                    {} if called is None else flat(self._models, operation.api, properties[called])
                )
                if plain(name) == "marketplaceid":
                    continue
                choice = parameter.get("enum") or parameter.get("items", {}).get("enum")
                is_text = inner.get("type") == "string" and not {"enum", "format"} & {*inner}
                if called is not None and choice and is_text:
                    options[plain(called)] = choice
                if called is not None and ("enum" in inner or choice or called == key):
                    filters[name] = called
                elif (
                    parameter.get("required")
                    and parameter["type"] == "string"
                    and "enum" not in parameter
                ):
                    scope.append(name)
        return ListFacts(
            operation=operation,
            item=self._item(operation),
            properties=properties,
            own_key=key,
            scope=tuple(scope),
            filters=filters,
            options=options,
            times=times,
            unique=_UNIQUE.get(operation.id, ()),
        )

    def _likely_key(self, operation: Operation, properties: Mapping[str, Any]) -> str:
        item = flat(self._models, operation.api, self._item(operation))
        singular = plain(operation.facts["results"].rpartition(".")[2])
        names = {plain(name): name for name in properties}
        for candidate in ("id", f"{singular}id", f"{singular}identifier"):
            if candidate in names:
                return names[candidate]
        texts = [
            name
            for name, schema in properties.items()
            if _ID.search(name)
            and flat(self._models, operation.api, schema).get("type") == "string"
            and plain(name) not in ("marketplaceid", "sellerid")
            and "enum" not in flat(self._models, operation.api, schema)
        ]
        required = [name for name in texts if name in item.get("required", ())]
        return next(iter(required or texts), "")


def is_collection(operation: Operation) -> bool:
    """Return whether an operation lists records, rather than answers to what was sent."""
    facts = operation.facts
    return "results" in facts and (operation.method == "GET" or "paging" in facts)


def _parents(operation: Operation) -> list[tuple[str, str]]:
    """Return the names of the path parameters and the path before each."""
    return [
        (match[1], operation.path[: match.start()])
        for match in re.finditer(r"/\{(\w+)\}", operation.path)
    ]
