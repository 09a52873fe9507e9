from __future__ import annotations

import csv
import io

import pytest

from tap_amazon_sp.simulator.reports.dialects import (
    DIALECT_WORDS,
    Dialect,
    check_dialect,
    dialect_of,
)
from tap_amazon_sp.simulator.reports.types import report_types

INVENTORY = report_types()["GET_AFN_INVENTORY_DATA"]
RETURNS = report_types()["GET_CSV_MFN_PRIME_RETURNS_REPORT"]
NAMES = ["sku", "title"]
AWKWARD = ['8" x 10"', '"Best" mug', "two\nlines", "a\r\nb", "tab\there", "a, b; c", "", "plain"]


@pytest.mark.parametrize(
    ("words", "header", "row"),
    [
        ("unquoted", "sku\ttitle\r\n", '1\t"Best" 8" mug\r\n'),
        ("quoted", '"sku"\t"title"\r\n', '"1"\t"""Best"" 8"" mug"\r\n'),
        ("quoted-undoubled", '"sku"\t"title"\r\n', '"1"\t""Best" 8" mug"\r\n'),
        ("minimal", "sku\ttitle\r\n", '1\t"""Best"" 8"" mug"\r\n'),
        ("quoted-header", '"sku"\t"title"\r\n', '1\t"Best" 8" mug\r\n'),
        ("quoted,semicolon,cr", '"sku";"title"\r', '"1";"""Best"" 8"" mug"\r'),
        ("lf", "sku\ttitle\n", '1\t"Best" 8" mug\n'),
        ("comma", "sku,title\r\n", '1,"Best" 8" mug\r\n'),
    ],
)
def test_a_dialect_is_written_in_words(words: str, header: str, row: str) -> None:
    dialect = dialect_of(INVENTORY, {INVENTORY.name: words})

    assert dialect.header(NAMES) == header
    assert dialect.line(["1", '"Best" 8" mug']) == row
    assert not dialect.preamble


@pytest.mark.parametrize("delimiter", ["tab", "comma", "semicolon"])
@pytest.mark.parametrize("quoting", ["quoted", "minimal"])
@pytest.mark.parametrize("line_end", ["lf", "crlf", "cr"])
def test_values_in_doubled_quotes_stay_as_they_are(
    delimiter: str, quoting: str, line_end: str
) -> None:
    dialect = dialect_of(INVENTORY, {"*": f"{line_end},{delimiter},{quoting}"})

    written = dialect.header(AWKWARD) + dialect.line(AWKWARD)

    stream = io.StringIO(written, newline="")
    assert [*csv.reader(stream, delimiter=dialect.delimiter)] == [AWKWARD, AWKWARD]


@pytest.mark.parametrize("quoting", ["unquoted", "quoted-header"])
def test_without_quotes_a_space_stands_for_what_would_end_a_field(quoting: str) -> None:
    dialect = dialect_of(INVENTORY, {"*": f"{quoting},lf"})

    *cells, end = dialect.line(AWKWARD).split("\t")

    assert [*cells, end] == [
        '8" x 10"',
        '"Best" mug',
        "two lines",
        "a b",
        "tab here",
        "a, b; c",
        "",
        "plain\n",
    ]


def test_a_line_break_in_undoubled_quotes_becomes_a_space() -> None:
    dialect = dialect_of(INVENTORY, {"*": "quoted-undoubled,comma"})

    assert dialect.line(["two\nlines", '5" x 7", black']) == '"two lines","5" x 7", black"\r\n'


def test_a_preamble_ends_with_an_empty_line() -> None:
    dialect = dialect_of(RETURNS, {"*": "preamble,lf,quoted"})

    *texts, empty, end = dialect.before_header("USD").split("\n")

    assert texts[1] == '"All amounts in USD, unless specified"'
    assert all(text.startswith('"') and text.endswith('"') for text in texts)
    assert (empty, end) == ("", "")
    assert dialect_of(RETURNS, {}).before_header("USD") == ""
    assert dialect_of(RETURNS, {"*": "no-preamble"}).before_header("USD") == ""


def test_usual_dialects_are_those_of_sellers_files() -> None:
    usual = {name: dialect_of(kind, {}) for name, kind in report_types().items()}

    assert usual["GET_LEDGER_SUMMARY_VIEW_DATA"] == Dialect("quoted-undoubled", "\t")
    assert usual["GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"] == Dialect(
        "quoted", ",", preamble=True
    )
    assert usual[INVENTORY.name] == Dialect("unquoted", "\t")
    assert usual[RETURNS.name] == Dialect("minimal", ",")


def test_the_words_of_a_type_take_precedence_over_those_of_all_types() -> None:
    dialects = {"*": "quoted,lf", INVENTORY.name: "semicolon"}

    assert dialect_of(INVENTORY, dialects) == Dialect("unquoted", ";", "\r\n")
    assert dialect_of(RETURNS, dialects) == Dialect("quoted", ",", "\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("pipe", f"'pipe' is unknown; known: {', '.join(DIALECT_WORDS)}"),
        ("", "'' is unknown"),
        ("quoted, lf", "' lf' is unknown"),
        ("tab,comma", "only one of tab, comma, semicolon is possible"),
        ("lf,lf", "only one of lf, crlf, cr is possible"),
    ],
)
def test_words_are_checked(words: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="^" + complaint.replace("*", r"\*")):
        check_dialect(words)
