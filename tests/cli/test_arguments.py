from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.cli.arguments import read_arguments
from tap_amazon_sp.cli.mistakes import MistakesError

GET_FEEDS = "feeds_2021-06-30.getFeeds"
OFFERS = "replenishment-2022-11-07.listOffers"
PUT_LISTING = "listingsItems_2021-08-01.putListingsItem"
TYPES = ("feedTypes=A",)
PREP = "fulfillmentInbound_2024-03-20.listPrepDetails"


def parameters(operation_id: str, *words: str) -> dict[str, Any]:
    return read_arguments(catalogue.operation(operation_id), words).parameters


def mistakes(operation_id: str, *words: str, body: str | None = None) -> list[str]:
    with pytest.raises(MistakesError) as caught:
        read_arguments(catalogue.operation(operation_id), words, body)
    return list(caught.value.mistakes)


def body_of(operation_id: str, *words: str) -> Any:
    return read_arguments(catalogue.operation(operation_id), words).body


def test_values_have_the_types_of_the_model() -> None:
    assert parameters(GET_FEEDS, *TYPES, "pageSize=50", "createdSince=2026-01-31T10:00:00Z") == {
        "feedTypes": ["A"],
        "pageSize": 50,
        "createdSince": "2026-01-31T10:00:00Z",
    }
    assert parameters("vendorOrders.getPurchaseOrders", "includeDetails=true") == {
        "includeDetails": "true"
    }


def test_a_date_stands_for_its_first_moment() -> None:
    assert parameters(GET_FEEDS, *TYPES, "createdSince=2026-01-31") == {
        "feedTypes": ["A"],
        "createdSince": "2026-01-31T00:00:00Z",
    }


@pytest.mark.parametrize(
    "words", [["feedTypes=A,B"], ["feedTypes=A", "feedTypes=B"], ['feedTypes=["A", "B"]']]
)
def test_lists_are_separated_by_commas_or_given_one_by_one_or_json(words: list[str]) -> None:
    assert parameters(GET_FEEDS, *words) == {"feedTypes": ["A", "B"]}


def test_json_keeps_the_commas_of_a_value() -> None:
    words = ["marketplaceId=ATVPDKIKX0DER", 'mskus=["a,b"]']

    assert parameters(PREP, *words)["mskus"] == ["a,b"]


def test_a_file_stands_for_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "types"
    file.write_text("A\nB\n", encoding="utf-8")

    assert parameters(GET_FEEDS, f"feedTypes=@{file}") == {"feedTypes": ["A", "B"]}
    assert mistakes(GET_FEEDS, "feedTypes=@/none") == [
        "`feedTypes`: /none: No such file or directory"
    ]


def test_dotted_names_are_fields_of_the_body() -> None:
    body = body_of(
        OFFERS,
        "pagination.limit=20",
        "pagination.offset=0",
        "filters.marketplaceId=ATVPDKIKX0DER",
        "filters.programTypes=SUBSCRIBE_AND_SAVE",
        'sort={"order": "ASC", "key": "ASIN"}',
    )

    assert body == {
        "pagination": {"limit": 20, "offset": 0},
        "filters": {"marketplaceId": "ATVPDKIKX0DER", "programTypes": ["SUBSCRIBE_AND_SAVE"]},
        "sort": {"order": "ASC", "key": "ASIN"},
    }


def test_objects_of_any_content_take_json() -> None:
    words = [
        "sellerId=A",
        "sku=S",
        "marketplaceIds=ATVPDKIKX0DER",
        "productType=LUGGAGE",
        'attributes={"color": [{"value": "red"}]}',
    ]

    assert body_of(PUT_LISTING, *words) == {
        "productType": "LUGGAGE",
        "attributes": {"color": [{"value": "red"}]},
    }


def test_a_field_that_is_called_as_a_parameter_is_named_with_body() -> None:
    operation = catalogue.operation("externalFulfillmentShipments_2024-09-11.updatePackageStatus")
    words = ["shipmentId=s", "packageId=p", "status=SHIPPED"]

    read = read_arguments(operation, [*words, "body.status=DELIVERED"])

    assert read.parameters["status"] == "SHIPPED"
    assert read.body == {"status": "DELIVERED"}
    assert mistakes(operation.id, *words, "body.status=LOST")[0].startswith(
        "in the body, `status` must be one of CREATED,"
    )


@pytest.mark.parametrize(
    ("operation_id", "words", "sentence"),
    [
        (GET_FEEDS, ["pageSize=0"], "`pageSize` must be an integer of 1 to 100"),
        (GET_FEEDS, ["pageSize=ten"], "`pageSize` must be an integer of 1 to 100"),
        (
            GET_FEEDS,
            ["processingStatuses=done"],
            (
                "each value of `processingStatuses` must be one of CANCELLED, DONE, FATAL, "
                "IN_PROGRESS, IN_QUEUE: did you mean `DONE`?"
            ),
        ),
        (
            GET_FEEDS,
            [f"feedTypes={','.join('ABCDEFGHIJK')}"],
            "`feedTypes` must be a list of 1 to 10 values, each text",
        ),
        (
            GET_FEEDS,
            ["createdSince=yesterday"],
            "`createdSince` must be an ISO 8601 time such as 2026-01-31T00:00:00Z",
        ),
        (GET_FEEDS, ["feedTypes"], "'feedTypes' is not an argument: write it as name=value"),
        (
            GET_FEEDS,
            ["pagesize=5"],
            "feeds_2021-06-30.getFeeds takes no `pagesize`: did you mean `pageSize`?",
        ),
        ("ordersV0.getOrder", [], "`orderId` is missing: text"),
        ("ordersV0.getOrder", ["orderId="], "`orderId` must be one line of text, and not empty"),
        (
            "fbaInventory.addInventory",
            ["x-amzn-idempotency-token=ü"],
            "`x-amzn-idempotency-token` must hold ASCII characters only: it is a header",
        ),
        (
            OFFERS,
            ["pagination.limit=501"],
            "`pagination.limit` must be an integer of 1 to 100",
        ),
        (OFFERS, ["pagination.limt=5"], "`pagination.limt` is not a field: did you mean `limit`?"),
        (
            PUT_LISTING,
            ["sellerId=A", "sku=S", "marketplaceIds=US", "attributes={}"],
            "`productType` is missing: text",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(
    operation_id: str, words: list[str], sentence: str
) -> None:
    assert sentence in mistakes(operation_id, *words)


@pytest.mark.parametrize("number", ["12345678901234567.89", "1.50", "0.1", "7", "-3"])
def test_numbers_are_sent_as_they_are_written(number: str, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(f'{{"attributes": {{"price": {number}}}}}', encoding="utf-8")
    listing = ["sellerId=A", "sku=S", "marketplaceIds=US", "productType=X", "requirements=LISTING"]
    operation = catalogue.operation(PUT_LISTING)

    for words, body in (
        ([*listing, f"attributes.price={number}"], None),
        ([*listing, f'attributes={{"price": {number}}}'], None),
        (listing, str(file)),
    ):
        arguments = read_arguments(operation, words, body)
        request = Request.build("http://host", operation, arguments.of_client, None)
        assert f'"attributes":{{"price":{number}}}'.encode() in (request.body or b"")


def test_a_number_of_a_typed_field_is_sent_as_it_is_written() -> None:
    name = "FeesEstimateRequest.PriceToEstimateFees.ListingPrice.Amount"
    operation = catalogue.operation("productFeesV0.getMyFeesEstimateForSKU")
    marketplace = "FeesEstimateRequest.MarketplaceId=ATVPDKIKX0DER"
    words = ["SellerSKU=S", marketplace, "FeesEstimateRequest.Identifier=1"]
    arguments = read_arguments(operation, [*words, f"{name}=12345678901234567.89"])
    request = Request.build("http://host", operation, arguments.of_client, None)

    assert b'"Amount":12345678901234567.89' in (request.body or b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1, "a": 2}', "has `a` twice in one object"),
        ('{"a": NaN}', "has NaN, which JSON does not have"),
        ('{"a": "\\ud800"}', "has half of a character (`\\ud800` to `\\udfff`)"),
        (f'{{"a": {"[" * 200}{"]" * 200}}}', "is nested more than 100 levels deep"),
    ],
)
def test_a_body_that_cannot_be_sent_as_it_is_written_is_refused(
    content: str, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "body.json"
    file.write_text(content, encoding="utf-8")

    assert mistakes(PUT_LISTING, body=str(file)) == [f"--body {file} {sentence}"]


def test_a_body_that_is_no_json_is_named_without_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"buyer": "Jane"', encoding="utf-8")

    assert mistakes(PUT_LISTING, body=str(file)) == [f"--body {file} is not JSON (line 1)"]


def test_a_body_where_there_is_none_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text("{}", encoding="utf-8")

    assert mistakes(GET_FEEDS, *TYPES, body=str(file)) == [
        "feeds_2021-06-30.getFeeds takes no body: leave `--body` out"
    ]
