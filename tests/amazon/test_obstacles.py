"""What stands between the tap and a host, told apart by real failures of real connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import requests
import urllib3

from tap_amazon_sp.amazon.obstacles import Obstacle, ReachedHosts, obstacle_to
from tap_amazon_sp.amazon.session import new_session

SETTING = "endpoint"


def met(url: str, *, timeout: tuple[float, float] = (5.0, 5.0)) -> Obstacle:
    with pytest.raises(requests.RequestException) as caught:
        new_session().get(url, timeout=timeout)
    return obstacle_to(url, caught.value, setting=SETTING, timeout=timeout)


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """Accept connections; send some bytes and hang up, or say nothing at all."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_a_refused_connection_names_host_and_setting() -> None:
    found = met("http://127.0.0.1:9/orders?token=hush")

    assert found.never_connected
    assert found.sentence.startswith("127.0.0.1:9 (`endpoint`) refuses connections")
    assert "hush" not in found.sentence


def test_no_proxy_leads_to_this_machine_but_the_simulator_may_not_run() -> None:
    found = met("http://127.0.0.1:9/")

    assert "_PROXY" not in found.sentence
    assert found.sentence.endswith(
        "If this is the address of the simulator, start it: `amazon-sp simulate`"
    )


def test_an_unknown_host_is_not_a_refused_connection() -> None:
    found = met("http://no-such-host.invalid/")

    assert found.never_connected
    assert found.sentence.startswith("no-such-host.invalid (`endpoint`) is not a known host")
    assert "`HTTP_PROXY`" in found.sentence


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hush@127.0.0.1:9")

    found = met("https://sellingpartnerapi-na.amazon.com/")

    assert found.never_connected
    assert "the proxy 127.0.0.1:9 (`HTTPS_PROXY`)" in found.sentence
    assert "sellingpartnerapi-na.amazon.com" in found.sentence
    assert "`NO_PROXY`" in found.sentence
    assert "hush" not in found.sentence


def test_a_proxy_that_refuses_a_host_says_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(b"HTTP/1.1 403 Forbidden\r\n\r\n") as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = met("https://sellingpartnerapi-na.amazon.com/")

    assert found.never_connected
    assert f"the proxy 127.0.0.1:{port} (`HTTPS_PROXY`)" in found.sentence
    assert "HTTP 403" in found.sentence


def test_a_server_without_tls_is_not_a_network_failure() -> None:
    with server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        found = met(f"https://127.0.0.1:{port}/")

    assert found.never_connected
    assert "TLS" in found.sentence
    assert "`http://`" in found.sentence


def test_a_certificate_that_is_not_trusted_names_where_to_put_it() -> None:
    url = "https://sellingpartnerapi-na.amazon.com/"
    reason = "certificate verify failed: self-signed certificate in certificate chain"
    error = requests.exceptions.SSLError(
        urllib3.exceptions.MaxRetryError(
            pool=urllib3.HTTPSConnectionPool("sellingpartnerapi-na.amazon.com"),
            url=url,
            reason=urllib3.exceptions.SSLError(reason),
        )
    )

    found = obstacle_to(url, error, setting=SETTING, timeout=(10.0, 60.0))

    assert found.never_connected
    assert "self-signed certificate" in found.sentence
    assert "`REQUESTS_CA_BUNDLE`" in found.sentence


def test_a_host_that_accepts_no_connection_names_the_seconds() -> None:
    url = "https://sellingpartnerapi-na.amazon.com/"

    found = obstacle_to(url, requests.ConnectTimeout(), setting=SETTING, timeout=(10.0, 60.0))

    assert found.never_connected
    assert "did not accept a connection within 10 seconds" in found.sentence
    assert "`HTTPS_PROXY`" in found.sentence


def test_an_answer_that_is_late_names_its_setting() -> None:
    with server(None) as port:
        found = met(f"http://127.0.0.1:{port}/", timeout=(5.0, 0.2))

    assert not found.never_connected
    assert "gave no answer within 0.2 seconds" in found.sentence
    assert "`request_timeout`" in found.sentence


def test_a_connection_that_breaks_was_a_connection() -> None:
    with server(b"") as port:
        found = met(f"http://127.0.0.1:{port}/")

    assert not found.never_connected
    assert found.sentence.startswith(f"the connection to 127.0.0.1:{port} (`endpoint`) broke")


def test_a_host_with_tls_is_another_than_without() -> None:
    reached = ReachedHosts()

    reached.add("http://127.0.0.1:9326/auth/o2/token")

    assert "http://127.0.0.1:9326/orders" in reached
    assert "https://127.0.0.1:9326/orders" not in reached
    assert "http://127.0.0.1:9327/orders" not in reached
