"""Values of flat files that can be read two ways, and later ones that show another way."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon.report_types import Kind
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions, conventions_of
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import EXTRA
from tap_amazon_sp.documents.values import MISFITS

KINDS: Mapping[str, Kind] = {
    "price": "number",
    "tax": "number",
    "day": "date",
    "sent": "date",
    "at": "date-time",
}
NOTHING = dict.fromkeys(KINDS, "")
SAMPLE = 200

US = conventions_of(["US"])
DE = conventions_of(["DE"])


def values(
    rows: Sequence[dict[str, str]], conventions: Conventions = NO_CONVENTIONS
) -> list[dict[str, Any]]:
    """Return what is read of the rows that have some columns, without the empty ones.

    Rows without values come first, so that none of these is in the sample.
    """
    lines = [NOTHING | {"sku": "1"}] * SAMPLE + [NOTHING | {"sku": "1"} | row for row in rows]
    text = "\n".join(["\t".join(row.values()) for row in [{k: k for k in lines[0]}, *lines]])
    read = list(FlatFile([text], kinds=KINDS, conventions=conventions, label="Report 50001"))
    return [
        {name: value for name, value in row.items() if value is not None and name != "sku"}
        for row in read[SAMPLE:]
    ]


def column(name: str, *texts: str, conventions: Conventions = NO_CONVENTIONS) -> list[Any]:
    """Return the values of one column; those that do not fit as `{text}`."""
    return [
        row.get(name, row.get(MISFITS) and set(row[MISFITS].values()))
        for row in values([{name: text} for text in texts], conventions)
    ]


def test_days_that_can_be_read_two_ways_are_misfits_after_one_of_another_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    texts = ["11/08/2026", "11/20/2026", "12/08/2026", "20/11/2026", "11/08/2026", "21/11/2026"]

    assert column("day", *texts, conventions=US) == [
        "2026-11-08",
        "2026-11-20",
        "2026-12-08",
        "2026-11-20",
        {"11/08/2026"},
        "2026-11-21",
    ]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "Report 50001 has values that can be read two ways and may be wrong: `day` (2 values were "
        "read with the month first, but a later value of `day` has the day first). Further ones "
        "of these columns are in `_misfits`. To read the columns as text, as Amazon wrote them, "
        "make them strings in the catalog and read the report again"
    )


POINT, COMMA = "a point as the decimal sign", "a comma as the decimal sign"
THOUSANDS = "as the sign of thousands"


@pytest.mark.parametrize(
    ("name", "conventions", "read", "told"),
    [
        (
            "price",
            NO_CONVENTIONS,
            [
                ("1.234", Decimal("1.234")),
                ("19,99", Decimal("19.99")),
                ("1.234", {"1.234"}),
                ("5.000,1", Decimal("5000.1")),
                ("7", 7),
            ],
            (1, POINT, COMMA),
        ),
        (
            "price",
            US,
            [
                ("1,234", 1234),
                ("19,99", Decimal("19.99")),
                ("1,234", {"1,234"}),
                ("1.234", {"1.234"}),
                ("19.99", Decimal("19.99")),
                ("$5.00", Decimal("5.00")),
            ],
            (1, f"a comma {THOUSANDS}", COMMA),
        ),
        (
            "price",
            DE,
            [
                ("1,234", Decimal("1.234")),
                ("-1,234", Decimal("-1.234")),
                ("1.234", Decimal("1.234")),
                ("19.99", Decimal("19.99")),
                ("1,234", {"1,234"}),
                ("1.234", Decimal("1.234")),
            ],
            (2, COMMA, POINT),
        ),
        (
            "price",
            DE.in_language("de"),
            [("1.234", 1234), ("19.99", Decimal("19.99")), ("1.234", {"1.234"})],
            (1, f"a point {THOUSANDS}", POINT),
        ),
        (
            "day",
            DE,
            [("11/08/26", "2026-08-11"), ("11/20/26", "2026-11-20"), ("11/08/26", {"11/08/26"})],
            (1, "the day first", "the month first"),
        ),
        (
            "day",
            conventions_of(["JP"]),
            [("26/11/08", "2026-11-08"), ("11/20/26", "2026-11-20"), ("26/11/08", {"26/11/08"})],
            (1, "the year first", "the month first"),
        ),
        (
            # Not the month first as in the United States: then the year may be first as well.
            "day",
            US,
            [("11/08/26", "2026-11-08"), ("20/11/26", {"20/11/26"}), ("20/11/26", {"20/11/26"})],
            (1, "the month first", "the day first"),
        ),
        (
            "at",
            DE,
            [
                ("11/08/2026 20:35:17 MESZ", "2026-08-11T18:35:17Z"),
                ("11/08/2026 20:35:18 MESZ", "2026-08-11T18:35:18Z"),
                ("11/08/2026 20:35 UTC", "2026-08-11T20:35:00Z"),
                ("11/20/2026 20:35:17 MEZ", "2026-11-20T19:35:17Z"),
                ("11/08/2026 20:35:17 MESZ", {"11/08/2026 20:35:17 MESZ"}),
                ("20/11/2026 20:35:17 MEZ", "2026-11-20T19:35:17Z"),
                ("20-Nov-2026 20:35:17 MEZ", "2026-11-20T19:35:17Z"),
            ],
            (3, "the day first", "the month first"),
        ),
    ],
)
def test_a_contradiction_is_told_with_the_values_that_may_be_wrong(
    name: str,
    conventions: Conventions,
    read: Sequence[tuple[str, Any]],
    told: tuple[int, str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    texts = [text for text, _ in read]
    assert column(name, *texts, conventions=conventions) == [value for _, value in read]
    (record,) = caplog.records
    count, before, after = told
    assert (
        f"`{name}` ({count} {'value was' if count == 1 else 'values were'} read with {before}, "
        f"but a later value of `{name}` has {after})"
    ) in record.getMessage()
    assert not any(text in caplog.text for text in texts if len(text) > 1)


@pytest.mark.parametrize(
    ("name", "conventions", "texts", "read"),
    [
        # No value was read that the later one makes doubtful.
        ("price", DE, ["19.99", "1.234"], [Decimal("19.99"), Decimal("1.234")]),
        ("price", US, ["19,99", "1,234"], [Decimal("19.99"), {"1,234"}]),
        ("price", NO_CONVENTIONS, ["19,99", "1.234"], [Decimal("19.99"), {"1.234"}]),
        ("day", US, ["20/11/2026", "11/08/2026"], ["2026-11-20", {"11/08/2026"}]),
        # The same day or number in any order.
        ("day", US, ["11/11/2026", "20.11.2026"], ["2026-11-11", "2026-11-20"]),
        ("price", US, ["1 234", "0.125"], [1234, Decimal("0.125")]),
        # The later one agrees.
        ("day", US, ["11/08/2026", "11/20/2026"], ["2026-11-08", "2026-11-20"]),
        ("price", US, ["1,234", "1.234", "5.5"], [1234, Decimal("1.234"), Decimal("5.5")]),
        # A value that does not fit shows nothing.
        ("day", US, ["11/08/2026", "2026-11-20", "soon"], ["2026-11-08", "2026-11-20", {"soon"}]),
        ("price", US, ["1,234", "n/a", "007"], [1234, {"n/a"}, {"007"}]),
    ],
)
def test_without_a_contradiction_nothing_is_told(
    name: str,
    conventions: Conventions,
    texts: Sequence[str],
    read: Sequence[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert column(name, *texts, conventions=conventions) == read
    assert not caplog.records


def test_a_column_without_evidence_of_its_own_is_doubted_with_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [
        {"tax": "1.234", "sent": "11/08/2026", "at": "11/08/2026 10:00:00 UTC", "price": "2.345"},
        {"price": "19,99"},
        {"tax": "1.234", "sent": "12/08/2026"},
        {"day": "20/11/2026", "at": "11/20/2026 10:00:00 UTC"},
        {"sent": "11/08/2026"},
    ]

    assert values(rows, US) == [
        {
            "price": Decimal("2.345"),
            "tax": Decimal("1.234"),
            "sent": "2026-11-08",
            "at": "2026-11-08T10:00:00Z",
        },
        {"price": Decimal("19.99")},
        {"sent": "2026-12-08", MISFITS: {"tax": "1.234"}},
        {"day": "2026-11-20", "at": "2026-11-20T10:00:00Z"},
        {MISFITS: {"sent": "11/08/2026"}},
    ]
    (record,) = caplog.records
    for told in (
        "`price` (1 value was read with a point as the decimal sign",
        "`tax` (1 value was read with a point as the decimal sign, but a later value of `price`",
        "`sent` (2 values were read with the month first, but a later value of `day` has the day",
        "`at` (1 value was read with the month first, but a later value of `day` has the day",
    ):
        assert told in record.getMessage()


def test_a_column_with_evidence_of_its_own_is_not_doubted_with_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sample = "day\tsent\n11/20/2026\t\n"
    later = "11/08/2026\t11/08/2026\n" * SAMPLE + "\t20/11/2026\n11/08/2026\t11/08/2026\n"
    rows = list(FlatFile([sample, later], kinds=KINDS))

    assert rows[1] == {"day": "2026-11-08", "sent": "2026-11-08"}
    assert rows[-1] == {"day": "2026-11-08", "sent": None, MISFITS: {"sent": "11/08/2026"}}
    assert (
        f"A document has values that can be read two ways and may be wrong: `sent` ({SAMPLE}"
        in (caplog.text)
    )
    assert "`day` (" not in caplog.text


def test_a_file_that_contradicts_itself_in_its_first_rows_is_never_guessed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = "day\tprice\n11/08/26\t1,234\n20/11/26\t19,99\n11/20/26\t19.99\n"

    assert [row.get(MISFITS) for row in FlatFile([text], kinds=KINDS, conventions=US)] == [
        {"day": "11/08/26", "price": "1,234"},
        {"day": "20/11/26"},
        None,
    ]
    assert not caplog.records


def test_a_first_row_shows_that_the_order_of_the_country_is_not_that_of_the_file() -> None:
    text = "day\n11/08/26\n20/11/26\n"

    assert [row["day"] for row in FlatFile([text], kinds=KINDS, conventions=US)] == [
        "2026-08-11",
        "2026-11-20",
    ]


def test_doubts_are_told_also_if_a_reader_stops_and_in_lines_of_any_length(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = "price\tnote\n" + "7\ta\n" * SAMPLE + "1.234\ta\tmore\n19,99\n1.234\ta\n7\ta\n"
    rows = iter(FlatFile([text], kinds=KINDS))
    read = [next(rows) for _ in range(SAMPLE + 3)][SAMPLE:]

    assert read == [
        {"price": Decimal("1.234"), "note": "a", EXTRA: ["more"]},
        {"price": Decimal("19.99"), "note": None},
        {"price": None, "note": "a", MISFITS: {"price": "1.234"}},
    ]
    assert not caplog.records
    del rows
    assert "`price` (1 value was read" in caplog.text
