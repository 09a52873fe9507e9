"""`amazon-sp call` in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import time
from pathlib import Path

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of
from tests.processes import AMAZON_SP, Command

SEARCH = "orders_2026-01-01.searchOrders"
LONG_AGO = "createdAfter=2020-01-01"
CREATE_FEED = (
    "createFeed",
    "feedType=JSON_LISTINGS_FEED",
    "marketplaceIds=ATVPDKIKX0DER",
    "inputFeedDocumentId=none",
)


def new_document(amazon_sp: AmazonSP) -> str:
    finished = amazon_sp.run_here("call", "createFeedDocument", "contentType=text/xml", "--yes")
    return str(finished.json["feedDocumentId"])


def test_the_answer_is_printed_as_amazon_gave_it(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    order = simulator.truth("orders")[0]

    finished = amazon_sp.run("call", "orders_2026-01-01.getOrder", f"orderId={order['orderId']}")

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["order"]["orderId"] == order["orderId"]
    # The SDK says on Python 3.10 that it is old.
    assert [line for line in finished.stderr.splitlines() if "eol" not in line.lower()] == []


def test_all_pages_give_all_records(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = ("searchOrders", LONG_AGO, "maxResultsPerPage=90", "--all-pages")

    as_lines = amazon_sp.run("call", *words, "--output", "jsonl")
    as_list = amazon_sp.run("call", *words)

    ids = {order["orderId"] for order in simulator.truth("orders")}
    assert {record["orderId"] for record in as_lines.lines} == ids
    assert as_lines.lines == as_list.json
    assert f"{len(ids)} records" in as_lines.stderr


def test_one_page_says_that_there_are_others(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run(
        "call", "searchOrders", LONG_AGO, "maxResultsPerPage=5", "--output", "jsonl"
    )

    assert len(finished.lines) == 5
    assert "`--all-pages` reads them" in finished.stderr


def test_a_table_has_a_line_for_each_record(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run(
        "call", "searchOrders", LONG_AGO, "maxResultsPerPage=5", "--output", "table"
    )

    header, *rows = finished.stdout.splitlines()
    assert header.split()[:2] == ["orderId", "createdTime"]
    assert "salesChannel.marketplaceId" in header
    known = {order["orderId"] for order in simulator.truth("orders")}
    assert len(rows) == 5
    assert {row.split()[0] for row in rows} <= known


def test_a_single_record_is_a_table_of_its_fields(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    order = simulator.truth("orders")[0]["orderId"]

    finished = amazon_sp.run("call", "ordersV0.getOrder", f"orderId={order}", "--output", "table")

    rows = dict(line.split(maxsplit=1) for line in finished.stdout.splitlines() if " " in line)
    assert rows["AmazonOrderId"] == order


def test_all_mistakes_are_told_and_nothing_is_sent(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run("call", "getFeeds", "pageSize=500", "feedTyps=A", "pageSize=3")

    assert finished.exit_code == 2
    assert finished.errors == [
        "`pageSize` is given 2 times, but is not a list",
        "feeds_2021-06-30.getFeeds takes no `feedTyps`: did you mean `feedTypes`?",
        "`pageSize` must be an integer of 1 to 100",
        "`feedTypes` is missing",
    ]
    assert finished.stdout == ""
    assert simulator.requests == []


def test_a_dry_run_prints_the_request_and_sends_nothing(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run("call", *CREATE_FEED, "--dry-run")

    assert finished.exit_code == 0
    head, body = finished.stdout.split("\n\n")
    assert head.splitlines() == [
        f"POST {simulator.url}/feeds/2021-06-30/feeds",
        "x-amz-access-token: (hidden)",
        "content-type: application/json",
    ]
    assert json.loads(body) == {
        "feedType": "JSON_LISTINGS_FEED",
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "inputFeedDocumentId": "none",
    }
    assert simulator.requests == []


def test_nothing_is_changed_unasked_without_a_terminal(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run("call", *CREATE_FEED)

    assert finished.exit_code == 2
    (error,) = finished.errors
    assert error == (
        "feeds_2021-06-30.createFeed changes something at Amazon: give `--yes`, "
        "or run the command on a terminal"
    )
    assert simulator.requests == []


def test_yes_changes_it(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    words = [*CREATE_FEED[:3], f"inputFeedDocumentId={new_document(amazon_sp)}"]

    finished = amazon_sp.run("call", *words, "--yes")

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["feedId"] in {feed["feedId"] for feed in simulator.truth("feeds")}


@pytest.mark.parametrize(("answer", "sent", "exit_code"), [("y", 1, 0), ("n", 0, 1), ("", 0, 1)])
def test_on_a_terminal_it_shows_what_it_will_do_and_asks(
    amazon_sp: AmazonSP, simulator: Simulator, answer: str, sent: int, exit_code: int
) -> None:
    words = [*CREATE_FEED[:3], f"inputFeedDocumentId={new_document(amazon_sp)}"]
    keyboard, terminal = pty.openpty()

    with amazon_sp.start("call", *words, stdin=terminal) as process:
        os.close(terminal)
        os.write(keyboard, f"{answer}\n".encode())
        stdout, stderr = process.communicate(timeout=30)
    os.close(keyboard)

    assert process.returncode == exit_code, stderr
    assert f"POST {simulator.url}/feeds/2021-06-30/feeds" in stderr
    assert '"feedType": "JSON_LISTINGS_FEED"' in stderr
    assert "Go on? [y/N]" in stderr
    assert bool(stdout) == bool(sent)
    assert len(requests_of(simulator, "feeds_2021-06-30.createFeed")) == sent


def test_an_answer_without_content_is_told_to_people_only(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    feed_id = _feed_in_the_queue(amazon_sp, simulator)

    finished = amazon_sp.run_here("call", "cancelFeed", f"feedId={feed_id}", "--yes")

    assert finished.exit_code == 0, finished.stderr
    assert finished.stdout == ""
    assert finished.stderr == "feeds_2021-06-30.cancelFeed: done (HTTP 200)\n"


def _feed_in_the_queue(amazon_sp: AmazonSP, simulator: Simulator) -> str:
    simulator.inject("job_stuck", operation="feeds_2021-06-30.createFeed")
    words = [*CREATE_FEED[:3], f"inputFeedDocumentId={new_document(amazon_sp)}"]
    return str(amazon_sp.run_here("call", *words, "--yes").json["feedId"])


def test_requests_are_shown_without_secrets(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    settings = simulator.settings_for_tap()
    words = ("searchOrders", LONG_AGO, "maxResultsPerPage=100", "--all-pages", "--show-request")

    finished = amazon_sp.run("call", *words, environment={"LOGLEVEL": "DEBUG"})

    pages = len(requests_of(simulator, SEARCH))
    assert finished.exit_code == 0
    assert finished.stderr.count(f"GET {simulator.url}/orders/2026-01-01/orders?") == pages > 1
    for secret in (settings["client_secret"], settings["refresh_token"], "Atza|", "Atza%7C"):
        assert secret not in finished.stderr


def test_the_body_comes_from_a_file_or_stdin_and_fields_go_over_it(
    amazon_sp: AmazonSP, tmp_path: Path
) -> None:
    body = {"feedType": "A", "marketplaceIds": ["M"], "inputFeedDocumentId": "d"}
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body), encoding="utf-8")

    of_file = amazon_sp.run("call", "createFeed", "--body", str(file), "feedType=B", "--dry-run")
    of_stdin = amazon_sp.run(
        "call", "createFeed", "--body", "-", "--dry-run", stdin=json.dumps(body)
    )

    assert json.loads(of_file.stdout.split("\n\n")[1]) == body | {"feedType": "B"}
    assert json.loads(of_stdin.stdout.split("\n\n")[1]) == body


def test_what_amazon_refuses_ends_with_3(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("call", "getFeed", "feedId=1")

    assert finished.exit_code == 3
    assert finished.stdout == ""
    assert len(finished.errors) == 1
    assert "feeds_2021-06-30.getFeed: HTTP 404 NotFound" in finished.errors[0]


def test_what_is_throttled_to_the_end_ends_with_4(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    # One with a high rate, as each wait is for a new token.
    simulator.inject("throttle", operation="shippingV2.getTracking", count=None)

    finished = amazon_sp.run("call", "getTracking", "trackingId=1", "carrierId=1")

    assert finished.exit_code == 4
    assert "HTTP 429 QuotaExceeded" in finished.errors[0]
    assert "stop it, or try again later" in finished.errors[0]


def test_what_may_have_been_done_is_not_done_again(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation="feeds_2021-06-30.createFeedDocument", status=503)

    finished = amazon_sp.run("call", "createFeedDocument", "contentType=text/xml", "--yes")

    assert finished.exit_code == 1
    assert "Amazon may have carried it out all the same" in finished.errors[0]
    assert len(requests_of(simulator, "feeds_2021-06-30.createFeedDocument")) == 1


def test_a_refresh_token_that_is_refused_is_told_with_what_to_do(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, refresh_token="Atzr|revoked")

    finished = amazon_sp.run("call", "getMarketplaceParticipations")

    assert finished.exit_code == 3
    assert "Authorize the application again and set `refresh_token`" in finished.errors[0]
    assert "revoked" not in finished.stderr.replace("may have revoked", "")


def test_personal_data_without_a_restricted_token_names_the_setting(
    amazon_sp: AmazonSP,
) -> None:
    finished = amazon_sp.run("call", "getShipmentDetails", "shipmentId=1")

    assert finished.exit_code == 3
    assert "set `restricted_data` to true" in finished.errors[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_between_records(
    simulator: Simulator, tmp_path: Path, number: int
) -> None:
    simulator.inject("slow", operation=SEARCH, count=None, skip=1, delay=20)
    words = ("searchOrders", LONG_AGO, "maxResultsPerPage=50", "--all-pages", "--output=jsonl")

    output = tmp_path / "orders.jsonl"
    with (
        output.open("wb") as stdout,
        configured(simulator, tmp_path).start("call", *words, stdout=stdout) as process,
    ):
        while not output.stat().st_size:
            time.sleep(0.05)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=15)

    assert process.returncode == 128 + number
    lines = output.read_text(encoding="utf-8").splitlines()
    assert len([json.loads(line) for line in lines]) == 50
    assert f"Stopped by signal {int(number)}" in stderr
    assert "Traceback" not in stderr


def test_a_reader_that_goes_away_ends_it_without_a_word(amazon_sp: AmazonSP) -> None:
    words = amazon_sp.arguments("call", "searchOrders", LONG_AGO, "--all-pages", "--output=jsonl")

    with Command([AMAZON_SP, *words, "maxResultsPerPage=5"]).start() as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        stderr = process.stderr.read()

    assert process.returncode == 1
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr
