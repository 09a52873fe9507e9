from __future__ import annotations

import gzip
import json
import random
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import ServiceError, WrongDocumentError
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.documents.beginnings import (
    ANY_FILE,
    EXPLANATION,
    Expectation,
    expectation_of,
)
from tap_amazon_sp.documents.document import Document, located
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.simulator import Simulator
from tests.amazon.clients import Wire
from tests.documents.document_server import Store, serving
from tests.fake_clock import FakeClock

# Random letters shrink to about three quarters, so a break falls well inside the gzip file.
TEXT = random.Random(1).randbytes(1_500_000).hex().encode()  # noqa: S311 - no secret


@pytest.fixture
def store() -> Iterator[Store]:
    with serving(Store(content=TEXT)) as served:
        yield served


def document_in(
    store: Store,
    clock: FakeClock | None = None,
    paths: list[str] | None = None,
    expectation: Expectation = ANY_FILE,
) -> Document:
    """A document whose address is requested again for each of the paths."""
    left = ["/document"] * 20 if paths is None else paths
    session = requests.Session()

    def locate() -> str:
        return store.url + left.pop(0)

    def open_address(url: str, headers: Mapping[str, str]) -> requests.Response:
        return session.get(url, headers=headers, stream=True, timeout=10)

    retry = RetryPolicy(clock or FakeClock(), jitter=lambda longest: longest)
    name = "reports.getReportDocument"
    return Document(locate, open_address, retry=retry, name=name, expectation=expectation)


def read(document: Document) -> bytes:
    with document:
        return b"".join(document)


def test_a_document_is_gunzipped_on_the_way(store: Store) -> None:
    store.content = gzip.compress(TEXT)

    assert read(document_in(store)) == TEXT


def test_a_gzip_document_that_is_no_gzip_is_taken_as_it_is(store: Store) -> None:
    assert read(document_in(store)) == TEXT


def test_gzip_is_undone_once_though_the_header_says_it_too(store: Store) -> None:
    store.content, store.encoding = gzip.compress(TEXT), "gzip"

    assert read(document_in(store)) == TEXT


def test_a_gzip_file_may_have_several_members_and_zeros_at_its_end(store: Store) -> None:
    store.content = gzip.compress(TEXT) + gzip.compress(b"the end") + b"\0" * 512

    assert read(document_in(store)) == TEXT + b"the end"


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_a_document_may_be_empty(store: Store, content: bytes) -> None:
    store.content = content

    document = document_in(store, expectation=EXPLANATION)

    assert read(document) == b""
    assert document.is_empty


def test_the_content_type_is_known_before_the_first_byte(store: Store) -> None:
    store.content_type = "text/plain; charset=Cp1252"

    with document_in(store) as document:
        assert document.content_type == "text/plain; charset=Cp1252"


@pytest.mark.parametrize("zipped", [True, False])
def test_a_broken_download_goes_on_where_it_broke(store: Store, *, zipped: bool) -> None:
    store.content = gzip.compress(TEXT) if zipped else TEXT
    store.break_at = [1_000_000, 1_400_000]

    assert read(document_in(store)) == TEXT

    ranges = [request.get("range") for request in store.requests]
    assert ranges[0] is None
    # Bytes that came before the break but were in no full piece yet are asked for again.
    begins = [int(str(each).removeprefix("bytes=").removesuffix("-")) for each in ranges[1:]]
    assert 700_000 < begins[0] <= 1_000_000 < begins[1] <= 1_400_000


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("etag", ['"1"', ""])
def test_where_no_range_is_taken_it_begins_again_and_gives_nothing_twice(
    store: Store, *, zipped: bool, etag: str
) -> None:
    store.content = gzip.compress(TEXT) if zipped else TEXT
    store.takes_ranges, store.etag, store.break_at = False, etag, [1_000_000, 1_400_000]

    assert read(document_in(store)) == TEXT


def test_a_document_stored_anew_meanwhile_is_given_on_by_its_content(store: Store) -> None:
    store.content, store.break_at = gzip.compress(TEXT, 1), [1_000_000]
    read_so_far = b""

    with document_in(store) as document:
        for number, piece in enumerate(document):
            read_so_far += piece
            if number == 0:
                store.content, store.etag = gzip.compress(TEXT, 9), '"2"'

    assert read_so_far == TEXT


def test_an_expired_address_is_asked_for_anew(store: Store) -> None:
    store.refused_paths = {"/first"}

    assert read(document_in(store, paths=["/first", "/second"])) == TEXT
    assert [request["path"] for request in store.requests] == ["/first", "/second"]


def test_an_address_that_expires_half_way_is_gone_on_with_at_another(store: Store) -> None:
    store.break_at = [1_000_000]
    read_so_far = b""

    with document_in(store, paths=["/first", "/second"]) as document:
        for piece in document:
            read_so_far += piece
            store.refused_paths = {"/first"}

    assert read_so_far == TEXT
    assert [request["path"] for request in store.requests] == ["/first", "/first", "/second"]
    assert "range" in store.requests[-1]


def test_a_store_that_fails_is_asked_again_later(store: Store) -> None:
    clock = FakeClock()
    store.statuses = [503, 500]

    assert read(document_in(store, clock)) == TEXT
    assert clock.sleeps == [1, 2]


def test_a_truncated_gzip_file_is_an_error_and_never_a_short_document(store: Store) -> None:
    store.content = gzip.compress(TEXT)[:-1000]

    with pytest.raises(ServiceError, match="its gzip ends too early"):
        read(document_in(store))
    assert len(store.requests) == 3


def test_a_gzip_file_with_a_wrong_byte_is_an_error(store: Store) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 255  # in the checksum
    store.content = bytes(packed)

    with pytest.raises(ServiceError, match="its gzip is broken"):
        read(document_in(store))


def test_a_download_that_never_gets_further_is_an_error(store: Store) -> None:
    store.break_at = [1000] * 20

    with pytest.raises(ServiceError, match="the document's download broke"):
        read(document_in(store))


def test_memory_stays_the_same_however_long_a_document_is(store: Store) -> None:
    store.content = gzip.compress(b"0123456789" * 5_000_000)
    total = 0

    tracemalloc.start()
    with document_in(store) as document:
        for piece in document:
            total += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert total == 50_000_000
    assert peak < 5_000_000


LISTINGS = expectation_of(report_type("GET_MERCHANT_LISTINGS_ALL_DATA"))
ROWS = b"seller-sku\tprice\nA\t1\n"
PAGE = b"<!DOCTYPE html><html><body>503</body></html>"
STORE_ERROR = b"<?xml version='1.0'?><Error><Code>InternalError</Code></Error>"


@pytest.mark.parametrize("wrong", [PAGE, STORE_ERROR, b"", b"Service Unavailable", b"\r\n"])
def test_what_is_not_the_document_is_downloaded_again_from_a_new_address(
    store: Store, wrong: bytes
) -> None:
    store.content, store.wrong = ROWS, [wrong, wrong]
    store.content_type = "text/plain; charset=Cp1252"
    paths = ["/first", "/second", "/third"]

    with document_in(store, paths=paths, expectation=LISTINGS) as document:
        # Not that of the error page.
        assert document.content_type == "text/plain; charset=Cp1252"
        assert b"".join(document) == ROWS
    assert [request["path"] for request in store.requests] == ["/first", "/second", "/third"]


def test_what_is_never_the_document_is_an_error_and_not_a_document(store: Store) -> None:
    store.wrong = [PAGE] * 9

    with pytest.raises(WrongDocumentError, match="the document is an HTML page"):
        read(document_in(store, expectation=LISTINGS))
    assert len(store.requests) == 3


@pytest.mark.parametrize("status", [204, 302, 304])
def test_only_200_and_206_bring_a_document(store: Store, status: int) -> None:
    store.content, store.statuses = ROWS, [status]
    assert read(document_in(store, paths=["/first", "/second"])) == ROWS
    assert [request["path"] for request in store.requests] == ["/first", "/second"]

    store.statuses = [status] * 9
    with pytest.raises(ServiceError, match=f"HTTP {status}: the document could not be downloaded"):
        read(document_in(store))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_document_whose_end_nobody_knows_does_not_count(store: Store, *, zipped: bool) -> None:
    # Nor does one of gzip: another member may follow those that came.
    store.has_length, store.content = False, gzip.compress(TEXT) if zipped else TEXT

    with pytest.raises(ServiceError, match="does not say how long it is"):
        read(document_in(store))


def test_chunks_show_whether_all_members_of_a_gzip_file_came(store: Store) -> None:
    first = gzip.compress(TEXT)
    store.content, store.break_at = first + gzip.compress(b"the end"), [len(first)]
    store.is_chunked = True

    assert read(document_in(store)) == TEXT + b"the end"


@pytest.mark.parametrize("rest", [b"more", b"\x1f", b"\x1e\x8b" + b"the end"])
def test_what_follows_a_gzip_file_is_never_dropped(store: Store, rest: bytes) -> None:
    store.content = gzip.compress(TEXT) + rest

    with pytest.raises(ServiceError, match=r"its gzip (is followed by something else|ends too ea)"):
        read(document_in(store))


LONG_PAGE = PAGE + b" " * 2_000_000


@pytest.mark.parametrize("etag", ['"1"', '"2"', ""])
@pytest.mark.parametrize("takes_ranges", [True, False])
@pytest.mark.parametrize("ignores_if_range", [True, False])
@pytest.mark.parametrize(
    "other",
    [PAGE, LONG_PAGE, TEXT[:500_000] + TEXT[600_000:], b""],
    ids=["page", "long page", "other text", "nothing"],
)
def test_no_document_goes_on_with_the_rest_of_another(
    store: Store, etag: str, other: bytes, *, takes_ranges: bool, ignores_if_range: bool
) -> None:
    store.content, store.break_at = TEXT, [1_000_000]
    store.takes_ranges, store.ignores_if_range = takes_ranges, ignores_if_range

    def replace() -> None:
        store.content, store.etag = other, etag

    store.on_break = replace

    with pytest.raises(ServiceError, match=r"the document('s download)? (is damaged|broke|could)"):
        read(document_in(store))


@pytest.mark.parametrize("position", [300, 1_000_000])
def test_a_document_goes_on_once_the_store_has_it_again(store: Store, position: int) -> None:
    store.content, store.break_at = TEXT, [position]
    store.on_break = lambda: store.wrong.extend([LONG_PAGE, PAGE])

    assert read(document_in(store, paths=["/first", "/second", "/third"])) == TEXT
    assert [each["path"] for each in store.requests] == ["/first", "/first", "/second", "/third"]


def test_a_download_that_breaks_in_the_beginning_is_accepted_once_it_is_known(store: Store) -> None:
    store.content, store.break_at = ROWS, [3, 5]

    assert read(document_in(store, expectation=LISTINGS)) == ROWS


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"errors": [{"code": "InternalFailure"}]},
        {"url": None},
        {"url": {"href": "https://documents.example/a"}},
        {"url": "documents.example/a"},
        {"url": "ftp://documents.example/a"},
        {"url": "http://documents.example/a"},
        {"url": "https://"},
        {"url": "https://documents.example:99999/a"},
        {"url": "https://documents.example/a", "compressionAlgorithm": "ROT13"},
        {"url": "https://documents.example/a", "compressionAlgorithm": 1},
    ],
)
def test_an_answer_without_a_good_address_is_a_broken_one(
    monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    good = {"url": "https://documents.example/?Signature=hush", "compressionAlgorithm": "GZIP"}
    answers = iter([body, good, *[body] * 9])
    wire = Wire(monkeypatch, lambda _: json.dumps(next(answers)).encode())
    operation = catalogue.operation("reports_2021-06-30.getReportDocument")
    parameters = {"reportDocumentId": "a"}

    assert located(wire.client, operation, parameters) == good["url"]
    with pytest.raises(ServiceError, match=r"not what Amazon documents: it(s| has no) `") as raised:
        located(wire.client, operation, parameters)

    assert "documents.example" not in str(raised.value)


def test_a_report_of_the_simulator_is_read_without_credentials(simulator: Simulator) -> None:
    account = account_of(settings_from(simulator.settings_for_tap()))
    client = SellingPartnerClient(account, clock=FakeClock(), user_agent="test/1.0")
    reports = client.send(
        catalogue.operation("reports_2021-06-30.getReports"),
        {
            "reportTypes": ["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"],
            "processingStatuses": ["DONE"],
        },
    ).body["reports"]
    operation = catalogue.operation("reports_2021-06-30.getReportDocument")
    parameters = {"reportDocumentId": reports[0]["reportDocumentId"]}

    assert read(Document.of(client, operation, parameters)).startswith(b"settlement-id\t")
