"""The page about what loaders do to values says what its program says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.loader_values import AMOUNT, INSTANT, PAGE, SECOND, STREAM, messages

WRITTEN = Path(__file__).resolve().parent.parent / "docs" / "loader_values.md"


def test_the_page_is_that_of_the_program() -> None:
    written = WRITTEN.read_text(encoding="utf-8")
    template = PAGE.read_text(encoding="utf-8")

    for piece in re.split(r"\{(?:amount|instant|values)\}", template):
        assert piece.strip() in written
    assert f"`{AMOUNT}`" in written
    assert f"`{INSTANT}`" in written


def test_what_the_page_says_of_money_is_in_its_table() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in WRITTEN.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    amounts = {row[0]: row[1] for row in rows if len(row) > 3}
    exact = {name for name, amount in amounts.items() if AMOUNT in amount and "fails" not in amount}

    assert any(name.startswith("target-postgres") and "`use_copy: false`" in name for name in exact)
    for name in ("pipelinewise-target-postgres", "target-duckdb", "target-snowflake"):
        assert not any(one.startswith(name) for one in exact)


def test_each_loader_gets_two_streams_and_money_with_more_digits_than_a_float_has() -> None:
    read = [json.loads(line, parse_float=str) for line in messages()]

    kinds = [(one["type"], one["stream"]) for one in read if "stream" in one]
    assert kinds.count(("SCHEMA", STREAM)) == 1
    assert kinds.count(("SCHEMA", SECOND)) == 2
    records = [one["record"] for one in read if one["type"] == "RECORD"]
    assert AMOUNT in {record.get("amount") for record in records}
    assert str(float(AMOUNT)) != AMOUNT
