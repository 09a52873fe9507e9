"""The HTTP server, with aiohttp."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from email.utils import formatdate

from aiohttp import web

from tap_amazon_sp.simulator.server.api import SellingPartnerApi
from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest, Stream
from tap_amazon_sp.simulator.server.control import Control
from tap_amazon_sp.simulator.server.names import Names
from tap_amazon_sp.simulator.server.paths import CONTROL_PATH

_SECONDS_BEFORE_CUT = 0.02
_RESET_NOT_CLOSE = struct.pack("ii", 1, 0)

Locked = Callable[[Callable[[HttpRequest], HttpAnswer], HttpRequest], HttpAnswer]


class Server:
    """Listens and answers until it is stopped, in one event loop."""

    def __init__(
        self,
        api: SellingPartnerApi,
        locked: Locked,
        names: Names,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Serve an API.

        Args:
            api: Answers the requests.
            locked: Calls a function with a request, one call at a time.
            names: What addresses in answers begin with.
            tls: The server's side of TLS; None serves HTTP.
        """
        self._api = api
        self._control = Control(api)
        self._locked = locked
        self._names = names
        self._tls = tls
        self._runner: web.ServerRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; return the port.

        Raises:
            OSError: The address is in use or not available.
        """
        runner = web.ServerRunner(
            web.Server(self._handle),
            handle_signals=False,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        listener = _listen(host, port)
        await web.SockSite(runner, listener, ssl_context=self._tls).start()
        self._runner = runner
        bound: int = listener.getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _origin(self, received: web.BaseRequest) -> str:
        if received.transport is None:
            return ""
        address, port = received.transport.get_extra_info("sockname")[:2]
        is_tls = received.transport.get_extra_info("sslcontext") is not None
        return self._names.origin(address, port, is_tls=is_tls)

    async def _handle(self, received: web.BaseRequest) -> web.StreamResponse:
        try:
            # Not `received.read()`, which limits the size of uploads.
            content = await received.content.read()
        except ConnectionError:
            # The client has closed the connection.
            return web.Response()
        request = HttpRequest(
            method=received.method,
            raw_target=received.raw_path,
            headers={name.lower(): value for name, value in received.headers.items()},
            body=content,
            origin=self._origin(received),
        )
        serve = self._control.serve if request.path.startswith(CONTROL_PATH) else self._api.serve
        date = formatdate(self._api.now(), usegmt=True)
        answer = self._locked(serve, request)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.broken == "reset":
            _reset(received)
            return web.Response()
        body = answer.body
        if not isinstance(body, bytes | Stream):
            broken, answer = answer.broken, await asyncio.to_thread(body)
            answer.broken, body = broken, answer.body
        answer.headers.setdefault("Date", date)
        if isinstance(body, bytes) and answer.broken in ("raw", "truncated"):
            whole = body
            body = Stream(len(whole), lambda size: iter([whole[:size]]))
        if isinstance(body, Stream):
            send = _send_raw if answer.broken == "raw" else _send
            return await send(received, answer, body)
        return web.Response(status=answer.status, headers=answer.headers, body=body)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)  # noqa: FBT003 - the standard library's own
    except OSError:
        listener.close()
        raise
    return listener


def _reset(received: web.BaseRequest) -> None:
    transport = received.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _RESET_NOT_CLOSE
        )
        transport.abort()


async def _send_raw(
    received: web.BaseRequest, answer: HttpAnswer, content: Stream
) -> web.StreamResponse:
    """Write bytes that need not be HTTP to the connection, then close it."""
    transport = received.transport
    chunks = content.chunks(content.size)
    while transport is not None and (chunk := await asyncio.to_thread(next, chunks, b"")):
        transport.write(chunk)
    if transport is not None:
        transport.close()
    return web.Response(status=answer.status)


async def _send(
    received: web.BaseRequest, answer: HttpAnswer, content: Stream
) -> web.StreamResponse:
    """Send a body chunk by chunk; only half of it if the answer must be truncated."""
    headers = answer.headers | {"Content-Length": str(content.size)}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(received)
    cut = answer.broken == "truncated"
    chunks = content.chunks(content.size // 2 if cut else content.size)
    try:
        while chunk := await asyncio.to_thread(next, chunks, b""):
            await response.write(chunk)
    except ConnectionError:
        # The client has closed the connection.
        return response
    if cut:
        # Give the bytes that were written time to leave.
        await asyncio.sleep(_SECONDS_BEFORE_CUT)
        if received.transport is not None:
            received.transport.close()
    return response
