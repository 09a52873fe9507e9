"""Sellers of a simulator, one for each test, and runs of the installed tap for them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap_amazon_sp.common.windows import start_of_day
from tap_amazon_sp.reading.window_plan import SETTLING_TIME
from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.reports import report_streams
from tap_amazon_sp.simulator import SELLER_REFRESH_TOKEN, Simulator
from tests.simulator.api_caller import ApiCaller
from tests.tap_runs import TapRun, bookmarks_in, catalog_of, run_tap, tap_arguments

CREATE_REPORT = "reports_2021-06-30.createReport"
GET_DOCUMENT = "reports_2021-06-30.getReportDocument"
CREATE_QUERY = "dataKiosk_2023-11-15.createQuery"


def today() -> dt.datetime:
    """The beginning of the latest day that the tap reads now."""
    return start_of_day(dt.datetime.now(dt.timezone.utc) - SETTLING_TIME)


def days_ago(days: int) -> str:
    """The beginning of a day, in the format of Amazon and the settings."""
    return f"{today() - dt.timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def catalog_of_entries(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A catalog of the streams of `reports` and `data_kiosk_queries` alone."""
    found = read_settings(settings).settings
    names = [stream.name for stream in report_streams(found.reports)]
    names += [query.name for query in found.data_kiosk_queries]
    of_streams = {name: settings[name] for name in _OF_STREAMS if name in settings}
    return catalog_of(*names, settings=of_streams)


_OF_STREAMS = ("reports", "data_kiosk_queries", "accounts")


@dataclass
class Seller:
    """A seller that no other test uses."""

    simulator: Simulator
    number: int
    folder: Path

    @property
    def name(self) -> str:
        """The seller's name in the simulator."""
        return f"seller-{self.number}"

    @property
    def refresh_token(self) -> str:
        return f"{SELLER_REFRESH_TOKEN}-{self.number}"

    def settings(self, **more: Any) -> dict[str, Any]:
        """The tap's settings for the seller: one marketplace, polled at short intervals."""
        settings = (
            self.simulator.settings_for_tap(self.refresh_token)
            | {"marketplace_ids": ["US"], "report_poll_interval": 0.05}
            | more
        )
        return {name: value for name, value in settings.items() if value is not None}

    def arguments(self, *, state: dict[str, Any] | None = None, **more: Any) -> list[str]:
        """The command line that reads the seller."""
        settings = self.settings(**more)
        return tap_arguments(
            self.folder, settings, state=state, catalog=catalog_of_entries(settings)
        )

    def run(self, *options: str, state: dict[str, Any] | None = None, **more: Any) -> TapRun:
        """Read the seller once."""
        settings = self.settings(**more)
        return run_tap(
            self.folder, settings, *options, state=state, catalog=catalog_of_entries(settings)
        )

    @property
    def ordered(self) -> list[dict[str, Any]]:
        """The reports made by createReport, in order."""
        return self.simulator.truth("created_reports", self.name)

    @property
    def ordered_ids(self) -> list[str]:
        return [report["reportId"] for report in self.ordered]

    @property
    def api(self) -> ApiCaller:
        """A client of the simulator."""
        return ApiCaller(self.simulator, refresh_token=self.refresh_token)

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """The requests so far."""
        return [
            request
            for request in self.simulator.requests
            if request["account"] == self.name and operation in (None, request["operation"])
        ]

    def inject(self, kind: str, operation: str = CREATE_REPORT, **more: Any) -> None:
        """Inject a failure."""
        self.simulator.inject(kind, operation=operation, account=self.name, **more)


@dataclass
class Sellers:
    """The sellers of a simulator; each is used once."""

    simulator: Simulator
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(2))

    def next(self, folder: Path) -> Seller:
        return Seller(self.simulator, next(self._numbers), folder)


def pending(run: TapRun | dict[str, Any], stream: str, account: str | None = None) -> list[str]:
    """Return the pending ids in a state, or in the last state of a run."""
    state = run.last_state if isinstance(run, TapRun) else run
    entries = bookmarks_in(state).get((stream, account), {}).get("pending", ())
    return [entry["id"] for entry in entries]


def report_ids(run: TapRun, stream: str) -> list[str]:
    """Return the reports whose rows were written, in order."""
    return list(dict.fromkeys(record["_report_id"] for record in run.records(stream)))
