"""Lanes of a timeline, drawn as SVG without text: a page may stretch them to any width."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element, SubElement

from tap_amazon_sp.timeline.elements import explain
from tap_amazon_sp.timeline.intervals import Interval, merged
from tap_amazon_sp.timeline.model import Call, Job, Operation, Stream
from tap_amazon_sp.timeline.scale import WIDTH, Scale, duration

MAX_BINS = 250
"""Parts of the width in which calls are counted: one for four pixels of a usual window."""
HEIGHT = 36
STRIPE = 5
"""Height of a wait that Amazon's answer caused. It is above the calls, whose bars end below it."""
JOB_HEIGHT = 7
GAP = 2
LEAST_WIDTH = 1.5
"""What is shorter is drawn so wide, to be seen."""
MAX_JOBS = 60
"""Reports of one type that are drawn; of more, some are, at equal distances."""
MAX_READINGS = 250

# What all lanes together may have, so that no run makes a page of more than about two megabytes.
_ALL_BINS = 3000
_ALL_READINGS = 3000
_ALL_JOBS = 1200

_T = TypeVar("_T")

STAGES = (
    ("queued", "queued in the tap"),
    ("submitted", "at Amazon"),
    ("processing", "in process at Amazon, as far as polls saw it"),
    ("finished", "ready, not read yet"),
)
"""The class of CSS and the meaning of each part of a report's bar, from one stage to the next."""
_ENDS = ("submitted", "processing", "finished", "read")


def bins_for(lanes: int) -> int:
    """Return in how many parts of the width calls are counted, if there are so many lanes."""
    return max(1, min(MAX_BINS, _ALL_BINS // max(1, lanes)))


def readings_for(lanes: int) -> int:
    """Return how many points a line may have, if there are so many lanes."""
    return max(2, min(MAX_READINGS, _ALL_READINGS // max(1, lanes)))


def bars_for(lanes: int) -> int:
    """Return how many reports of one type are drawn, if there are so many lanes."""
    return max(2, min(MAX_JOBS, _ALL_JOBS // max(1, lanes)))


def drawing(height: float, scale: Scale, label: str) -> Element:
    """Return an empty lane with the lines of the ticks."""
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH} {height:g}",
            "preserveAspectRatio": "none",
            "style": f"height:{height:g}px",
            "role": "img",
            "aria-label": label,
        },
    )
    if lines := "".join(f"M{place:g} 0V{height:g}" for place, _ in scale.ticks):
        SubElement(svg, "path", {"class": "tick", "d": lines})
    return svg


def draw_operation(
    operation: Operation, scale: Scale, label: str, bins: int = MAX_BINS
) -> tuple[Element, int]:
    """Draw the waits of an operation as bands, and its calls as bars: the more, the higher.

    Returns:
        The drawing, and the number of calls that the highest bar stands for.
    """
    svg = drawing(HEIGHT, scale, label)
    for reason, height, text in (
        ("rate limit", HEIGHT, "waiting for the rate limit"),
        ("refused", STRIPE, "waiting after a refusal (429)"),
        ("failed", STRIPE, "waiting before another try"),
    ):
        waits = [(wait.begun, wait.ended) for wait in operation.waits if wait.reason == reason]
        for begun, ended in _drawable(waits, scale, WIDTH / bins):
            band = _box(svg, scale, (begun, ended), (0, height), f"wait {reason.replace(' ', '-')}")
            explain(band, f"{_span(begun, ended, scale)}: {text}")
    counted = _in_bins(operation.calls, scale, bins)
    most = max((sum(counts.values()) for counts in counted.values()), default=0)
    # Between bars is a gap of a quarter.
    width = WIDTH / bins
    for place, counts in sorted(counted.items()):
        group = SubElement(svg, "g")
        begun, ended = (scale.moment(width * (place + more)) for more in (0, 1))
        explain(group, f"{_span(begun, ended, scale)}: {_counted(counts)}")
        top = float(HEIGHT)
        for outcome, _ in _OUTCOME_TEXTS:
            if counts[outcome]:
                high = max(2.0, (HEIGHT - STRIPE - 1 - 4) * counts[outcome] / most)
                top -= high
                _rectangle(group, (width * place, width * 0.75), (top, high), outcome)
    return svg, most


def draw_stream(stream: Stream, scale: Scale, label: str, most: int = MAX_READINGS) -> Element:
    """Draw a stream as a bar while it was under way, and how far it was read as a line."""
    svg = drawing(HEIGHT, scale, label)
    begun, ended = stream.begun or scale.begun, stream.ended or scale.ended
    bar = _box(svg, scale, (begun, ended), (2, HEIGHT - 4), f"stream {stream.outcome}")
    explain(bar, f"{_span(begun, ended, scale)}: {stream.outcome}")
    readings = _thinned(stream.readings, most)
    if readings:
        first, last = (pick(one.read_to for one in readings) for pick in (min, max))
        length = (last - first).total_seconds() or 1.0
        points = [
            (
                scale.place(one.at),
                HEIGHT - 6 - (HEIGHT - 12) * (one.read_to - first).total_seconds() / length,
            )
            for one in readings
        ]
        line = f"M{points[0][0]:g} {points[0][1]:g}" + "".join(
            f"H{x:g}V{y:.1f}" for x, y in points[1:]
        )
        SubElement(svg, "path", {"class": "read-to", "d": line})
        for one, (x, y) in zip(readings, points, strict=True):
            dot = _rectangle(svg, (x - 2, 4), (y - 3, 6), "reading")
            explain(dot, f"{scale.text(one.at)}: read to {one.read_to:%Y-%m-%d %H:%M}")
    return svg


def draw_jobs(
    jobs: Sequence[Job], scale: Scale, label: str, most: int = MAX_JOBS, *, exact: bool = True
) -> Element:
    """Draw reports of one type, one below the other, each with its stages; see `stages_of`."""
    chosen = _thinned(jobs, most)
    svg = drawing(len(chosen) * (JOB_HEIGHT + GAP) + GAP, scale, label)
    for number, job in enumerate(chosen):
        group = SubElement(svg, "g")
        explain(group, job_text(job, scale))
        top = GAP + number * (JOB_HEIGHT + GAP)
        for stage, begun, ended in stages_of(job, scale.ended, exact=exact):
            failed = stage == "finished" and job.is_without_document
            name = "job failed-job" if failed else f"job {stage}"
            _box(group, scale, (begun, ended), (top, JOB_HEIGHT), name)
    return svg


def stages_of(
    job: Job, end: dt.datetime, *, exact: bool = True
) -> list[tuple[str, dt.datetime, dt.datetime]]:
    """Return the stages of a job, and when each began and ended.

    Args:
        job: The job.
        end: The end of the run: when the last stage ended, if it is not known.
        exact: Whether it is known if the job was read. If not, it is ready for a moment.
    """
    moments = [getattr(job, name) for name in ("queued", *_ENDS)]
    found = []
    for number, (stage, _) in enumerate(STAGES):
        begun = moments[number]
        if begun is None:
            continue
        ended = next((moment for moment in moments[number + 1 :] if moment is not None), end)
        # A job that failed is finished, and nobody reads it.
        is_last = job.is_without_document or not exact
        if stage == "finished" and job.read is None and is_last:
            ended = begun
        found.append((stage, begun, ended))
    return found


def job_text(job: Job, scale: Scale) -> str:
    """Return what happened to a job, in a sentence."""
    parts = []
    for name, text in (
        ("queued", "queued"),
        ("submitted", "submitted"),
        ("processing", "in process"),
        ("finished", job.outcome or "finished"),
        ("read", "read"),
    ):
        if (moment := getattr(job, name)) is not None:
            parts.append(f"{text} {scale.text(moment)}")
    return f"{job.kind} for {job.stream}: {', '.join(parts)}" if job.stream else ", ".join(parts)


def _in_bins(calls: Iterable[Call], scale: Scale, bins: int) -> dict[int, Counter[str]]:
    # At its end, Amazon has answered.
    places = Counter((scale.part(call.ended, bins), _outcome_of(call)) for call in calls)
    found: dict[int, Counter[str]] = {}
    for (place, outcome), count in places.items():
        found.setdefault(place, Counter())[outcome] += count
    return found


def _outcome_of(call: Call) -> str:
    if call.is_refused:
        return "refused-call"
    return "failed-call" if call.has_failed else "answered"


def _counted(counts: Counter[str]) -> str:
    parts = [f"{counts[name]:,} {text}" for name, text in _OUTCOME_TEXTS if counts[name]]
    return f"calls: {', '.join(parts)}"


_OUTCOME_TEXTS = (
    ("answered", "answered"),
    ("refused-call", "refused with 429"),
    ("failed-call", "failed"),
)


def _drawable(intervals: Iterable[Interval], scale: Scale, step: float) -> list[Interval]:
    """Merge intervals with a smaller gap than a step: there are at most as many as steps."""
    gap = dt.timedelta(seconds=scale.seconds * step / WIDTH)
    longer = merged((begun, ended + gap) for begun, ended in intervals)
    return [(begun, ended - gap) for begun, ended in longer]


def _thinned(found: Sequence[_T], most: int) -> list[_T]:
    """Return at most so many, at equal distances, the first and the last among them."""
    if len(found) <= most:
        return [*found]
    return [found[round(number * (len(found) - 1) / (most - 1))] for number in range(most)]


def _box(
    parent: Element, scale: Scale, time: Interval, top: tuple[float, float], name: str
) -> Element:
    left, right = map(scale.place, time)
    width = max(LEAST_WIDTH, right - left)
    return _rectangle(parent, (min(left, WIDTH - width), width), top, name)


def _rectangle(
    parent: Element, left: tuple[float, float], top: tuple[float, float], name: str
) -> Element:
    """Add a rectangle: where it begins and how long it is, to the right and downwards."""
    numbers = {"x": left[0], "width": left[1], "y": top[0], "height": top[1]}
    written = {key: f"{round(value, 1):g}" for key, value in numbers.items()}
    return SubElement(parent, "rect", {"class": name, **written})


def _span(begun: dt.datetime, ended: dt.datetime, scale: Scale) -> str:
    length = duration((ended - begun).total_seconds())
    return f"{scale.text(begun)} to {scale.text(ended)} ({length})"
