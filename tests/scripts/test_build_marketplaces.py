from __future__ import annotations

import csv
from collections.abc import Callable
from types import ModuleType

import pytest

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES


@pytest.fixture
def build_marketplaces(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_marketplaces")


def test_the_committed_table_has_each_marketplace_of_the_tap(
    build_marketplaces: ModuleType,
) -> None:
    with build_marketplaces.TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["marketplace_id"]: row for row in csv.DictReader(file)}

    assert build_marketplaces.main(["--check"]) == 0
    assert rows.keys() == {marketplace.id for marketplace in MARKETPLACES}
    assert rows["A2EUQ1WTGCTBG2"] == {
        "marketplace_id": "A2EUQ1WTGCTBG2",
        "country": "CA",
        "name": "Canada",
        "currency": "CAD",
        "time_zone": "America/Los_Angeles",
    }


@pytest.mark.parametrize("time_zone", ["", "Europe/Galway"])
def test_each_marketplace_needs_a_time_zone(
    build_marketplaces: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    time_zone: str,
) -> None:
    monkeypatch.setitem(build_marketplaces.TIME_ZONES, "IE", time_zone)

    assert build_marketplaces.main(["--check"]) == 1
    assert "IE needs a time zone" in capsys.readouterr().err
