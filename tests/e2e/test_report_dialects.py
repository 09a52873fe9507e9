"""The same seller's reports in every dialect of flat files, through the installed command."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.simulator import FLAT_FORMATS, Simulator, SimulatorSettings, report_types
from tests.report_entries import ReportEntries
from tests.sellers import catalog_of_entries
from tests.tap_runs import TapRun, run_tap

FLAT = [
    name
    for name, kind in report_types().items()
    if kind.format in FLAT_FORMATS and name in REPORT_TYPES and kind.mode in ("request", "both")
]
# In these, a value of the simulator is written as it is; elsewhere some characters become spaces.
EXACT = (
    *itertools.product(("quoted", "quoted-undoubled", "minimal"), ("tab", "comma", "semicolon")),
    *itertools.product(("unquoted", "quoted-header"), ("tab",)),
)
DIALECTS = [
    f"{quoting},{delimiter},{line_end},{preamble}"
    for (quoting, delimiter), line_end, preamble in itertools.product(
        EXACT, ("lf", "crlf", "cr"), ("no-preamble", "preamble")
    )
]


def test_reports_are_the_same_in_every_dialect(tmp_path: Path, tell: Callable[[str], None]) -> None:
    dialects: dict[str, str] = {}
    settings = SimulatorSettings(
        orders=40, records=5, speed=1e6, changes_per_minute=0, port=0, report_dialects=dialects
    )
    with Simulator(settings) as simulator:
        entries = ReportEntries(dt.datetime.now(dt.timezone.utc), tmp_path)
        for_tap = simulator.settings_for_tap() | {
            "marketplace_ids": ["US"],
            "restricted_data": True,
            "start_date": entries.ago(3),
            "end_date": entries.ago(1),
            "report_poll_interval": 0.05,
            "reports": [entries.entry(report_type(name), "seller") for name in FLAT],
        }
        catalog = catalog_of_entries(for_tap)
        usual = told(run_tap(tmp_path, for_tap, catalog=catalog))
        dialects.update(zip(FLAT, itertools.cycle(DIALECTS), strict=False))
        found = told(run_tap(tmp_path, for_tap, catalog=catalog))

    rows = sum(len(found[name]) - 1 for name in found)
    tell(f"{len(FLAT)} types in {len({*dialects.values()})} dialects: {rows} rows as usual")
    assert {*dialects.values()} == {*DIALECTS}
    assert {name for name in usual if found[name] != usual[name]} == set()
    assert found.keys() == usual.keys()
    assert rows > 2000


def told(run: TapRun) -> dict[str, list[dict[str, Any]]]:
    """Return what the reports of each stream say: their columns, then the values of each row."""
    assert run.exit_code == 0, run.log
    found: dict[str, list[dict[str, Any]]] = {}
    for message in run.of_type("SCHEMA"):
        found[message["stream"]] = [own(message["schema"]["properties"])]
    for message in run.of_type("RECORD"):
        found[message["stream"]].append(own(message["record"]))
    return found


def own(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are not about the request."""
    kept = ("_misfits", "_extra_columns")
    return {name: value for name, value in values.items() if name in kept or name[0] != "_"}
