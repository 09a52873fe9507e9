"""A queue that refuses: moto's server does not look at permissions."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def denying_queue(*denied: str) -> Iterator[str]:
    """Serve a queue on this machine; yield its URL.

    Args:
        denied: Actions that it denies, such as `ReceiveMessage`. It refuses the parameters of all
            others, as AWS does after it has looked at permissions.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            code = "AccessDeniedException" if action in denied else "InvalidParameterValue"
            body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": "no"}).encode()
            self.send_response(400)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/123456789012/orders"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
