from __future__ import annotations

import asyncio
import datetime as dt
import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.timeline.model import Operation, ReadTo, Run, Stream
from tap_amazon_sp.timeline.page import page
from tap_amazon_sp.timeline.sections import MAX_LANES
from tests.browser import browser_page
from tests.timeline.runs import NOON, SEARCH, at, call, job, run_of, wait

MB = 1_000_000
NASTY = "<script>alert('1')</script>\"&amp;\u202e"
BARE: dict[str, Any] = {"operations": (), "streams": (), "jobs": ()}


def texts(made: str) -> str:
    """The text of a page, without its elements."""
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", made, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(bare))


def test_a_page_says_what_came_out() -> None:
    found = texts(page(run_of()))

    assert "2026-11-28 12:00:00 to 12:01:40 UTC · 1 min 40 s · version 1.2.3" in found
    for figure in (
        "streams 1 done 1 failed 1 without an end",
        "records 200",
        "calls 4 1 refused (429)",
        "reports and queries 3 1 without a document",
    ):
        assert figure in found
    assert "The end of the run is missing" not in found


def test_tables_have_what_is_drawn() -> None:
    found = texts(page(run_of()))

    assert f"{SEARCH} 4 1 5.0 s 20 s 18 s 8.0 s" in found
    assert "orders done 200 1 min 2026-11-19 12:00 2026-11-28 12:00" in found
    assert "GET_SALES_AND_TRAFFIC_REPORT 3 6.0 s 57 s 1 min 10 s 1" in found


def test_a_lane_says_what_the_bars_are() -> None:
    calls = (call(0, 1), call(1, 1.1), call(21, 22, 429), call(50, 52, None))
    operations = (Operation(SEARCH, "", calls, waits=()),)

    found = texts(page(run_of(operations=operations)))

    assert "searchOrders 4 calls · 1 refused · 1 failed · highest bar 2" in found


def test_a_lane_says_how_many_calls_have_no_time() -> None:
    operations = (Operation(SEARCH, "", (call(0, 1, 429),), waits=(), calls_left_out=57),)

    found = texts(page(run_of(operations=operations, exact=False)))

    assert "searchOrders 58 calls · 1 refused · 57 without a time" in found


def test_operations_of_which_no_time_is_known_are_in_the_table_alone() -> None:
    operations = tuple(
        Operation(name, "", calls=(), waits=(), calls_left_out=57)
        for name in ("api.counted", "api.other")
    )

    made = page(run_of(operations=operations, exact=False))

    assert "Not drawn, but in the table: 2 operations without a known time" in texts(made)
    assert "api.counted 57 0" in texts(made)
    assert 'aria-label="counted' not in made


def test_a_page_names_what_waited_longest() -> None:
    operations = (
        Operation("api.short", "", calls=(), waits=(wait(0, 5),)),
        Operation("api.none", "", calls=(call(0, 1),), waits=()),
        Operation("api.long", "de", calls=(), waits=(wait(0, 50), wait(50, 60, "refused"))),
    )

    found = texts(page(run_of(operations=operations)))

    assert "rate limits long of de: 1 min short : 5.0 s" in found
    # A log has only the first of them.
    assert "rate limits" not in texts(page(run_of(operations=operations, exact=False)))


def test_several_accounts_have_their_own_times() -> None:
    operations = tuple(
        Operation(SEARCH, account, calls=(call(0, seconds),), waits=())
        for account, seconds in (("de", 20), ("us", 30))
    )

    made = page(run_of(operations=operations, jobs=(), streams=()))

    assert "By account" in texts(made)
    assert "By account" not in texts(page(run_of(operations=operations, exact=False)))
    for seconds in (20, 30):
        assert f'aria-label="a request was sent, and not answered yet: {seconds} s; ' in made
    assert "By account" not in texts(page(run_of()))


def test_a_part_that_is_not_all_is_not_shown_as_all() -> None:
    run = run_of(1000, operations=(Operation("a", "", (call(0, 1),), ()),), jobs=())

    found = texts(page(run))

    assert "1.0 s under 1 %" in found
    assert "16 min 39 s over 99 %" in found


def test_a_page_says_what_is_missing() -> None:
    run = replace(run_of(), finished=False, exact=False, events_left_out=1234)

    found = texts(page(run))

    assert "The end of the run is missing" in found
    assert "read from the sentences of a log" in found
    assert "1,234 later events are missing" in found


@pytest.mark.parametrize(
    "run",
    [
        run_of(0, ended=NOON, **BARE),
        run_of(**BARE),
        run_of(0.001, ended=NOON + dt.timedelta(milliseconds=1)),
        run_of(1e7),
        run_of(**{**BARE, "jobs": (job(),)}),
        run_of(**{**BARE, "streams": (Stream("a", "", None, None, None, "unknown"),)}),
    ],
    ids=["no time", "nothing", "a moment", "months", "a report of no time", "a stream of no time"],
)
def test_every_run_has_a_page(run: Run) -> None:
    assert "</html>" in page(run)


def test_names_cannot_become_elements() -> None:
    run = run_of(
        version=NASTY,
        operations=(Operation(NASTY, NASTY, calls=(call(0, 1),), waits=()),),
        streams=(Stream(NASTY, NASTY, at(0), at(1), 1, "done"),),
        jobs=(replace(job(0, 1, 2, 3), kind=NASTY, stream=NASTY, account=NASTY, outcome=NASTY),),
    )

    made = page(run)

    parser = _Tags()
    parser.feed(made)
    assert "script" not in parser.tags
    assert {"html", "svg", "table"} < parser.tags
    assert "&lt;script&gt;alert('1')" in made


class _Tags(HTMLParser):
    """Collects the names of the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.add(tag)


def test_the_page_of_a_huge_run_is_small() -> None:
    statuses = (200, 429, 500)
    operations = tuple(
        Operation(
            f"api.operation{number}",
            f"account {number % 7}",
            calls=tuple(call(one / 3, one / 3 + 0.1, statuses[one % 3]) for one in range(300)),
            waits=tuple(
                wait(one / 3, one / 3 + 0.01, reason)
                for one in range(300)
                for reason in ("rate limit", "refused", "failed")
            ),
        )
        for number in range(MAX_LANES + 10)
    )
    readings = tuple(ReadTo(at(one / 10), at(one)) for one in range(1000))
    streams = tuple(
        Stream(f"stream_{number}", "", at(0), at(100), 9, "done", readings) for number in range(300)
    )
    jobs = tuple(
        replace(job(0, 5, 20, 80, 90), kind=f"GET_{number % 300}") for number in range(5000)
    )

    made = page(run_of(operations=operations, streams=streams, jobs=jobs))

    assert len(made) < 3 * MB
    found = texts(made)
    assert "in the table: 10 operations with the fewest calls" in found
    assert "in the table: 220 streams" in found
    assert "in the table: 220 types of reports" in found
    assert "15 of 17 are drawn" in found


def test_any_stdout_and_any_file_can_have_a_page() -> None:
    streams = (Stream("K\xe4ufer \ud800\x00", "", at(0), at(1), 1, "done"),)

    made = page(run_of(streams=streams))

    assert made.isascii()
    assert "<b>K\xe4ufer \ufffd\\u0000</b>" in html.unescape(made)


OVERLAPPING = """
[...document.querySelectorAll('.axis')].flatMap(axis => {
    const shown = [...axis.querySelectorAll('span')].filter(span =>
        getComputedStyle(span).display !== 'none' && !span.classList.contains('last'));
    const range = document.createRange();
    const boxes = shown.map(
        span => (range.selectNodeContents(span), range.getBoundingClientRect()));
    const end = axis.getBoundingClientRect().right;
    return boxes.filter((box, place) => box.right > (boxes[place + 1]?.left ?? end + 1))
        .map(box => `${Math.round(box.left)}-${Math.round(box.right)} in ${innerWidth}`);
})
"""
"""In JavaScript: where texts of ticks overlap each other, or the edge."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_browser_shows_it_without_a_request_or_a_message(tmp_path: Path, *, dark: bool) -> None:
    nasty = (Stream(NASTY * 5, NASTY * 5, at(0), at(1), 1, "done"),)
    long_names = (
        Stream("report_" + "a_very_long_name_" * 8, "an account", at(0), at(9), 1, "done"),
    )
    runs = [
        run_of(streams=(*run_of().streams, *long_names)),
        run_of(streams=nasty, operations=(Operation(NASTY * 5, NASTY, (call(0, 1),), ()),)),
        run_of(0, ended=NOON, **BARE),
        *(run_of(seconds) for seconds in (0.004, 7, 61, 3 * 3600, 30 * 3600, 6e5, 1e8)),
    ]
    files = [tmp_path / f"{number}.html" for number in range(len(runs))]
    for file, run in zip(files, runs, strict=True):
        file.write_text(page(run), encoding="utf-8")

    async def look() -> tuple[list[float], list[str], list[str], list[str], str]:
        async with browser_page(tmp_path / "profile") as shown:
            overflows, overlapping = [], []
            for width in (1300, 360):
                await shown.show(width=width, height=900, dark=dark)
                for file in files:
                    await shown.open(file.as_uri())
                    overflows.append(
                        await shown.evaluate("document.documentElement.scrollWidth - innerWidth")
                    )
                    overlapping += await shown.evaluate(OVERLAPPING)
            await shown.open(files[0].as_uri())
            lanes = "document.querySelectorAll('.lane svg')"
            heights = f"[...{lanes}].every(one => one.getBoundingClientRect().height > 10)"
            assert await shown.evaluate(f"{lanes}.length > 4 && {heights}")
            back = await shown.evaluate("getComputedStyle(document.body).backgroundColor")
            return overflows, overlapping, shown.console, shown.requested, back

    overflows, overlapping, console, requested, back = asyncio.run(look())

    assert max(overflows) <= 0
    assert overlapping == []
    assert console == []
    assert set(requested) == {file.as_uri() for file in files}
    assert back == ("rgb(22, 23, 26)" if dark else "rgb(255, 255, 255)")
