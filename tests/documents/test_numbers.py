from __future__ import annotations

from decimal import Decimal

import pytest

from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions, conventions_of
from tap_amazon_sp.documents.numbers import decimal_sign, read_number

POINT = NO_CONVENTIONS.with_decimal_sign(".")
COMMA = NO_CONVENTIONS.with_decimal_sign(",")
NEITHER = Conventions(point=None)


def in_country(code: str) -> Conventions:
    return conventions_of([code])


@pytest.mark.parametrize("conventions", [NO_CONVENTIONS, POINT, COMMA, NEITHER, in_country("DE")])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", "3"),
        ("-12", "-12"),
        (" 12 ", "12"),
        ("12.50", "12.50"),
        ("95,00", "95.00"),
        ("0,5", "0.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("1234.567", "1234.567"),
        ("1,0825", "1.0825"),
        (".99", "0.99"),
        (",99", "0.99"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        # Signs of thousands.
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1 234", "1234"),
        ("1 234,56", "1234.56"),
        ("1\N{NO-BREAK SPACE}234,56", "1234.56"),
        ("1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567,56", "1234567.56"),
        ("1\N{THIN SPACE}234.56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1\N{RIGHT SINGLE QUOTATION MARK}234.56", "1234.56"),
        ("1'234", "1234"),
        ("1,23,456.78", "123456.78"),
        ("12,34,567", "1234567"),
        # Signs of negative numbers.
        ("\N{MINUS SIGN}5", "-5"),
        ("\N{EN DASH}5,25", "-5.25"),
        ("\N{FULLWIDTH HYPHEN-MINUS}5", "-5"),
        ("-12,50", "-12.50"),
        ("- 12,50", "-12.50"),
        ("12,50-", "-12.50"),
        ("(12.00)", "-12.00"),
        ("(1.234,56)", "-1234.56"),
        ("+5", "5"),
        # Other scripts.
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "12"),
        ("١٢", "12"),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0666", "1234.56"),
        ("\u0661\u0662\u066b\u0663\u0664\u0665", "12.345"),
        ("\N{LEFT-TO-RIGHT MARK}-١٢", "-12"),
        ("१२", "12"),
        # Quotes around a single value.
        ('"19,99"', "19.99"),
        ('"12"', "12"),
        ('" -5.5 "', "-5.5"),
        ('"007"', None),
        ('"12', None),
        ('12"', None),
        ('""12""', None),
        ('"', None),
        ('""', None),
        ("'19.99'", "19.99"),
        ("' 19,99 '", "19.99"),
        ("\N{LEFT DOUBLE QUOTATION MARK}19,99\N{RIGHT DOUBLE QUOTATION MARK}", "19.99"),
        ("\N{DOUBLE LOW-9 QUOTATION MARK}19,99\N{LEFT DOUBLE QUOTATION MARK}", "19.99"),
        ("\N{LEFT SINGLE QUOTATION MARK}19.99\N{RIGHT SINGLE QUOTATION MARK}", "19.99"),
        ("\u00ab5\u00bb", "5"),
        ('\N{ZERO WIDTH NO-BREAK SPACE}"19,99"\N{NO-BREAK SPACE}', "19.99"),
        ('" \N{NO-BREAK SPACE}19,99\N{ZERO WIDTH SPACE} "', "19.99"),
        ("\t19,99 ", "19.99"),
        # Spreadsheets have an apostrophe before what they take as text.
        ("'19.99", "19.99"),
        ("'-12,50", "-12.50"),
        ("'1'234.56", "1234.56"),
        ("'1'234'", "1234"),
        ("'007", None),
        ("'007'", None),
        ("'", None),
        ("''", None),
        ("''5", None),
        ("5'", None),
        ("\"5'", None),
        ("\N{RIGHT DOUBLE QUOTATION MARK}5\N{LEFT DOUBLE QUOTATION MARK}", None),
        ("1 9,99", None),
        ("19, 99", None),
        ("19 ,99", None),
        # Names, several numbers, or no number at all.
        ("007", None),
        ("-007", None),
        ("0123", None),
        ("1E5", None),
        ("1,23,4", None),
        ("1,234,56", None),
        ("1.234.56", None),
        ("12.34.56", None),
        ("1234,567,890", None),
        ("0,123,456", None),
        ("1 23", None),
        ("12 345 67", None),
        ("1,234.567,89", None),
        ("1\N{SUPERSCRIPT TWO}", None),
        ("\N{VULGAR FRACTION ONE HALF}", None),
        ("1٢", None),
        ("5.", None),
        ("5,", None),
        ("--5", None),
        ("-5-", None),
        ("(-5)", None),
        ("(5", None),
        ("5)", None),
        ("-", None),
        ("()", None),
        (".", None),
        ("NaN", None),
        ("Infinity", None),
        ("0x10", None),
        ("1_000", None),
        ("5%", None),
        ("5 %", None),
        ("5-10", None),
        ("12.50 USD", None),
        ("$12.50", None),
        ("9" * 5000, None),
        ("1" + ",000" * 1200, None),
        ("5" + " " * 4400 + "5", None),
    ],
)
def test_what_can_be_read_one_way_is_read_so_everywhere(
    text: str, number: str | None, conventions: Conventions
) -> None:
    found = read_number(text, conventions)
    assert found == (None if number is None else Decimal(number))
    assert str(found) == str(number)


@pytest.mark.parametrize(
    ("text", "conventions", "number"),
    [
        ("1,234", NO_CONVENTIONS, None),
        ("1,234", POINT, "1234"),
        ("1,234", COMMA, "1.234"),
        ("-1,234", COMMA, "-1.234"),
        ("1,234", NEITHER, None),
        # A point is a decimal sign in files of all countries, unless the file shows otherwise.
        ("1.234", NO_CONVENTIONS, "1.234"),
        ("1.234", POINT, "1.234"),
        ("1.234", COMMA, "1234"),
        ("(1.234)", COMMA, "-1234"),
        ("1.234", NEITHER, None),
        ("1,234", in_country("US"), "1234"),
        ("1,234", in_country("GB"), "1234"),
        ("1,200", in_country("JP"), "1200"),
        ("1,234", in_country("DE"), "1.234"),
        ("1,234", in_country("SE"), "1.234"),
        ("1,234", in_country("BR"), "1.234"),
        ("1,234", in_country("ZA"), None),
        ("1,234", conventions_of(["DE", "FR"]), "1.234"),
        ("1,234", conventions_of(["DE", "GB"]), None),
        ("1,234", conventions_of(["DE", "A0UNKNOWN"]), None),
        ("1.234", in_country("DE"), "1.234"),
        ("1.234", in_country("DE").in_language("de"), "1234"),
        # The country and the language differ, or the country is not known.
        ("1.234", in_country("JP").in_language("de"), None),
        ("1,234", in_country("JP").in_language("de"), None),
        ("1.234", in_country("DE").in_language("zh"), None),
        ("1.234", in_country("US").in_language("de"), None),
        ("1.234", NO_CONVENTIONS.in_language("de"), None),
        ("1.23", in_country("JP").in_language("de"), "1.23"),
        ("1,234.5", in_country("JP").in_language("de"), "1234.5"),
        ("1.234", in_country("US").in_language("es"), "1.234"),
        ("1.234", in_country("MX").in_language("es"), "1.234"),
        ("1.234", in_country("GB").in_language("zh"), "1.234"),
        ("1.234", in_country("DE").in_language("en"), "1.234"),
        ("1,234", in_country("CA").in_language("en"), "1234"),
        ("1,234", in_country("CA").in_language("fr"), "1.234"),
        ("1,234", conventions_of(["CA", "US"]).in_language("fr"), None),
        ("\u0661,\u0662\u0663\u0664", in_country("EG"), "1234"),
    ],
)
def test_conventions_decide_where_there_are_two_ways(
    text: str, conventions: Conventions, number: str | None
) -> None:
    found = read_number(text, conventions)
    assert str(found) == str(number)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("$1,007.81", "US", "1007.81"),
        ("-$5.00", "US", "-5.00"),
        ("$-5.00", "US", "-5.00"),
        ("($5.00)", "US", "-5.00"),
        ("USD 5.00", "US", "5.00"),
        ("5.00 usd", "US", "5.00"),
        ("€19,99", "DE", "19.99"),
        ("19,99\N{NO-BREAK SPACE}€", "DE", "19.99"),
        ("€ -5,00", "NL", "-5.00"),
        ("1 234,50 kr", "SE", "1234.50"),
        ("19,99 zł", "PL", "19.99"),
        ("R$ 1.234,56", "BR", "1234.56"),
        ("Rs.500", "IN", "500"),
        ("₹1,23,456.78", "IN", "123456.78"),
        ("\N{FULLWIDTH YEN SIGN}1,200", "JP", "1200"),
        ("1,200円", "JP", "1200"),
        ("£5.00", "GB", "5.00"),
        ("MX$5.00", "MX", "5.00"),
        # The amount would be right, but its currency would be lost.
        ("€19,99", "GB", None),
        ("$5.00", "DE", None),
        ("USD 5.00", "CA", None),
        ("$5.00 USD", "US", None),
        ("5.00 pcs", "US", None),
        ("1E5", "US", None),
        ("$", "US", None),
        ("$ -5.00-", "US", None),
    ],
)
def test_only_the_sign_of_the_currency_of_the_marketplace_is_left_out(
    text: str, country: str, number: str | None
) -> None:
    assert str(read_number(text, in_country(country))) == str(number)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("19.99", "."),
        ("'19.99", "."),
        ("'19,99'", ","),
        ("19,99", ","),
        ("1,234.56", "."),
        ("1.234,56", ","),
        ("1,234,567", "."),
        ("1.234.567", ","),
        ("1,23,456", "."),
        ("-0,125", ","),
        ("(5.5)", "."),
        ("19,99 €", ","),
        ("1 234,5", ","),
        ('"19,99"', ","),
        ("1,234", None),
        ("1.234", None),
        ("1234", None),
        ("1 234", None),
        ("n/a", None),
        ("1.2.3", None),
        ("", None),
    ],
)
def test_a_number_shows_its_decimal_sign_if_it_can_be_read_one_way(
    text: str, sign: str | None
) -> None:
    assert decimal_sign(text) == sign
