from __future__ import annotations

import gzip
import json
import resource
import time
import zlib
from collections.abc import Callable
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import requests

from tap_amazon_sp.simulator.reports.json_documents import SCHEMAS
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import FEEDS, REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator


def report_url(api: ApiCaller, **params: str) -> str:
    document_id = next(
        report["reportDocumentId"]
        for report in api.simulator.truth("reports")
        if report["reportType"] == "GET_MERCHANT_LISTINGS_ALL_DATA"
    )
    return str(api.get(f"{REPORTS}/documents/{document_id}", **params).json()["url"])


def test_a_url_expires_after_five_minutes(start: StartSimulator, clock: FakeClock) -> None:
    api = start()
    url = report_url(api)

    clock.advance(299)
    assert requests.get(url, timeout=TIMEOUT).status_code == 200
    clock.advance(2)
    answer = requests.get(url, timeout=TIMEOUT)

    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.text


@pytest.mark.parametrize("changed", ["X-Amz-Until", "X-Amz-Signature", ".T"])
def test_a_changed_url_is_refused(api: ApiCaller, changed: str) -> None:
    url = report_url(api)
    position = url.index(changed) + len(changed) + 1
    tampered = url[:position] + ("1" if url[position] != "1" else "2") + url[position + 1 :]

    answer = requests.get(tampered, timeout=TIMEOUT)

    assert answer.status_code == 403
    assert "SignatureDoesNotMatch" in answer.text
    assert requests.put(url, data=b"x", timeout=TIMEOUT).status_code == 403


@pytest.mark.parametrize("signature", ["", "%C3%BC", "%FF"])
def test_any_other_signature_is_refused(api: ApiCaller, signature: str) -> None:
    url, _, _ = report_url(api).partition("X-Amz-Signature=")

    answer = requests.get(f"{url}X-Amz-Signature={signature}", timeout=TIMEOUT)

    assert answer.status_code == 403
    assert "SignatureDoesNotMatch" in answer.text


@pytest.mark.parametrize("header", ["x-amz-access-token", "Authorization"])
def test_a_url_refuses_a_token(api: ApiCaller, header: str) -> None:
    answer = requests.get(report_url(api), headers={header: api.token}, timeout=TIMEOUT)

    assert answer.status_code == 400
    assert "<Error>" in answer.text


def test_a_zipped_document_is_unzipped_once(api: ApiCaller) -> None:
    plain = requests.get(report_url(api), timeout=TIMEOUT)
    encoded = requests.get(report_url(api, enableContentEncodingUrlHeader="true"), timeout=TIMEOUT)

    assert "Content-Encoding" not in plain.headers
    assert encoded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(plain.content) == encoded.content
    assert plain.headers["Content-Type"] == "text/plain;charset=UTF-8"


def test_an_upload_must_have_the_declared_type(api: ApiCaller) -> None:
    answer = api.call("POST", f"{FEEDS}/documents", json={"contentType": "text/xml; charset=UTF-8"})
    url = answer.json()["url"]

    wrong = requests.put(url, data=b"x", headers={"Content-Type": "text/csv"}, timeout=TIMEOUT)
    right = requests.put(
        url, data=b"x", headers={"Content-Type": "text/xml; charset=UTF-8"}, timeout=TIMEOUT
    )

    assert (wrong.status_code, right.status_code) == (403, 200)


def test_documents_are_an_accounts_own(api: ApiCaller) -> None:
    vendor = ApiCaller(api.simulator, refresh_token="Atzr|simulator-vendor")
    document_id = next(
        report["reportDocumentId"]
        for report in api.simulator.truth("reports")
        if "reportDocumentId" in report
    )

    assert vendor.get(f"{REPORTS}/documents/{document_id}").status_code == 404


def test_a_part_of_a_document_is_sent(api: ApiCaller) -> None:
    url = report_url(api)
    whole = requests.get(url, timeout=TIMEOUT)
    size = len(whole.content)

    for asked, first, last in (
        ("bytes=10-19", 10, 19),
        (f"bytes={size - 5}-", size - 5, size - 1),
        ("bytes=-7", size - 7, size - 1),
        (f"bytes=5-{size + 100}", 5, size - 1),
    ):
        part = requests.get(url, headers={"Range": asked}, timeout=TIMEOUT)
        assert part.status_code == 206
        assert part.content == whole.content[first : last + 1]
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert part.headers["ETag"] == whole.headers["ETag"]
    beyond = requests.get(url, headers={"Range": f"bytes={size}-"}, timeout=TIMEOUT)
    assert (beyond.status_code, "InvalidRange" in beyond.text) == (416, True)
    assert requests.get(url, headers={"If-Match": '"x"'}, timeout=TIMEOUT).status_code == 412
    # Python does not read numbers of thousands of digits.
    unread = requests.get(url, headers={"Range": f"bytes={'9' * 5000}-"}, timeout=TIMEOUT)
    assert (unread.status_code, unread.content) == (200, whole.content)

    tagged = {"If-Match": whole.headers["ETag"], "Range": "bytes=0-0"}
    assert requests.get(url, headers=tagged, timeout=TIMEOUT).status_code == 206


def test_a_document_may_be_plain_although_gzip_is_announced(start: StartSimulator) -> None:
    api = start()
    good = gzip.decompress(requests.get(report_url(api), timeout=TIMEOUT).content)
    api.simulator.inject("not_gzip", operation="documents")

    plain = requests.get(report_url(api), timeout=TIMEOUT)

    assert plain.content == good
    assert gzip.decompress(requests.get(report_url(api), timeout=TIMEOUT).content) == good


def test_a_gzip_may_end_early(start: StartSimulator) -> None:
    api = start()
    api.simulator.inject("truncated_gzip", operation="documents")

    answer = requests.get(report_url(api), timeout=TIMEOUT)

    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(EOFError):
        gzip.decompress(answer.content)


def test_a_url_may_have_expired(start: StartSimulator) -> None:
    api = start()
    url = report_url(api)
    api.simulator.inject("expired_url", operation="documents")

    assert "Request has expired" in requests.get(url, timeout=TIMEOUT).text
    assert requests.get(url, timeout=TIMEOUT).status_code == 200


LARGE = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"


def large_url(start: StartSimulator, clock: FakeClock, kind: str = LARGE, rows: int = 0) -> str:
    """Return the URL of a report with a number of rows."""
    api = start(report_rows={kind: rows})
    body = {
        "reportType": kind,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": "2026-11-01T00:00:00Z",
        "dataEndTime": "2026-11-07T23:59:59Z",
    }
    created = api.call("POST", f"{REPORTS}/reports", json=body).json()
    clock.advance(1)
    report = api.get(f"{REPORTS}/reports/{created['reportId']}").json()
    document = api.get(f"{REPORTS}/documents/{report['reportDocumentId']}").json()
    assert document["compressionAlgorithm"] == "GZIP"
    return str(document["url"])


def test_a_million_rows_come_in_constant_memory(
    start: StartSimulator, clock: FakeClock, tell: Callable[[str], None]
) -> None:
    url = large_url(start, clock, rows=1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.thread_time(), time.process_time()

    lines = size = 0
    unzipper = zlib.decompressobj(31)
    with requests.get(url, stream=True, timeout=TIMEOUT) as answer:
        for chunk in answer.iter_content(1 << 18):
            plain = unzipper.decompress(chunk)
            size += len(plain)
            lines += plain.count(b"\r\n")

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ours = time.thread_time() - began[0]
    seconds = time.process_time() - began[1] - ours
    tell(f"a report of {size / 1e6:.0f} MB: made at {size / 1e6 / seconds:.0f} MB/s of CPU time")
    assert unzipper.eof
    assert lines == 1_000_001
    # Kilobytes; the document has 180 MB.
    assert grown < 60_000


def test_a_broken_download_of_a_large_report_can_be_taken_up(
    start: StartSimulator, clock: FakeClock
) -> None:
    url = large_url(start, clock, rows=100_000)
    whole = requests.get(url, timeout=TIMEOUT).content

    half = len(whole) // 2
    rest = requests.get(url, headers={"Range": f"bytes={half}-"}, timeout=TIMEOUT)

    assert rest.status_code == 206
    assert whole[:half] + rest.content == whole
    rows = gzip.decompress(whole).decode().splitlines()[1:]
    assert len({row.split("\t")[1] for row in rows}) == len(rows) == 100_000


def test_large_reports_can_be_truncated_too(start: StartSimulator, clock: FakeClock) -> None:
    api = start(report_rows={LARGE: 50_000})
    url = large_url(lambda **_: api, clock)
    api.simulator.inject("truncated", operation="documents")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = requests.get(url, timeout=TIMEOUT).content

    assert gzip.decompress(requests.get(url, timeout=TIMEOUT).content).count(b"\r\n") == 50_001


@pytest.mark.parametrize("rows", [0, 1, 2, 1001, 5000])
def test_large_json_has_the_number_of_records_that_was_set(
    start: StartSimulator, clock: FakeClock, rows: int
) -> None:
    url = large_url(start, clock, "GET_SALES_AND_TRAFFIC_REPORT", rows)

    body = json.loads(gzip.decompress(requests.get(url, timeout=TIMEOUT).content))

    asins = [record["parentAsin"] for record in body["salesAndTrafficByAsin"]]
    assert len({*asins}) == len(asins) == rows
    assert {len(asin) for asin in asins} <= {10}
    schema = SCHEMAS.all["sellerSalesAndTrafficReport.json"]
    body["salesAndTrafficByAsin"] = body["salesAndTrafficByAsin"][:20]
    assert list(jsonschema.Draft7Validator(schema).iter_errors(body)) == []


def test_large_xml_has_the_number_of_records_that_was_set(
    start: StartSimulator, clock: FakeClock
) -> None:
    url = large_url(start, clock, "GET_XML_RETURNS_DATA_BY_RETURN_DATE", 5000)

    root = ET.fromstring(gzip.decompress(requests.get(url, timeout=TIMEOUT).content))  # noqa: S314

    assert len(root) == len({record.findtext("order_id") for record in root}) == 5000
