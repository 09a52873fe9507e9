from __future__ import annotations

import itertools
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.reading.newest_first import NewestFirst
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
PAGES: list[dict[str, Any]] = [
    {
        "inboundPlans": [
            {"inboundPlanId": "4", "lastUpdatedAt": "2026-11-04T00:00:00Z"},
            {"inboundPlanId": "?", "lastUpdatedAt": None},
        ]
    },
    {"inboundPlans": [{"inboundPlanId": "3", "lastUpdatedAt": "2026-11-03T00:00:00Z"}]},
    {"inboundPlans": [{"inboundPlanId": "2", "lastUpdatedAt": "2026-11-02T00:00:00Z"}]},
    {"inboundPlans": [{"inboundPlanId": "1", "lastUpdatedAt": "2026-11-01T00:00:00Z"}]},
]


class Plans:
    """The stream of inbound plans, and the number of pages that were read."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        bookmark: str | None,
        pages: list[dict[str, Any]] = PAGES,
    ) -> None:
        self.pages_read = 0
        self._pages = pages
        state = {"bookmarks": {"inbound_plans": {"replication_key_value": bookmark}}}
        tap = TapAmazonSP(config=CREDENTIALS, state=state if bookmark else {}, clock=FakeClock())
        stream = tap.streams["inbound_plans"]
        assert isinstance(stream, AmazonStream)
        assert isinstance(stream.read, NewestFirst)
        self.stream = stream
        monkeypatch.setattr(stream.client, "answers", self._answers)

    def _answers(self, operation: Any, parameters: Any, **_: Any) -> Any:
        for answer in StubbedAmazon(lambda *_: self._pages).answers(operation, parameters):
            self.pages_read += 1
            yield answer

    def ids(self) -> list[str]:
        return [plan["inboundPlanId"] for page in self.stream.reader.pages() for plan in page]

    @property
    def bookmark(self) -> str:
        value: str = self.stream.stream_state["replication_key_value"]
        return value


def test_the_first_run_reads_everything_and_bookmarks_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = Plans(monkeypatch, None)

    assert plans.ids() == ["4", "?", "3", "2", "1"]
    assert plans.bookmark == "2026-11-04T00:00:00Z"


def test_later_runs_read_down_to_the_first_page_with_nothing_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = Plans(monkeypatch, "2026-11-03T00:00:00Z")

    # A record without a time may be new.
    assert plans.ids() == ["4", "?", "3"]
    assert plans.pages_read == 3


def test_the_bookmark_moves_after_everything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = Plans(monkeypatch, None)

    next(iter(plans.stream.reader.pages()))

    assert "replication_key_value" not in plans.stream.stream_state


def test_plans_are_read_again_while_their_parts_may_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = Plans(monkeypatch, "2026-11-04T00:00:00Z")
    (boxes,) = [child for child in plans.stream.child_streams if child.name == "inbound_plan_boxes"]
    boxes.selected = True

    assert plans.ids() == ["4", "?", "3", "2", "1"]
    assert plans.bookmark == "2026-11-04T00:00:00Z"


def pages_of(*pages: list[str]) -> list[dict[str, Any]]:
    """Return pages of plans whose ids are 1, 2, ...; the latest change comes first."""
    number = itertools.count(1)
    return [
        {"inboundPlans": [{"inboundPlanId": f"{next(number)}", "lastUpdatedAt": at} for at in page]}
        for page in pages
    ]


@pytest.mark.parametrize("wrong", ["1970-01-01T00:00:00Z", "2026-10-01T00:00:00Z", None, "x"])
@pytest.mark.parametrize("place", range(4))
def test_one_wrong_time_hides_no_other_record(
    monkeypatch: pytest.MonkeyPatch, wrong: str | None, place: int
) -> None:
    times: list[Any] = [f"2026-11-{day:02}T00:00:00Z" for day in (9, 8, 7, 6, 5, 4, 3, 2)]
    times[place] = wrong
    pages = pages_of(times[:2], [], times[2:4], times[4:6], times[6:])

    plans = Plans(monkeypatch, "2026-11-05T00:00:00Z", pages)

    assert plans.ids() == ["1", "2", "3", "4", "5"]
    assert plans.bookmark == max(time for time in times[:2] if time not in (wrong, None))


def test_what_changes_while_a_list_is_read_is_read_by_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = Plans(monkeypatch, None, pages_of(["2099-01-01T00:00:00Z"], ["2026-11-02T00:00:00Z"]))
    began = plans.stream.connection.clock.now()

    for _ in plans.stream.reader.pages():
        plans.stream.connection.clock.sleep(60)

    assert parse_timestamp(plans.bookmark) == began
