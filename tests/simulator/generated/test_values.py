"""Made-up values fit their schemas and their names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.simulator.generated.names import plain, stem_of
from tap_amazon_sp.simulator.generated.subjects import Subject
from tap_amazon_sp.simulator.generated.values import ValueMaker
from tap_amazon_sp.simulator.server.models import load_models
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.timestamps import parse_iso
from tap_amazon_sp.simulator.world.world import World

API = "test"
CREATED, UPDATED = 1_795_000_000, 1_795_400_000
WORLD = World(seed=1, region="eu", start=0.0)
SUBJECT = Subject(
    key=(API, "things", 7),
    index=7,
    created=CREATED,
    updated=UPDATED,
    marketplace=MARKETPLACES["eu"][1],
    seller_id="A1SELLER",
    own_key="thingid",
)


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> ValueMaker:
    models = load_models()
    monkeypatch.setitem(models._definitions, API, DEFINITIONS)
    return ValueMaker(models, WORLD)


DEFINITIONS: dict[str, Any] = {
    "Money": {
        "type": "object",
        "required": ["amount", "currencyCode"],
        "properties": {"amount": {"type": "number"}, "currencyCode": {"type": "string"}},
    },
    "Tree": {
        "type": "object",
        "required": ["name", "children"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
            "parent": {"$ref": "#/definitions/Tree"},
        },
    },
}


def text(**schema: Any) -> dict[str, Any]:
    return {"type": "string", **schema}


def record(maker: ValueMaker, subject: Subject = SUBJECT, **properties: Any) -> dict[str, Any]:
    """Return an object with these properties, which are all required."""
    schema = {"type": "object", "required": [*properties], "properties": properties}
    made: dict[str, Any] = maker.make(API, schema, subject)
    return made


def test_the_same_subject_has_the_same_values(maker: ValueMaker) -> None:
    schema: dict[str, Any] = {"thingId": text(), "note": text(), "count": {"type": "integer"}}

    one = record(maker, **schema)

    assert one == record(maker, **schema)
    other = record(maker, replace(SUBJECT, key=(API, "things", 8), index=8), **schema)
    assert one["thingId"] != other["thingId"]
    # The value of a name does not depend on the other properties.
    assert record(maker, thingId=text())["thingId"] == one["thingId"]


def test_references_and_parts_are_put_together(maker: ValueMaker) -> None:
    parts = [
        {"$ref": "#/definitions/Money"},
        {"type": "object", "required": ["tax"], "properties": {"tax": {"type": "number"}}},
    ]

    price = record(maker, price={"allOf": parts})["price"]

    assert set(price) == {"amount", "currencyCode", "tax"}
    assert price["currencyCode"] == "GBP"
    assert price["amount"] == round(price["amount"], 2) > 0


def test_definitions_that_contain_themselves_end(maker: ValueMaker) -> None:
    tree = record(maker, tree={"$ref": "#/definitions/Tree"})["tree"]

    assert tree["children"] == []
    assert "parent" not in tree


def test_maps_hold_values_of_their_kind(maker: ValueMaker) -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}

    counts = record(maker, counts=schema)["counts"]

    assert counts
    assert all(isinstance(value, int) for value in counts.values())


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-zA-Z0-9-]*$",
        r"^[a-zA-Z0-9]+$",
        r"^[A-Z0-9]*$",
        r"^[A-Z]{2}$",
        r"^[a-zA-Z0-9-._ ]*$",
        r"^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])$",
        r"^(UN|ID|NA)[0-9]{4}$",
        r"^[1-9](\.[1-9])?$",
        r"^[a-z]{2}_[A-Z]{2}$",
        r"^arn:aws:sqs:\S+:\S+:\S+",
        r"^[A-Za-z0-9\\+/]{22}={2}$",
        r"^([a-zA-Z0-9_\-\.]+)@([a-zA-Z0-9_\-\.]+)\.([a-zA-Z]{2,5})$",
        r"^https?://.+",
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$",
        r"^[0-9]{4}$",
        r"^(0?[1-9]|1[012])$",
    ],
)
def test_texts_have_the_forms_that_amazon_asks_for(maker: ValueMaker, pattern: str) -> None:
    value = record(maker, value=text(pattern=pattern))["value"]

    assert re.search(pattern, value)


@pytest.mark.parametrize(("least", "most"), [(38, 38), (36, 38), (1, 10), (0, 3), (200, 1000)])
def test_texts_have_the_right_length(maker: ValueMaker, least: int, most: int) -> None:
    made = record(
        maker,
        thingId=text(minLength=least, maxLength=most),
        note=text(minLength=least, maxLength=most),
    )

    assert all(least <= len(value) <= most for value in made.values())


def test_numbers_keep_their_bounds(maker: ValueMaker) -> None:
    made = record(
        maker,
        count={"type": "integer", "minimum": 3, "maximum": 4},
        negative={"type": "integer", "maximum": -5},
        share={"type": "number", "minimum": 0, "maximum": 1},
        any={"type": "integer"},
    )

    assert made["count"] in (3, 4)
    assert made["negative"] <= -5
    assert 0 <= made["share"] <= 1
    assert isinstance(made["any"], int)


def test_lists_keep_their_bounds(maker: ValueMaker) -> None:
    made = record(
        maker,
        many={"type": "array", "minItems": 5, "items": {"type": "integer"}},
        none={"type": "array", "maxItems": 0, "items": {"type": "integer"}},
        kinds={
            "type": "array",
            "minItems": 3,
            "uniqueItems": True,
            "items": text(enum=["A", "B", "C"]),
        },
    )

    assert len(made["many"]) == 5
    assert made["none"] == []
    assert sorted(made["kinds"]) == ["A", "B", "C"]


def test_times_are_those_of_the_subject(maker: ValueMaker) -> None:
    made = record(
        maker,
        createdTime=text(format="date-time"),
        lastUpdatedDate=text(),
        releaseDate=text(format="date"),
        pickupDate=text(format="date-time"),
        expirationDate=text(format="date-time"),
    )

    assert parse_iso(made["createdTime"]) == CREATED
    assert parse_iso(made["lastUpdatedDate"]) == UPDATED
    assert made["releaseDate"] == made["createdTime"][:10]
    assert parse_iso(made["pickupDate"]) == CREATED
    assert parse_iso(made["expirationDate"]) > CREATED


def test_names_say_what_a_text_is(maker: ValueMaker) -> None:
    made = record(
        maker,
        marketplaceId=text(),
        countryCode=text(),
        currencyCode=text(),
        sellerId=text(),
        asin=text(),
        sellerSku=text(),
        listPrice=text(),
    )

    product = WORLD.products[7]
    assert made["marketplaceId"] == "A1F83G8C2ARO7P"
    assert (made["countryCode"], made["currencyCode"]) == ("GB", "GBP")
    assert made["sellerId"] == "A1SELLER"
    assert (made["asin"], made["sellerSku"]) == (product.asin, product.sku)
    assert re.fullmatch(r"\d+\.\d\d", made["listPrice"])


def test_a_status_moves_on_with_every_change(maker: ValueMaker) -> None:
    status = text(enum=["OPEN", "SHIPPED", "CLOSED"])

    seen = {
        record(maker, replace(SUBJECT, changes=changes), status=status)["status"]
        for changes in range(3)
    }

    assert seen == {"OPEN", "SHIPPED", "CLOSED"}


def test_what_was_asked_for_is_shown_where_it_fits(maker: ValueMaker) -> None:
    subject = replace(SUBJECT, known={"asin": "B0ASKED", "status": "NOWHERE", "sku": ["X", "Y"]})

    made = record(
        maker,
        subject,
        asin=text(),
        status=text(enum=["OPEN"]),
        skus={"type": "array", "items": text()},
        deep={
            "type": "object",
            "required": ["deeper"],
            "properties": {
                "deeper": {
                    "type": "object",
                    "required": ["asin"],
                    "properties": {"asin": text()},
                }
            },
        },
    )

    assert made["asin"] == "B0ASKED"
    assert made["status"] == "OPEN"
    assert made["skus"] == ["X", "Y"]
    assert made["deep"]["deeper"]["asin"] != "B0ASKED"


def test_optional_properties_are_absent_now_and_then(maker: ValueMaker) -> None:
    properties = {"note": text(), "thingId": text(), "postedDate": text(format="date-time")}
    schema = {"type": "object", "properties": properties}
    made = [
        maker.make(API, schema, replace(SUBJECT, key=(API, "things", index)))
        for index in range(100)
    ]

    present = sum("note" in one for one in made)
    assert 50 < present < 100
    assert all({"thingId", "postedDate"} <= {*one} for one in made)


def test_errors_and_page_tokens_are_not_made_up(maker: ValueMaker) -> None:
    properties = {
        "errors": {"type": "array", "items": text()},
        "nextToken": text(),
        "NextPageToken": text(),
        "pagination": {"type": "object", "properties": {"nextToken": text()}},
    }

    assert maker.make(API, {"type": "object", "properties": properties}, SUBJECT) == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("marketplaceIds", "marketplaceid"),
        ("ShipmentIdList", "shipmentid"),
        ("processingStatuses", "processingstatus"),
        ("status", "status"),
        ("SellerSKU", "sellersku"),
    ],
)
def test_names_compare_without_case_and_plural(name: str, expected: str) -> None:
    assert plain(name) == expected


def test_a_time_and_its_filter_share_a_stem() -> None:
    assert stem_of("postedAfter") == stem_of("PostedDate") == "posted"
    assert stem_of("fromIssueDate") == stem_of("issueDate")
    assert stem_of("estimatedDeliveryBefore") == stem_of("estimatedDeliveryDate")
