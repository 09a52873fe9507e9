from __future__ import annotations

import itertools

import pytest

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.lines import (
    begun,
    lines_of,
    whole_lines,
    with_divided_header,
    with_ends,
)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pieces_end_with_lines(size: int) -> None:
    text = "a\nb\r\n\nc\r\r\nd"
    pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]

    found = list(whole_lines(pieces))

    assert "".join(found) == "a\nb\r\n\nc\r\nd"
    assert all(piece.endswith("\n") for piece in found[:-1])


def test_a_line_without_an_end_is_too_long() -> None:
    with pytest.raises(DocumentFormatError, match="a record of more than"):
        list(whole_lines(itertools.repeat("x" * 100_000)))
    with pytest.raises(DocumentFormatError, match="a record of more than"):
        begun(itertools.repeat("x" * 100_000), 100)


def test_lines_of_an_unquoted_text_end_with_line_feeds() -> None:
    assert list(lines_of(["a\rb\r\nc", "\nd"])) == ["a b\n", "c\n", "d"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\r1\t2\r", "a\tb\n1\t2\n"),
        # Line feeds are within quotes.
        ('"a","b"\r"1","x\ny"\r', '"a","b"\n"1","x\ny"\n'),
        ("a\tb\n1\tx\ry\n", "a\tb\n1\tx\ry\n"),
        ('"a","b"\n"1","x\ry"\n', '"a","b"\n"1","x\ry"\n'),
        ("", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_carriage_returns_are_line_feeds_where_they_end_all_lines(
    text: str, expected: str, size: int
) -> None:
    pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]

    beginning, rest = begun(iter(pieces), 1000)

    assert beginning + "".join(rest) == expected


def test_line_feeds_in_quotes_end_no_lines_where_the_beginning_ends_in_quotes() -> None:
    text = "a,b\r" + '"x\ny","z"\r' * 100
    for size in range(5, 60):
        pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]

        beginning, rest = begun(iter(pieces), 50)

        assert beginning + "".join(rest) == text.replace("\r", "\n")


def test_the_beginning_has_a_line_and_so_many_characters() -> None:
    beginning, rest = begun(iter(["abc", "d\n", "ef\n", "gh\n"]), 2)

    assert beginning == "abcd\n"
    assert list(rest) == ["ef\n", "gh\n"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\t2\r3\t4\n", "1\t2\n3\t4\n"),
        ("1\tx\ry\n", "1\tx y\n"),
        ("x\ry\t2\n5\t6\r\n", "x y\t2\n5\t6\n"),
        ("1\t2\r\n3\t4\r\n", "1\t2\r\n3\t4\r\n"),
    ],
)
def test_a_carriage_return_ends_a_row_or_is_a_space(text: str, expected: str) -> None:
    assert with_ends(text, "\t", 2) == expected


def test_a_carriage_return_in_the_only_column_is_a_space() -> None:
    assert with_ends("1\r2\n", "\t", 1) == "1 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\r1\t2\n3\t4\n", "a\tb\n1\t2\n3\t4\n"),
        ("a\rb\tc\n1\t2\n", "a b\tc\n1\t2\n"),
        ("a\tb\r\n1\t2\r3\t4\n", "a\tb\r\n1\t2\r3\t4\n"),
        ("a\rb\n1\n", "a b\n1\n"),
    ],
)
def test_carriage_returns_in_the_first_line(text: str, expected: str) -> None:
    assert with_divided_header(text, "\t") == expected
