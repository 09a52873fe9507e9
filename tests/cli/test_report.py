"""`amazon-sp report` against the simulator: found or made, waited for, fetched, converted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.common.timestamps import parse_timestamp, to_utc
from tap_amazon_sp.jobs.listing import newest_usable
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.simulator.reports.generated import GeneratedReports, Made
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
WITH_OPTIONS = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
RESTRICTED = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
SNAPSHOT = "GET_FBA_MYI_ALL_INVENTORY_DATA"
PLANNING = "GET_FBA_INVENTORY_PLANNING_DATA"
REAL_TIME = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"
REAL_TIME_TRAFFIC = "GET_VENDOR_REAL_TIME_TRAFFIC_REPORT"
API = "reports_2021-06-30"
CREATE = f"{API}.createReport"
GET = f"{API}.getReport"
GET_DOCUMENT = f"{API}.getReportDocument"
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
    assert "Requested report " in finished.stderr


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


@pytest.mark.parametrize("day", ["2026-11-03", "20261103"])
def test_a_date_without_a_time_begins_and_ends_a_whole_day(
    amazon_sp: AmazonSP, simulator: Simulator, day: str
) -> None:
    finished = amazon_sp.run_here("report", ORDERS, "--start", day, "--end", day, "--new")

    assert finished.exit_code == 0, finished.stderr
    assert times_asked_for(simulator) == ("2026-11-03T00:00:00Z", "2026-11-03T23:59:59Z")


def times_asked_for(simulator: Simulator) -> tuple[str, str]:
    (report,) = created(simulator)
    return to_utc(report["dataStartTime"]), to_utc(report["dataEndTime"])


@pytest.mark.parametrize(
    "end", ["2026-11-03T00:00:00Z", "2026-11-03T00:00:00", "2026-11-03T02+02:00"]
)
def test_an_end_with_a_time_is_sent_as_it_is(
    amazon_sp: AmazonSP, simulator: Simulator, end: str
) -> None:
    finished = amazon_sp.run_here("report", ORDERS, "--start=2026-11-01", "--end", end, "--new")

    assert finished.exit_code == 0, finished.stderr
    assert times_asked_for(simulator) == ("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z")


def test_a_day_that_is_not_over_ends_now_and_its_report_is_taken_again(
    amazon_sp: AmazonSP, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)
    words = ("report", ORDERS, "--start", "2026-11-09", "--end", f"{tomorrow:%Y-%m-%d}")

    first = amazon_sp.run_here(*words)
    passes(monkeypatch, dt.timedelta(seconds=20))
    again = amazon_sp.run_here(*words)

    assert [first.exit_code, again.exit_code] == [0, 0], first.stderr + again.stderr
    assert "is the same" in again.stderr
    (report,) = created(simulator)
    assert seconds_between(report["dataEndTime"], report["createdTime"]) < 60


def seconds_between(one: str, other: str) -> float:
    return abs((parse_timestamp(other) - parse_timestamp(one)).total_seconds())


def test_where_amazon_wants_an_end_now_is_sent_and_the_report_is_taken_again(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    first, again = (amazon_sp.run_here("report", REAL_TIME, *since_hours()) for _ in range(2))

    assert first.exit_code == 0, first.stderr
    assert again.stdout == first.stdout
    assert "is the same" in again.stderr
    (report,) = created(simulator)
    assert seconds_between(report["dataEndTime"], report["createdTime"]) < 60


def test_an_end_that_amazon_takes_only_some_time_after_is_sent_that_much_earlier(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run_here("report", REAL_TIME_TRAFFIC, *since_hours())

    assert finished.exit_code == 0, finished.stderr
    (report,) = created(simulator)
    assert abs(seconds_between(report["dataEndTime"], report["createdTime"]) - 3600) < 60


def since_hours() -> tuple[str, str]:
    start = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=5)
    return "--start", f"{start:%Y-%m-%dT%H:%M:%SZ}"


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

    found = newest_usable(reports)
    assert found is not None
    assert found["reportId"] == newest


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
    words = ("report", FEEDBACK, "--start", "2026-10-01", "--end", "2026-10-02")

    one = amazon_sp.run_here(*words, "--marketplaces", "US")
    two = amazon_sp.run_here(*words, "--marketplaces", "CA,MX")

    assert [body["marketplaceIds"] for body in created(simulator)] == [
        ["ATVPDKIKX0DER"],
        ["A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"],
    ]
    told = "Most reports have the data of one marketplace only"
    assert [told in finished.stderr for finished in (one, two)] == [False, True]


def test_a_report_of_the_region_is_the_same_for_all_marketplaces(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = of_one_marketplace(simulator, tmp_path, marketplace_ids=["US", "CA"])
    words = ("report", ORDERS, "--start", "2026-10-01", "--end", "2026-10-02")

    all_of_them = amazon_sp.run_here(*words)
    another = amazon_sp.run_here(*words, "--marketplaces", "MX")

    assert all_of_them.exit_code == another.exit_code == 0, all_of_them.stderr + another.stderr
    assert [body["marketplaceIds"] for body in created(simulator)] == [
        ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]
    ]
    assert all_of_them.stdout == another.stdout
    assert "Most reports" not in all_of_them.stderr


@pytest.mark.parametrize("in_settings", [True, False])
def test_of_several_marketplaces_one_is_to_be_chosen(
    simulator: Simulator, tmp_path: Path, *, in_settings: bool
) -> None:
    names = ["US", "CA"] if in_settings else []
    amazon_sp = of_one_marketplace(simulator, tmp_path, marketplace_ids=names)

    finished = amazon_sp.run_here("report", LISTINGS)

    assert finished.exit_code == 2
    (error,) = finished.errors
    assert "choose one with `--marketplaces`, out of " in error
    assert {"US", "CA"} <= set(error.rpartition(" of ")[2].split(", "))
    assert requests_of(simulator, CREATE) == []


def test_with_options_a_new_report_is_made(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("report", WITH_OPTIONS, "--start", "2026-11-01", "--end", "2026-11-03")
    options = ("--options", "dateGranularity=DAY", "--options", "asinGranularity=SKU")

    finished = [amazon_sp.run_here(*words, *options) for _ in range(2)]

    assert [one.exit_code for one in finished] == [0, 0], finished[0].stderr
    assert len(created(simulator)) == 2


def test_an_option_that_nobody_knows_is_sent_and_told(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    words = ("report", WITH_OPTIONS, "--start", "2026-11-01", "--end", "2026-11-03")

    finished = amazon_sp.run_here(*words, "--options", "Granularity=DAY")

    assert finished.exit_code == 0, finished.stderr
    assert "--options: `Granularity` is not a known option of" in finished.stderr
    assert "did you mean `dateGranularity`" in finished.stderr
    report = simulator.truth("created_reports")[-1]
    assert report["reportOptions"] == {"Granularity": "DAY"}


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
        ("job_fatal_without_document", "it gave no reason"),
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_a_signal_it_is_told_how_the_report_is_fetched_later(
    simulator: Simulator, tmp_path: Path, number: signal.Signals
) -> None:
    simulator.inject("job_stuck", operation=CREATE)
    amazon_sp = of_one_marketplace(simulator, tmp_path, report_poll_interval=30)

    with amazon_sp.start("report", LISTINGS, "--new") as process:
        gives_up_at = time.monotonic() + 30
        while not requests_of(simulator, GET) and time.monotonic() < gives_up_at:
            time.sleep(0.05)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=15)

    (report,) = created(simulator)
    assert process.returncode == 128 + number
    assert f"`--id {report['reportId']}` fetches it later" in stderr
    assert f"Stopped by signal {int(number)}" in stderr


@pytest.mark.parametrize(
    ("operation", "words"), [(GET, ()), (GET, ("--no-wait",)), (GET_DOCUMENT, ())]
)
def test_after_an_error_it_is_told_how_the_report_is_fetched_later(
    amazon_sp: AmazonSP, simulator: Simulator, operation: str, words: tuple[str, ...]
) -> None:
    simulator.inject("status", operation=operation, status=403)

    failed = amazon_sp.run_here("report", LISTINGS, "--new", *words)
    (report,) = created(simulator)
    fetched = amazon_sp.run_here("report", LISTINGS, "--id", report["reportId"])

    assert failed.exit_code == 3
    assert failed.stderr.count(f"`--id {report['reportId']}` fetches it later") == 1
    assert fetched.exit_code == 0, fetched.stderr
    assert len(created(simulator)) == 1


def test_a_report_that_was_named_by_its_id_is_not_told_again(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run_here("report", LISTINGS, "--id", "999999999")

    assert finished.exit_code == 3
    assert "fetches it later" not in finished.stderr
    assert requests_of(simulator, GET)


@pytest.mark.parametrize("words", [(), ("--no-wait",)])
def test_a_report_of_another_type_is_a_mistake(
    amazon_sp: AmazonSP, simulator: Simulator, words: tuple[str, ...]
) -> None:
    settlement = next(one for one in simulator.truth("reports") if one["reportType"] == SETTLEMENTS)

    finished = amazon_sp.run_here("report", LISTINGS, "--id", settlement["reportId"], *words)

    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert finished.errors == [
        f"report {settlement['reportId']} is of type {SETTLEMENTS}, not {LISTINGS}: give that type"
    ]
    assert requests_of(simulator, GET_DOCUMENT) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "GET_MERCHANT_LISTING_ALL_DATA",
            f"not a known report type; did you mean {LISTINGS}?",
        ),
        ("GET_WHATEVER_IS_NEW", "not a known report type"),
    ],
)
def test_a_type_that_nobody_knows_is_told_before_it_is_asked_for(
    amazon_sp: AmazonSP, simulator: Simulator, name: str, told: str
) -> None:
    simulator.inject("status", operation=CREATE, status=400)

    finished = amazon_sp.run_here("report", name)

    first = finished.stderr.splitlines()[0]
    assert first == f"{name} is {told}"
    assert finished.exit_code == 3
    assert requests_of(simulator, CREATE)


def test_of_several_arrays_the_one_that_is_read_is_told_and_another_can_be_chosen(
    amazon_sp: AmazonSP,
) -> None:
    words = (WITH_OPTIONS, "--start=2026-11-01", "--end=2026-11-02", "--format=jsonl")

    usual, chosen, missing = (
        amazon_sp.run_here("report", *words, *more)
        for more in (
            (),
            ("--record-path", "salesAndTrafficByAsin"),
            ("--record-path", "elsewhere"),
        )
    )

    told = (
        "Records are read from `salesAndTrafficByDate`; for others use `--record-path`: "
        "`salesAndTrafficByAsin`"
    )
    assert [one.exit_code for one in (usual, chosen, missing)] == [0, 0, 1]
    assert [told in one.stderr for one in (usual, chosen, missing)] == [True, False, False]
    assert "date" in usual.lines[0]
    assert "parent_asin" in chosen.lines[0]
    assert "the document has nothing at `elsewhere`" in missing.errors[0]


def test_of_reports_that_are_only_listed_the_newest_is_fetched(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run_here("report", SETTLEMENTS, "--format", "jsonl")

    reports = [one for one in simulator.truth("reports") if one["reportType"] == SETTLEMENTS]
    newest = max(str(one["createdTime"]) for one in reports)
    assert finished.exit_code == 0, finished.stderr
    assert any(
        f"the newest is {one['reportId']}" in finished.stderr
        for one in reports
        if one["createdTime"] == newest
    )
    assert finished.lines[0]["settlement_id"]
    assert created(simulator) == []


def test_the_newest_report_that_others_requested_is_fetched(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    count = len(requests_of(simulator, CREATE))

    finished = amazon_sp.run_here("report", LISTINGS, "--listed", "--format", "jsonl")
    refused = amazon_sp.run_here("report", LISTINGS, "--listed", "--new")

    there = [
        one
        for one in simulator.truth("reports")
        if (one["reportType"], one["processingStatus"]) == (LISTINGS, "DONE")
    ]
    newest = max(str(one["createdTime"]) for one in there)
    assert finished.exit_code == 0, finished.stderr
    assert any(
        f"the newest is {one['reportId']} " in finished.stderr
        for one in there
        if one["createdTime"] == newest
    )
    assert finished.lines
    assert refused.exit_code == 2
    assert "with `--listed`, no report is requested: leave" in refused.stderr
    assert len(requests_of(simulator, CREATE)) == count


def test_times_and_marketplaces_narrow_reports_that_are_only_listed(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    reports = [
        one
        for one in simulator.truth("reports")
        if one["reportType"] == SETTLEMENTS and one["marketplaceIds"] == ["ATVPDKIKX0DER"]
    ]
    _, second, third = sorted(reports, key=lambda one: str(one["createdTime"]))[:-4:-1]
    times = ("--start", third["dataStartTime"], "--end", second["dataEndTime"])
    united_states = ("--marketplaces", "US")

    narrowed = amazon_sp.run_here("report", SETTLEMENTS, *times, *united_states)
    elsewhere = amazon_sp.run_here("report", LISTINGS, "--listed", "--marketplaces", "CA")

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
    (document,) = requests_of(simulator, GET_DOCUMENT)
    assert document["token_kind"] == "RDT"
    assert "amzn1.spdoc" in document["path"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([LISTINGS, "--start", "soon"], "--start 'soon' is not an ISO 8601 date or time"),
        ([LISTINGS, "--start", "2026-02-01", "--end", "2026-01-01"], "must be later than"),
        ([SNAPSHOT, "--start", "2026-11-01"], "shows the current state"),
        ([LISTINGS, "--marketplaces", "XX"], "--marketplaces: 'XX' is neither"),
        ([LISTINGS, "--marketplaces", "DE"], "--marketplaces: DE is in region eu"),
        ([LISTINGS, "--options", "a"], "--options 'a': write it as name=value"),
        (["GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT"], "--options: `reportPeriod` is missing"),
        ([SETTLEMENTS, "--new"], "cannot be requested"),
        ([LISTINGS, "--output", "nowhere://x"], "--output nowhere://x: "),
        (["RFQD_BULK_DOWNLOAD", "--format", "csv"], "is xlsx, which has no rows"),
        ([LISTINGS, "--start", "2100-01-01", "--end", "2100-01-01"], "`--start` is in the future"),
        ([WITH_OPTIONS, "--start=2026-11-01", "--record-path", "a"], "writes no rows"),
        ([LISTINGS, "--record-path=a", "--format=csv"], "is tsv: `--record-path` is for"),
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


def test_a_password_in_an_address_is_not_shown(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run_here("report", LISTINGS, "--output", "ftp://me:hush-hush@host/file")

    assert finished.exit_code == 2
    assert "--output ftp://" in finished.stderr
    assert "hush-hush" not in finished.stderr + finished.stdout


SENTENCE = "Date range exceeded. Report can be requested only upto 30 days."


@pytest.mark.parametrize(("form", "place"), [("original", "file"), ("jsonl", "-")])
def test_a_sentence_in_place_of_a_report_is_an_error_and_no_file(
    amazon_sp: AmazonSP,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    place: str,
) -> None:
    made = Made("text/plain", SENTENCE.encode, zipped=True)
    monkeypatch.setattr(GeneratedReports, "made", lambda *_: made)
    output = "-" if place == "-" else str(tmp_path / "report")

    finished = amazon_sp.run_here("report", PLANNING, "--new", "--format", form, "--output", output)

    assert (finished.exit_code, finished.stdout) == (1, "")
    (error,) = finished.errors
    assert f"it says: {SENTENCE}" in error
    assert not (tmp_path / "report").exists()
