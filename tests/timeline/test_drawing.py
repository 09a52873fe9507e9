from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from tap_amazon_sp.timeline.drawing import (
    MAX_BINS,
    MAX_JOBS,
    bars_for,
    bins_for,
    draw_jobs,
    draw_operation,
    draw_stream,
    readings_for,
    stages_of,
)
from tap_amazon_sp.timeline.model import Operation, ReadTo, Stream
from tap_amazon_sp.timeline.scale import WIDTH, Scale
from tests.timeline.runs import NOON, at, call, job, wait

SCALE = Scale(at(0), at(100))


def boxes(svg: Element, name: str) -> list[tuple[float, float]]:
    """Where the rectangles of a class begin and end."""
    found = [box for box in svg.iter("rect") if box.get("class") == name]
    return [
        (float(box.get("x", "")), float(box.get("x", "")) + float(box.get("width", "")))
        for box in found
    ]


def titles(svg: Element) -> list[str]:
    return [title.text or "" for title in svg.iter("title")]


def test_calls_are_counted_in_bins_by_what_came_of_them() -> None:
    calls = (call(10, 10.1), call(10, 10.2), call(10, 10.3, 429), call(50, 50.1, 500))

    svg, most = draw_operation(Operation("a", "", calls=calls, waits=()), SCALE, "")

    assert titles(svg) == [
        "12:00:10 to 12:00:10 (0.40 s): calls: 2 answered, 1 refused with 429",
        "12:00:50 to 12:00:50 (0.40 s): calls: 1 failed",
    ]
    assert [x for x, _ in boxes(svg, "answered")] == [pytest.approx(100)]
    assert len(boxes(svg, "refused-call")) == len(boxes(svg, "failed-call")) == 1
    assert most == 3


def test_waits_are_bands_and_those_that_touch_are_one() -> None:
    waits = (wait(10, 20), wait(20, 30), wait(60, 70, "refused"))

    svg, _ = draw_operation(Operation("a", "", calls=(), waits=waits), SCALE, "")

    assert boxes(svg, "wait rate-limit") == [(100, 300)]
    assert boxes(svg, "wait refused") == [(600, 700)]


def test_many_calls_and_waits_make_a_bounded_drawing() -> None:
    calls = tuple(call(number / 1000, number / 1000 + 0.01) for number in range(100_000))
    waits = tuple(wait(number / 100, number / 100 + 0.001) for number in range(10_000))

    svg, _ = draw_operation(Operation("a", "", calls=calls, waits=waits), SCALE, "")

    assert len([*svg.iter()]) < 8 * MAX_BINS


def test_waits_with_a_gap_that_is_too_small_to_see_are_one() -> None:
    waits = (wait(10, 20), wait(20.3, 30), wait(30.5, 40))

    svg, _ = draw_operation(Operation("a", "", calls=(), waits=waits), SCALE, "")

    assert boxes(svg, "wait rate-limit") == [(100, 300), (305, 400)]


@pytest.mark.parametrize("most_for", [bins_for, readings_for, bars_for])
def test_the_more_lanes_the_less_is_in_each(most_for: Callable[[int], int]) -> None:
    assert most_for(0) == most_for(1) == most_for(10)
    assert most_for(10) > most_for(80) > 10
    assert most_for(10**9) >= 1


def test_the_times_of_a_run_over_midnight_have_their_days() -> None:
    evening = Scale(at(0), at(86_400))
    operation = Operation("a", "", calls=(), waits=(wait(3600, 50_000),))

    svg, _ = draw_operation(operation, evening, "")

    assert titles(svg) == [
        "11-28 13:00:00 to 11-29 01:53:20 (12 h 53 min): waiting for the rate limit"
    ]


def test_nothing_is_outside_of_the_drawing() -> None:
    operation = Operation("a", "", calls=(call(99.9, 100),), waits=(wait(99.99, 100),))
    stream = Stream("a", "", at(100), at(100), 0, "done")

    for svg in (draw_operation(operation, SCALE, "")[0], draw_stream(stream, SCALE, "")):
        assert all(
            0
            <= float(box.get("x", ""))
            <= float(box.get("x", "")) + float(box.get("width", ""))
            <= WIDTH
            for box in svg.iter("rect")
        )


def test_a_stream_is_a_bar_with_a_line_of_what_it_has_read() -> None:
    readings = (ReadTo(at(30), at(-900)), ReadTo(at(60), NOON))
    stream = Stream("a", "", at(10), at(80), 5, "failed", readings)

    svg = draw_stream(stream, SCALE, "")

    assert boxes(svg, "stream failed") == [(100, 800)]
    (line,) = [path for path in svg.iter("path") if path.get("class") == "read-to"]
    assert line.get("d") == "M300 30H600V6.0"
    assert titles(svg)[-1] == "12:01:00: read to 2026-11-28 12:00"


def test_a_stream_without_an_end_reaches_the_end_of_the_run() -> None:
    stream = Stream("a", "", at(10), None, None, "unknown")

    assert boxes(draw_stream(stream, SCALE, ""), "stream unknown") == [(100, 1000)]


def test_the_stages_of_a_report() -> None:
    whole, failed, waiting = job(0, 5, 20, 80, 90), job(0, 5, None, 70, outcome="FATAL"), job(0, 5)

    assert [(name, a, b) for name, a, b in stages_of(whole, at(100))] == [
        ("queued", at(0), at(5)),
        ("submitted", at(5), at(20)),
        ("processing", at(20), at(80)),
        ("finished", at(80), at(90)),
    ]
    assert stages_of(failed, at(100))[1:] == [
        ("submitted", at(5), at(70)),
        ("finished", at(70), at(70)),
    ]
    assert stages_of(waiting, at(100)) == [
        ("queued", at(0), at(5)),
        ("submitted", at(5), at(100)),
    ]


def test_without_events_nobody_knows_when_a_report_was_read() -> None:
    (*_, (stage, begun, ended)) = stages_of(job(None, 5, None, 70), at(100), exact=False)

    assert (stage, begun, ended) == ("finished", at(70), at(70))


def test_reports_are_bars_and_say_what_happened() -> None:
    svg = draw_jobs([job(0, 5, 20, 80, 90), job(0, 6, None, 70, outcome="FATAL")], SCALE, "")

    names = Counter(box.get("class") for box in svg.iter("rect"))
    assert names == {
        "job queued": 2,
        "job submitted": 2,
        "job processing": 1,
        "job finished": 1,
        "job failed-job": 1,
    }
    assert "queued 12:00:00, submitted 12:00:06, FATAL 12:01:10" in titles(svg)[1]


def test_of_many_reports_some_are_drawn() -> None:
    svg = draw_jobs([job(number / 100, 100) for number in range(1000)], SCALE, "")

    assert len([*svg.iter("g")]) == MAX_JOBS
    begun = [x for x, _ in boxes(svg, "job queued")]
    assert begun[0] == 0
    assert begun[-1] == pytest.approx(99.9)
