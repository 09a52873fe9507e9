"""Answers that Amazon's models allow, for every operation that reads: none is refused or lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import checked_page
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, answer_of, records_of
from tap_amazon_sp.common.json_paths import at_path
from tests.legal_answers import IN_A_LIST, LegalAnswers, largest_answer

READS = [found for found in catalogue.operations() if found.reads_only and found.success_schema]
LISTS = [found for found in READS if found.results is not None]
WITH_RECORDS = [found for found in READS if found.results is not None or found.record is not None]


def page(operation: Operation, body: Any, *, raw: bool = False) -> Answer:
    content = msgspec.json.encode(body)
    answer = answer_of(operation, content, status=200, request_id=None, raw_records=raw)
    return checked_page(operation, answer)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("operation", WITH_RECORDS, ids=lambda operation: operation.id)
def test_the_largest_answer_gives_all_its_records(operation: Operation, *, raw: bool) -> None:
    answer = page(operation, largest_answer(operation), raw=raw)

    assert answer.errors is None
    records = records_of(operation, answer)
    assert len(records) == (IN_A_LIST if operation.results is not None else 1)
    assert all(records)
    path = operation.results if operation.results is not None else operation.record
    assert at_path(answer.body, path or ()) in (records, records[0])


@pytest.mark.parametrize("errors", [{}, {"errors": []}, {"errors": None}], ids=["", "[]", "null"])
@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.id)
def test_a_list_that_is_there_may_be_empty(operation: Operation, errors: dict[str, Any]) -> None:
    made = LegalAnswers(operation)
    body = made.with_way_to(operation.results or (), operation.success_schema or {}, [])
    if isinstance(body, dict):
        body |= errors

    answer = page(operation, body)

    assert records_of(operation, answer) == []
    assert answer.errors is None
