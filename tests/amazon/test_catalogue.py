from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import (
    Operation,
    UnknownOperationError,
    api_names,
    load_api,
    operation,
    operations,
)
from tap_amazon_sp.amazon.operation_parts import Paging, Step, TimeFilter

MODELS = Path(catalogue.__file__).parent / "models"
RULES = {"same_arguments", "token_alone", "query_type_next_token", "page_number", "offset"}
SCHEMA_KEYWORDS = {
    "$ref",
    "additionalProperties",
    "allOf",
    "default",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
}


def test_the_catalogue_holds_the_whole_api() -> None:
    every = list(operations())

    assert len(api_names()) == 66 + 4
    assert len(every) == 370 + 14
    assert len({found.id for found in every}) == 384
    assert sum(found.method == "GET" for found in every) == 186 + 8
    assert len({(found.method, found.path) for found in every}) == 384


def test_operations_that_only_the_sdk_has_say_so() -> None:
    assert {found.id: found.source for found in operations() if found.source} == dict.fromkeys(
        (
            "aplusContent_2020-11-01.createMedia",
            "aplusContent_2020-11-01.getMedia",
            "aplusContent_2020-11-01.updateMedia",
            "externalFulfillmentLocation_2026-07-30.createSandboxLocation",
            "externalFulfillmentShipments_2024-09-11.createSandboxShipment",
            "externalFulfillmentShipments_2024-09-11.updateSandboxShipment",
            "financeRemittance-2026-03-17.getRemittance",
            "financeRemittance-2026-03-17.getRemittanceHeaders",
            "promotions_2025-12-01.getPromotion",
            "promotions_2025-12-01.getSelection",
            "promotions_2025-12-01.searchPromotions",
            "support_2025-02-01.getCase",
            "support_2025-02-01.listCases",
            "support_2025-02-01.listContacts",
        ),
        "amzn-sp-api 1.13.0",
    )


def test_usage_plans_come_from_the_models_and_from_the_documentation() -> None:
    with_plan = [found for found in operations() if found.rate is not None]

    # Models, documentation, SDK.
    assert len(with_plan) == 300 + 3 + 6
    assert all(found.burst and found.rate and found.rate > 0 for found in with_plan)
    assert all(found.burst is None for found in operations() if found.rate is None)


@pytest.mark.parametrize(
    ("operation_id", "rate", "burst"),
    [
        ("orders_2026-01-01.searchOrders", 0.0056, 20),
        ("ordersV0.getOrderItems", 0.5, 30),
        ("reports_2021-06-30.createReport", 0.0167, 15),
        ("shippingV2.linkCarrierAccount", 80, 100),
        # Amazon gives it the operationId of the operation above.
        ("shippingV2.linkCarrierAccount_0", 5, 10),
        # Beside a row for single sellers.
        ("definitionsProductTypes_2020-09-01.getDefinitionsProductType", 5, 10),
        # In a description whose line breaks are escaped.
        ("fulfillmentInbound_2024-03-20.listItemComplianceDetails", 2, 6),
        # With Amazon's placeholder for a number, and without a plan.
        ("fulfillmentInbound_2024-03-20.listPrepDetails", None, None),
        ("vehicles_2024-11-01.getVehicles", None, None),
        # In the documentation only.
        ("externalFulfillmentReturns_2024-09-11.listReturns", 10, 20),
    ],
)
def test_usage_plan(operation_id: str, rate: float | None, burst: float | None) -> None:
    assert (operation(operation_id).rate, operation(operation_id).burst) == (rate, burst)


def test_orders_are_described_as_the_tap_needs_them() -> None:
    search_orders = operation("orders_2026-01-01.searchOrders")

    assert (search_orders.method, search_orders.path) == ("GET", "/orders/2026-01-01/orders")
    assert search_orders.results == ("orders",)
    assert search_orders.record is None
    assert search_orders.paging == Paging(
        token_parameter="paginationToken",
        token_in="query",
        next_token=("pagination", "nextToken"),
        rule="same_arguments",
        size_parameter="maxResultsPerPage",
        max_size=100,
        token_lifetime=86400,
    )
    assert search_orders.time_filters == (
        TimeFilter("createdAfter", "createdBefore", "date-time"),
        TimeFilter("lastUpdatedAfter", "lastUpdatedBefore", "date-time"),
    )
    assert search_orders.restricted is None
    assert search_orders.grantless is None
    assert not search_orders.deprecated
    assert search_orders.body is None
    assert search_orders.success_status == 200
    assert 429 in search_orders.error_statuses
    assert not search_orders.may_have_no_content


def test_an_operation_knows_where_nothing_is_an_answer() -> None:
    found = {found.api for found in operations() if found.may_have_no_content}

    assert found == {"customerFeedback_2024-06-01"}


def test_an_operation_knows_the_steps_to_its_records() -> None:
    assert operation("ordersV0.getOrders").steps == (
        Step("payload", is_required=False, properties=frozenset({"payload", "errors"})),
        Step(
            "Orders",
            is_required=True,
            properties=frozenset({"Orders", "NextToken", "LastUpdatedBefore", "CreatedBefore"}),
        ),
    )
    assert operation("productFeesV0.getMyFeesEstimates").steps == ()


@pytest.mark.parametrize(
    ("operation_id", "style"),
    [
        ("feeds_2021-06-30.getFeeds", "feeds; nextToken <- nextToken; token_alone; pageSize 100"),
        (
            "reports_2021-06-30.getReports",
            "reports; nextToken <- nextToken; token_alone; pageSize 100",
        ),
        (
            "ordersV0.getOrders",
            "payload.Orders; NextToken <- payload.NextToken; same_arguments; MaxResultsPerPage 100",
        ),
        (
            "vendorOrders.getPurchaseOrders",
            "payload.orders; nextToken <- payload.pagination.nextToken; same_arguments; limit 100",
        ),
        (
            "fulfillmentInboundV0.getShipments",
            "payload.ShipmentData; NextToken <- payload.NextToken; query_type_next_token; no size",
        ),
        (
            "services.getServiceJobs",
            "payload.jobs; pageToken <- payload.nextPageToken; same_arguments; pageSize 20",
        ),
        (
            "supplySources_2020-07-01.getSupplySources",
            "supplySources; nextPageToken <- nextPageToken; same_arguments; pageSize -",
        ),
        (
            "catalogItems_2022-04-01.searchCatalogItems",
            "items; pageToken <- pagination.nextToken; same_arguments; pageSize 20",
        ),
        (
            "financesInvoices_2026-06-25.getInvoice",
            "invoiceItems; nextTokenForLineItems <- nextTokenForLineItems; same_arguments; no size",
        ),
        (
            # Its answer is built with allOf.
            "aplusContent_2020-11-01.searchContentDocuments",
            "contentMetadataRecords; pageToken <- nextPageToken; same_arguments; no size",
        ),
        (
            "InvoicesApiModel_2024-06-19.getInvoices",
            "invoices; nextToken <- nextToken; same_arguments; pageSize 200",
        ),
        (
            "services.getRangeSlotCapacity",
            "capacities; nextPageToken <- nextPageToken; same_arguments; no size",
        ),
    ],
)
def test_wire_style_of_a_list(operation_id: str, style: str) -> None:
    found = operation(operation_id)

    assert found.results is not None
    assert found.paging is not None
    assert found.paging.next_token is not None
    size = f"{found.paging.size_parameter} {found.paging.max_size or '-'}"
    assert style == (
        f"{'.'.join(found.results)}; "
        f"{found.paging.token_parameter} <- {'.'.join(found.paging.next_token)}; "
        f"{found.paging.rule}; {size if found.paging.size_parameter else 'no size'}"
    )


def test_pages_may_be_counted_instead_of_having_tokens() -> None:
    list_offers = operation("replenishment-2022-11-07.listOffers")

    assert list_offers.method == "POST"
    assert list_offers.results == ("offers",)
    assert list_offers.paging == Paging(
        "pagination.offset",
        "body",
        None,
        "offset",
        "pagination.limit",
        100,
        ("pagination", "totalResults"),
        9000,
    )


def test_answer_that_is_a_list_has_an_empty_path() -> None:
    assert operation("productFeesV0.getMyFeesEstimates").results == ()


@pytest.mark.parametrize(
    ("operation_id", "record"),
    [
        ("orders_2026-01-01.getOrder", ("order",)),
        ("ordersV0.getOrder", ("payload",)),
        ("feeds_2021-06-30.getFeed", ()),
        ("vendorTransactionStatus.getTransaction", ("payload", "transactionStatus")),
        # 34 lists of events. A path leads to one of them only.
        ("financesV0.listFinancialEvents", ("payload", "FinancialEvents")),
        ("customerFeedback_2024-06-01.getItemReviewTopics", ()),
        ("productPricingV0.getItemOffers", ("payload",)),
        # No content.
        ("reports_2021-06-30.cancelReport", None),
    ],
)
def test_answer_with_one_record(operation_id: str, record: tuple[str, ...] | None) -> None:
    found = operation(operation_id)

    assert found.record == record
    assert found.results is None


def test_number_of_lists_and_pages() -> None:
    reads = [found for found in operations() if found.method == "GET"]

    assert sum(found.results is not None for found in reads) == 91 + 5
    assert sum(found.paging is not None for found in reads) == 72 + 5
    assert sum(found.paging is not None for found in operations()) == 76 + 6


def test_the_largest_page_is_a_parameter_with_its_value() -> None:
    assert catalogue.operation("ordersV0.getOrders").largest_page == {"MaxResultsPerPage": 100}
    assert catalogue.operation("sellers.getMarketplaceParticipations").largest_page == {}


def test_token_lifetimes_are_seconds() -> None:
    lifetimes = {
        found.id: found.paging.token_lifetime
        for found in operations()
        if found.paging and found.paging.token_lifetime
    }

    assert lifetimes == {
        "fbaInventory.getInventorySummaries": 30,
        "orders_2026-01-01.searchOrders": 86400,
    }


@pytest.mark.parametrize(
    ("operation_id", "time_filter"),
    [
        ("feeds_2021-06-30.getFeeds", TimeFilter("createdSince", "createdUntil", "date-time")),
        ("ordersV0.getOrders", TimeFilter("LastUpdatedAfter", "LastUpdatedBefore", "date-time")),
        ("fbaInventory.getInventorySummaries", TimeFilter("startDateTime", None, "date-time")),
        ("finances_2024-06-19.listSummary", TimeFilter("periodStart", "periodEnd", "date")),
        (
            "financesInvoices_2026-06-25.getInvoiceHeaders",
            TimeFilter("invoicesModifiedAfter", None, "date-time"),
        ),
        (
            "vendorShipments.GetShipmentDetails",
            TimeFilter("requestedPickUpAfter", "requestedPickUpBefore", "date-time"),
        ),
    ],
)
def test_time_filter(operation_id: str, time_filter: TimeFilter) -> None:
    assert time_filter in operation(operation_id).time_filters


def test_parameters_have_their_array_format() -> None:
    mskus = operation("fulfillmentInbound_2024-03-20.listPrepDetails").parameter("mskus")
    feed_types = operation("feeds_2021-06-30.getFeeds").parameter("feedTypes")
    arrays = [
        parameter
        for found in operations()
        for parameter in found.parameters
        if parameter.type == "array"
    ]

    assert mskus is not None
    assert (mskus.collection_format, mskus.required) == ("multi", True)
    assert feed_types is not None
    # The model says nothing, which means csv in Swagger 2.0.
    assert (feed_types.collection_format, feed_types.max_items) == ("csv", 10)
    assert [array.collection_format for array in arrays].count("multi") == 2
    assert {array.collection_format for array in arrays} == {"csv", "multi"}
    assert all(array.items_type for array in arrays)


def test_parameters_keep_their_limits() -> None:
    page_size = operation("reports_2021-06-30.getReports").parameter("pageSize")
    statuses = operation("feeds_2021-06-30.getFeeds").parameter("processingStatuses")
    included = operation("catalogItems_2022-04-01.searchCatalogItems").parameter("includedData")

    assert page_size is not None
    assert (page_size.type, page_size.minimum, page_size.maximum, page_size.default) == (
        "integer",
        1,
        100,
        10,
    )
    assert statuses is not None
    assert statuses.items_enum == ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
    assert included is not None
    assert included.default == ("summaries",)
    assert operation("feeds_2021-06-30.getFeeds").parameter("FeedTypes") is None


def test_operations_can_be_keys() -> None:
    assert len(set(operations())) == 384


def test_only_orders_v0_is_deprecated_in_the_models() -> None:
    deprecated = sorted(found.id for found in operations() if found.deprecated)

    assert deprecated == [
        f"ordersV0.{name}"
        for name in (
            "getOrder",
            "getOrderAddress",
            "getOrderBuyerInfo",
            "getOrderItems",
            "getOrderItemsBuyerInfo",
            "getOrders",
        )
    ]


def test_restricted_operations_name_their_data_elements() -> None:
    restricted = {
        found.id: found.restricted for found in operations() if found.restricted is not None
    }

    assert len(restricted) == 30
    assert restricted["ordersV0.getOrders"] == (
        "buyerInfo",
        "shippingAddress",
        "buyerTaxInformation",
    )
    assert restricted["ordersV0.getOrderItems"] == ("buyerInfo",)
    assert restricted["vendorDirectFulfillmentOrders_2021-12-28.getOrders"] == ()
    # Depends on the type of the report.
    assert "reports_2021-06-30.getReportDocument" not in restricted


def test_grantless_operations_have_a_scope() -> None:
    grantless = {found.id: found.grantless for found in operations() if found.grantless}

    assert len(grantless) == 8
    assert grantless["notifications.getDestinations"] == "sellingpartnerapi::notifications"
    assert (
        grantless["application_2023-11-30.rotateApplicationClientSecret"]
        == "sellingpartnerapi::client_credential:rotation"
    )
    assert "notifications.getSubscription" not in grantless


def test_path_is_percent_encoded() -> None:
    get_listing = operation("listingsItems_2021-08-01.getListingsItem")

    path = get_listing.url_path(sellerId="A1", sku="red/blue 50%")

    assert path == "/listings/2021-08-01/items/A1/red%2Fblue%2050%25"
    assert [parameter.name for parameter in get_listing.path_parameters] == ["sellerId", "sku"]


def test_greedy_path_parameter_keeps_its_slashes() -> None:
    create = operation("uploads_2020-11-01.createUploadDestinationForResource")

    path = create.url_path(resource="/messaging/v1/orders/1 2/messages/legalDisclosure")

    assert path == (
        "/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/1%202/messages/legalDisclosure"
    )


@pytest.mark.parametrize(
    "path_parameters",
    [{}, {"feedId": ""}, {"feedId": ".."}, {"feedId": "1", "pageSize": 3}],
)
def test_wrong_path_parameters_are_refused(path_parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^feeds_2021-06-30\.getFeed\b"):
        operation("feeds_2021-06-30.getFeed").url_path(**path_parameters)


def test_every_path_parameter_is_described() -> None:
    for found in operations():
        values = {parameter.name: "x" for parameter in found.path_parameters}
        assert "{" not in found.url_path(**values), found.id


@pytest.mark.parametrize(
    ("unknown", "close"),
    [
        ("ordersV0.getorders", "ordersV0.getOrders"),
        ("ordersV1.getOrders", "ordersV0.getOrders"),
        ("orders_2026-01-01.searchOrder", "orders_2026-01-01.searchOrders"),
    ],
)
def test_unknown_operation_names_close_ones(unknown: str, close: str) -> None:
    with pytest.raises(UnknownOperationError, match="did you mean") as caught:
        operation(unknown)

    assert unknown in str(caught.value)
    assert close in str(caught.value)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("unknown", ["", "x", "../../secrets", "orders_2026-01-02"])
def test_unknown_api(unknown: str) -> None:
    with pytest.raises(UnknownOperationError):
        load_api(unknown)


def test_importing_reads_no_file_and_an_operation_reads_one() -> None:
    program = """
import io, json, pathlib, sys
opened = []
sys.addaudithook(
    lambda event, args: opened.append(str(args[0])) if event == "open" else None
)
from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon import model_types as schema
imported = [name for name in opened if name.endswith(".json")]
catalogue.api_names()
listed = [name for name in opened if name.endswith(".json")]
catalogue.operation("ordersV0.getOrders")
catalogue.operation("ordersV0.getOrderItems")
read = [pathlib.Path(name).name for name in opened if name.endswith(".json")]
print(json.dumps([imported, listed, read]))
"""

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(ran.stdout) == [[], [], ["ordersV0.json"]]


def test_api_is_read_once() -> None:
    assert load_api("sellers") is load_api("sellers")
    assert operation("sellers.getAccount") is load_api("sellers").operations["getAccount"]


# --- The data as a whole -----------------------------------------------------------------------


def test_every_token_has_a_parameter_and_a_place_in_the_answer() -> None:
    for found in operations():
        paging = found.paging
        if paging is None:
            continue
        assert paging.rule in RULES, found.id
        for name in filter(None, (paging.token_parameter, paging.size_parameter)):
            if paging.token_in == "query":
                parameter = found.parameter(name)
                assert parameter is not None, found.id
                assert parameter.location == "query", found.id
            else:
                assert found.body is not None
                counted = name == paging.size_parameter or paging.next_token is None
                field = _at(found, found.body.schema, tuple(name.split(".")))
                assert field["type"] == ("integer" if counted else "string"), found.id
        if paging.next_token is None:
            assert paging.rule in {"page_number", "offset"}, found.id
        else:
            assert found.success_schema is not None
            token = _at(found, found.success_schema, paging.next_token)
            assert token["type"] == "string", found.id
        if paging.rule == "query_type_next_token":
            query_type = found.parameter("QueryType")
            assert query_type is not None
            assert "NEXT_TOKEN" in (query_type.enum or ()), found.id


def test_every_list_of_results_is_a_list_and_every_record_is_an_object() -> None:
    for found in operations():
        assert found.results is None or found.record is None, found.id
        if found.results is not None:
            assert found.success_schema is not None
            assert _at(found, found.success_schema, found.results)["type"] == "array", found.id
        if found.record is not None:
            assert found.success_schema is not None
            record = _at(found, found.success_schema, found.record)
            assert record.get("type", "object") == "object", found.id


def test_every_time_filter_is_a_parameter() -> None:
    for found in operations():
        for pair in found.time_filters:
            assert pair.format in {"date", "date-time"}, found.id
            assert pair.after or pair.before, found.id
            for name in filter(None, (pair.after, pair.before)):
                parameter = found.parameter(name)
                assert parameter is not None, found.id
                assert parameter.format in {None, pair.format}, found.id


def test_every_reference_has_a_definition() -> None:
    for name in api_names():
        model = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
        for reference in _references(model):
            kind, _, definition = reference.rpartition("/")
            assert kind == "#/definitions", name
            assert definition in model["definitions"], name


def test_models_hold_no_prose() -> None:
    for name in api_names():
        model = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
        schemas = list(model["definitions"].values())
        for described in model["operations"].values():
            assert described.keys() <= {
                "body",
                "burst",
                "deprecated",
                "error_schema",
                "error_statuses",
                "grantless",
                "may_have_no_content",
                "method",
                "paging",
                "parameters",
                "path",
                "rate",
                "rules",
                "record",
                "source",
                "restricted",
                "query",
                "results",
                "success_schema",
                "success_status",
                "time_filters",
            }
            for parameter in described["parameters"]:
                assert not parameter.keys() & {"description", "x-example", "x-examples"}
            schemas += [
                described[key] for key in ("success_schema", "error_schema") if key in described
            ]
            schemas += [described["body"]["schema"]] if "body" in described else []
        for schema in schemas:
            for inner in _subschemas(schema):
                assert inner.keys() <= SCHEMA_KEYWORDS, (name, inner.keys() - SCHEMA_KEYWORDS)


def test_models_stay_small_and_have_a_line_for_each_entry() -> None:
    assert sum(path.stat().st_size for path in MODELS.glob("*.json")) < 1_000_000

    lines = (MODELS / "sellers.json").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith('"getAccount":{"method":"GET"') for line in lines)
    assert any(line.startswith('"MarketplaceParticipation":{') for line in lines)


def _at(found: Operation, schema: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    definitions = load_api(found.api).definitions
    for name in path:
        schema = _properties(definitions, schema)[name]
    return _resolved(definitions, schema)


def _properties(definitions: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    schema = _resolved(definitions, schema)
    properties = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        properties.update(_properties(definitions, part))
    return properties


def _resolved(definitions: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    return schema


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.get("properties", {}).values():
            yield from _subschemas(value)
        for value in (schema.get("items"), schema.get("additionalProperties")):
            yield from _subschemas(value)
        for value in schema.get("allOf", ()):
            yield from _subschemas(value)
