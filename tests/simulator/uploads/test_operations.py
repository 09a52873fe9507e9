from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator

APLUS = "aplus/2020-11-01/contentDocuments"
DISCLOSURE = "messaging/v1/orders/902-3159896-1390916/messages/legalDisclosure"
FILE = b"\x89PNG\r\n\x1a\n--\r\n\x00"
MD5 = base64.b64encode(hashlib.md5(FILE).digest()).decode()  # noqa: S324 - what Amazon takes


def destination(
    api: ApiCaller, resource: str, *, content_md5: str = MD5, **parameters: str
) -> requests.Response:
    path = f"/uploads/2020-11-01/uploadDestinations/{resource}"
    query = {"marketplaceIds": "ATVPDKIKX0DER", "contentMD5": content_md5} | parameters
    return api.call("POST", path, params=query)


def created(api: ApiCaller, resource: str, **parameters: str) -> dict[str, Any]:
    answer = destination(api, resource, **parameters)
    assert answer.status_code == 201, answer.text
    payload: dict[str, Any] = answer.json()["payload"]
    return payload


def put(url: str, content: bytes = FILE, **headers: str) -> requests.Response:
    return requests.put(url, content, headers=headers, timeout=TIMEOUT)


@pytest.mark.parametrize("resource", [DISCLOSURE, f"/{DISCLOSURE}", DISCLOSURE.replace("/", "%2F")])
def test_a_file_of_a_message_is_uploaded_with_the_headers(api: ApiCaller, resource: str) -> None:
    found = created(api, resource)

    answer = put(found["url"], **found["headers"])

    assert answer.status_code == 200, answer.text
    assert found["headers"] == {"x-amz-server-side-encryption": "aws:kms", "Content-MD5": MD5}
    assert api.simulator.document(found["uploadDestinationId"]) == FILE


@pytest.mark.parametrize(
    ("left_out", "content", "status", "code"),
    [
        ("Content-MD5", FILE, 403, "SignatureDoesNotMatch"),
        ("x-amz-server-side-encryption", FILE, 403, "SignatureDoesNotMatch"),
        ("", b"another file", 400, "BadDigest"),
    ],
)
def test_what_was_not_signed_for_is_refused(
    api: ApiCaller, left_out: str, content: bytes, status: int, code: str
) -> None:
    found = created(api, DISCLOSURE)
    headers = {name: value for name, value in found["headers"].items() if name != left_out}

    answer = put(found["url"], content, **headers)

    assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (status, True)


def test_a_digest_in_hexadecimal_is_invalid_only_at_the_upload(api: ApiCaller) -> None:
    found = created(api, DISCLOSURE, content_md5="23f789f2b946540ca866654fbd216a6d")

    answer = put(found["url"], **found["headers"])

    assert answer.status_code == 400
    assert "<Code>InvalidDigest</Code>" in answer.text


def test_a_file_of_a_message_is_not_posted(api: ApiCaller) -> None:
    found = created(api, DISCLOSURE)

    answer = requests.post(found["url"], FILE, headers=found["headers"], timeout=TIMEOUT)

    assert answer.status_code == 405
    assert "<Code>MethodNotAllowed</Code>" in answer.text


def test_its_url_is_valid_for_fifteen_minutes(start: StartSimulator, clock: FakeClock) -> None:
    found = created(start(orders=0), DISCLOSURE)

    clock.advance(899)
    assert put(found["url"], **found["headers"]).status_code == 200
    clock.advance(2)
    assert put(found["url"], **found["headers"]).status_code == 403


def post_form(url: str, changes: dict[str, str] | None = None, content: bytes = FILE) -> Any:
    """Send the fields in the query of a URL as a form, with the file last."""
    address, _, query = url.partition("?")
    fields = dict(parse_qsl(query)) | (changes or {})
    files = {"file": ("image.png", content, "image/png")}
    return requests.post(address, data=fields, files=files, timeout=TIMEOUT)


def test_a_file_for_aplus_content_is_uploaded_by_a_form(api: ApiCaller) -> None:
    found = created(api, APLUS, contentType="image/png")

    answer = post_form(found["url"])

    assert answer.status_code == 204, answer.text
    name = found["uploadDestinationId"]
    assert (name[:15], name[-4:]) == ("aplus-media/sc/", ".png")
    assert found["headers"] == {}
    assert dict(parse_qsl(found["url"]))["x-amz-meta-owner"] == "A1SIMULATEDSELLER"
    assert api.simulator.document(name) == FILE


@pytest.mark.parametrize(
    ("changes", "content", "code"),
    [
        ({"key": "sc/another.png"}, FILE, "AccessDenied"),
        ({"colour": "red"}, FILE, "AccessDenied"),
        ({"x-amz-signature": "0" * 64}, FILE, "SignatureDoesNotMatch"),
        ({"x-amz-signature": "\u00fc"}, FILE, "SignatureDoesNotMatch"),
        ({}, b"", "EntityTooSmall"),
        ({}, b"x" * 3_145_729, "EntityTooLarge"),
    ],
)
def test_a_form_must_fit_its_policy(
    api: ApiCaller, changes: dict[str, str], content: bytes, code: str
) -> None:
    found = created(api, APLUS, contentType="image/png")

    assert f"<Code>{code}</Code>" in post_form(found["url"], changes, content).text


def test_a_form_is_valid_for_three_hours(start: StartSimulator, clock: FakeClock) -> None:
    found = created(start(orders=0), APLUS, contentType="image/png")

    clock.advance(3 * 3600 - 1)
    assert post_form(found["url"]).status_code == 204
    clock.advance(2)
    assert "Policy expired" in post_form(found["url"]).text


def test_the_fields_of_a_form_do_not_stay_in_the_url(api: ApiCaller) -> None:
    found = created(api, APLUS, contentType="image/png")

    posted = requests.post(found["url"], files={"file": FILE}, timeout=TIMEOUT)
    no_form = requests.post(found["url"].partition("?")[0], FILE, timeout=TIMEOUT)

    assert "Conflicting query string parameters: acl, policy" in posted.text
    assert "exactly one file upload" in no_form.text
    assert put(found["url"]).status_code == 403


def test_aplus_content_needs_a_content_type(api: ApiCaller) -> None:
    answer = destination(api, APLUS)

    assert answer.status_code == 400
    assert "contentType" in answer.text


def test_a_strict_simulator_refuses_encoded_slashes(start: StartSimulator) -> None:
    api = start(orders=0, strict=True)

    assert destination(api, DISCLOSURE).status_code == 201
    assert destination(api, DISCLOSURE.replace("/", "%2F")).status_code == 403


def test_a_document_about_a_service_job_can_be_uploaded(api: ApiCaller) -> None:
    body = {"contentType": "PNG", "contentLength": len(FILE), "contentMD5": MD5}
    answer = api.call("POST", "/service/v1/documents", json=body)
    found = answer.json()["payload"]

    assert put(found["url"], **found["headers"]).status_code == 200
    assert len(base64.b64decode(found["encryptionDetails"]["key"])) == 32
    assert api.simulator.document(found["uploadDestinationId"]) == FILE
