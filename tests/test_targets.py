"""The target of `tests/kills`: what it keeps when it is killed, and what it notices."""

from __future__ import annotations

import random
from typing import Any

from tests.kills.targets import Target

SCHEMA = {"type": "SCHEMA", "stream": "orders", "key_properties": ["orderId"]}


def record(order_id: str, time: str) -> dict[str, Any]:
    row = {"orderId": order_id, "lastUpdatedTime": time}
    return {"type": "RECORD", "stream": "orders", "record": row}


def state(value: int) -> dict[str, Any]:
    return {"type": "STATE", "value": {"number": value}}


def test_it_keeps_the_last_record_and_the_last_state() -> None:
    target = Target({"orders": "lastUpdatedTime"})

    lost = target.take(
        [
            SCHEMA,
            record("1", "2026-11-01T00:00:00Z"),
            state(1),
            record("1", "2026-11-02T00:00:00.000Z"),
            record("2", "2026-11-01T00:00:00Z"),
        ]
    )

    assert lost == 0
    assert target.state == {"number": 1}
    assert target.of_stream("orders") == {
        ("1",): {"orderId": "1", "lastUpdatedTime": "2026-11-02T00:00:00.000Z"},
        ("2",): {"orderId": "2", "lastUpdatedTime": "2026-11-01T00:00:00Z"},
    }
    assert target.times == {("orders", "1"): 2, ("orders", "2"): 1}
    assert target.stale == []


def test_it_notices_an_older_record_after_a_newer_one() -> None:
    target = Target({"orders": "lastUpdatedTime"})

    target.take([SCHEMA, record("1", "2026-11-02T00:00:00Z")])
    target.take([SCHEMA, record("1", "2026-11-01T23:59:59Z")])

    assert target.stale == [("orders", "1")]


def test_one_that_is_killed_has_all_records_before_the_state_that_it_passed_on() -> None:
    messages: list[dict[str, Any]] = [SCHEMA]
    for number in range(20):
        messages += [record(str(number), "2026-11-01T00:00:00Z"), state(number)]
    seen = set()

    for seed in range(200):
        target = Target({})
        lost = target.take(messages, killed_by=random.Random(seed))  # noqa: S311 - no secret
        written = {int(order_id) for (order_id,) in target.of_stream("orders")}
        told = target.state.get("number", -1)
        assert written >= set(range(told + 1))
        assert lost == 20 - len(written)
        seen.add((told, len(written)))

    assert {told for told, _ in seen} >= {-1, 5, 18}
    # Some are killed between a record and its STATE.
    assert any(written > told + 1 for told, written in seen)
