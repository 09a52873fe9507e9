"""`amazon-sp call` and every operation of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP
from tests.simulator.operation_caller import OperationCaller

OPERATIONS = list(catalogue.operations())
BEYOND_THE_GENERATOR = {"services.getFixedSlotCapacity": {"slotDuration": 15}}
"""Fields of bodies whose rules the generator of arguments does not follow (`multipleOf`)."""
READS = [operation for operation in OPERATIONS if operation.reads_only]


@pytest.fixture
def amazon_sp(world: Simulator, tmp_path: Path) -> AmazonSP:
    return configured(world, tmp_path, restricted_data=True)


def words_for(caller: OperationCaller, operation: Operation) -> tuple[list[str], str]:
    """Return what to call an operation with by its model: arguments, and what stdin holds."""
    arguments = caller.arguments(caller.models.operation(operation.id))
    words = [operation.id] + [
        f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in arguments.values.items()
    ]
    if arguments.body is None:
        return words, ""
    if operation.id in BEYOND_THE_GENERATOR:
        arguments.body.update(BEYOND_THE_GENERATOR[operation.id])
    return [*words, "--body", "-"], json.dumps(arguments.body)


def test_every_operation_can_be_called(
    world: Simulator, amazon_sp: AmazonSP, tell: Callable[[str], None]
) -> None:
    caller = OperationCaller(world)
    problems: dict[str, str] = {}
    for operation in OPERATIONS:
        words, stdin = words_for(caller, operation)
        finished = amazon_sp.run_here("call", *words, "--yes", stdin=stdin)
        if finished.exit_code:
            problems[operation.id] = f"{finished.exit_code} {finished.stderr}"
        elif operation.reads_only and not finished.json:
            problems[operation.id] = "an empty answer"

    good = len(OPERATIONS) - len(problems)
    tell(f"amazon-sp call: {good} of {len(OPERATIONS)} operations succeed")
    assert problems == {}
    assert len(OPERATIONS) == 384


def test_every_operation_that_reads_gives_records_to_its_last_page(
    world: Simulator, amazon_sp: AmazonSP
) -> None:
    caller = OperationCaller(world)
    problems: dict[str, str] = {}
    for operation in READS:
        words, stdin = words_for(caller, operation)
        options = ("--all-pages", "--output", "jsonl")
        finished = amazon_sp.run_here("call", *words, *options, stdin=stdin)
        if finished.exit_code or not all(isinstance(line, dict) for line in finished.lines):
            problems[operation.id] = f"{finished.exit_code} {finished.stderr}"

    assert problems == {}
    assert len(READS) == 218


def test_nothing_that_writes_is_sent_unasked(world: Simulator, amazon_sp: AmazonSP) -> None:
    caller = OperationCaller(world)
    writes = [operation for operation in OPERATIONS if not operation.reads_only]
    problems = []
    for operation in writes:
        words, stdin = words_for(caller, operation)
        world.clear_requests()
        finished = amazon_sp.run_here("call", *words, stdin=stdin)
        if finished.exit_code != 2 or "give `--yes`" not in finished.stderr or world.requests:
            problems.append(operation.id)

    assert problems == []
    assert len(writes) == 166
