from __future__ import annotations

import gzip

import pytest
import requests

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


@pytest.mark.parametrize("header", ["x-amz-access-token", "Authorization"])
def test_a_url_wants_no_token(api: ApiCaller, header: str) -> None:
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
