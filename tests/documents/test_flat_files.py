from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.columns import Column
from tap_amazon_sp.documents.conventions import conventions_of
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import EXTRA


def rows(text: str, delimiter: str = "\t", **how: Any) -> list[dict[str, Any]]:
    return list(FlatFile([text], delimiter, **how))


def test_values_stay_as_sent() -> None:
    text = "sku\tasin\tname\tupc\n007\t0123456789\t\t 00123456789012345678901\n"

    assert rows(text) == [
        {"sku": "007", "asin": "0123456789", "name": "", "upc": " 00123456789012345678901"}
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_lines_end_as_they_do_and_pieces_fall_anywhere(end: str, size: int) -> None:
    text = end.join(["sku\tname", "1\ta", "", "2\tb"]) + end
    pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]

    assert list(FlatFile(pieces)) == [{"sku": "1", "name": "a"}, {"sku": "2", "name": "b"}]


def test_the_last_line_needs_no_end() -> None:
    assert rows("sku\tname\n1\ta") == [{"sku": "1", "name": "a"}]


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>\n<p>busy</p>\n</body></html>\n",
        "  <!DOCTYPE HTML>\n",
        "<!doctype html><html lang='en'>\t<body>\n",
        '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>',
        "<Error><Code>SlowDown</Code></Error>",
    ],
)
@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_an_error_page_after_the_rows_fails_the_document(page: str, delimiter: str) -> None:
    text = "sku\tname\tprice\n1\ta\t5\n2\tb\t6\n".replace("\t", delimiter)

    with pytest.raises(DocumentFormatError, match="an error page follows the rows"):
        rows(text + page, delimiter)


def test_markup_in_a_field_is_data() -> None:
    text = "sku\tname\tnote\n1\t<html>\t<Error>\n2\ta\tone\n<p>two</p>\n<Errors>\n"

    assert len(rows(text)) == 4
    assert rows("<html>\tname\n<html>\ta\n") == [{"html": "<html>", "name": "a"}]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\r\n"])
def test_a_last_line_that_may_be_a_message_is_kept_and_told(
    end: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = rows("sku\tname\tnote\n1\ta\tx\nAn error occurred while writing" + end)

    assert [row["sku"] for row in found] == ["1", "An error occurred while writing"]
    assert "may be a message" in caplog.text
    assert "occurred" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "sku\tname\tnote\n1\ta\tx\nsecond line of the note\n2\tb\ty\n",
        "sku\tname\tnote\n1\ta\tx\n2",
        "sku\tname\n1\ta\nonly a name here",
    ],
)
def test_other_short_lines_are_rows(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert len(rows(text)) == len(text.strip().split("\n")) - 1
    assert "may be a message" not in caplog.text


def test_stray_quotes_are_letters() -> None:
    text = 'sku\tname\tnote\n"1\t5" pipe\t"Best" towel\n2\t"\tx"\n3\t"\t"y\n4\tz\t"\n5\tz\t\n'

    assert [tuple(row.values()) for row in rows(text)] == [
        ('"1', '5" pipe', '"Best" towel'),
        ("2", '"', 'x"'),
        ("3", '"', '"y'),
        ("4", "z", '"'),
        ("5", "z", ""),
    ]


def test_a_line_break_within_a_quoted_field_is_part_of_it() -> None:
    text = 'sku\tnote\tname\tmore\n1\t"say ""hi""\n\nto all"\tx\t\n2\ta\tb\t"the\nend"\n3\tc\td\t\n'

    assert [tuple(row.values()) for row in rows(text)] == [
        ("1", 'say "hi"\n\nto all', "x", ""),
        ("2", "a", "b", "the\nend"),
        ("3", "c", "d", ""),
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("note", "note"),
        ('say ""hi""', 'say "hi"'),
        ('8x10" frame', '8x10" frame'),
        ("a\tb", "a\tb"),
        ("", ""),
    ],
)
def test_a_column_may_be_quoted_alone(place: int, written: str, text: str) -> None:
    plain = ['5" pipe', '"Best" towel', "x"]
    usual, special = [*plain], [*plain]
    usual[place], special[place] = '"usual"', f'"{written}"'
    lines = ["\t".join(cells) for cells in (["a", "b", "c"], usual, special, usual, usual)]

    found = [list(row.values()) for row in rows("\n".join(lines) + "\n")]

    usual[place], special[place] = "usual", text
    assert found == [usual, special, usual, usual]


def test_numbers_may_be_bare_in_a_quoted_column_and_are_read() -> None:
    text = 'sku\tprice\tnote\n1\t"1.234,50"\tx"\n2\t\ty\n3\t"2,75"\tz\n4\t7,00\tz\n'

    found = list(FlatFile([text], kinds={"price": "number"}))

    assert [row["price"] for row in found] == [Decimal("1234.50"), None, Decimal("2.75"), 7]


def test_texts_show_that_quotes_of_a_column_are_letters() -> None:
    text = 'sku\tname\tnote\n1\t"A"\tx\n2\t"B"\ty\n3\tC\tz"\n'

    assert [row["name"] for row in rows(text)] == ['"A"', '"B"', "C"]


def test_a_quoted_field_may_have_many_lines_in_a_file_whose_quotes_are_letters() -> None:
    field = "\n".join(f'line "{number}"' for number in range(400))
    quoted = '"' + field.replace('"', '""') + '"'
    text = f'sku\tnote\tname\n1\t5" x\ta\n2\tx\t{quoted}\n3\t"y\tb\n4\ty\t"c\n5\tz\td\n'

    assert [tuple(row.values()) for row in rows(text)] == [
        ("1", '5" x', "a"),
        ("2", "x", field),
        ("3", '"y', "b"),
        ("4", "y", '"c'),
        ("5", "z", "d"),
    ]


def test_a_stray_quote_does_not_keep_the_next_lines_from_being_joined() -> None:
    text = 'a\tb\tc\n1\t2\t"5 inch\n3\t4\t"two\nlines"\n5\t6\t"x\n7\t8\t"y"\n\n9\t"\t"z\n'

    assert [tuple(row.values()) for row in rows(text)] == [
        ("1", "2", '"5 inch'),
        ("3", "4", "two\nlines"),
        ("5", "6", '"x'),
        ("7", "8", '"y"'),
        ("9", '"', '"z'),
    ]


def test_lines_that_are_no_quoted_field_lose_no_letter() -> None:
    text = 'a\tb\tc\n1\t2\t"5 inch\n8" wide\n3\t4\t5\n'

    assert [tuple(row.values()) for row in rows(text)] == [
        ("1", "2", '"5 inch'),
        ('8" wide', None, None),
        ("3", "4", "5"),
    ]


def test_a_file_with_a_quoted_header_is_quoted() -> None:
    text = '"Date"\t"Title"\r\n"01/31/2026"\t"5"" pipe\twith a tab\r\nand a line"\r\n'

    assert rows(text) == [{"date": "01/31/2026", "title": '5" pipe\twith a tab\r\nand a line'}]


def test_a_carriage_return_within_a_line_ends_none() -> None:
    assert rows("sku\tname\r\n1\ta\rb\r\n") == [{"sku": "1", "name": "a b"}]


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_carriage_returns_alone_end_the_lines_of_any_flat_file(delimiter: str) -> None:
    text = "\r".join(delimiter.join(line) for line in ("ab", "12", "34")) + "\r"

    assert rows(text, delimiter) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("extra", ["", "\t"])
def test_no_row_is_lost_where_some_lines_end_with_a_carriage_return_alone(
    size: int, extra: str
) -> None:
    lines = [f"sku\tname\tnote{extra}", "1\ta\tx", "2\tb\ty", "3\tc\rc\tz", "4\td\tz"]
    text = "\r".join(lines[:3]) + "\n" + "\r\n".join(lines[3:])
    pieces = [text[begin : begin + size] for begin in range(0, len(text), size)]

    assert [tuple(row.values()) for row in FlatFile(pieces)] == [
        ("1", "a", "x"),
        ("2", "b", "y"),
        ("3", "c c", "z"),
        ("4", "d", "z"),
    ]
    later = "\n".join([lines[0], "\r".join(lines[1:3]), *lines[3:]])
    assert rows(later) == rows(text)


def test_a_carriage_return_in_a_column_name_ends_no_line() -> None:
    assert rows("sku\rcode\tname\n1\ta\n") == [{"sku_code": "1", "name": "a"}]
    text = "id\tsku\rcode\tname\tprice\tnote\n1\ta\tb\t2\tx\n"
    assert rows(text) == [{"id": "1", "sku_code": "a", "name": "b", "price": "2", "note": "x"}]


def test_ragged_lines_lose_nothing() -> None:
    text = "sku\tname\tprice\n1\ta\n2\tb\t3\t\t\n4\tc\t5\tx\ty\n"

    assert rows(text) == [
        {"sku": "1", "name": "a", "price": None},
        {"sku": "2", "name": "b", "price": "3"},
        {"sku": "4", "name": "c", "price": "5", EXTRA: ["x", "y"]},
    ]


def test_a_header_with_a_tab_too_many_has_no_column_more() -> None:
    assert rows("sku\tname\t\n1\ta\t\n") == [{"sku": "1", "name": "a"}]


def test_known_columns_are_read_and_a_value_that_does_not_fit_is_kept() -> None:
    text = (
        "item-price\tquantity\tpurchase-date\tsku\n"
        "12.50\t1\t2026-01-31T08:00:00+00:00\t1\n"
        "\t\t\t2\n"
        "N/A\t2\tsoon\t3\n"
    )
    file = FlatFile(
        [text],
        kinds={"item-price": "number", "quantity": "number", "purchase-date": "date-time"},
    )

    assert [tuple(row.values()) for row in file] == [
        (Decimal("12.50"), 1, "2026-01-31T08:00:00Z", "1"),
        (None, None, None, "2"),
        (None, 2, None, "3", {"item_price": "N/A", "purchase_date": "soon"}),
    ]


def test_misfits_stand_beside_their_row_in_lines_of_any_length() -> None:
    text = "price\tday\tnote\nfree\t2026-01-31\ta\nfree\t31.01.2026\n5\tsoon\tb\tmore\n"
    file = FlatFile([text], kinds={"price": "number", "day": "date"})

    assert list(file) == [
        {"price": None, "day": "2026-01-31", "note": "a", "_misfits": {"price": "free"}},
        {"price": None, "day": "2026-01-31", "note": None, "_misfits": {"price": "free"}},
        {
            "price": 5,
            "day": None,
            "note": "b",
            "_extra_columns": ["more"],
            "_misfits": {"day": "soon"},
        },
    ]


def test_columns_may_be_read_in_another_way_whatever_is_known_of_them() -> None:
    text = "price\tquantity\tday\n1.50\t2\t31.01.2026\n"
    file = FlatFile([text], kinds={"price": "number", "quantity": "number"})

    file.read_as({"price": None, "day": "date", "other": "number"})

    assert list(file) == [{"price": "1.50", "quantity": 2, "day": "2026-01-31"}]


def test_known_columns_are_known_by_their_japanese_names_too() -> None:
    text = "商品名\t価格\nタオル\t1200\n"
    file = FlatFile([text], kinds={"price": "number"}, type_name="GET_MERCHANT_LISTINGS_ALL_DATA")

    assert [(column.name, column.original, column.kind) for column in file.columns] == [
        ("item_name", "商品名", None),
        ("price", "価格", "number"),
    ]
    assert list(file) == [{"item_name": "タオル", "price": 1200}]


def test_columns_in_another_language_are_those_of_the_english_file() -> None:
    kinds: dict[str, Kind] = {"price": "number", "quantity": "number"}
    text = "Händler-SKU\tPreis\tMenge\tNeue Spalte\nA\t5\t2\tx\n"
    file = FlatFile([text], kinds=kinds, type_name="GET_MERCHANT_LISTINGS_ALL_DATA")

    assert file.columns == (
        Column("seller_sku", "Händler-SKU"),
        Column("price", "Preis", "number"),
        Column("quantity", "Menge", "number"),
        Column("neue_spalte", "Neue Spalte"),
    )
    assert list(file) == [{"seller_sku": "A", "price": 5, "quantity": 2, "neue_spalte": "x"}]


def test_original_names_are_those_of_the_english_report_in_each_language() -> None:
    file = FlatFile(
        ["Preis\tMenge\n5\t2\n"],
        style="original",
        kinds={"price": "number"},
        type_name="GET_MERCHANT_LISTINGS_ALL_DATA",
    )

    assert file.columns == (Column("price", "Preis", "number"), Column("quantity", "Menge"))


def test_two_headers_with_one_meaning_stay_two_columns() -> None:
    text = "Händler-SKU\tPreis\tseller-sku\nA\t5\tB\n"

    assert rows(text, type_name="GET_MERCHANT_LISTINGS_ALL_DATA") == [
        {"seller_sku": "A", "price": "5", "seller_sku_2": "B"}
    ]


def test_a_comma_separated_file_has_quotes_and_line_breaks() -> None:
    text = 'sku,note\r\n1,"a, ""b""\nc"\r\n2,\r\n'

    assert rows(text, ",") == [{"sku": "1", "note": 'a, "b"\nc'}, {"sku": "2", "note": ""}]


def test_sentences_before_the_header_are_no_rows() -> None:
    text = (
        '"Includes Amazon Marketplace, FBA"\n"All amounts in EUR"\ndate,id,total\n1 Jan,2,"3,50"\n'
    )

    assert rows(text, ",") == [{"date": "1 Jan", "id": "2", "total": "3,50"}]


def test_a_file_of_one_column_has_no_sentences_before_the_header() -> None:
    assert rows("sku\n1\n2\n") == [{"sku": "1"}, {"sku": "2"}]


def test_the_header_says_what_separates() -> None:
    assert rows("sku,name\n1,a\n") == [{"sku": "1", "name": "a"}]
    assert rows("sku;name\n1;a\n", ",") == [{"sku": "1", "name": "a"}]
    assert rows("sku\tname\n1\ta\n", ",") == [{"sku": "1", "name": "a"}]


def test_a_file_without_rows_has_columns() -> None:
    file = FlatFile(["sku\tname\n"])

    assert [column.name for column in file.columns] == ["sku", "name"]
    assert list(file) == []
    assert rows("") == []


def test_a_field_longer_than_the_csv_module_likes_is_read() -> None:
    assert rows(f"sku\tname\n1\t{'x' * 300_000}\n")[0]["name"] == "x" * 300_000


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("quoted", ["", '"'])
def test_a_quote_that_is_never_closed_takes_no_row_with_it(delimiter: str, quoted: str) -> None:
    line = f"{quoted}2{quoted}{delimiter}{quoted}b{quoted}\n"
    text = f'sku{delimiter}name\n{line}1{delimiter}"a\n' + line * 200_000

    found = FlatFile([text])

    assert [tuple(row.values()) for row in itertools.islice(found, 2)] == [("2", "b"), ("1", '"a')]
    assert sum(1 for _ in found) == 200_000


# --- Files as sellers get them -------------------------------------------------------------------

LEDGER = """\
"Date"\t"FNSKU"\t"MSKU"\t"Title"\t"Disposition"\t"Ending Warehouse Balance"\t"Location"
"11/20/2026"\t"X1"\t"CAM-1"\t"Webcam 1/2" sensor, black"\t"SELLABLE"\t"10"\t"US"
"11/20/2026"\t"X2"\t"FRAME-2"\t"Picture frame 8x10""\t"SELLABLE"\t"20"\t"US"
"11/20/2026"\t"X3"\t"MUG-3"\t""Best" mug"\t"SELLABLE"\t"30"\t"US"
"11/20/2026"\t"X4"\t"MUG-4"\t"Mug"\t"SELLABLE"\t"40"\t"US"
"""
LAST_COLUMN = """\
"Date"\t"MSKU"\t"Quantity"\t"Title"
"11/20/2026"\t"M1"\t"1"\t"ok"
"11/20/2026"\t"M2"\t"2"\t"Frame 8x10""
"11/20/2026"\t"M3"\t"3"\t"ok"
"11/20/2026"\t"M4"\t"4"\t"ok"
"""
DATE_RANGE = """\
"Includes all transactions"
"All amounts in USD, unless specified"
"Definitions:"

"date/time","settlement id","type","order id","sku","description","quantity","total"
"Nov 8, 2026 10:23:05 PM PST","18000000001","Order","111-0000001-0000001","SKU1","Mug, 12"","1","1,007.81"
"""  # noqa: E501 - lines as they are


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_quotes_in_quoted_fields_need_not_be_doubled(delimiter: str, end: str) -> None:
    found = rows(LEDGER.replace("\t", delimiter).replace("\n", end))

    assert [row["title"] for row in found] == [
        'Webcam 1/2" sensor, black',
        'Picture frame 8x10"',
        '"Best" mug',
        "Mug",
    ]
    assert [row["ending_warehouse_balance"] for row in found] == ["10", "20", "30", "40"]
    assert {row["location"] for row in found} == {"US"}
    assert {len(row) for row in found} == {7}


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_a_quote_at_the_end_of_a_line_takes_no_row(delimiter: str, end: str) -> None:
    found = rows(LAST_COLUMN.replace("\t", delimiter).replace("\n", end))

    assert [(row["msku"], row["title"]) for row in found] == [
        ("M1", "ok"),
        ("M2", 'Frame 8x10"'),
        ("M3", "ok"),
        ("M4", "ok"),
    ]


@pytest.mark.parametrize("usual", ["\t", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_explains_a_file_is_no_row_of_it(usual: str, end: str) -> None:
    (row,) = rows(DATE_RANGE.replace("\n", end), usual)

    assert row == {
        "date_time": "Nov 8, 2026 10:23:05 PM PST",
        "settlement_id": "18000000001",
        "type": "Order",
        "order_id": "111-0000001-0000001",
        "sku": "SKU1",
        "description": 'Mug, 12"',
        "quantity": "1",
        "total": "1,007.81",
    }


def test_rows_of_other_widths_are_kept_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    text = '"sku","name","note"\n"1","a","b"\n"2","5 x","b","c"\n"3"\n"4","a","b"\n"5","a","b",\n'

    found = rows(text, ",")

    assert [tuple(row.values()) for row in found] == [
        ("1", "a", "b"),
        ("2", "5 x", "b", ["c"]),
        ("3", None, None),
        ("4", "a", "b"),
        ("5", "a", "b"),
    ]
    assert "1 have more" in caplog.text
    assert "1 have fewer" in caplog.text
    assert "5 x" not in caplog.text


# --- Sizes that nobody expects -------------------------------------------------------------------


def pieces_of(text: str, count: int, size: int = 1 << 18) -> Iterator[str]:
    """A text that is repeated so many times, in pieces of about a size."""
    block = text * (size // len(text))
    return itertools.repeat(block, count * len(text) // len(block))


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_a_line_without_an_end_is_an_error(delimiter: str) -> None:
    rows = FlatFile(itertools.chain(["a\tb,c\n"], pieces_of("0123456789", 10**9)), delimiter)

    with pytest.raises(DocumentFormatError, match="a record of more than"):
        list(rows)


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_a_line_of_tabs_without_end_is_an_error(delimiter: str) -> None:
    with pytest.raises(DocumentFormatError, match="a record of more than"):
        FlatFile(pieces_of(delimiter, 10**9), delimiter)
    with pytest.raises(DocumentFormatError, match="more than 10,000 fields"):
        FlatFile([delimiter.join("abc" * 10_000), "\n"], delimiter)

    rows = FlatFile([f"a{delimiter}b\n1{delimiter}2\n", delimiter * 20_000, "\n"], delimiter)
    with pytest.raises(DocumentFormatError, match="more than 10,000 fields"):
        list(rows)


def test_lines_that_could_be_one_field_are_not_joined_to_more_than_a_record() -> None:
    line = "x" * 100_000
    rows = list(FlatFile(["a\tb\n", f'1\t"{line}\n', *[f"{line}\n"] * 150, 'end"\n']))

    # The quote is a letter.
    assert len(rows) == 152
    assert rows[0]["b"] == f'"{line}'


def test_the_first_rows_show_how_ambiguous_numbers_are_written() -> None:
    kinds: dict[str, Kind] = {"price": "number", "fee": "number", "quantity": "number"}
    text = "price\tfee\tquantity\n1.234\t1,234\t1.000\n19,99\t0.50\t2\n"

    # Each column shows its own, and the third column shows nothing while the others disagree.
    assert rows(text, kinds=kinds) == [
        {
            "price": 1234,
            "fee": 1234,
            "quantity": None,
            "_misfits": {"quantity": "1.000"},
        },
        {"price": Decimal("19.99"), "fee": Decimal("0.50"), "quantity": 2},
    ]
    assert rows(text.replace("0.50", "0,50"), kinds=kinds)[0] == {
        "price": 1234,
        "fee": Decimal("1.234"),
        "quantity": 1000,
    }


def test_marketplaces_say_how_numbers_are_written_unless_the_rows_do() -> None:
    kinds: dict[str, Kind] = {"price": "number"}
    german = conventions_of(["DE"])

    assert rows("sku\tprice\nA\t1,234\n", kinds=kinds, conventions=german) == [
        {"sku": "A", "price": Decimal("1.234")}
    ]
    assert rows("sku\tprice\nA\t1,234\nB\t0.5\n", kinds=kinds, conventions=german) == [
        {"sku": "A", "price": 1234},
        {"sku": "B", "price": Decimal("0.5")},
    ]
    assert rows("sku\tprice\nA\t1,234\n", kinds=kinds) == [
        {"sku": "A", "price": None, "_misfits": {"price": "1,234"}}
    ]


def test_a_point_may_separate_thousands_in_a_file_with_headers_in_the_language_of_the_country() -> (
    None
):
    kinds: dict[str, Kind] = {"price": "number"}
    how: dict[str, Any] = {
        "kinds": kinds,
        "type_name": "GET_MERCHANT_LISTINGS_ALL_DATA",
        "conventions": conventions_of(["DE"]),
    }

    assert rows("seller-sku\tprice\nA\t1.234\n", **how)[0]["price"] == Decimal("1.234")
    assert rows("Händler-SKU\tPreis\nA\t1.234\n", **how) == [{"seller_sku": "A", "price": 1234}]


def test_a_row_of_inch_marks_is_rather_a_row_than_too_short() -> None:
    text = '"sku"\t"size"\t"title"\n"1"\t"2"\t"a"\n"""\t"""\t"b"\n'

    assert rows(text)[1] == {"sku": '"', "size": '"', "title": "b"}


def test_a_delimiter_in_quotes_before_an_empty_field_belongs_to_its_field() -> None:
    text = 'sku;size\n1;2\n";";\n'

    assert rows(text)[1] == {"sku": ";", "size": ""}


def test_a_row_of_two_lines_may_have_many_quotes_that_are_not_doubled() -> None:
    row = ["1", "a\nb", '1/2" x', '3" y', '5" z', '7" w']
    text = "a\tb\tc\td\te\tf\n" + '"0"\t"0"\t"0"\t"0"\t"0"\t"0"\n' + '"' + '"\t"'.join(row) + '"\n'

    assert list(rows(text)[1].values()) == row
