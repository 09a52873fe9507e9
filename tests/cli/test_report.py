"""`amazon-sp report` against the simulator: found or made, waited for, fetched, converted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.cli import report
from tap_amazon_sp.reports.report_types import report_type
from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
WITH_OPTIONS = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
RESTRICTED = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
API = "reports_2021-06-30"
CREATE = f"{API}.createReport"
RDT = "tokens_2021-03-01.createRestrictedDataToken"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(report, "LONGEST_WAIT", 0.05)


def created(simulator: Simulator) -> list[dict[str, Any]]:
    """Return the reports that were asked for, in order."""
    count = len(requests_of(simulator, CREATE))
    reports = sorted(simulator.truth("reports"), key=lambda one: int(one["reportId"]))
    return reports[-count:] if count else []


def test_a_report_is_printed_as_amazon_delivers_it(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("report", LISTINGS, "--new")

    assert finished.exit_code == 0, finished.stderr
    header, *rows = finished.stdout.splitlines()
    assert len(header.split("\t")) > 5
    assert rows
    assert "Asked for report " in finished.stderr


def test_a_report_is_stored_as_amazon_delivers_it(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    file = tmp_path / "listings.tsv"

    printed = amazon_sp.run_here("report", LISTINGS, "--new")
    stored = amazon_sp.run_here("report", LISTINGS, "--output", str(file))

    assert stored.exit_code == 0, stored.stderr
    assert stored.stdout == ""
    assert file.read_bytes().decode("utf-8", "replace").split() == printed.stdout.split()


@pytest.mark.parametrize("place", ["-", "file"])
def test_rows_are_converted(amazon_sp: AmazonSP, tmp_path: Path, place: str) -> None:
    def converted(form: str) -> str:
        file = tmp_path / f"rows.{form}"
        output = "-" if place == "-" else str(file)
        finished = amazon_sp.run_here("report", LISTINGS, "--format", form, "--output", output)
        assert finished.exit_code == 0, finished.stderr
        return finished.stdout if place == "-" else file.read_text(encoding="utf-8")

    lines = [json.loads(line) for line in converted("jsonl").splitlines()]
    table = list(csv.DictReader(io.StringIO(converted("csv"))))

    assert lines
    assert [row["seller_sku"] for row in table] == [line["seller_sku"] for line in lines]


def test_the_same_report_is_not_made_twice(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", ORDERS, "--start", "2026-11-01T01:02:03Z", "--end", "2026-11-03")

    first = amazon_sp.run_here(*words)
    again = amazon_sp.run_here(*words)
    other = amazon_sp.run_here(*words[:-1], "2026-11-04")
    anew = amazon_sp.run_here(*words, "--new")

    assert [one.exit_code for one in (first, again, other, anew)] == [0] * 4
    assert again.stdout == first.stdout
    assert "is the same" in again.stderr
    made = created(simulator)
    assert [one["dataEndTime"][:10] for one in made] == ["2026-11-03", "2026-11-04", "2026-11-03"]
    assert made[0]["dataStartTime"].startswith("2026-11-01T01:02:03")


@pytest.mark.parametrize(
    ("start", "end", "is_same"),
    [
        (None, None, True),
        ("2026-11-21T11:59:00Z", "2026-11-21T12:00:00Z", True),
        ("2026-11-01T00:00:00Z", "2026-11-21T12:00:00Z", False),
        (None, "2026-11-20T00:00:00Z", False),
    ],
)
def test_a_report_up_to_now_has_no_other_times(
    start: str | None, end: str | None, *, is_same: bool
) -> None:
    now = dt.datetime(2026, 11, 21, 12, 10, tzinfo=dt.timezone.utc)
    there = {
        "processingStatus": "DONE",
        "marketplaceIds": ["X"],
        "createdTime": "2026-11-21T12:00:00Z",
        "dataStartTime": start,
        "dataEndTime": end,
    }
    wanted = report.Wanted(report_type(ORDERS), {}, None, None, ["X"])

    assert wanted.is_met_by(there, now) is is_same
    assert not wanted.is_met_by(there, now + dt.timedelta(hours=1))


def test_other_marketplaces_are_another_report(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", ORDERS, "--start", "2026-10-01", "--end", "2026-10-02")

    amazon_sp.run_here(*words, "--marketplaces", "US")
    amazon_sp.run_here(*words, "--marketplaces", "CA,MX")

    assert [body["marketplaceIds"] for body in created(simulator)] == [
        ["ATVPDKIKX0DER"],
        ["A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"],
    ]


def test_with_options_a_new_report_is_made(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", WITH_OPTIONS, "--start", "2026-11-01", "--end", "2026-11-03")
    options = ("--options", "dateGranularity=DAY", "--options", "asinGranularity=SKU")

    finished = [amazon_sp.run_here(*words, *options) for _ in range(2)]

    assert [one.exit_code for one in finished] == [0, 0], finished[0].stderr
    assert len(created(simulator)) == 2


def test_options_and_times_are_sent_as_amazon_wants_them() -> None:
    start = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)

    wanted = report.Wanted(report_type(WITH_OPTIONS), {"asinGranularity": "SKU"}, start, None, "X")

    assert wanted.body == {
        "reportType": WITH_OPTIONS,
        "reportOptions": {"asinGranularity": "SKU"},
        "dataStartTime": "2026-11-01T00:00:00Z",
        "marketplaceIds": ["X"],
    }


def test_without_waiting_the_state_is_printed_and_the_report_fetched_later(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    asked = amazon_sp.run_here("report", LISTINGS, "--new", "--no-wait")
    fetched = amazon_sp.run_here("report", LISTINGS, "--id", asked.json["reportId"])

    assert asked.json["reportType"] == LISTINGS
    assert fetched.exit_code == 0, fetched.stderr
    assert "\t" in fetched.stdout
    assert len(created(simulator)) == 1


def test_a_cancelled_report_has_no_data(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    simulator.inject("job_cancelled", operation=CREATE)

    finished = amazon_sp.run_here("report", LISTINGS, "--new")

    assert finished.exit_code == 0
    assert finished.stdout == ""
    assert "Amazon cancelled the report" in finished.stderr


def test_a_report_that_amazon_cannot_make_tells_why(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("job_fatal", operation=CREATE)

    finished = amazon_sp.run_here("report", LISTINGS, "--new")

    assert finished.exit_code == 1
    assert finished.stdout == ""
    assert "(FATAL): " in finished.stderr
    assert "errorDetails" in finished.stderr


def test_a_report_that_takes_too_long_can_be_fetched_later(
    slow_simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(slow_simulator, tmp_path)

    finished = amazon_sp.run_here("report", LISTINGS, "--new", "--timeout", "0.1")

    assert finished.exit_code == 1
    assert "fetches it later" in finished.stderr


def test_of_reports_that_are_only_listed_the_newest_is_fetched(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run_here("report", SETTLEMENTS, "--format", "jsonl")

    newest = max(
        (one for one in simulator.truth("reports") if one["reportType"] == SETTLEMENTS),
        key=lambda one: str(one["createdTime"]),
    )
    assert finished.exit_code == 0, finished.stderr
    assert f"the newest is {newest['reportId']}" in finished.stderr
    assert finished.lines[0]["settlement_id"]
    assert created(simulator) == []


def test_personal_data_take_a_token_for_the_document(simulator: Simulator, tmp_path: Path) -> None:
    plain = configured(simulator, tmp_path).run_here("report", RESTRICTED, "--start", "2026-11-01")
    allowed = configured(simulator, tmp_path, restricted_data=True)
    finished = allowed.run_here("report", RESTRICTED, "--start", "2026-11-01", "--new")

    assert plain.exit_code == 2
    assert "set `restricted_data` to true" in plain.stderr
    assert finished.exit_code == 0, finished.stderr
    assert len(requests_of(simulator, RDT)) == 1
    (document,) = requests_of(simulator, f"{API}.getReportDocument")
    assert document["token_kind"] == "RDT"
    assert "amzn1.spdoc" in document["path"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([LISTINGS, "--start", "soon"], "--start 'soon' is no ISO 8601 date or time"),
        ([LISTINGS, "--start", "2026-02-01", "--end", "2026-01-01"], "must be later than"),
        ([LISTINGS, "--marketplaces", "XX"], "--marketplaces: 'XX' is neither"),
        ([LISTINGS, "--options", "a"], "--options 'a': write it as name=value"),
        ([WITH_OPTIONS, "--options", "dateGranularity=HOUR"], "allowed are `DAY`"),
        ([SETTLEMENTS, "--new"], "cannot be asked for"),
        ([LISTINGS, "--output", "nowhere://x"], "--output nowhere://x: "),
        (["RFQD_BULK_DOWNLOAD", "--format", "csv"], "is xlsx, which has no rows"),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(
    amazon_sp: AmazonSP, simulator: Simulator, words: list[str], sentence: str
) -> None:
    finished = amazon_sp.run_here("report", *words)

    assert finished.exit_code == 2
    assert sentence in finished.stderr
    assert simulator.requests == []


def test_a_type_that_amazon_removed_is_told(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run_here("report", "GET_V2_SETTLEMENT_REPORT_DATA_XML")

    assert finished.exit_code == 2
    assert "Amazon" in finished.stderr
