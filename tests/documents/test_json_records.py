from __future__ import annotations

import json
import logging
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.json_records import JsonLines, JsonRecords

REPORT = {
    "reportSpecification": {"reportType": "GET_SALES_AND_TRAFFIC_REPORT", "list": [{"a": 1}]},
    "salesAndTrafficByDate": [{"date": "2026-01-31", "salesByDate": {"unitsOrdered": 1}}],
    "salesAndTrafficByAsin": [{"parentAsin": "0123456789"}, {"parentAsin": "B2"}],
}


def in_pieces(text: str, size: int = 11) -> Iterator[str]:
    return (text[begin : begin + size] for begin in range(0, len(text), size))


def records(value: Any, path: str | None = None, **how: Any) -> list[dict[str, Any]]:
    text = value if isinstance(value, str) else json.dumps(value)
    return list(JsonRecords(in_pieces(text), path, **how))


def test_each_array_is_read_by_its_path() -> None:
    assert records(REPORT, "salesAndTrafficByDate") == [
        {"date": "2026-01-31", "sales_by_date": {"units_ordered": 1}}
    ]
    assert records(REPORT, "salesAndTrafficByAsin", style="original") == [
        {"parentAsin": "0123456789"},
        {"parentAsin": "B2"},
    ]


def test_what_the_report_says_of_itself_stands_apart() -> None:
    reading = JsonRecords(in_pieces(json.dumps(REPORT)), "salesAndTrafficByAsin")

    assert len(list(reading)) == 2
    assert reading.header == REPORT["reportSpecification"]


def test_nested_arrays_have_dotted_paths() -> None:
    assert records({"a": {"b": [{"c": 1}]}}, "a.b") == [{"c": 1}]


def test_without_a_path_the_first_array_of_objects_is_taken_and_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        found = records({"names": ["x"], "first": [{"a": 1}], "second": [{"b": 1}]})

    assert found == [{"a": 1}]
    assert "`second`" in caplog.text


def test_an_array_at_the_top_has_records() -> None:
    assert records([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


def test_a_document_without_array_is_a_record() -> None:
    assert records({"errorDetails": "no such ASIN", "codes": [1, 2]}) == [
        {"error_details": "no such ASIN", "codes": [1, 2]}
    ]


def test_empty_arrays_are_no_records() -> None:
    empty: dict[str, Any] = {"reportSpecification": {}, "salesAndTrafficByAsin": []}

    assert records(empty, "salesAndTrafficByAsin") == []
    assert records(empty) == []


def test_a_path_that_leads_to_nothing_is_an_error_that_says_what_there_is() -> None:
    with pytest.raises(DocumentFormatError, match=r"nothing at `byAsin`.*`salesAndTrafficByDate`"):
        records(REPORT, "byAsin")


def long_report(rest: str) -> str:
    """A report whose first array is longer than what is looked at; then comes the rest."""
    first = ",".join(f'{{"line": "lines", "other": {number}}}' for number in range(20_000))
    return f'{{"rows": [{first}]{rest}}}'


def test_a_path_that_leads_to_nothing_is_an_error_in_long_documents_too() -> None:
    text = long_report(', "more": [{"a": 1}], "inner": {"lines": 1}')

    for path in ("lines", "rows.lines", "more.lines", "inner.other"):
        with pytest.raises(DocumentFormatError, match=f"nothing at `{path}`; .*`rows`.*`more`"):
            records(text, path)


def test_a_path_behind_a_long_array_is_found() -> None:
    text = long_report(', "empty": [], "none": null, "in": {"b": [{"a": 1}, {"a": 2}], "c": [3]}')

    assert records(text, "in.b") == [{"a": 1}, {"a": 2}]
    assert records(text, "in.c") == [{"value": 3}]
    assert records(text, "in") == [{"b": [{"a": 1}, {"a": 2}], "c": [3]}]
    assert records(text, "empty") == records(text, "none") == []


def test_an_object_is_one_record() -> None:
    report = {"rows": [{"a": 1}], "summary": {"unitCount": 1, "parts": [{"b": "x\0y"}]}}

    assert records(report, "summary") == [{"unit_count": 1, "parts": [{"b": "xy"}]}]
    assert records({"a": {}, "b": None}, "a") == [{}]


def test_values_that_are_no_objects_are_rows_of_values() -> None:
    report = {"names": ["x", None], "count": 2, "nothing": None}

    assert records(report, "names") == [{"value": "x"}, {"value": None}]
    assert records(report, "count") == [{"value": 2}]
    assert records(report, "nothing") == []


@pytest.mark.parametrize(
    "rows", [None, "busy", {"a": 1}, 5, [None], [None, 5, {"a": 1}], [{"a": 1}, "busy"], [[]]]
)
@pytest.mark.parametrize("path", ["rows", None])
def test_an_array_of_the_type_has_objects_only(rows: Any, path: str | None) -> None:
    reason = "no array( of objects)? at `rows`|an item at `rows` that is not an object"

    with pytest.raises(DocumentFormatError, match=reason):
        records({"reportSpecification": {}, "rows": rows}, path, known_arrays=["rows"])


def test_an_array_that_is_found_has_objects_only() -> None:
    for value in ({"rows": [{"a": 1}, 5]}, [{"a": 1}, None]):
        with pytest.raises(
            DocumentFormatError, match=r"an item( at `rows`)? that is not an object"
        ):
            records(value)


ERRORS = [
    ("errors", [{"code": "X", "message": "see https://a.example/?Signature=hush"}]),
    ("errorDetails", "half of it"),
    ("error", {"message": "half of it"}),
    ("message", {"code": 1}),
]


@pytest.mark.parametrize(("name", "value"), ERRORS)
@pytest.mark.parametrize("path", ["rows", "more", None])
def test_a_report_with_an_error_beside_its_records_fails(
    name: str, value: Any, path: str | None
) -> None:
    for rows in ([], [{"a": 1}]):
        for report in (
            {name: value, "rows": rows, "more": []},
            {"rows": rows, "more": [], name: value},
        ):
            with pytest.raises(DocumentFormatError, match=f"`{name}` beside its r") as caught:
                records(report, path, known_arrays=["rows", "more"])
            assert "hush" not in str(caught.value)


def test_no_error_beside_records_is_none() -> None:
    report = {"errors": [], "errorDetails": None, "rows": [{"a": 1}], "message": ""}

    assert records(report, "rows", known_arrays=["rows"]) == [{"a": 1}]


def test_errors_of_a_type_that_nobody_knows_are_its_own() -> None:
    assert records({"errors": [{"a": 1}], "rows": [{"b": 1}]}, "errors") == [{"a": 1}]


def test_only_the_arrays_of_a_type_are_found() -> None:
    report = {"other": [{"a": 1}], "rows": [{"b": 1}]}

    assert records(report, known_arrays=["items", "rows"]) == [{"b": 1}]
    assert records({"other": [{"a": 1}], "rows": []}, known_arrays=["items", "rows"]) == []
    with pytest.raises(DocumentFormatError, match="no array of objects at `items` or `rows`"):
        records({"other": [{"a": 1}]}, known_arrays=["items", "rows"])


def test_arrays_within_records_are_read_one_after_the_other() -> None:
    rows = [{"lines": None, "sum": None}, {"lines": []}, {"lines": [{"a": 1}], "sum": {"b": 1}}]
    report = {"rows": [*rows, {"lines": [{"a": 2}, {"a": 3}], "sum": {"b": 2}}, {"sum": None}]}

    assert records(report, "rows.item.lines") == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert records(report, "rows.item.sum") == [{"b": 1}, {"b": 2}]
    assert records({"rows": rows[:2]}, "rows.item.lines") == []


def test_numbers_keep_every_digit() -> None:
    text = '[{"a": 12.10, "b": 123456789012345678901234567890, "c": 0.1234567890123456789}]'

    assert records(text) == [
        {
            "a": Decimal("12.10"),
            "b": 123456789012345678901234567890,
            "c": Decimal("0.1234567890123456789"),
        }
    ]


def test_nul_characters_are_left_out() -> None:
    assert records('[{"na\\u0000me": "a\\u0000b", "list": ["\\u0000"]}]') == [
        {"name": "ab", "list": [""]}
    ]


@pytest.mark.parametrize("text", ['{"a": [{"b": 1}, {"b"', '{"a": [{"b": 1} oops'])
def test_a_document_that_is_not_whole_is_an_error_after_its_records(text: str) -> None:
    found = []

    with pytest.raises(DocumentFormatError, match="not JSON, or incomplete"):
        found += list(JsonRecords(in_pieces(text)))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [{"buyer": "jane.doe@example.com" "x": 1}]}',
        '{"a": [{"buyer": jane.doe@example.com}]}',
        '{"buyer": "jane.doe@example.com" "x": 1}',
        '["jane.doe@example.com" 1]',
        '{"a": [{"buyer": "jane.doe@example.com", "x": 1e99999999999999999999}]}',
    ],
)
@pytest.mark.parametrize("path", [None, "a"])
def test_an_error_shows_nothing_of_the_document(text: str, path: str | None) -> None:
    reason = (
        "(not JSON, or incomplete|a number .* too l|nothing at `a`|a number in it has more than)"
    )
    with pytest.raises(DocumentFormatError, match=reason) as caught:
        list(JsonRecords([text], path))

    with pytest.raises(DocumentFormatError, match=f"line 1: .*{reason}") as of_line:
        list(JsonLines([text]))

    for error in (caught.value, of_line.value):
        assert "jane" not in str(error)
        assert "example" not in str(error)


def report_of(records: int) -> Iterator[str]:
    """A report in pieces of a thousand records, which are an object and its three values each."""
    yield '{"reportSpecification": {"reportType": "X"}, "dataByAsin": [{"asin": "B0"}'
    for first in range(1, records, 1000):
        yield "".join(
            f',{{"asin": "B{number:09}", "rank": {number}, "share": 0.{number:06}1}}'
            for number in range(first, min(first + 1000, records))
        )
    yield "]}"


def test_a_million_nodes_are_read_one_by_one() -> None:
    count = 0
    for count, record in enumerate(JsonRecords(report_of(250_000), "dataByAsin"), 1):  # noqa: B007
        last = record

    assert count == 250_000
    assert last == {"asin": "B000249999", "rank": 249_999, "share": Decimal("0.2499991")}


def test_memory_stays_the_same_however_many_records() -> None:
    def peak(records: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in JsonRecords(report_of(records), "dataByAsin")) == records
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(30_000) < 1.3 * peak(6_000)


def test_json_lines_are_a_record_each() -> None:
    text = '{"asin": "B1", "amount": 1.10}\n\n{"asin": "B2"}\r\n{"asin": "B3"}'

    assert list(JsonLines(in_pieces(text))) == [
        {"asin": "B1", "amount": Decimal("1.10")},
        {"asin": "B2"},
        {"asin": "B3"},
    ]


def test_a_broken_line_is_named() -> None:
    with pytest.raises(DocumentFormatError, match=r"line 2: .*not JSON"):
        list(JsonLines(['{"a": 1}\n{"a": \n']))


@pytest.mark.parametrize("line", ["[1]", '"a"', "7", "null"])
def test_a_line_that_is_not_an_object_is_an_error(line: str) -> None:
    with pytest.raises(DocumentFormatError, match=r"line 2 is not an object"):
        list(JsonLines([f'{{"a": 1}}\n{line}\n']))


def test_a_line_that_is_an_error_of_graphql_is_no_row() -> None:
    with pytest.raises(DocumentFormatError, match="line 2 is an error: internal"):
        list(JsonLines(['{"a": 1}\n{"errors": [{"message": "internal"}]}\n']))


# --- Texts, numbers and sizes that nobody expects -----------------------------------------------

HALF = '"cut \\ud83d"'


def test_half_of_a_surrogate_pair_is_replaced_wherever_it_is() -> None:
    wanted = [{"t": "cut ?", "u": "\N{GRINNING FACE}"}]
    record = f'{{"t": {HALF}, "u": "\\ud83d\\ude00"}}'

    assert records(f'{{"a": [{record}]}}') == wanted
    assert records(f'{{"a": [{record}]}}', "a") == wanted
    assert records(record) == wanted
    assert list(JsonLines([record])) == wanted


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("9" * 5000, "number"),
        ("-" + "9" * 5000, "number"),
        ("0." + "9" * 5000, "number"),
        ("1e10001", "number"),
        ("[" * 500 + "]" * 500, "nested"),
        ('{"a":' * 500 + "1" + "}" * 500, "nested"),
        ("[" * 300_000, "nested"),
        ('{"a":' * 300_000, "nested"),
    ],
)
@pytest.mark.parametrize(
    ("form", "path"),
    [('{"a": [{"b": 1}, {"b": %s}]}', "a"), ('{"a": [{"b": %s}]}', None), ('{"a": %s}', "a")],
)
def test_what_no_target_can_store_fails_the_document(
    value: str, reason: str, form: str, path: str | None
) -> None:
    with pytest.raises(DocumentFormatError, match=reason):
        list(JsonRecords(in_pieces(form % value, 1 << 18), path))

    with pytest.raises(DocumentFormatError, match=reason):
        list(JsonLines(in_pieces(f'{{"b": {value}}}\n', 1 << 18)))


@pytest.mark.parametrize(
    "value",
    [
        '"' + "x" * 1_000_000 + '"',
        '"' + r"\"" * 500_000 + '"',
        "[" + "[]," * 300_000 + "[]]",
        '{"c": [' + "0," * 500_000 + "0]}",
    ],
)
def test_a_record_has_a_largest_size(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("json_text", "json_records", "lines"):
        monkeypatch.setattr(f"tap_amazon_sp.documents.{module}.MAX_RECORD", 100_000)

    for text in (f'{{"a": [{{"b": 1}}, {{"b": {value}}}]}}', f'{{"a": {{"b": {value}}}}}'):
        with pytest.raises(DocumentFormatError, match="a record of more than"):
            list(JsonRecords(in_pieces(text, 10_000), "a"))
    with pytest.raises(DocumentFormatError, match="a record of more than"):
        list(JsonLines(in_pieces(f'{{"b": {value}}}\n', 10_000)))
    # Other parts of a document may be as long as they like.
    other = "[1]," * 100_000
    text = f'{{"other": {{"b": [{other} 1]}}, "a": [{{"b": 1}}], "more": [{other} 1]}}'
    assert list(JsonRecords(in_pieces(text, 10_000), "a")) == [{"b": 1}]


def test_a_number_may_be_long() -> None:
    assert records('{"a": [{"b": %s}]}' % ("9" * 4000)) == [{"b": int("9" * 4000)}]


@pytest.mark.parametrize("size", range(1, 20))
def test_pieces_may_end_anywhere(size: int) -> None:
    text = (
        '\n{"reportSpecification" : {"x": [{"y": "]}"}]}, "skip": [[{"a": "\\"[{"}], -1.5e3, true],'
        ' "n": -12.50, "rows":\t[ {"s": "a\\u00e9\\n\\"b\\\\", "n": 12.340}, {"s": null} ,\r\n'
        ' {"s": false, "n": -0.0}], "end": "a"} \n'
    )

    reading = JsonRecords(in_pieces(text, size), "rows")

    assert list(reading) == [
        {"s": 'aé\n"b\\', "n": Decimal("12.340")},
        {"s": None},
        {"s": False, "n": Decimal("-0.0")},
    ]
    assert reading.header == {"x": [{"y": "]}"}]}
    assert list(JsonRecords(in_pieces(text, size), "n")) == [{"value": Decimal("-12.50")}]


@pytest.mark.parametrize("end", [1, 2, 10, 40, 60, 90, 120])
def test_a_document_that_ends_too_early_is_an_error(end: int) -> None:
    text = (
        '{"skip": {"a": [1, "b"]}, "rows": [{"a": 1}, {"a": "x"}], '
        '"more": [{"b": 1}, {"b": 2}], "z": 0}'
    )
    assert len(list(JsonRecords(in_pieces(text), "rows"))) == 2
    part = text[:end] if end < len(text) else text + "}"

    with pytest.raises(DocumentFormatError):
        list(JsonRecords(in_pieces(part), "rows"))


def test_an_empty_object_is_no_report() -> None:
    with pytest.raises(DocumentFormatError, match="the document is an empty object"):
        records({})


def test_a_line_with_an_empty_object_is_no_record() -> None:
    with pytest.raises(DocumentFormatError, match="line 1 is not an object with values"):
        list(JsonLines(["{}\n"]))
