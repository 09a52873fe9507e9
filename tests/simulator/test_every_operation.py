"""All operations of Amazon's catalogue answer, and their answers fit Amazon's models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.accounts import SELLER, VENDOR
from tap_amazon_sp.simulator.server.models import Operation, load_models
from tests.simulator.operation_caller import OperationCaller
from tests.simulator.strict_schemas import schema_problem


@pytest.fixture(scope="module")
def still() -> Iterator[Simulator]:
    """A world without changes and empty pages; jobs stay in the queue."""
    settings = SimulatorSettings(
        orders=100,
        records=24,
        speed=1e6,
        changes_per_minute=0,
        port=0,
        empty_pages=(),
        processing_seconds=1e9,
    )
    with Simulator(settings) as simulator:
        yield simulator


def test_every_operation_answers_what_its_model_says(
    still: Simulator, tell: Callable[[str], None]
) -> None:
    caller = OperationCaller(still)
    problems: dict[str, str] = {}
    operations = list(caller.models)
    for operation in operations:
        status, content = caller.call(operation)
        facts = operation.facts
        if status != facts["success_status"]:
            problems[operation.id] = f"{status} {str(content)[:200]}"
        elif "success_schema" in facts and content is not None:
            problem = schema_problem(operation.api, facts["success_schema"], content)
            if problem is not None:
                problems[operation.id] = problem
            elif not _holds_something(operation, content):
                problems[operation.id] = "an empty list"

    tell(f"{len(operations) - len(problems)} of {len(operations)} operations conform")
    assert problems == {}
    assert len(operations) == len(still._api.served) == 384


def _holds_something(operation: Operation, content: Any) -> bool:
    if "results" not in operation.facts:
        return True
    for name in filter(None, operation.facts["results"].split(".")):
        content = content[name]
    return bool(content)


def test_seller_and_vendor_between_them_may_call_everything() -> None:
    for operation in load_models():
        is_for_vendors = operation.api.startswith("vendor")
        assert SELLER.may_call(operation)
        assert VENDOR.may_call(operation) or not is_for_vendors
