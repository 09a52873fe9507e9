from __future__ import annotations

import pytest
from jsonschema import Draft4Validator

from tap_amazon_sp.amazon import catalogue
from tests.cli.running import AmazonSP, run


def test_parameters_body_and_answer_are_described() -> None:
    text = run("describe", "createReport").stdout

    lines = [line.strip() for line in text.splitlines()]
    assert lines[:2] == ["reports_2021-06-30.createReport", "POST /reports/2021-06-30/reports"]
    assert "Changes something at Amazon." in lines
    assert "marketplaceIds*: a list of 1 to 25 values, each text" in lines
    assert "dataStartTime: an ISO 8601 time such as 2026-01-31T00:00:00Z" in lines
    assert "Response: HTTP 202" in lines
    assert "reportId*: text" in lines


def test_allowed_values_and_bounds_are_described() -> None:
    text = run("describe", "getFeeds").stdout

    assert "Only reads." in text
    assert "pageSize: an integer of 1 to 100, in query, default 10" in text
    assert "each one of CANCELLED, DONE, FATAL, IN_PROGRESS, IN_QUEUE, in query" in text
    assert "`--all-pages` follows nextToken" in text


def test_an_operation_that_only_the_sdk_has_says_so() -> None:
    assert "Known from amzn-sp-api 1.13.0" in run("describe", "searchPromotions").stdout
    assert "Known from" not in run("describe", "getFeeds").stdout


@pytest.mark.parametrize("output", ["text", "json"])
def test_every_operation_can_be_described(output: str) -> None:
    for operation in catalogue.operations():
        finished = AmazonSP().run_here("describe", operation.id, "--output", output)

        assert finished.exit_code == 0, operation.id
        if output == "json":
            description = finished.json
            names = [parameter["name"] for parameter in description["parameters"]]
            assert names == [parameter.name for parameter in operation.parameters]
            for part in (description["body"], description["response"]):
                if part is not None and part["schema"] is not None:
                    Draft4Validator(part["schema"]).is_valid({})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("getFeds", "there is no operation 'getFeds': did you mean `getFeeds`"),
        ("ordersV0.getOrdr", "did you mean `ordersV0.getOrder`"),
        ("getOrder", "choose one of fulfillmentOutbound_2026-07-04.getOrder, ordersV0.getOrder"),
    ],
)
def test_an_operation_that_cannot_be_told_is_named_with_others(name: str, sentence: str) -> None:
    finished = AmazonSP().run_here("describe", name)

    assert finished.exit_code == 2
    assert sentence in finished.stderr
