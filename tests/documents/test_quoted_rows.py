from __future__ import annotations

import cProfile
import csv
import functools
import io
import itertools
from collections.abc import Callable
from typing import Literal

import pytest

from tap_amazon_sp.documents.lines import whole_lines
from tap_amazon_sp.documents.quoted_rows import Blocks, QuotedRows

TABLES = [
    [["1", "Mug", "a"], ["2", "Cup", ""]],
    [["1", 'Webcam 1/2" sensor, black', "a"], ["2", '"Best" mug', "b"], ["3", '8x10"', ""]],
    [["1", "a", 'Frame 8x10"'], ["2", "b", "ok"], ["", "c", '"'], ["4", '"', "ok"]],
    [["0123", "1E5", "1234567890123456789"], [" 7", "7 ", "-0"]],
]


def read(text: str, delimiter: str = ",", width: int = 3, size: int = 1000) -> list[list[str]]:
    """Read rows from pieces of a size; empty lines are left out."""
    pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]
    blocks = Blocks(whole_lines(pieces))
    rows = QuotedRows(blocks, delimiter, width)
    return [row for block in blocks for row in rows.rows_of(block) if row]


def quoted(table: list[list[str]], delimiter: str, end: str, *, doubled: bool) -> str:
    """Write a table with quotes around every field."""
    lines = [
        delimiter.join(
            f'"{cell.replace(chr(34), chr(34) * 2) if doubled else cell}"' for cell in row
        )
        for row in table
    ]
    return end.join(lines) + end


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("size", [5, 1000])
def test_quoted_fields_have_quotes_that_are_doubled_or_not(
    table: list[list[str]], delimiter: str, end: str, size: int
) -> None:
    for doubled in (False, True):
        text = quoted(table, delimiter, end, doubled=doubled)
        assert read(text, delimiter, size=size) == table
        assert read(text.rstrip(), delimiter, size=size) == table


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("size", [3, 50, 5000])
def test_what_the_csv_module_writes_is_read(delimiter: str, size: int) -> None:
    cells = ("a", "", '"', '""', 'a"b', "a\nb", f"a{delimiter}b", '"\n"', f'"{delimiter}"', "\r\n")
    table = [list(row) for row in itertools.product(cells, repeat=2)]
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC):
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(
            [[str(number), *row] for number, row in enumerate(table)]
        )
        rows = read(stream.getvalue(), delimiter, size=size)
        assert [row[1:] for row in rows] == table


def test_doubled_quotes_are_one_whatever_other_fields_have() -> None:
    expected = [["1", '12" mug', "a"], ["2", '5" pipe', "b"]]
    doubled, single = '"1","12"" mug","a"\n', '"2","5" pipe","b"\n'
    assert read(doubled + single) == expected
    assert read(single + doubled) == expected[::-1]
    assert read(single * 20 + doubled) == expected[1:] * 20 + expected[:1]
    assert read(single * 20 + doubled * 100, size=100) == expected[1:] * 20 + expected[:1] * 100


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "table",
    [
        [["1", '8" x', "n"], ["2", '8" x'], ["3", '9" y'], ["4", "z", "n"]],
        [["1", '8" x'], ["2", '9" y', "n", "o"], ["3", '9" y'], ["4", '9" y']],
        [["1", "x"], ["2", '8" x'], ["3"], ["4", '9" y'], ["5", "a", "b"]],
    ],
)
def test_quoted_rows_of_other_widths_are_not_joined(
    table: list[list[str]], delimiter: str, end: str
) -> None:
    assert read(quoted(table, delimiter, end, doubled=False), delimiter) == table


def test_an_open_quote_does_not_take_a_shorter_row() -> None:
    assert read('"1","8 x\n"2","9" y"\n"3","a","b"\n') == [
        ["1", '"8 x'],
        ["2", '9" y'],
        ["3", "a", "b"],
    ]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("is_all_quoted", [True, False])
@pytest.mark.parametrize("cell", ['"x"a\nb', "a\n\nb", 'say "a"\n"b" or "c"\n', '12"\n'])
@pytest.mark.parametrize("others", [["z"], ["z", "z", "extra"], []])
def test_a_row_of_several_lines_may_have_another_width(
    delimiter: str, *, is_all_quoted: bool, cell: str, others: list[str]
) -> None:
    table = [["1", "a", "b"], ["2", cell, *others], ["3", '12"', '12"'], ["4", cell, "b"]]
    stream = io.StringIO()
    style: Literal[0, 1] = csv.QUOTE_ALL if is_all_quoted else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=delimiter, quoting=style).writerows(table)

    assert read(stream.getvalue(), delimiter) == table


def test_a_field_of_several_lines_may_have_lines_that_are_like_rows() -> None:
    assert read('1,"Dear all,\n2,b,c\nbye",x\n') == [["1", "Dear all,\n2,b,c\nbye", "x"]]
    assert read('1,x,"say ""hi""\n""bye"" now"\n2,a,b\n') == [
        ["1", "x", 'say "hi"\n"bye" now'],
        ["2", "a", "b"],
    ]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_fields_of_several_lines_need_no_doubled_quotes_either(delimiter: str) -> None:
    text = '"1","a "b" c\nd","x"\n"2","8x10""\n'.replace(",", delimiter)

    assert read(text + '"3","a","b"\n'.replace(",", delimiter), delimiter)[0] == [
        "1",
        'a "b" c\nd',
        "x",
    ]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_wide_row_has_many_fields_of_several_lines(delimiter: str) -> None:
    table = [["1", 'a "b" c', *["x\ny"] * 48], ["2", *["a"] * 49]]

    assert read(quoted(table, delimiter, "\n", doubled=False), delimiter, 50) == table


@pytest.mark.parametrize(
    "cells",
    [
        ['"', '"', "_,"],
        ["_,", '"', '_"'],
        [",", '12"', '5" x 7"'],
        ['"', "_,_", '"Best" mug'],
        ['"a" b', '"', "_,_"],
    ],
)
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_inch_marks_beside_a_delimiter_in_quotes_are_in_a_row_of_the_width(
    cells: list[str], delimiter: str
) -> None:
    row = [cell.replace(",", delimiter) for cell in cells]
    table = [["x", "y", "z"], row, ["x", "y", "z"]]

    assert read(quoted(table, delimiter, "\n", doubled=False), delimiter) == table


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_row_of_several_lines_has_many_quotes_and_a_delimiter(delimiter: str) -> None:
    row = ["a", "_\n_", 'b"0', 'c\n5" x 7" d\ne', f"_{delimiter}_", 'a"M', '"a" b', "", "z"]
    table = [["x"] * 9, row, ["y"] * 9]

    assert read(quoted(table, delimiter, "\n", doubled=False), delimiter, width=9) == table


def test_lone_inch_marks_at_the_ends_of_rows_do_not_join_them() -> None:
    rows = read('"a",""",\n""","a",\n', width=2)

    assert rows == [["a", '"', ""], ['"', "a", ""]]


@pytest.mark.parametrize("other", ['\\"\ta\t\n', ""])
def test_extra_delimiters_at_the_ends_of_lines_make_no_rows(other: str) -> None:
    rows = read('a\t"""\n"\t\na\t"x\ny"\t\n' + other, "\t", 2)

    assert rows[:2] == [["a", '"\n', ""], ["a", "x\ny", ""]]


def test_an_open_quote_takes_no_row() -> None:
    rows = '"2","b","x"\n"3","c","y"\n'
    assert read('"1","a","5 inch\n' + rows) == [
        ["1", "a", '"5 inch'],
        ["2", "b", "x"],
        ["3", "c", "y"],
    ]
    assert len(read('1,a,"5 inch\n' + "2,b,x\n" * 10_000 + '"3",c,y\n')) == 10_002


def test_rows_of_other_widths_are_rows() -> None:
    assert read('"1","a"\n"2","a, b","c","d"\n"3","5" x","c"\n"4",,"c"\n"5"\n') == [
        ["1", "a"],
        ["2", "a, b", "c", "d"],
        ["3", '5" x', "c"],
        ["4", "", "c"],
        ["5"],
    ]


def test_carriage_returns_end_rows_or_are_in_fields() -> None:
    assert read('"1","a","b"\r"2","c","d"\n"3","e\rf","g"\r\n') == [
        ["1", "a", "b"],
        ["2", "c", "d"],
        ["3", "e\rf", "g"],
    ]
    assert read('1,"a",b\r2,c,d\n3,e\rf,"g"\n')[:2] == [["1", "a", "b"], ["2", "c", "d"]]


MANY_TIMES = [
    ('"1","5 inch\n', 3),
    ('1,"5" inch, "x\n', 3),
    ('"\n', 3),
    ('"1"","\n', 3),
    ('"a","8x,"c","5 x\n', 10),
    ('"a","8"x","c","5" x"\n', 10),
    ('a","b\n', 10),
    ('a"b,"c" d,"e\n', 10),
    ('"a","b" c,"d\n' + "plain\n" * 30, 10),
    ('",' * 12 + "\n", 10),
    ('"a"b",' * 40 + "\n", 10),
    ('"x""y"\nz",' * 3 + "\n", 5),
]
"""Lines that could each begin a field of many lines, with the width of the header."""


@pytest.mark.parametrize(("line", "width"), MANY_TIMES)
def test_many_bad_lines_take_no_time(line: str, width: int) -> None:
    """The steps grow as the text does: what was looked at is not read again and again."""
    size = 32_000
    few, many = (
        _calls(functools.partial(read, line * (length // len(line)), width=width))
        for length in (size // 4, size)
    )
    assert many < 6 * few
    assert many < 150 * size


def _calls(function: Callable[[], object]) -> int:
    """Return how many functions a function calls."""
    profile = cProfile.Profile()
    profile.runcall(function)
    return sum(entry.callcount for entry in profile.getstats())
