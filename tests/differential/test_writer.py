"""What the writer writes, so that nobody has to believe it."""

from __future__ import annotations

from random import Random

import pytest

from tests.differential.dialects import Dialect, Shape, Style
from tests.differential.tables import Table
from tests.differential.writer import write

TABLE = Table(("sku", "title, net"), (("0123", '8x10" frame'), ("a,b", ""), ('"Best"', "x\r\ny")))


def lines(header: Style, body: Style, **others: object) -> list[str]:
    dialect = Dialect(",", header, body, **others)  # type: ignore[arg-type]
    text = write(TABLE, dialect, Random(1)).content.decode()
    return text.rstrip("\r\n").split(dialect.line_end)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            Style.DOUBLED,
            ['"sku","title, net"', '"0123","8x10"" frame"', '"a,b",""', '"""Best""","x\r', 'y"'],
        ),
        (
            Style.UNDOUBLED,
            ['"sku","title, net"', '"0123","8x10" frame"', '"a,b",""', '"_Best_","x\r', 'y"'],
        ),
        (
            Style.NEEDED,
            ['sku,"title, net"', '0123,"8x10"" frame"', '"a,b",', '"""Best""","x\r', 'y"'],
        ),
        (
            Style.SPARING,
            ['sku,"title, net"', '0123,8x10" frame', '"a,b",', '"""Best""","x\r', 'y"'],
        ),
        (Style.NONE, ["sku,title_ net", '0123,8x10" frame', "a_b,", '_"Best",x_y']),
    ],
)
def test_each_style_quotes_in_its_way(style: Style, expected: list[str]) -> None:
    assert lines(style, style) == expected


def test_header_and_rows_may_be_quoted_in_different_ways() -> None:
    assert lines(Style.DOUBLED, Style.NONE)[:2] == ['"sku","title, net"', '0123,8x10" frame']
    assert lines(Style.NONE, Style.UNDOUBLED)[:2] == ["sku,title_ net", '"0123","8x10_ frame"']


def test_extra_delimiters_end_lines() -> None:
    every = lines(Style.NEEDED, Style.NEEDED, shape=Shape.TRAILING)
    rows = lines(Style.NEEDED, Style.NEEDED, shape=Shape.TRAILING_ROWS)

    assert every[:2] == ['sku,"title, net",', '0123,"8x10"" frame",']
    assert rows == [
        'sku,"title, net"',
        '0123,"8x10"" frame",',
        "a_b,,",
        # Nothing shows where a row ends if a quote is at the end of a cell.
        "_Best_,x_y,",
    ]


def test_rows_of_other_widths_come_after_a_full_one() -> None:
    table = Table(("a", "b"), (("1", "2"),) * 12)
    dialect = Dialect("\t", Style.NONE, Style.NONE, shape=Shape.RAGGED)

    written = write(table, dialect, Random(1))

    widths = [len(row) for row in written.rows]
    assert widths[0] == 2
    assert 0 < sum(width != 2 for width in widths) <= 4
    assert written.content.decode().splitlines()[1:] == ["\t".join(row) for row in written.rows]


@pytest.mark.parametrize(
    ("charset", "expected"),
    [
        ("utf-8", "Größe 数".encode()),
        ("utf-8-sig", b"\xef\xbb\xbf" + "Größe 数".encode()),
        ("utf-16-le", "\ufeffGröße 数".encode("utf-16-le")),
        ("utf-16-be", "\ufeffGröße 数".encode("utf-16-be")),
        ("cp1252", b"Gr\xf6\xdfe _"),
        ("cp932", "Gr__e 数".encode("cp932")),
    ],
)
def test_letters_are_written_in_the_character_set(charset: str, expected: bytes) -> None:
    dialect = Dialect("\t", Style.NONE, Style.NONE, charset=charset)

    assert write(Table(("Größe 数", "b"), ()), dialect, Random(1)).content.startswith(expected)
