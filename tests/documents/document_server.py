"""A store behind presigned addresses, which serves documents over HTTP and fails on request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass
class Store:
    """One document and how it is served; `requests` are the headers that came, in lower case.

    Attributes:
        url: Its address.
        content: What is stored.
        content_type: Sent with it.
        encoding: `Content-Encoding`, if one is to be sent.
        break_at: Where in the content the answers end, one after the other; None is whole.
        takes_ranges: Whether Range requests are answered.
        ignores_if_range: Whether a range is answered though the ETag is another one.
        etag: Sent if not empty.
        statuses: Statuses of the next answers instead of 200, without content.
        wrong: Contents of the next answers instead of the document, with status 200.
        has_length: Whether the length is sent.
        is_chunked: Whether the content is sent as chunks of HTTP instead; where it ends too early,
            the last chunk is missing.
        on_break: Called after an answer ended at one of `break_at`.
        refused_urls: Paths that expired.
    """

    url: str = ""
    content: bytes = b""
    content_type: str = "text/plain"
    encoding: str = ""
    break_at: list[int | None] = field(default_factory=list)
    takes_ranges: bool = True
    ignores_if_range: bool = False
    etag: str = '"1"'
    statuses: list[int] = field(default_factory=list)
    wrong: list[bytes] = field(default_factory=list)
    has_length: bool = True
    is_chunked: bool = False
    on_break: Callable[[], None] = lambda: None
    refused_paths: set[str] = field(default_factory=set)
    requests: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(store: Store) -> Iterator[Store]:
    """Serve a document on a free port."""
    server = Server(store)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        store.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    def __init__(self, store: Store) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store

    def handle_error(self, *about: object) -> None:
        """Log nothing: readers that go away in the middle are part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """Serves the document of its server's store."""

    protocol_version = "HTTP/1.1"

    @property
    def _store(self) -> Store:
        return cast("Server", self.server).store

    def do_GET(self) -> None:
        store = self._store
        headers = {name.lower(): value for name, value in self.headers.items()}
        store.requests.append(headers | {"path": self.path})
        if self.path in store.refused_paths:
            self._answer(403)
        elif store.statuses:
            self._answer(store.statuses.pop(0))
        elif store.wrong:
            self._answer(200, store.wrong.pop(0))
        else:
            self._serve(headers)

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "text/html; charset=ISO-8859-1")
        self.end_headers()
        self.wfile.write(content)

    def _begin(self, headers: dict[str, str]) -> int:
        store = self._store
        ranged = store.takes_ranges and "range" in headers
        if not ranged or (headers.get("if-range") != store.etag and not store.ignores_if_range):
            self.send_response(200)
            return 0
        begin = headers["range"].removeprefix("bytes=").removesuffix("-")
        size = len(store.content)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        return int(begin)

    def _serve(self, headers: dict[str, str]) -> None:
        store = self._store
        begin, size = self._begin(headers), len(store.content)
        if store.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif store.has_length:
            self.send_header("Content-Length", str(size - begin))
        self.send_header("Content-Type", store.content_type)
        if store.etag:
            self.send_header("ETag", store.etag)
        if store.encoding:
            self.send_header("Content-Encoding", store.encoding)
        self.end_headers()
        end = store.break_at.pop(0) if store.break_at else None
        content = store.content[begin : size if end is None else end]
        if store.is_chunked:
            content = b"%x\r\n%b\r\n" % (len(content), content)
            content += b"0\r\n\r\n" if end is None else b""
        self.wfile.write(content)
        self.close_connection = True
        if end is not None:
            store.on_break()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass
