"""Amazon's models as schemas that find mistakes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from jsonschema import Draft4Validator

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.operation_parts import Parameter
from tap_amazon_sp.amazon.validation import (
    body_schema,
    expected,
    mistakes_in_body,
    mistakes_in_parameters,
    parameter_schema,
)

OPERATIONS = list(catalogue.operations())


def test_all_schemas_are_json_schemas() -> None:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            Draft4Validator.check_schema(parameter_schema(parameter))
        if operation.body is not None:
            Draft4Validator.check_schema(body_schema(operation))


def test_bounds_of_a_lists_values_are_kept() -> None:
    parameter = next(
        parameter
        for operation in OPERATIONS
        for parameter in operation.parameters
        if "maxLength" in parameter.items
    )
    name = parameter.name
    operation = next(one for one in OPERATIONS if parameter in one.parameters)

    mistakes = mistakes_in_parameters(operation, {name: ["x" * 10_000]})

    assert any(mistake.startswith(f"each value of `{name}` must be text") for mistake in mistakes)


def test_a_value_must_not_occur_twice_if_the_model_forbids_it() -> None:
    operation, parameter = next(
        (operation, parameter)
        for operation in OPERATIONS
        for parameter in operation.parameters
        if parameter.unique_items
    )
    value = (parameter.items_enum or ("A",))[0]

    mistakes = mistakes_in_parameters(operation, {parameter.name: [value, value]})

    assert f"`{parameter.name}` must not hold a value twice" in mistakes


def test_a_number_may_be_as_small_as_its_least_value() -> None:
    parcel = {"height": Decimal("0.01"), "length": Decimal("0.01"), "width": Decimal("0.01")}
    body = {"marketplaceId": "M", "amazonOrderId": "1", "packageDimensions": parcel}
    operation = catalogue.operation("easyShip_2022-03-23.listHandoverSlots")

    mistakes = mistakes_in_body(operation, body)

    assert [mistake for mistake in mistakes if "packageDimensions.height" in mistake] == []


def test_fields_in_lists_are_named_with_their_index() -> None:
    operation = catalogue.operation("listingsItems_2021-08-01.patchListingsItem")
    body = {
        "productType": "LUGGAGE",
        "patches": [
            {"op": "replace", "path": "/attributes/color", "value": [{"any": "thing"}]},
            {"op": "change", "pth": "/attributes/size"},
        ],
    }

    assert mistakes_in_body(operation, body) == [
        "`patches[1].op` must be one of add, replace, merge, delete",
        "`patches[1].path` is missing: text",
        "`patches[1].pth` is not a field: did you mean `path`?",
    ]


def test_mistakes_do_not_show_values() -> None:
    operation = catalogue.operation("messaging.createConfirmOrderDetails")

    (mistake,) = mistakes_in_body(operation, {"text": "Jane Doe, 1 Main Street" * 1000})

    assert mistake.startswith("`text` must be text of 1 to")
    assert "Jane" not in mistake


def test_an_optional_body_may_be_missing() -> None:
    for operation in OPERATIONS:
        if operation.body is not None:
            assert bool(mistakes_in_body(operation, None)) == operation.body.required


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter("p", "query", "integer", minimum=1, maximum=20), "an integer of 1 to 20"),
        (Parameter("p", "query", "integer", maximum=20), "an integer of at most 20"),
        (Parameter("p", "query", "number"), "a number"),
        (Parameter("p", "query", "boolean"), "true or false"),
        (Parameter("p", "query", "string", format="boolean"), "true or false"),
        (Parameter("p", "query", "string", format="date"), "a date such as 2026-01-31"),
        (
            Parameter("p", "query", "string", min_length=1, pattern="^A"),
            "text of 1 or more characters of the form ^A",
        ),
        (
            Parameter("p", "query", "array", max_items=2, items={"type": "string"}),
            "a list of at most 2 values, each text",
        ),
    ],
)
def test_what_is_expected_is_described_in_words(parameter: Parameter, words: str) -> None:
    assert expected(parameter_schema(parameter)) == words
