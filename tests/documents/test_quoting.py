from __future__ import annotations

import pytest

from tap_amazon_sp.documents.quoting import encloses_fields


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        # All fields are quoted.
        '"1"\t"Mug"\t"a"\n"2"\t"5" pipe"\t""\n',
        '"1"\t"8x10""\t"a"\n',
        # All but numbers.
        '1\t"Mug"\t"a"\n2\t"Cup"\t"b"\n',
        # All, with fields of several lines.
        '"1"\t"one\n\ntwo"\t"a"\n',
        # Those that need it.
        '1\t"12"" mug"\ta\n2\tMug\tb\n',
        '1\t"a\tb"\ta\n2\tMug\tb\n',
        '1\t"one\ntwo"\ta\n2\tMug\tb\n',
        '1\t5" pipe\ta\n2\t"one, ""two""\n"\tb\n',
    ],
)
def test_quotes_enclose_fields(lines: str, end: str) -> None:
    assert encloses_fields(lines.replace("\n", end), "\t", 3, expected=False)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        '1\t5" pipe\ta\n2\t"Best" towel\tb\n',
        '1\t"Best"\ta\n2\tMug\tb\n',
        '1\t"Best" towel\ta\n2\t"one\ntwo"\tb\n',
        '1\t"\tx"\n2\t"\t"y\n',
        '"1\tMug\ta\n2\tMug\tb\n',
        '1\t2\t"5 inch\n3\t4\t"6 inch\n',
    ],
)
def test_quotes_are_letters(lines: str, end: str) -> None:
    assert not encloses_fields(lines.replace("\n", end), "\t", 3, expected=False)


def test_a_quoted_header_is_followed_by_quoted_rows_unless_these_show_otherwise() -> None:
    assert encloses_fields('1\t"a"\n', "\t", 2, expected=True)
    assert not encloses_fields('1\t"a"\n', "\t", 2, expected=False)
    assert not encloses_fields('1\t"a"\nSKU\tMug\nB\tCup\n', "\t", 2, expected=True)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_quotes_enclose_fields_in_files_with_other_delimiters(delimiter: str) -> None:
    def encloses(lines: str) -> bool:
        return encloses_fields(lines.replace(",", delimiter), delimiter, 2, expected=False)

    assert encloses('1,"a"\n')
    assert encloses('1,"8x10" black"\n')
    assert encloses('1,"8x10", black"\n')
    # All lines are rows, and no quotes are as in quoted fields.
    assert not encloses('a,5" pipe\nb,"Best"\nc,Mug\n')


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_quoted_fields_may_be_inch_marks_and_delimiters(delimiter: str) -> None:
    line = delimiter.join(['"_', '"', '"""', '"_""']) + delimiter + "\n"

    assert encloses_fields(line, delimiter, 3, expected=True)


def test_a_field_of_many_lines_shows_that_quotes_enclose_fields() -> None:
    field = "\n".join(f'line ""{number}"" \t x' for number in range(300))
    lines = "".join(f'{number}\t"{field}"\tz\n' for number in range(2))

    assert encloses_fields(lines, "\t", 3, expected=False)
