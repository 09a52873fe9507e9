"""`amazon-sp raw` in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
FEEDS = "/feeds/2021-06-30/feeds"


def test_status_headers_and_body_are_printed_as_one_object(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("raw", "get", PARTICIPATIONS)

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["status"] == 200
    assert finished.json["headers"]["x-amzn-RequestId"]
    assert finished.json["body"]["payload"][0]["marketplace"]["id"] == "ATVPDKIKX0DER"


@pytest.mark.parametrize("output", ["text", "bytes"])
def test_the_body_alone_goes_to_stdout(amazon_sp: AmazonSP, output: str) -> None:
    finished = amazon_sp.run("raw", "GET", PARTICIPATIONS, "--output", output)

    assert finished.json["payload"]
    assert finished.stderr.startswith("HTTP 200 OK\n")
    assert "x-amzn-RequestId: " in finished.stderr


def test_query_and_headers_are_sent(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run(
        "raw",
        "GET",
        f"{FEEDS}?pageSize=2",
        "--query",
        "feedTypes=JSON_LISTINGS_FEED,POST_PRODUCT_DATA",
        "--header",
        "x-my-header=one",
    )

    assert finished.exit_code == 0, finished.stderr
    (request,) = requests_of(simulator, "feeds_2021-06-30.getFeeds")
    assert request["query"] == {
        "pageSize": "2",
        "feedTypes": "JSON_LISTINGS_FEED,POST_PRODUCT_DATA",
    }


@pytest.mark.parametrize(("options", "exit_code"), [([], 3), (["--no-error-on-404"], 0)])
def test_a_404_is_an_error_unless_it_is_said_to_be_none(
    amazon_sp: AmazonSP, options: list[str], exit_code: int
) -> None:
    finished = amazon_sp.run("raw", "GET", f"{FEEDS}/1", *options)

    assert finished.exit_code == exit_code
    assert finished.json["status"] == 404
    assert finished.json["body"]["errors"][0]["code"] == "NotFound"
    assert bool(finished.errors) == bool(exit_code)


def test_a_path_that_the_catalogue_does_not_know_is_sent(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    finished = amazon_sp.run("raw", "GET", "/new/2027-01-01/things/a b", "--no-error-on-404")

    assert finished.exit_code == 0
    assert finished.json["status"] == 404
    assert simulator.requests[-1]["path"].replace("%20", " ") == "/new/2027-01-01/things/a b"


def test_a_grantless_operation_gets_its_token(amazon_sp: AmazonSP) -> None:
    finished = amazon_sp.run("raw", "GET", "/notifications/v1/destinations")

    assert finished.json["status"] == 200


def test_a_body_is_sent_as_it_is_after_asking(
    amazon_sp: AmazonSP, simulator: Simulator, tmp_path: Path
) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"contentType": "text/xml"}', encoding="utf-8")
    words = ("POST", "/feeds/2021-06-30/documents", "--body", str(body))

    unasked = amazon_sp.run("raw", *words)
    agreed = amazon_sp.run("raw", *words, "--yes")

    assert unasked.exit_code == 2
    assert "may change something at Amazon: give `--yes`" in unasked.errors[0]
    assert agreed.json["status"] == 201
    assert len(requests_of(simulator, "feeds_2021-06-30.createFeedDocument")) == 1


def test_forms_and_files_are_encoded(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    file = tmp_path / "label.bin"
    file.write_bytes(b"some content")

    plain = amazon_sp.run("raw", "POST", "/x", "--form", "a=b c", "--form", "d=e", "--dry-run")
    parts = amazon_sp.run("raw", "POST", "/x", "--form", "a=b", "--file", f"f={file}", "--dry-run")

    assert plain.stdout.splitlines()[-1] == "a=b+c&d=e"
    assert "content-type: application/x-www-form-urlencoded" in plain.stdout
    assert "content-type: multipart/form-data; boundary=" in parts.stdout
    assert 'name="f"; filename="label.bin"' in parts.stdout
    assert "some content" in parts.stdout


def test_it_is_tried_again_as_often_as_it_is_told(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation="feeds_2021-06-30.getFeed", status=503, count=None)

    finished = amazon_sp.run("raw", "GET", f"{FEEDS}/1", "--retries", "2", "--backoff", "0.01")

    assert finished.exit_code == 1
    assert finished.json["status"] == 503
    assert len(requests_of(simulator, "feeds_2021-06-30.getFeed")) == 3


def test_a_429_is_printed_when_tries_are_used_up(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    simulator.inject("throttle", operation="feeds_2021-06-30.getFeed", count=None)

    finished = amazon_sp.run("raw", "GET", f"{FEEDS}/1", "--retries", "0")

    assert finished.exit_code == 4
    assert finished.json["status"] == 429
    assert len(requests_of(simulator, "feeds_2021-06-30.getFeed")) == 1


def test_an_answer_that_is_late_is_not_waited_for(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("slow", count=None, delay=5)

    finished = amazon_sp.run("raw", "GET", PARTICIPATIONS, "--timeout", "0.3", "--retries", "0")

    assert finished.exit_code == 1
    assert "gave no answer within 0.3 seconds (`request_timeout`)" in finished.errors[0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["GET", "orders"], "PATH must begin with a slash"),
        (["GET", "https://sellingpartnerapi-na.amazon.com/x"], "PATH must begin with a slash"),
        (["GET", "/x", "--query", "a"], "--query 'a': write it as name=value"),
        (["GET", "/x", "--header", "X-Amz-Access-Token=a"], "the tap sets it from the settings"),
        (["POST", "/x", "--body", "/none"], "--body /none: No such file or directory"),
        (["POST", "/x", "--body", "-", "--form", "a=b"], "--body excludes --form and --file"),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(
    simulator: Simulator, tmp_path: Path, words: list[str], sentence: str
) -> None:
    finished = configured(simulator, tmp_path).run_here("raw", *words)

    assert finished.exit_code == 2
    assert sentence in finished.stderr
    assert simulator.requests == []


def test_the_request_is_shown_without_secrets(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    secret = simulator.settings_for_tap()["refresh_token"]

    finished = amazon_sp.run(
        "raw", "GET", FEEDS, "--query", f"feedTypes={secret}", "--show-request"
    )

    assert f"GET {simulator.url}{FEEDS}" in finished.stderr
    assert "x-amz-access-token: (hidden)" in finished.stderr
    assert secret not in finished.stderr
    assert "simulator-seller" not in finished.stderr.replace("Simulator", "")


def test_text_and_bytes_are_no_json(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    simulator.inject(
        "status", operation="feeds_2021-06-30.getFeed", status=400, body="html", count=None
    )

    finished = amazon_sp.run("raw", "GET", f"{FEEDS}/1")

    assert finished.exit_code == 3
    assert "<" in json.loads(finished.stdout)["body"]
