from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from tap_amazon_sp.documents.fields import (
    exact_reading,
    flaw,
    goes_on,
    loose_reading,
    strict_reading,
)


def exact(line: str, width: int, delimiter: str = ",") -> list[str] | None:
    reading = exact_reading(line.split(delimiter), width, delimiter)
    return reading.fields if reading is not None else None


def strict(line: str, delimiter: str = ",") -> list[str] | None:
    reading = strict_reading(line.split(delimiter), delimiter)
    return reading.fields if reading is not None else None


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a,b", ["a", "b"]),
        ('"a","b"', ["a", "b"]),
        ('"a",b,', ["a", "b", ""]),
        ('"a, b",c', ["a, b", "c"]),
        ('"a ""b"", c",d', ['a ""b"", c', "d"]),
        ('"a"",""b",c', ['a"",""b', "c"]),
        ('"","",""', ["", "", ""]),
        ('""""', ['""']),
        ('"a\nb",c', ["a\nb", "c"]),
        ('5" pipe,c', ['5" pipe', "c"]),
    ],
)
def test_doubled_quotes_are_read_as_usual(line: str, fields: list[str]) -> None:
    assert strict(line) == fields


@pytest.mark.parametrize(
    "line", ['"a', '"a,b', '"5" pipe",b', '"8x10"",b', '""Best" mug",b', 'a\nb,"c"', '"a" ,b']
)
def test_other_quotes_cannot_be_doubled_ones(line: str) -> None:
    assert strict(line) is None


@pytest.mark.parametrize(
    ("line", "width", "fields"),
    [
        # An inch mark before the end of a field, at its beginning and in its midst.
        ('"8x10"","b"', 2, ['8x10"', "b"]),
        ('""Best" mug","b"', 2, ['"Best" mug', "b"]),
        ('""Best"","b"', 2, ['"Best"', "b"]),
        ('"1/2" sensor, black","b"', 2, ['1/2" sensor, black', "b"]),
        ('"Mug, 12"","1,007.81"', 2, ['Mug, 12"', "1,007.81"]),
        ('"a","8x10""', 2, ["a", '8x10"']),
        ('"a","""', 2, ["a", '"']),
        ('"a",""', 2, ["a", ""]),
        # A delimiter after a quote in a field.
        ('1,"8x10", black",5', 3, ["1", '8x10", black', "5"]),
        ('"1","say "","a" now","5"', 3, ["1", 'say "","a" now', "5"]),
        # Quotes that are letters.
        ('5" pipe,"Best" towel', 2, ['5" pipe', '"Best" towel']),
        ('1,"5 inch', 2, ["1", '"5 inch']),
        # Additional fields that are empty.
        ('"a","8x10"",', 2, ["a", '8x10"']),
        ('"a","b",,""', 2, ["a", "b"]),
        ('"a",";"",,', 2, ["a", ';"']),
    ],
)
def test_the_width_of_the_header_decides(line: str, width: int, fields: list[str]) -> None:
    assert exact(line, width) == fields


@pytest.mark.parametrize(
    ("line", "width"), [("a", 2), ('"a,b', 3), ("a,b,c", 2), ("a\nb,c", 2), ('"a\n"b",c', 3)]
)
def test_a_line_may_have_no_reading_of_that_width(line: str, width: int) -> None:
    assert exact(line, width) is None


CELLS = ("a", "", "0123", '8x10"', '"Best" mug', "a, b", 'x "y" z', '12"" mug')


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_any_quoted_cells_are_found_by_the_width(delimiter: str) -> None:
    """All triples of cells; quotes are not doubled, and none is before a delimiter of a cell."""
    for cells in itertools.product(CELLS, repeat=3):
        line = delimiter.join(f'"{cell}"' for cell in cells)
        assert exact(line, 3, delimiter) == list(cells), line


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_any_cells_with_doubled_quotes_are_found_without_a_width(delimiter: str) -> None:
    for cells in itertools.product((*CELLS, '"', '","', "a\nb"), repeat=3):
        doubled = [cell.replace('"', '""') for cell in cells]
        line = delimiter.join(f'"{cell}"' for cell in doubled)
        assert strict(line, delimiter) == doubled, line


def test_a_reading_tells_what_is_unusual() -> None:
    parts = ['"a"', '"8x10""', '"12"" mug"', "b", '"c']

    reading = exact_reading(parts, 5, ",")

    assert reading is not None
    assert reading.quoted == 3
    assert reading.doubtful == [1, 2]
    assert reading.is_open
    usual = exact_reading(["a", '"b"'], 2, ",")
    assert usual is not None
    assert (usual.cost, usual.is_open, usual.doubtful) == (0, False, [])


def test_line_feeds_are_in_quotes_only_and_a_quote_before_one_closes_unless_it_is_doubled() -> None:
    assert exact('"a\nb",c', 2) == ["a\nb", "c"]
    assert exact('"a""\nb",c', 2) == ['a""\nb', "c"]
    assert exact('"say "x"\nb",c', 2) is None
    assert exact('"say "x" a\nb",c', 2) == ['say "x" a\nb', "c"]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ('"1","8x10"","x","y"', ["1", '8x10"', "x", "y"]),
        ('"1","a, "b" c","x"', ["1", 'a, "b" c', "x"]),
        ('1,"a', ["1", '"a']),
        ("a,b", ["a", "b"]),
    ],
)
def test_without_a_width_a_quote_before_a_delimiter_closes(line: str, fields: list[str]) -> None:
    assert loose_reading(line.split(","), ",").fields == fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("a", 0), ('12"" mug', 0), ('""', 0), ('"Best" mug', 1), ('8x10"', 2), ('"""', 2)],
)
def test_flaws_are_quotes_that_are_not_doubled(text: str, expected: int) -> None:
    assert flaw(text) == expected


@pytest.mark.parametrize("parts", [["a", '"b'], ['"a', 'b"', '"c']])
def test_a_field_goes_on_that_is_not_closed(parts: Sequence[str]) -> None:
    assert goes_on(parts)


@pytest.mark.parametrize("parts", [['"a', 'b"'], ['5" pipe', "b"], ["a", ""], ['""', '"a"']])
def test_closed_fields_do_not_go_on(parts: Sequence[str]) -> None:
    assert not goes_on(parts)


def test_a_line_within_a_field_closes_it_or_does_not() -> None:
    assert goes_on(["b", "c"], is_inside=True)
    assert goes_on(['b"', '"c'], is_inside=True)
    assert not goes_on(['b"', "c"], is_inside=True)


def test_a_line_that_would_take_long_has_no_reading() -> None:
    assert exact_reading(['"a'] * 5000, 10, ",") is None


def test_a_line_with_a_very_long_field_has_a_reading() -> None:
    cells = ["a, b", '"Best" mug', "x y, " * 10_000 + "x", '5" pipe', "b, c"]
    line = ",".join(f'"{cell}"' for cell in cells)

    assert exact(line, 5) == cells
    cells[2] = "x y" * 30_000
    assert exact(",".join(f'"{cell}"' for cell in cells), 5) == cells
