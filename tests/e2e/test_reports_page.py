"""docs/reports.md: what it shows is run, and what it lists is there."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from jsonschema import Draft7Validator
from psycopg import sql

from demo.postgres import PostgresAddress
from tap_amazon_sp.reading.pending import PENDING, READ_TO, UNREAD_WINDOWS, pending_in
from tap_amazon_sp.settings.data_kiosk_queries import QuerySettings
from tap_amazon_sp.settings.fields import declared_in
from tap_amazon_sp.settings.reports import ReportEntry
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import built_in_streams
from tests.processes import BIN, Command
from tests.tap_runs import TapRun, discover, run_tap, select

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reports.md").read_text("utf-8")
WRITTEN_ON = dt.date(2026, 11, 21)
"""The day that the page takes for today."""
A_DATE = re.compile(r"\b20\d\d-\d\d-\d\d")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def moved(text: str) -> str:
    """Move all dates, as if the page was written today: it must not take longer every year."""
    today = dt.datetime.now(dt.timezone.utc).date()

    def date(match: re.Match[str]) -> str:
        return (dt.date.fromisoformat(match[0]) + (today - WRITTEN_ON)).isoformat()

    return A_DATE.sub(date, text)


LAST_UPDATED = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
DAYS_AGO = moved("2026-11-17")

EXAMPLES = [json.loads(moved(block)) for block in blocks("json")]
(IN_MELTANO,) = (yaml.safe_load(moved(block)) for block in blocks("yaml"))


@pytest.fixture(scope="module")
def seller() -> Iterator[Simulator]:
    """One that takes orders as fast as they come."""
    settings = SimulatorSettings(orders=400, records=15, speed=20_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


def settings_of(seller: Simulator, example: dict[str, Any]) -> dict[str, Any]:
    return seller.settings_for_tap() | {"report_poll_interval": 0.1} | example


BUILT_IN = {stream.name for stream in built_in_streams()}


def run_example(folder: Path, settings: dict[str, Any], **options: Any) -> tuple[set[str], TapRun]:
    """Run the streams that settings declare; gives their names, too."""
    catalog = discover(settings)
    names = {entry["stream"] for entry in catalog["streams"]} - BUILT_IN
    return names, run_tap(folder, settings, catalog=select(catalog, *names), **options)


def label(example: dict[str, Any]) -> str:
    (entry, *_) = example.get("reports") or example["data_kiosk_queries"]
    if isinstance(entry, str):
        return entry
    return str(entry.get("name") or entry.get("report_type") or entry.get("reportType"))


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_each_documented_example_runs_as_written(
    example: dict[str, Any], seller: Simulator, tmp_path: Path
) -> None:
    names, run = run_example(tmp_path, settings_of(seller, example))

    assert run.exit_code == 0, run.log
    assert run.counts.keys() == names
    for stream in names:
        schemas = [one["schema"] for one in run.of_type("SCHEMA") if one["stream"] == stream]
        validator = Draft7Validator(schemas[-1])
        for record in run.records(stream):
            validator.validate(record)


def test_the_meltano_project_reads_the_streams_it_selects(
    seller: Simulator, tmp_path: Path
) -> None:
    (plugin,) = IN_MELTANO["plugins"]["extractors"]
    settings = settings_of(seller, plugin["config"])

    names, run = run_example(tmp_path, settings)

    assert {f"{name}.*" for name in names} == set(plugin["select"])
    assert run.exit_code == 0, run.log
    (first, *_) = run.records("report_sales_and_traffic")
    assert "sales_by_date__units_ordered" in first
    assert not any(isinstance(value, dict) for value in first.values())


def test_the_rows_that_hold_are_those_of_the_newest_report(
    postgres: PostgresAddress, seller: Simulator, tmp_path: Path
) -> None:
    query, _ = blocks("sql")
    (table,) = re.findall(r"amazon_sp\.(\w+)", query)
    settings = settings_of(
        seller, {"marketplace_ids": ["US"], "reports": [LAST_UPDATED], "start_date": DAYS_AGO}
    )
    _, run = run_example(tmp_path, settings)
    rows = run.records(table)
    names = ["_marketplace_id", "_data_start_time", "_report_created_time", "_row_number"]
    # A report before this one had a row more in the first of the windows.
    stale = rows[0] | {"_report_created_time": "2020-01-01T00:00:00Z", "_row_number": 10_000}

    place = sql.Identifier("reports_page", table)
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names)
    with psycopg.connect(postgres.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA reports_page")
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(place, columns))
        cursor.executemany(
            sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s)").format(place),
            [[row[name] for name in names] for row in [*rows, stale]],
        )
        found = cursor.execute(query.replace("amazon_sp.", "reports_page.")).fetchall()
        cursor.execute("DROP SCHEMA reports_page CASCADE")

    assert len({row["_data_start_time"] for row in rows}) > 1
    assert sorted(row[:4] for row in found) == sorted(
        tuple(str(row[name]) for name in names) for row in rows
    )


def test_the_lines_of_a_settlement_add_up_to_its_total(
    postgres: PostgresAddress, seller: Simulator, tmp_path: Path
) -> None:
    _, query = blocks("sql")
    (table,) = re.findall(r"amazon_sp\.(\w+)", query)
    settings = settings_of(seller, {"marketplace_ids": ["CA"], "reports": [SETTLEMENTS]})
    _, run = run_example(tmp_path, settings)
    rows = run.records(table)
    names = ["settlement_id", "_currency", "amount", "total_amount", "deposit_date"]

    place = sql.Identifier("settlements_page", table)
    with psycopg.connect(postgres.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA settlements_page")
        cursor.execute(
            sql.SQL(
                "CREATE TABLE {} (settlement_id text, _currency text, amount numeric,"
                " total_amount numeric, deposit_date timestamptz)"
            ).format(place)
        )
        cursor.executemany(
            sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s)").format(place),
            [[row[name] for name in names] for row in rows],
        )
        found = cursor.execute(query.replace("amazon_sp.", "settlements_page.")).fetchall()
        cursor.execute("DROP SCHEMA settlements_page CASCADE")

    settlements = {row["settlement_id"] for row in rows}
    assert len(settlements) > 1
    assert {settlement for settlement, *_ in found} == settlements
    for _, currency, lines, total, paid in found:
        # A settlement may have no line besides the first.
        assert (currency, lines or 0) == ("CAD", total)
        assert paid is not None
    assert any(total for _, _, _, total, _ in found)


def test_what_the_page_says_is_pending_is_read_so() -> None:
    pending, unread = map(json.loads, blocks("text"))
    (state,) = pending["bookmarks"].values()

    assert list(pending_in(state).values()) == [state["pending"][0]["id"]]
    assert unread.keys() == {"replication_key_value", UNREAD_WINDOWS, READ_TO}
    assert pending_in({PENDING: [{"id": "1", **unread[UNREAD_WINDOWS][0]}]})


def test_the_request_of_amazon_is_ordered_once(seller: Simulator, tmp_path: Path) -> None:
    (example,) = [
        one for one in EXAMPLES if any("reportType" in entry for entry in one.get("reports", ()))
    ]
    settings = settings_of(seller, example)
    _, first = run_example(tmp_path, settings)
    ordered = len(seller.truth("created_reports"))

    _, second = run_example(tmp_path, settings, state=first.last_state)

    assert second.exit_code == 0, second.log
    assert not second.counts
    assert len(seller.truth("created_reports")) == ordered


def test_the_command_gives_one_report(seller: Simulator, tmp_path: Path) -> None:
    (command,) = blocks("console")
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings_of(seller, {})))
    program, *words = moved(command).split()

    finished = Command([str(BIN / program), *words, "--config", str(config)]).run()

    assert finished.returncode == 0, finished.stderr
    assert [json.loads(line)["date"] for line in finished.stdout.splitlines()]


def test_the_page_tells_all_that_an_entry_may_say() -> None:
    section = PAGE.partition("## Entries of `reports`")[2].partition("\n## ")[0]
    told = {
        name
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    kiosk = PAGE.partition("## Data Kiosk")[2].partition("\n## ")[0]

    assert told == {one.name for one in declared_in(ReportEntry)}
    for one in declared_in(QuerySettings):
        assert f"`{one.name}`" in kiosk


@pytest.mark.parametrize("name", ["report_poll_interval", "report_timeout"])
def test_the_defaults_on_the_page_are_those_of_the_settings(name: str) -> None:
    (default,) = re.findall(rf"`{name}` seconds \((\d+)\)", PAGE)

    assert SETTINGS.to_dict()["properties"][name]["default"] == int(default)


@pytest.mark.parametrize(
    "link", sorted(link for link in set(re.findall(r"\]\(([^)]+)\)", PAGE)) if "://" not in link)
)
def test_the_links_lead_somewhere(link: str) -> None:
    path, _, anchor = link.partition("#")
    page = (DOCS / path).read_text("utf-8") if path else PAGE

    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    if anchor:
        assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
