from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.cli.data_output import record_writer, write_json, write_table

RECORDS: list[dict[str, Any]] = [
    {"id": 1, "price": {"amount": Decimal("1.10"), "currency": "EUR"}, "tags": ["a", "b"]},
    {"id": 2, "name": "ü", "lines": [{"n": 1}]},
]


def test_numbers_keep_their_digits(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"amount": Decimal("1.10")})

    assert capsys.readouterr().out == '{\n  "amount": 1.10\n}\n'


@pytest.mark.parametrize("pages", [[], [[]], [RECORDS], [RECORDS[:1], [], RECORDS[1:]]])
def test_json_is_one_list_however_many_pages(
    capsys: pytest.CaptureFixture[str], pages: list[list[Any]]
) -> None:
    with record_writer("json") as writer:
        for page in pages:
            writer.write(page)

    printed = json.loads(capsys.readouterr().out)
    assert [record["id"] for record in printed] == [
        record["id"] for page in pages for record in page
    ]


def test_a_list_that_breaks_off_is_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    def break_off() -> None:
        with record_writer("json") as writer:
            writer.write(RECORDS)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()

    with pytest.raises(ValueError, match="Expecting"):
        json.loads(capsys.readouterr().out)


def test_a_table_has_a_column_for_each_inner_field(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(RECORDS)

    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["id", "price.amount", "price.currency", "tags", "name", "lines"]
    assert first.split() == ["1", "1.10", "EUR", "a,", "b"]
    assert second.split() == ["2", "ü", '[{"n":1}]']


def test_text_is_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([{"title": "[bold]sale[/bold]"}, {"title": "[/]"}])

    assert capsys.readouterr().out.splitlines() == ["title", "[bold]sale[/bold]", "[/]"]


def test_no_records_are_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([])

    assert capsys.readouterr().out == ""
