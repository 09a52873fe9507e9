"""The simulator for tests and the command line: a server in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer, HttpRequest
from tap_amazon_sp.simulator.server.faults import Fault
from tap_amazon_sp.simulator.server.settings import (
    CLIENT_ID,
    CLIENT_SECRET,
    SELLER_REFRESH_TOKEN,
    AwsKey,
    SimulatorSettings,
)
from tap_amazon_sp.simulator.server.world import World
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES


class Simulator:
    """A local Selling Partner API.

    with Simulator(SimulatorSettings(orders=500, speed=1000, port=0)) as simulator:
        requests.get(f"{simulator.url}/_simulator/health")
    """

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        """Make up the world; nothing listens yet.

        Args:
            settings: What it looks like; the defaults where None.
        """
        self.settings = settings or SimulatorSettings()
        self._world = World(self.settings)
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._port = self.settings.port
        self._failure: BaseException | None = None

    def __enter__(self) -> Simulator:  # noqa: PYI034 - typing.Self is not in Python 3.10
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Serve in a thread; returns when it listens.

        Raises:
            ModuleNotFoundError: aiohttp is not installed.
            OSError: The address is in use or cannot be had.
        """
        # Here, so that everything but serving works without the extra `simulator`.
        from tap_amazon_sp.simulator.server.http import Server  # noqa: PLC0415

        server = Server(self._world, self._locked)
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(server, started)), name="simulator", daemon=True
        )
        self._thread.start()
        started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    async def _run(self, server: Any, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            self._port = await server.start(self.settings.host, self.settings.port)
        except OSError as error:
            self._failure = error
            return
        finally:
            started.set()
        await self._stop.wait()
        await server.stop()

    def stop(self) -> None:
        """Close all connections and end the thread."""
        if self._loop is not None and self._stop is not None and self._thread is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _locked(
        self, serve: Callable[[HttpRequest], HttpAnswer], request: HttpRequest
    ) -> HttpAnswer:
        with self._lock:
            return serve(request)

    @property
    def url(self) -> str:
        """Where it listens, e.g. `http://127.0.0.1:9326`."""
        host = self.settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    def settings_for_tap(self, refresh_token: str | None = None) -> dict[str, Any]:
        """Return the tap's settings that point to it.

        Args:
            refresh_token: `Atzr|simulator-seller`, `Atzr|simulator-seller-2` and so on, or
                `Atzr|simulator-vendor`; None is all sellers: with several of them, `accounts`
                lists `name` and `refresh_token` of each.
        """
        sellers = self._world.accounts.sellers()
        authorized: dict[str, Any] = {"refresh_token": refresh_token or SELLER_REFRESH_TOKEN}
        if refresh_token is None and len(sellers) > 1:
            authorized = {
                "accounts": [
                    {"name": name, "refresh_token": token} for name, token in sellers.items()
                ]
            }
        return {
            "endpoint": self.url,
            "token_url": f"{self.url}/auth/o2/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            **authorized,
            "region": self.settings.region,
            "marketplace_ids": [market.id for market in MARKETPLACES[self.settings.region]],
        }

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The SP-API requests so far, oldest first: no token requests, no documents.

        Each has `time`, `received_at` (epoch seconds, with microseconds), `account` (name; None
        without a token of an account, as with grantless calls), `operation`, `method`, `path`,
        `query` (values as sent), `unknown_parameters`, `status`, `token_kind` (`LWA`, `RDT`,
        `grantless`), `signed`, `request_id`, `fault` and `user_agent`. The last 200,000 are kept.
        """
        with self._lock:
            return self._world.log.entries()

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """`calls`, `throttled` and `statuses` by operation id."""
        with self._lock:
            return self._world.log.metrics()

    def clear_requests(self) -> None:
        """Forget the requests so far, and the metrics."""
        with self._lock:
            self._world.log.clear()

    def inject(self, kind: str, **settings: Any) -> int:
        """Let something go wrong; returns the fault's id.

        Args:
            kind: What; see `faults.KINDS`.
            **settings: `operation`, `account`, `count` (1; None is for ever), `probability`,
                `skip`, `only_with_token`, `status`, `code`, `message`, `body`, `delay`, `field`:
                see `faults.Fault`.

        Raises:
            ValueError: It makes no sense.
        """
        with self._lock:
            return self._world.faults.inject(Fault(kind, **settings))

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._world.faults.clear()

    def truth(
        self,
        domain: str,
        account: str = "seller",
        *,
        path_parameters: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return all records of a domain as they are now.

        Args:
            domain: `orders`, `purchase_orders`, `feeds`, `reports`, `queries` (of Data Kiosk), or
                the id of an operation that lists made-up records, e.g.
                `finances_2024-06-19.listTransactions`; also `created_reports` (what createReport
                made, in order: with its `reportOptions`, those of them that the type does not
                know in `ignoredOptions`, and `readyAt`, epoch seconds),
                `vendorOrders.getPurchaseOrdersStatus`, `reports_2021-06-30.getReportSchedules`,
                `notifications.getDestinations` and `notifications.getSubscriptions`.
            account: `seller`, `seller-2` and so on, or `vendor`, who shares what is not feeds,
                reports, schedules and subscriptions with the first seller.
            path_parameters: For an operation: what the list is of, by name of the parameter.

        Raises:
            KeyError: There is no such domain or account, or a parameter is missing.
        """
        with self._lock:
            return self._world.truth(domain, account, path_parameters=path_parameters)

    def register_aws_key(self, key_id: str, secret: str, session_token: str | None = None) -> None:
        """Accept requests signed with an AWS access key, e.g. one that STS issued."""
        with self._lock:
            self._world.signatures.register(AwsKey(key_id, secret, session_token))
