"""Statuses of the items in a batch."""

from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.reading.outcomes import by_http_status, by_name_of_status


@pytest.mark.parametrize("status", [None, "", "soon", {"v": 200}, [500], {}])
def test_a_status_that_is_not_a_number_refuses_nothing(status: Any) -> None:
    outcomes = by_http_status(dict)
    entry = {"status": {"statusCode": status}}

    assert outcomes.refusal(entry) is None
    assert not outcomes.failed_at_amazon(entry)


def test_a_status_may_be_a_number_in_text() -> None:
    outcomes = by_http_status(dict)
    entry = {"status": {"statusCode": "503"}, "body": {"errors": [{"code": "Busy"}]}}

    assert outcomes.refusal(entry) == "HTTP 503, Busy"
    assert outcomes.failed_at_amazon(entry)


@pytest.mark.parametrize("status", [None, ["ServerError"], {"name": "ServerError"}, 7])
def test_a_named_status_that_is_not_a_text_refuses_nothing(status: Any) -> None:
    outcomes = by_name_of_status("Status")

    assert outcomes.refusal({"Status": status}) is None
    assert not outcomes.failed_at_amazon({"Status": status})
