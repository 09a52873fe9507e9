"""`amazon-sp feed`."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.cli.feed import errors_in
from tap_amazon_sp.cli.feed_submission import usual_content_type
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams.feeds import FEED_TYPES
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of
from tests.world_clock import WorldClock

API = "feeds_2021-06-30"
GOOD = {"messageId": 1, "sku": "S-1", "operationType": "DELETE"}
BAD = {"messageId": 2, "sku": "S-2", "operationType": "NONSENSE"}
US = ("--marketplaces", "US")


@pytest.fixture
def feed_file(tmp_path: Path) -> str:
    return written(tmp_path, GOOD)


def written(folder: Path, *messages: Mapping[str, Any]) -> str:
    file = folder / "feed.json"
    file.write_text(json.dumps({"header": {}, "messages": messages}), encoding="utf-8")
    return str(file)


def submit(amazon_sp: AmazonSP, file: str, *words: str, **options: str) -> Any:
    return amazon_sp.run_here("feed submit", "JSON_LISTINGS_FEED", file, *US, *words, **options)


def past_feed(simulator: Simulator, status: str) -> dict[str, Any]:
    feeds = simulator.truth("feeds")
    return next(
        feed
        for feed in feeds
        if feed["processingStatus"] == status and feed["feedType"] == "JSON_LISTINGS_FEED"
    )


def test_a_file_is_uploaded_and_submitted(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    finished = amazon_sp.run("feed submit", "JSON_LISTINGS_FEED", feed_file, *US, "--yes")

    assert finished.exit_code == 0, finished.stderr
    feed = next(one for one in simulator.truth("feeds") if one["feedId"] == finished.json["feedId"])
    assert feed["feedType"] == "JSON_LISTINGS_FEED"
    assert feed["marketplaceIds"] == ["ATVPDKIKX0DER"]
    assert [one["operation"] for one in simulator.requests] == [
        f"{API}.createFeedDocument",
        f"{API}.createFeed",
    ]


def test_with_wait_the_processing_report_is_all_of_stdout(
    amazon_sp: AmazonSP, feed_file: str
) -> None:
    finished = amazon_sp.run("feed submit", "JSON_LISTINGS_FEED", feed_file, *US, "--yes", "--wait")

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["summary"]["messagesProcessed"] == 1
    feed_id = finished.json["header"]["feedId"]
    assert f"Created feed {feed_id}" in finished.stderr
    assert f"feed {feed_id}: DONE after" in finished.stderr
    assert "messagesAccepted: 1" in finished.stderr


def test_errors_in_the_report_end_with_1(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    finished = submit(amazon_sp, written(tmp_path, GOOD, BAD), "--yes", "--wait")

    assert finished.exit_code == 1
    assert finished.json["issues"][0]["sku"] == "S-2"
    feed_id = finished.json["header"]["feedId"]
    assert finished.errors == [f"feed {feed_id}: Amazon found an error in it"]


def test_without_wait_nobody_looks_for_errors(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    assert submit(amazon_sp, written(tmp_path, BAD), "--yes").exit_code == 0


@pytest.mark.parametrize("status", ["FATAL", "CANCELLED"])
def test_a_feed_that_was_not_processed_ends_with_1(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str, status: str
) -> None:
    simulator.inject(f"job_{status.lower()}", operation=f"{API}.createFeed")

    finished = submit(amazon_sp, feed_file, "--yes", "--wait")

    assert finished.exit_code == 1
    assert f"ended as {status}" in finished.errors[0]


def test_a_feed_that_amazon_cannot_read_still_has_a_report(
    amazon_sp: AmazonSP, tmp_path: Path
) -> None:
    file = tmp_path / "feed.json"
    file.write_text('{"no": "feed"}', encoding="utf-8")

    finished = submit(amazon_sp, str(file), "--yes", "--wait")

    assert finished.exit_code == 1
    assert finished.json["summary"]["errors"] == 1
    assert "ended as FATAL" in finished.errors[0]


@pytest.mark.parametrize(
    ("feed_type", "content", "report"),
    [
        ("POST_PRODUCT_DATA", "<A><Message></Message></A>", "<MessagesProcessed>1<"),
        ("POST_FLAT_FILE_FULFILLMENT_DATA", "a\tb\n1\t2\n", "records processed\t\t1"),
    ],
)
def test_feeds_of_xml_and_of_lines_come_from_stdin(
    amazon_sp: AmazonSP, feed_type: str, content: str, report: str
) -> None:
    finished = amazon_sp.run_here(
        "feed submit", feed_type, "-", *US, "--yes", "--wait", stdin=content
    )

    assert finished.exit_code == 0, finished.stderr
    assert report in finished.stdout


def test_nothing_is_submitted_unasked_without_a_terminal(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    finished = submit(amazon_sp, feed_file)

    assert finished.exit_code == 2
    assert "give `--yes`" in finished.errors[0]
    assert simulator.requests == []


def test_a_dry_run_prints_all_three_requests_and_sends_none(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    finished = submit(amazon_sp, feed_file, "--options", "a=b=c", "--dry-run")

    assert finished.exit_code == 0
    lines = finished.stdout.splitlines()
    assert f"POST {simulator.url}/feeds/2021-06-30/documents" in lines
    assert "PUT (the address from Amazon)" in lines
    assert "content-type: application/json; charset=UTF-8" in lines
    assert json.loads(finished.stdout.rpartition("\n\n")[2]) == {
        "feedType": "JSON_LISTINGS_FEED",
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "inputFeedDocumentId": "(the document's id)",
        "feedOptions": {"a": "b=c"},
    }
    assert simulator.requests == []


def test_neither_secrets_nor_addresses_are_told(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    settings = simulator.settings_for_tap()
    simulator.inject("status", operation="documents", status=503, count=1)

    finished = amazon_sp.run(
        "feed submit",
        "JSON_LISTINGS_FEED",
        feed_file,
        *US,
        *("--yes", "--wait", "--show-request"),
        environment={"LOGLEVEL": "DEBUG"},
    )

    assert finished.exit_code == 0, finished.stderr
    assert "POST " in finished.stderr
    hidden = (
        settings["client_secret"],
        settings["refresh_token"],
        "Atza|",
        "X-Amz-",
        "/documents/s",
    )
    assert [one for one in hidden if one in finished.stderr] == []


def test_a_store_that_refuses_the_file_is_named(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    simulator.inject("status", operation="documents", status=403, count=None)

    finished = submit(amazon_sp, feed_file, "--yes")

    assert finished.exit_code == 3
    assert finished.errors[0].startswith("Upload of the document: HTTP 403")
    assert "X-Amz-" not in finished.stderr
    assert requests_of(simulator, f"{API}.createFeed") == []


def test_what_amazon_refuses_ends_with_3(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run_here("feed submit", "nonsense", "-", *US, "--yes", stdin="<a/>")

    assert finished.exit_code == 3
    assert f"{API}.createFeed: HTTP 400" in finished.errors[0]


def test_the_marketplaces_of_the_settings_are_taken_where_none_is_named(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, marketplace_ids=["CA"])

    finished = amazon_sp.run_here("feed submit", "POST_X", "-", "--dry-run", stdin="<a/>")

    assert '"A2EUQ1WTGCTBG2"' in finished.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "name marketplaces: `--marketplaces US`, or the setting `marketplace_ids`"),
        (("--marketplaces", "DE"), "--marketplaces: DE is in region eu, but `region` is na"),
        (("--marketplaces", "XX"), "--marketplaces: 'XX' is neither a marketplace id"),
        ((*US, "--options", "a"), "--options 'a': write it as name=value"),
        ((*US, "--content-type", "xml"), "--content-type: write it as 'text/xml; charset=UTF-8'"),
    ],
)
def test_mistakes_are_told_and_nothing_is_sent(
    simulator: Simulator, tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    amazon_sp = configured(simulator, tmp_path, marketplace_ids=[])

    finished = amazon_sp.run_here("feed submit", "POST_X", "-", *words, "--yes", stdin="<a/>")

    assert finished.exit_code == 2
    assert finished.errors[0].startswith(error)
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "No such file or directory"),
        (b" \n", "is empty"),
        ("größe".encode("iso-8859-1"), "is not UTF-8: state its character set"),
    ],
)
def test_a_file_that_cannot_be_submitted_is_named(
    amazon_sp: AmazonSP, simulator: Simulator, tmp_path: Path, content: bytes | None, error: str
) -> None:
    file = tmp_path / "feed.txt"
    if content is not None:
        file.write_bytes(content)

    finished = amazon_sp.run_here("feed submit", "POST_X", str(file), *US, "--yes")

    assert finished.exit_code == 2
    assert f"FILE {file}" in finished.errors[0]
    assert error in finished.errors[0]
    assert simulator.requests == []


def test_another_character_set_is_declared_and_uploaded_as_such(
    amazon_sp: AmazonSP, tmp_path: Path
) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes("<a>größe</a>".encode("iso-8859-1"))
    kind = "text/xml; charset=ISO-8859-1"

    finished = amazon_sp.run_here(
        "feed submit", "POST_X", str(file), *US, "--content-type", kind, "--yes"
    )

    assert finished.exit_code == 0, finished.stderr


@pytest.mark.parametrize(
    ("feed_type", "file", "content_type"),
    [
        ("JSON_LISTINGS_FEED", "a.txt", "application/json; charset=UTF-8"),
        ("POST_FLAT_FILE_FULFILLMENT_DATA", "-", "text/tab-separated-values; charset=UTF-8"),
        ("UPLOAD_VAT_INVOICE", "invoice.pdf", "application/pdf"),
        ("POST_EASYSHIP_DOCUMENTS", "-", "text/xml; charset=UTF-8"),
        ("POST_SOMETHING_NEW", "a.JSON", "application/json; charset=UTF-8"),
    ],
)
def test_the_usual_content_type_is_that_of_the_feed_type(
    feed_type: str, file: str, content_type: str
) -> None:
    assert usual_content_type(feed_type, file) == content_type


@pytest.mark.parametrize(
    ("summary", "errors"),
    [
        (None, 0),
        ({"errors": 2, "warnings": 1, "messagesInvalid": 1}, 2),
        ({"messagesProcessed": 5, "messagesWithError": 3}, 3),
        ({"recordsProcessed": 5, "recordsSuccessful": 4}, 1),
        ({"recordsProcessed": 5, "recordsSuccessful": 5}, 0),
    ],
)
def test_errors_are_counted_in_each_form_of_report(
    summary: dict[str, Any] | None, errors: int
) -> None:
    assert errors_in(summary) == errors


def test_waiting_takes_a_few_looks(tmp_path: Path, feed_file: str) -> None:
    clock = WorldClock()
    settings = SimulatorSettings(
        orders=5, speed=1, changes_per_minute=0, port=0, processing_seconds=600, now=clock
    )
    words = ("JSON_LISTINGS_FEED", feed_file, *US, "--yes", "--wait")
    with Simulator(settings) as slow:
        with configured(slow, tmp_path).start("feed submit", *words) as process:
            while not requests_of(slow, f"{API}.getFeed"):
                assert process.poll() is None
                time.sleep(0.05)
            clock.put_forward(900)
            _, stderr = process.communicate(timeout=60)
        looks = requests_of(slow, f"{API}.getFeed")

    assert process.returncode == 0, stderr
    assert 2 <= len(looks) <= 5
    assert {one["status"] for one in looks} == {200}


def test_a_stop_waits_for_the_id_of_a_feed_that_is_being_submitted(
    simulator: Simulator, tmp_path: Path, feed_file: str
) -> None:
    simulator.inject("slow", operation=f"{API}.createFeed", delay=1.0)
    before = {feed["feedId"] for feed in simulator.truth("feeds")}
    words = ("JSON_LISTINGS_FEED", feed_file, *US, "--yes")
    with configured(simulator, tmp_path).start("feed submit", *words) as process:
        while not requests_of(simulator, f"{API}.createFeed"):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=15)
    (submitted,) = {feed["feedId"] for feed in simulator.truth("feeds")} - before

    assert process.returncode == 143
    assert json.loads(stdout)["feedId"] == submitted
    assert stderr.count("Stopped by signal 15") == 1


def test_a_signal_ends_the_waiting_and_the_feed_can_be_waited_for_again(
    simulator: Simulator, tmp_path: Path, feed_file: str
) -> None:
    settings = SimulatorSettings(
        orders=5, speed=1, changes_per_minute=0, port=0, processing_seconds=600
    )
    with Simulator(settings) as slow:
        words = ("JSON_LISTINGS_FEED", feed_file, *US, "--yes", "--wait")
        with configured(slow, tmp_path).start("feed submit", *words) as process:
            while not requests_of(slow, f"{API}.getFeed"):
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=15)

    assert process.returncode == 130
    assert stdout == ""
    assert "--wait` waits for it again" in stderr
    assert "Stopped by signal 2" in stderr

    amazon_sp = configured(simulator, tmp_path)
    feed_id = submit(amazon_sp, feed_file, "--yes").json["feedId"]
    again = amazon_sp.run_here("feed get", feed_id, "--wait")
    assert again.json["header"]["feedId"] == feed_id


def test_feeds_of_all_types_are_listed(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run_here("feed list", "--output", "jsonl")

    assert finished.exit_code == 0, finished.stderr
    assert {feed["feedId"] for feed in finished.lines} == {
        feed["feedId"] for feed in simulator.truth("feeds") if feed["feedType"] in FEED_TYPES
    }
    assert len({feed["feedType"] for feed in finished.lines}) > 3


def test_listed_feeds_can_be_narrowed(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    done = past_feed(simulator, "DONE")
    words = ("--types", done["feedType"], "--statuses", "DONE", "--since", "2020-01-01")

    listed = amazon_sp.run_here("feed list", *words).json

    assert done["feedId"] in {feed["feedId"] for feed in listed}
    assert {feed["feedType"] for feed in listed} == {done["feedType"]}
    assert {feed["processingStatus"] for feed in listed} == {"DONE"}


def test_an_unknown_status_is_a_mistake(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run_here("feed list", "--statuses", "READY")

    assert finished.exit_code == 2
    assert "CANCELLED, DONE, FATAL, IN_PROGRESS, IN_QUEUE" in finished.errors[0]
    assert simulator.requests == []


def test_a_feed_in_the_queue_is_cancelled(
    amazon_sp: AmazonSP, simulator: Simulator, feed_file: str
) -> None:
    simulator.inject("job_stuck", operation=f"{API}.createFeed")
    feed_id = submit(amazon_sp, feed_file, "--yes").json["feedId"]

    finished = amazon_sp.run_here("feed cancel", feed_id, "--yes")

    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout == ""
    status = amazon_sp.run_here("feed get", feed_id).json["processingStatus"]
    assert status == "CANCELLED"


def test_nothing_is_cancelled_unasked(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    unasked = amazon_sp.run_here("feed cancel", "1")
    shown = amazon_sp.run_here("feed cancel", "1", "--dry-run")

    assert unasked.exit_code == 2
    assert shown.stdout.startswith(f"DELETE {simulator.url}/feeds/2021-06-30/feeds/1\n")
    assert simulator.requests == []


def test_a_document_is_printed_as_it_is(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    feed = past_feed(simulator, "DONE")

    finished = amazon_sp.run("feed document", feed["resultFeedDocumentId"])

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["header"]["feedId"] == feed["feedId"]
    assert finished.stderr == ""


def test_a_document_that_is_not_there_ends_with_3(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run_here("feed document", "amzn1.spdoc.none")

    assert finished.exit_code == 3
    assert finished.stdout == ""
    assert "getFeedDocument: HTTP 404" in finished.errors[0]
