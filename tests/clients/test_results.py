from __future__ import annotations

import json
from pathlib import Path

import pytest

from clients.results import Fault, Result, known_faults, read_results, tally, unsaid

FAULT = Fault(("one",), ("Orders.*",), "reason", "evidence", "Missing required parameter")


def test_a_failure_is_ours_unless_a_known_fault_explains_it() -> None:
    results = [
        Result("one", "Orders.get", "ordersV0.getOrder", ""),
        Result("one", "Orders.find", "ordersV0.getOrders", "Missing required parameter 'x'."),
        Result("one", "Orders.list", "ordersV0.getOrders", "500 Internal Server Error"),
        Result("one", "Feeds.list", None, "Missing required parameter 'x'."),
        Result("two", "Orders.find", "ordersV0.getOrders", "Missing required parameter 'x'."),
    ]

    found = tally(results, [FAULT])

    assert found.works == 1
    assert found.operations == 2
    assert found.faults == [(FAULT, [results[1]])]
    assert found.ours == results[2:]


def test_results_are_read_as_drivers_write_them(tmp_path: Path) -> None:
    line = {"client_method": "Orders.get", "operation": None, "problem": "no operation", "n": 1}
    path = tmp_path / "results.jsonl"
    path.write_text(f"{json.dumps(line)}\n", encoding="utf-8")

    assert read_results("one", path) == [Result("one", "Orders.get", None, "no operation")]


def test_a_refusal_that_a_client_does_not_tell_of_is_a_failure() -> None:
    results = [
        Result("one", "Orders.get", "ordersV0.getOrder", "refused"),
        Result("one", "Feeds.list", "feeds_2021-06-30.getFeeds", ""),
    ]
    refused = [
        "ordersV0.getOrder",
        "feeds_2021-06-30.getFeeds",
        "tokens_2021-03-01.createRestrictedDataToken",
        None,
    ]

    (found,) = unsaid("one", results, refused)

    assert found.operation == "feeds_2021-06-30.getFeeds"
    assert found.problem


@pytest.mark.parametrize("fault", known_faults(), ids=lambda fault: fault.reason[:40])
def test_each_known_fault_says_why_and_where_that_can_be_seen(fault: Fault) -> None:
    assert fault.clients
    assert fault.methods
    assert fault.reason
    assert fault.evidence
    assert fault.problem
