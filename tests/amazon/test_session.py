from __future__ import annotations

import gzip
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from tap_amazon_sp.amazon.session import new_session

BODY = bytes(range(256)) * 1000
ZIPPED = gzip.compress(BODY)


class Answers(BaseHTTPRequestHandler):
    """Answers by path; closes the connection where the body is cut off."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kinds = {
            "/whole": ({}, BODY),
            "/zipped": ({"Content-Encoding": "gzip"}, ZIPPED),
            "/not-zipped": ({"Content-Encoding": "gzip"}, BODY),
            "/cut-off": ({"Content-Length": str(len(BODY) + 1)}, BODY),
            "/chunked": ({"Transfer-Encoding": "chunked"}, chunked(BODY)),
            "/chunks-cut-off": ({"Transfer-Encoding": "chunked"}, chunked(BODY)[:-100]),
            "/last-chunk-cut-off": ({"Transfer-Encoding": "chunked"}, chunked(BODY)[:-5]),
            # Headers of a redirect, of a cookie, and one that is not a header.
            "/elsewhere": ({"Location": "/whole", "Set-Cookie": "a=b; Path=/"}, b""),
            "/odd-header": ({"Content-Length": "0", "no": "colon\r\nnothing"}, b""),
        }
        path = self.path.partition("?")[0]
        headers, body = kinds[f"/{path.rpartition('/')[2]}"]
        if "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(body)))
        self.send_response(302 if "Location" in headers else 200)
        self.send_header("asked", self.path)
        self.send_header(
            "credentials", str(self.headers["Authorization"] or self.headers["Cookie"])
        )
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = path.endswith("cut-off")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def chunked(body: bytes) -> bytes:
    parts = [body[start : start + 50_000] for start in range(0, len(body), 50_000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/whole", "/zipped", "/chunked"])
def test_a_body_is_read_whole(address: str, path: str) -> None:
    with new_session() as session:
        responses = [session.get(address + path, timeout=10) for _ in range(2)]

    assert [response.content for response in responses] == [BODY] * 2


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/cut-off", requests.exceptions.ChunkedEncodingError),
        ("/chunks-cut-off", requests.exceptions.ChunkedEncodingError),
        ("/last-chunk-cut-off", requests.exceptions.ChunkedEncodingError),
        ("/not-zipped", requests.exceptions.ContentDecodingError),
    ],
)
def test_a_body_that_is_not_whole_is_an_error_of_requests(
    address: str, path: str, error: type[Exception]
) -> None:
    with new_session() as session, pytest.raises(error):
        session.get(address + path, timeout=10)


@pytest.mark.parametrize("path", ["/whole", "/zipped", "/chunked"])
def test_a_streamed_body_comes_in_parts(address: str, path: str) -> None:
    with new_session() as session:
        response = session.get(address + path, stream=True, timeout=10)
        parts = list(response.iter_content(10_000))

    assert b"".join(parts) == BODY
    assert max(map(len, parts)) <= 10_000


def test_the_environment_names_a_proxy_for_some_hosts(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with new_session() as session:
        assert session.get(f"{address}/whole", timeout=10).content == BODY
        for _ in range(2):
            # The proxy answers in place of the host.
            response = session.get("http://amazon.example/whole", timeout=10)
            assert response.headers["asked"] == "http://amazon.example/whole"
        assert session.get(f"{address}/whole", timeout=10).headers["asked"] == "/whole"


def test_a_proxy_that_is_named_for_a_request_is_used(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    with new_session() as session:
        for _ in range(2):
            response = session.get(
                "http://amazon.example/whole", proxies={"http": address}, timeout=10
            )
            assert response.content == BODY


# --- Secrets -----------------------------------------------------------------------------------

SIGNED = "X-Amz-Signature=hush"


def test_no_redirect_is_followed(address: str) -> None:
    with new_session() as session:
        response = session.get(f"{address}/elsewhere", allow_redirects=True, timeout=10)

    assert (response.status_code, response.history) == (302, [])


def test_no_password_of_the_machine_and_no_cookie_goes_to_anybody(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hush\ndefault login me password hush\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    with new_session() as session:
        session.get(f"{address}/elsewhere", timeout=10)
        for url in (address, address.replace("://", "://me:hush@")):
            response = session.get(f"{url}/whole", timeout=10)
            assert response.headers["credentials"] == "None"
    # The same through requests itself.
    assert "Basic" in requests.get(f"{address}/whole", timeout=10).headers["credentials"]


def test_no_signature_is_logged_at_any_level(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "urllib3")
    caplog.set_level(logging.DEBUG, "botocore")

    with new_session() as session:
        for path in ("/whole", "/odd-header", "/elsewhere"):
            session.get(f"{address}{path}?{SIGNED}", timeout=10)
        with pytest.raises(requests.RequestException):
            session.get(f"{address}/cut-off?{SIGNED}", timeout=10)
    logging.getLogger("botocore.auth").debug("Signature:\n%s", SIGNED)
    logging.getLogger("urllib3.util.retry").warning("Retrying after", exc_info=OSError(SIGNED))

    logged = {(record.name, record.levelname) for record in caplog.records}
    assert {("urllib3.connectionpool", "DEBUG"), ("urllib3.connection", "WARNING")} <= logged
    assert ("botocore.auth", "DEBUG") in logged
    assert "hush" not in caplog.text
    assert "Failed to parse headers" in caplog.text


def test_records_of_others_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    new_session().close()
    new_session().close()

    logging.getLogger("tap_amazon_sp.test").warning("%s?a=b", "c")

    assert caplog.messages == ["c?a=b"]
