from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.checks import read_settings, settings_from
from tap_amazon_sp.settings.data_kiosk_queries import (
    MAX_QUERY,
    QuerySettings,
    read_queries,
)
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.stream_names import mistakes_in_names

OF_TIMES = 'query {a(startDate: "{start}", endDate: "{end}") {b}}'
OF_NOW = "query {a {b}}"


def entry(query: str = OF_TIMES, **about: Any) -> dict[str, Any]:
    return {"name": "economics", "query": query, **about}


def read(given: dict[str, Any]) -> QuerySettings:
    (found,) = read_queries([given])
    return found


def mistakes(*entries: dict[str, Any], names: tuple[str, ...] = ()) -> list[str]:
    found = read_settings({"data_kiosk_queries": list(entries)})
    return list(found.discovery_mistakes) or list(mistakes_in_names(found.settings, names))


def test_a_name_and_a_query_are_all_it_takes() -> None:
    found = read(entry())

    assert (found.name, found.query) == ("economics", OF_TIMES)
    assert (found.window, found.start_date, found.end_date, found.lookback) == (None,) * 4
    assert found.column_names == "snake_case"
    assert found.has_times
    assert mistakes(entry()) == []


def test_an_entry_says_it_all() -> None:
    given = entry(
        window="P7D",
        start_date="2026-01-01",
        end_date="2026-02-01",
        lookback="P2D",
        keys=["asin"],
        column_names="original",
        save_to="documents",
        format="jsonl",
    )

    assert read(given) == QuerySettings(
        name="economics",
        query=OF_TIMES,
        window=Period(dt.timedelta(days=7)),
        start_date=parse_timestamp("2026-01-01"),
        end_date=parse_timestamp("2026-02-01"),
        lookback=dt.timedelta(days=2),
        keys=("asin",),
        column_names="original",
        save_to="documents",
        format="jsonl",
    )
    assert mistakes(given) == []


def test_what_is_null_is_not_given() -> None:
    given: dict[str, Any] = dict.fromkeys(("window", "start_date", "lookback", "keys", "save_to"))

    assert read(entry(**given)) == read(entry())
    assert mistakes(entry(OF_NOW, **given)) == []


def test_a_query_without_days_shows_how_things_are() -> None:
    assert not read(entry(OF_NOW)).has_times
    assert mistakes(entry(OF_NOW)) == []


def test_white_space_is_counted_once() -> None:
    long = OF_NOW + " " * MAX_QUERY + "\n" * MAX_QUERY
    assert mistakes(entry(long)) == []

    longest = "x" * MAX_QUERY
    assert mistakes(entry(longest)) == []
    assert mistakes(entry(f"{longest} y")) == [
        "`data_kiosk_queries`['economics']: `query` has 8002 characters; Amazon takes 8000"
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (entry(" \n "), "`query` is empty"),
        (entry('query {a(d: "{start}") {b}}'), "`query` has no {end}"),
        (entry('query {a(d: "{end}") {b}}'), "`query` has no {start}"),
        (entry(OF_NOW, window="DAY"), "`window` is for queries with {start} and {end}"),
        (entry(OF_NOW, start_date="2026-01-01"), "`start_date` is for queries with {start}"),
        (entry(OF_NOW, end_date="2026-01-01"), "`end_date` is for queries with {start}"),
        (entry(OF_NOW, lookback="P1D"), "`lookback` is for queries with {start}"),
        (entry(window="PT12H"), "`window` must be made of whole days"),
        (entry(window="P1DT12H"), "`window` must be made of whole days"),
        (entry(window="FORTNIGHT"), "`window` cannot be 'FORTNIGHT'"),
        (entry(start_date="soon"), "`start_date` cannot be 'soon'"),
        (entry(end_date="later"), "`end_date` cannot be 'later'"),
        (entry(lookback="P1Y"), "`lookback` cannot be 'P1Y'"),
        (entry(start_date="2026-02-01", end_date="2026-01-01"), "`end_date` must be later than"),
        (entry(keys=[]), "`keys` is empty"),
        (entry(save_to=""), "`save_to` is empty"),
        (entry(start_date="0001-01-01"), "`start_date` is in the year 1"),
        (entry(format="csv"), "`format` goes with `save_to`"),
    ],
)
def test_a_mistake_names_its_entry_and_its_setting(given: dict[str, Any], words: str) -> None:
    (mistake,) = mistakes(given)

    assert mistake.startswith("`data_kiosk_queries`['economics']: ")
    assert words in mistake


@pytest.mark.parametrize("name", ["", "my query", "1st", "a.b", "é"])
def test_a_name_is_made_of_letters_digits_and_underscores(name: str) -> None:
    (mistake,) = mistakes(entry() | {"name": name})

    assert mistake.startswith(f"`data_kiosk_queries`['{name}']: `name` must be made of letters")


def test_a_long_name_is_a_mistake_that_is_not_quoted_whole() -> None:
    assert read(entry() | {"name": "a" * 255}).name == "a" * 255
    assert mistakes(entry() | {"name": "a" * 255}) == []

    with pytest.raises(SettingsError, match="has 70,000 characters; it may have 255") as caught:
        settings_from({"data_kiosk_queries": [entry() | {"name": "a" * 70_000}]})

    assert len(str(caught.value)) < 500


def test_a_name_that_is_taken_is_told() -> None:
    found = mistakes(entry(), entry(OF_NOW), entry() | {"name": "orders"}, names=("orders",))

    advice = "already, choose another `name`"
    assert found == [
        f"`data_kiosk_queries`['{name}']: there is a stream '{name}' {advice}"
        for name in ("economics", "orders")
    ]


@pytest.mark.parametrize("window", ["DAY", "WEEK", "MONTH", "P1D", "PT48H", "P30D"])
def test_a_window_is_made_of_whole_days(window: str) -> None:
    assert mistakes(entry(window=window)) == []


def test_without_queries_there_are_no_streams() -> None:
    without: list[dict[str, Any]] = [{}, {"data_kiosk_queries": None}, {"data_kiosk_queries": []}]
    for settings in without:
        found = read_settings(settings)

        assert found.settings.data_kiosk_queries == ()
        assert found.discovery_mistakes == ()
