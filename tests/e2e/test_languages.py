"""The same seller's reports in every language give equal records."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.amazon.report_types import ReportType, report_type
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.documents.rows import read_rows
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.reports.dialects import dialect_of
from tap_amazon_sp.simulator.reports.languages import LANGUAGES
from tap_amazon_sp.simulator.reports.text_files import FlatFile as WrittenFile
from tap_amazon_sp.simulator.reports.types import report_types
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.tap_runs import TapRun, catalog_of, run_tap

GERMANY = "A1PA6795UKMFR9"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
LISTINGS = {
    "all": "GET_MERCHANT_LISTINGS_ALL_DATA",
    "cancelled": "GET_MERCHANT_CANCELLED_LISTINGS_DATA",
    "inactive": "GET_MERCHANT_LISTINGS_INACTIVE_DATA",
    "open": "GET_FLAT_FILE_OPEN_LISTINGS_DATA",
}
OF_REPORT = {"_report_id", "_report_created_time", "_data_start_time", "_data_end_time"}


# --- The installed command ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TapRun:
    """A run that reads listings and feedback in all languages from one simulator."""
    languages: dict[str, str] = {}
    settings = SimulatorSettings(
        region="eu",
        orders=50,
        purchase_orders=1,
        records=10,
        speed=1_000_000,
        changes_per_minute=0,
        report_languages=languages,
        port=0,
    )
    with Simulator(settings) as simulator:
        caller = ApiCaller(simulator)
        now = dt.datetime.now(dt.timezone.utc)
        for language in LANGUAGES:
            languages[FEEDBACK] = language
            _make_feedback(caller, now)
        entries: list[dict[str, Any]] = [
            {
                "report_type": name,
                "name": f"{short}_{language}",
                "options": {"preferredReportDocumentLocale": f"{language}_XX"},
            }
            for short, name in LISTINGS.items()
            for language in LANGUAGES
        ]
        entries.append({"report_type": FEEDBACK, "name": "feedback", "mode": "listed"})
        tap = simulator.settings_for_tap() | {
            "marketplace_ids": [GERMANY],
            "reports": entries,
            "start_date": (now - dt.timedelta(days=3)).isoformat(),
            "report_poll_interval": 0.05,
        }
        names = [entry["name"] for entry in entries]
        return run_tap(
            tmp_path_factory.mktemp("languages"), tap, catalog=catalog_of(*names, settings=tap)
        )


def _make_feedback(caller: ApiCaller, end: dt.datetime) -> None:
    """Have a report made, and wait for it."""
    body = {
        "reportType": FEEDBACK,
        "marketplaceIds": [GERMANY],
        "dataStartTime": (end - dt.timedelta(days=2)).isoformat(),
        "dataEndTime": end.isoformat(),
    }
    answer = caller.call("POST", f"{REPORTS}/reports", json=body)
    report_id = answer.json()["reportId"]
    deadline = time.monotonic() + 20
    while caller.get(f"{REPORTS}/reports/{report_id}").json()["processingStatus"] != "DONE":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _without_report(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in record.items() if name not in OF_REPORT}
        for record in records
    ]


@pytest.mark.parametrize("short", LISTINGS)
def test_listings_in_every_language_give_equal_records(run: TapRun, short: str) -> None:
    english = _without_report(run.records(f"{short}_en"))

    assert run.exit_code == 0, run.log
    assert len(english) > 100
    assert not any("_misfits" in record for record in english)
    for language in LANGUAGES:
        assert _without_report(run.records(f"{short}_{language}")) == english, language


def test_feedback_in_every_language_gives_equal_records(run: TapRun) -> None:
    reports: dict[str, list[dict[str, Any]]] = {}
    for record in run.records("feedback"):
        reports.setdefault(record["_report_id"], []).append(record)
    found = [_without_report(records) for records in reports.values()]

    assert len(found) == len(LANGUAGES)
    assert found[0][0].keys() >= {"date", "rating", "comments", "response", "order_id"}
    assert all(records == found[0] for records in found)


# --- Every type and language --------------------------------------------------------------------

MARKETS = {market.country: market for markets in MARKETPLACES.values() for market in markets}
# Other languages are those of sellers who sell in Germany.
COUNTRIES = {"en": "GB", "fr": "FR", "it": "IT", "ja": "JP", "pt": "BR", "zh": "US"}


def every_type() -> Iterator[Any]:
    for name, languages in read_data("report_headers.json").items():
        for language in languages:
            yield pytest.param(name, language, id=f"{language} {name}")


@pytest.mark.parametrize(("name", "language"), list(every_type()))
def test_files_of_every_type_in_every_language_give_equal_records(name: str, language: str) -> None:
    english, local = (_read(name, language, written) for written in ("en", language))

    assert [(column.name, column.kind) for column in local.columns] == [
        (column.name, column.kind) for column in english.columns
    ]
    rows = list(local)
    assert rows == list(english)
    assert not any("_misfits" in row for row in rows)


def _read(name: str, language: str, written_in: str) -> FlatFile:
    """Read a file of a marketplace where people speak a language."""
    known = report_type(name)
    kind = report_types()[name]
    market = MARKETS[COUNTRIES.get(language, "DE")]
    columns = list(read_data("report_headers.json")[name][language])
    file = WrittenFile(kind, market, "UTF-8", dialect_of(kind, {}), written_in)
    rows = [[_value(known, column, number) for column in columns] for number in range(3)]
    found = read_rows([file.whole(columns, rows)], known, marketplace_ids=[market.id])
    assert isinstance(found, FlatFile)
    return found


def _value(known: ReportType, column: str, number: int) -> str:
    """Return a value as the simulator knows it, before it is written in a language."""
    kinds = {snake_case(name): kind for name, kind in known.columns.items()}
    kind = kinds.get(snake_case(column))
    if known.name == FEEDBACK and column == "Date":
        return f"2026-11-{20 + number}T23:00:00+00:00"
    if column == "open-date":
        return f"2026-08-{14 + number} 08:00:00 PST"
    if kind == "number":
        return str(number) if "uantity" in column else f"{1233 + number}.50"
    if kind is not None:
        return (
            f"2026-11-{20 + number}T06:23:05Z" if kind == "date-time" else f"2026-11-{20 + number}"
        )
    return f"text {number}"
