from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.documents.explanations import (
    MAX_LENGTH,
    explanation_in,
    explanation_of,
    missing_data,
)
from tap_amazon_sp.documents.opening import Documents
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.simulator import Simulator
from tests.fake_clock import FakeClock


@pytest.mark.parametrize(
    ("content", "explanation"),
    [
        ({"errorDetails": "Too many days."}, "Too many days."),
        ({"errors": [{"code": 1, "message": "No."}, {"message": "Never."}]}, "No. Never."),
        ("No.", "No."),
        ([], ""),
    ],
)
def test_an_explanation_is_the_texts_in_json(content: Any, explanation: str) -> None:
    assert explanation_in(json.dumps(content)) == explanation


@pytest.mark.parametrize("text", ["Too many days.", " Too many days.\n"])
def test_what_is_no_json_is_an_explanation_as_it_is(text: str) -> None:
    assert explanation_in(text) == "Too many days."


@pytest.mark.parametrize("text", ["x" * 5000, json.dumps({"errorDetails": "x" * 5000})])
def test_a_long_explanation_is_cut(text: str) -> None:
    assert explanation_in(text) == "x" * MAX_LENGTH


def test_without_a_document_there_is_no_explanation() -> None:
    assert explanation_of(None) == ""


def test_a_document_that_is_there_no_more_explains_nothing(simulator: Simulator) -> None:
    clock = FakeClock()
    account = account_of(settings_from(simulator.settings_for_tap()))
    client = SellingPartnerClient(account, clock=clock, user_agent="test/1.0")

    explanation = explanation_of(Documents(client, clock).of_report("amzn1.spdoc.none"))

    assert explanation == ""
    assert [one["status"] for one in simulator.requests] == [404]


@pytest.mark.parametrize(
    ("explanation", "missing"),
    [
        ("The requested data is unavailable. Please try a different date range", "unavailable"),
        ("The requested data is\nnot available for this period.", "unavailable"),
        ("No data available for the date range", "unavailable"),
        ("There is no report data available.", "unavailable"),
        ("This data is no longer available", "unavailable"),
        (
            (
                "Error in report request: The report data for the requested date range is not yet "
                "available. Try submitting this createReport request at a later time, or modify "
                "dataEndTime to be an earlier date."
            ),
            "late",
        ),
        ("data is not ready yet", "late"),
        ("A client error occurred. Please double check that your parameters are valid", None),
        ("The service is unavailable", None),
        ("The data store is temporarily unavailable", None),
        ("dataStartTime must be the same day as dataEndTime when reportPeriod=DAY", None),
        ("The data are invalid. This report is not available for vendors.", None),
        ("", None),
    ],
)
def test_an_explanation_says_that_data_are_missing(explanation: str, missing: str | None) -> None:
    assert missing_data(explanation) == missing
