"""A store behind presigned addresses, which serves documents over HTTP and fails on request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
        etag: Sent if not empty.
        statuses: Statuses of the next answers instead of 200.
        refused_urls: Paths that expired.
    """

    url: str = ""
    content: bytes = b""
    content_type: str = "text/plain"
    encoding: str = ""
    break_at: list[int | None] = field(default_factory=list)
    takes_ranges: bool = True
    etag: str = '"1"'
    statuses: list[int] = field(default_factory=list)
    refused_paths: set[str] = field(default_factory=set)
    requests: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(store: Store) -> Iterator[Store]:
    """Serve a document on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            store.requests.append(headers | {"path": self.path})
            if self.path in store.refused_paths or store.statuses:
                self.send_response(
                    403 if self.path in store.refused_paths else store.statuses.pop(0)
                )
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._serve(headers)

        def _serve(self, headers: dict[str, str]) -> None:
            begin, size = 0, len(store.content)
            ranged = store.takes_ranges and "range" in headers
            if ranged and headers.get("if-range") == store.etag:
                begin = int(headers["range"].removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(size - begin))
            self.send_header("Content-Type", store.content_type)
            if store.etag:
                self.send_header("ETag", store.etag)
            if store.encoding:
                self.send_header("Content-Encoding", store.encoding)
            self.end_headers()
            end = store.break_at.pop(0) if store.break_at else None
            self.wfile.write(store.content[begin : size if end is None else end])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *about: object) -> None:
            """Log nothing: readers that go away in the middle are part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        store.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
