from __future__ import annotations

import pytest

from tap_amazon_sp.simulator.world.timestamps import parse_iso
from tap_amazon_sp.simulator.world.zones import british, central_european, japanese, pacific, utc


@pytest.mark.parametrize(
    ("moment", "in_los_angeles", "in_berlin", "in_london"),
    [
        ("2026-01-15T12:00:00Z", "01-15 04 PST", "01-15 13 MEZ", "01-15 12 GMT"),
        ("2026-03-08T09:59:59Z", "03-08 01 PST", "03-08 10 MEZ", "03-08 09 GMT"),
        ("2026-03-08T10:00:00Z", "03-08 03 PDT", "03-08 11 MEZ", "03-08 10 GMT"),
        ("2026-03-29T00:59:59Z", "03-28 17 PDT", "03-29 01 MEZ", "03-29 00 GMT"),
        ("2026-03-29T01:00:00Z", "03-28 18 PDT", "03-29 03 MESZ", "03-29 02 BST"),
        ("2026-10-25T00:59:59Z", "10-24 17 PDT", "10-25 02 MESZ", "10-25 01 BST"),
        ("2026-10-25T01:00:00Z", "10-24 18 PDT", "10-25 02 MEZ", "10-25 01 GMT"),
        ("2026-11-01T08:59:59Z", "11-01 01 PDT", "11-01 09 MEZ", "11-01 08 GMT"),
        ("2026-11-01T09:00:00Z", "11-01 01 PST", "11-01 10 MEZ", "11-01 09 GMT"),
    ],
)
def test_daylight_saving_time_begins_and_ends(
    moment: str, in_los_angeles: str, in_berlin: str, in_london: str
) -> None:
    seconds = parse_iso(moment)

    locals_ = (pacific(seconds), central_european(seconds, "de"), british(seconds))

    assert [f"{local:%m-%d %H} {zone}" for local, zone in locals_] == [
        in_los_angeles,
        in_berlin,
        in_london,
    ]


def test_zones_have_names_in_their_language() -> None:
    summer = parse_iso("2026-08-15T18:35:17Z")

    assert central_european(summer, "it")[1] == "CEST"
    assert [f"{local:%d %H:%M:%S} {zone}" for local, zone in (japanese(summer), utc(summer))] == [
        "16 03:35:17 JST",
        "15 18:35:17 UTC",
    ]
