"""`amazon-sp report` against the simulator: found or made, waited for, fetched, converted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.cli.report import newest_of_use
from tap_amazon_sp.clock import SystemClock
from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
WITH_OPTIONS = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
RESTRICTED = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
SNAPSHOT = "GET_FBA_MYI_ALL_INVENTORY_DATA"
PLANNING = "GET_FBA_INVENTORY_PLANNING_DATA"
API = "reports_2021-06-30"
CREATE = f"{API}.createReport"
RDT = "tokens_2021-03-01.createRestrictedDataToken"


@pytest.fixture
def amazon_sp(simulator: Simulator, tmp_path: Path) -> AmazonSP:
    """The command for one marketplace, which looks at reports often."""
    return of_one_marketplace(simulator, tmp_path)


def of_one_marketplace(simulator: Simulator, folder: Path, **settings: Any) -> AmazonSP:
    shared = {"marketplace_ids": ["US"], "report_poll_interval": 0.01}
    return configured(simulator, folder, **(shared | settings))


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


def passes(monkeypatch: pytest.MonkeyPatch, time: dt.timedelta) -> None:
    """Let so much time pass for the command."""

    def now(_: SystemClock) -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc) + time

    monkeypatch.setattr(SystemClock, "now", now)


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
    ("words", "is_same"),
    [
        ((PLANNING,), False),
        ((ORDERS, "--start", "2026-11-01"), False),
        ((ORDERS, "--start", "2026-11-01", "--end", "{just_now}"), False),
        ((ORDERS, "--start", "2026-11-01", "--end", "2026-11-02"), True),
    ],
    ids=["without times", "up to now", "up to just now", "long ago"],
)
def test_half_an_hour_later_only_what_has_settled_is_the_same(
    amazon_sp: AmazonSP,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    *,
    is_same: bool,
) -> None:
    just_now = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=1)
    written = [word.format(just_now=f"{just_now:%Y-%m-%dT%H:%M:%SZ}") for word in words]

    first, at_once = (amazon_sp.run_here("report", *written) for _ in range(2))
    at_first = len(created(simulator))
    passes(monkeypatch, dt.timedelta(minutes=31))
    later = amazon_sp.run_here("report", *written)

    assert [one.exit_code for one in (first, at_once, later)] == [0] * 3, first.stderr
    assert at_first == 1
    assert "is the same" in at_once.stderr
    assert at_once.stdout == first.stdout
    assert ("is the same" in later.stderr) is is_same
    assert len(created(simulator)) == (1 if is_same else 2)


@pytest.mark.parametrize(
    ("statuses", "newest"),
    [
        (["DONE", "DONE"], 1),
        (["DONE", "CANCELLED"], 0),
        (["IN_QUEUE", "FATAL"], 0),
        (["CANCELLED", "FATAL"], 1),
    ],
)
def test_a_report_without_data_does_not_hide_the_one_made_just_before(
    statuses: list[str], newest: int
) -> None:
    reports = [
        {"reportId": number, "processingStatus": status, "createdTime": f"2026-11-0{number + 1}"}
        for number, status in enumerate(statuses)
    ]

    assert newest_of_use(reports)["reportId"] == newest


def test_a_report_that_failed_is_not_asked_for_again_while_amazon_makes_none(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("job_fatal", operation=CREATE)

    failed = [amazon_sp.run_here("report", SNAPSHOT) for _ in range(2)]
    anew = amazon_sp.run_here("report", SNAPSHOT, "--new")

    assert [one.exit_code for one in (*failed, anew)] == [1, 1, 0]
    assert failed[0].errors == failed[1].errors
    assert len(created(simulator)) == 2


def test_other_marketplaces_are_another_report(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", ORDERS, "--start", "2026-10-01", "--end", "2026-10-02")

    one = amazon_sp.run_here(*words, "--marketplaces", "US")
    two = amazon_sp.run_here(*words, "--marketplaces", "CA,MX")

    assert [body["marketplaceIds"] for body in created(simulator)] == [
        ["ATVPDKIKX0DER"],
        ["A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"],
    ]
    told = "most reports hold the data of one only"
    assert [told in finished.stderr for finished in (one, two)] == [False, True]


@pytest.mark.parametrize("in_settings", [True, False])
def test_of_several_marketplaces_one_is_to_be_chosen(
    simulator: Simulator, tmp_path: Path, *, in_settings: bool
) -> None:
    names = ["US", "CA"] if in_settings else []
    amazon_sp = of_one_marketplace(simulator, tmp_path, marketplace_ids=names)

    finished = amazon_sp.run_here("report", LISTINGS)

    assert finished.exit_code == 2
    (error,) = finished.errors
    assert "choose one with `--marketplaces`, of " in error
    assert {"US", "CA"} <= set(error.rpartition(" of ")[2].split(", "))
    assert requests_of(simulator, CREATE) == []


def test_with_options_a_new_report_is_made(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", WITH_OPTIONS, "--start", "2026-11-01", "--end", "2026-11-03")
    options = ("--options", "dateGranularity=DAY", "--options", "asinGranularity=SKU")

    finished = [amazon_sp.run_here(*words, *options) for _ in range(2)]

    assert [one.exit_code for one in finished] == [0, 0], finished[0].stderr
    assert len(created(simulator)) == 2


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


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("job_fatal", "An internal error has occurred while the report was made."),
        ("job_fatal_without_document", "it does not say why"),
    ],
)
def test_a_report_that_amazon_cannot_make_tells_why(
    amazon_sp: AmazonSP, simulator: Simulator, fault: str, why: str
) -> None:
    simulator.inject(fault, operation=CREATE)

    finished = amazon_sp.run_here("report", LISTINGS, "--new")

    assert finished.exit_code == 1
    assert finished.stdout == ""
    (error,) = finished.errors
    assert error.endswith(f" (FATAL): {why}")


@pytest.mark.parametrize(
    ("settings", "words"), [({"report_timeout": 0.1}, ()), ({}, ("--timeout", "0.1"))]
)
def test_a_report_that_takes_too_long_can_be_fetched_later(
    slow_simulator: Simulator, tmp_path: Path, settings: dict[str, Any], words: tuple[str, ...]
) -> None:
    amazon_sp = of_one_marketplace(slow_simulator, tmp_path, **settings)

    finished = amazon_sp.run_here("report", LISTINGS, "--new", *words)

    assert finished.exit_code == 1
    (error,) = finished.errors
    assert re.fullmatch(
        r"Report (\d+) is IN_\w+ after \d+ seconds: `--id \1` fetches it later", error
    )


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


def test_times_and_marketplaces_narrow_reports_that_are_only_listed(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    reports = [one for one in simulator.truth("reports") if one["reportType"] == SETTLEMENTS]
    newest, second, third = sorted(reports, key=lambda one: str(one["createdTime"]))[:-4:-1]
    times = ("--start", third["dataStartTime"], "--end", second["dataEndTime"])

    narrowed = amazon_sp.run_here("report", SETTLEMENTS, *times)
    elsewhere = amazon_sp.run_here("report", SETTLEMENTS, "--marketplaces", "CA")

    assert newest["marketplaceIds"] == ["ATVPDKIKX0DER"]
    assert f"2 reports; the newest is {second['reportId']}" in narrowed.stderr
    assert elsewhere.exit_code == 1
    assert "Amazon lists no such report" in elsewhere.stderr


def test_personal_data_take_a_token_for_the_document(simulator: Simulator, tmp_path: Path) -> None:
    plain = of_one_marketplace(simulator, tmp_path).run_here(
        "report", RESTRICTED, "--start", "2026-11-01"
    )
    allowed = of_one_marketplace(simulator, tmp_path, restricted_data=True)
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
        ([SNAPSHOT, "--start", "2026-11-01"], "shows how things are"),
        ([LISTINGS, "--marketplaces", "XX"], "--marketplaces: 'XX' is neither"),
        ([LISTINGS, "--marketplaces", "DE"], "--marketplaces: DE is in region eu"),
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
