from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.line_currencies import CURRENCY, LineCurrencies


def lines(*lines: tuple[str | None, str | None]) -> list[dict[str, Any]]:
    return [{"group": group, "currency": currency} for group, currency in lines]


def told(currencies: LineCurrencies, page: list[dict[str, Any]]) -> list[str | None]:
    before = [dict(line) for line in page]
    currencies.add_to(page)
    assert [{name: line[name] for name in ("group", "currency")} for line in page] == before
    return [line[CURRENCY] for line in page]


def test_a_line_has_the_currency_of_the_first_line_of_its_group() -> None:
    currencies = LineCurrencies("currency", "group")

    page = lines(("1", "USD"), ("1", ""), ("1", None), ("2", "EUR"), ("2", ""))
    assert told(currencies, page) == ["USD", "USD", "USD", "EUR", "EUR"]
    # The next page goes on.
    assert told(currencies, lines(("2", ""), ("3", "CAD"))) == ["EUR", "CAD"]


def test_the_own_currency_of_a_line_counts() -> None:
    page = lines(("1", "USD"), ("1", "CAD"), ("1", ""))

    assert told(LineCurrencies("currency", "group"), page) == ["USD", "CAD", "CAD"]


def test_the_currency_of_another_group_is_never_taken() -> None:
    page = lines(("1", ""), ("1", "USD"), ("2", ""), (None, ""), ("1", ""))

    assert told(LineCurrencies("currency", "group"), page) == [None, "USD", None, None, "USD"]


def test_a_file_may_lack_both_columns() -> None:
    page: list[dict[str, Any]] = [{"amount": 1}]

    LineCurrencies("currency", "group").add_to(page)

    assert page == [{"amount": 1, CURRENCY: None}]
