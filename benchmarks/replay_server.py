"""A server that replays recorded pages of orders, any number of them, at almost no cost.

    python benchmarks/replay_server.py --orders 200000 --port 9400 --write-config config.json

The simulator makes up every response, which takes longer than the tap needs to read it. This server
requests some pages of searchOrders (Orders 2026-01-01) from the simulator once, with all datasets
that the tap requests by default, and then serves copies. Copies differ only in order ids, times of
change and page tokens. The server has the token endpoint and searchOrders, and no rate limits.

The orders change evenly over the year before today, a page of 100 at a time. So windows of any
length find each order once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import re
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import requests

from tap_amazon_sp.simulator import Simulator, SimulatorSettings

HOST = "127.0.0.1"
PAGE_SIZE = 100
DAYS = 365
RECORDED_PAGES = 40
DATASETS = (
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
ORDERS_PATH = "/orders/2026-01-01/orders"
TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path

_MAX_HEAD = 65_536
_SEND_BUFFER = 4 * 1024 * 1024
_ID = re.compile(r"(\d{3}-\d{7}-)\d{7}")
_TIME = b"@last-updated-time@!"
_TOKEN_ANSWER = {"access_token": "Atza|replay", "token_type": "bearer", "expires_in": 3600}


@dataclass(frozen=True)
class RecordedPage:
    """The list of orders in a recorded page, without the last seven digits of the ids."""

    pieces: tuple[bytes, ...]

    @classmethod
    def of(cls, content: bytes) -> RecordedPage:
        """Extract the orders from a response.

        Raises:
            ValueError: The response has another form, or two orders differ in these digits only.
        """
        orders = content[: content.rindex(b"]") + 1]
        orders = re.sub(
            rb'"lastUpdatedTime":"[^"]{20}"', b'"lastUpdatedTime":"' + _TIME + b'"', orders
        )
        # Orders name other orders, too.
        ids = [order["orderId"] for order in json.loads(content)["orders"]]
        first_digits = {found[1] for each in ids if (found := _ID.fullmatch(each))}
        if len(first_digits) != PAGE_SIZE or orders.count(_TIME) != PAGE_SIZE:
            message = f"a page of {PAGE_SIZE} orders with ids of their own was expected"
            raise ValueError(message)
        return cls(tuple(re.split(rb"(?<=\d{3}-\d{7}-)\d{7}(?=\")", orders)))

    def copy(self, number: int, changed: dt.datetime) -> bytes:
        """Return the orders with other ids and another time of change."""
        return (b"%07d" % number).join(self.pieces).replace(_TIME, _iso(changed).encode())


class Replay:
    """Pages of orders, spread evenly over a year."""

    def __init__(self, recorded: list[RecordedPage], orders: int) -> None:
        """Serve copies of the recorded pages.

        Args:
            recorded: Recorded pages; copies are made of each in turn.
            orders: Number of orders; a multiple of 100.
        """
        self._recorded = recorded
        self._count = orders // PAGE_SIZE
        today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = today - dt.timedelta(days=DAYS)
        self.end = today
        self._step = (self.end - self.start) / max(self._count, 1)

    def answer(self, query: str) -> bytes:
        """Return the response of searchOrders: a page, and the token of the next page.

        Args:
            query: `lastUpdatedAfter` and `lastUpdatedBefore`, or `paginationToken`.
        """
        parameters = parse_qs(query)
        if "paginationToken" in parameters:
            number, end = map(int, parameters["paginationToken"][0].split("-"))
        else:
            number = self._first_from(parameters.get("lastUpdatedAfter"), self.start)
            end = self._first_from(parameters.get("lastUpdatedBefore"), self.end)
        if number >= end:
            return b'{"orders":[]}'
        page = self._recorded[number % len(self._recorded)].copy(number, self._changed(number))
        if number + 1 == end:
            return page + b"}"
        return page + b',"pagination":{"nextToken":"%07d-%07d"}}' % (number + 1, end)

    def _changed(self, number: int) -> dt.datetime:
        return self.start + self._step * number + self._step / 2

    def _first_from(self, values: list[str] | None, default: dt.datetime) -> int:
        """Return the number of the first page that changed at or after a time."""
        time = dt.datetime.fromisoformat(values[0].replace("Z", "+00:00")) if values else default
        pages = (time - self.start + self._step / 2) // self._step if self._count else 0
        return min(max(pages, 0), self._count)


def record(pages: int) -> list[RecordedPage]:
    """Request pages of orders from the simulator.

    Raises:
        requests.HTTPError: The simulator refuses.
        ValueError: The response has another form.
    """
    settings = SimulatorSettings(
        orders=pages * PAGE_SIZE, speed=1_000_000, changes_per_minute=0, port=0
    )
    recorded: list[RecordedPage] = []
    with Simulator(settings) as simulator, requests.Session() as session:
        of_tap = simulator.settings_for_tap()
        credentials = {
            name: of_tap[name] for name in ("client_id", "client_secret", "refresh_token")
        }
        answer = session.post(
            of_tap["token_url"], data={"grant_type": "refresh_token", **credentials}, timeout=60
        )
        answer.raise_for_status()
        session.headers["x-amz-access-token"] = answer.json()["access_token"]
        session.headers["user-agent"] = "replay-server/1 (Language=Python)"
        long_ago = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=DAYS)
        parameters = {
            "lastUpdatedAfter": _iso(long_ago),
            "maxResultsPerPage": str(PAGE_SIZE),
            "includedData": ",".join(DATASETS),
        }
        while len(recorded) < pages:
            answer = session.get(simulator.url + ORDERS_PATH, params=parameters, timeout=60)
            answer.raise_for_status()
            recorded.append(RecordedPage.of(answer.content))
            parameters["paginationToken"] = answer.json().get("pagination", {}).get("nextToken", "")
    return recorded


def serve(listener: socket.socket, replay: Replay) -> None:
    """Serve every connection in its own thread until the process ends."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve_connection, args=(connection, replay), daemon=True).start()


def _serve_connection(connection: socket.socket, replay: Replay) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    try:
        with connection, connection.makefile("rb") as received:
            while line := received.readline(_MAX_HEAD):
                _, target, _ = line.split(b" ", 2)
                length = 0
                while (header := received.readline(_MAX_HEAD)) not in (b"\r\n", b""):
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                received.read(length)
                connection.sendall(_http_answer(target.decode("ascii"), replay))
    except ConnectionError:
        return  # The client is gone.


def _http_answer(target: str, replay: Replay) -> bytes:
    path, _, query = target.partition("?")
    status, body = b"200 OK", b""
    if path == ORDERS_PATH:
        body = replay.answer(query)
    elif path == TOKEN_PATH:
        body = json.dumps(_TOKEN_ANSWER).encode()
    else:
        status = b"404 Not Found"
        body = b'{"errors":[{"code":"NotFound","message":"only orders are replayed"}]}'
    head = (
        b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nx-amzn-RateLimit-Limit: 1000000\r\n"
        b"x-amzn-RequestId: replay\r\nContent-Length: %d\r\n\r\n"
    )
    return head % (status, len(body)) + body


def settings_for_tap(port: int, replay: Replay) -> dict[str, Any]:
    """Return the tap's settings that point to the server and to its orders."""
    url = f"http://{HOST}:{port}"
    return {
        "endpoint": url,
        "token_url": url + TOKEN_PATH,
        "client_id": "amzn1.application-oa2-client.replay",
        "client_secret": "amzn1.oa2-cs.v1.replay",
        "refresh_token": "Atzr|replay",
        "marketplace_ids": ["ATVPDKIKX0DER"],
        "start_date": _iso(replay.start),
        "end_date": _iso(replay.end),
    }


def _iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    """Record, say where the server is, and serve until the process is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=200_000, help="rounded up to a whole page")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--write-config", type=Path, help="write settings of the tap to this file")
    options = parser.parse_args()

    pages = -(-options.orders // PAGE_SIZE)
    replay = Replay(record(max(1, min(pages, RECORDED_PAGES))), pages * PAGE_SIZE)
    # These objects stay alive: exclude them from garbage collection.
    gc.freeze()
    listener = socket.create_server((HOST, options.port), backlog=256)
    port = listener.getsockname()[1]
    if options.write_config:
        content = json.dumps(settings_for_tap(port, replay), indent=2)
        options.write_config.write_text(content + "\n", encoding="utf-8")
    print(f"ready: http://{HOST}:{port}", file=sys.stderr, flush=True)
    serve(listener, replay)


if __name__ == "__main__":
    main()
