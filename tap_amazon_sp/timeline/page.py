"""A run as one page of HTML, which needs neither a script nor a network.

The page's own policy forbids both. It is built as a tree of elements, so every name is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from tap_amazon_sp.timeline import drawing
from tap_amazon_sp.timeline.model import Job, Operation, Run, Stream
from tap_amazon_sp.timeline.scale import WIDTH, Scale, duration
from tap_amazon_sp.timeline.shares import RULE, seconds_in_air, seconds_waited, shares_of
from tap_amazon_sp.timeline.style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MAX_LANES = 80
"""Operations, and streams, that are drawn; tables have all of them."""

_TOO_MANY_REQUESTS = 429


def page(run: Run) -> str:
    """Return the page."""
    html = Element("html", {"lang": "en"})
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    viewport = "width=device-width, initial-scale=1"
    SubElement(head, "meta", {"name": "viewport", "content": viewport})
    _add(head, "title", f"tap-amazon-sp: run of {run.begun:%Y-%m-%d %H:%M} UTC")
    _add(head, "style", STYLE)
    body = SubElement(html, "body")
    _header(body, run)
    scale = Scale(run.begun, run.ended)
    main = SubElement(body, "main")
    _shares(main, run)
    _operations(main, run, scale)
    _streams(main, run, scale)
    _jobs(main, run, scale)
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n"


# --- Sections -----------------------------------------------------------------------------------


def _header(body: Element, run: Run) -> None:
    header = SubElement(body, "header")
    _add(header, "h1", "A run of tap-amazon-sp")
    seconds = (run.ended - run.begun).total_seconds()
    version = f", version {run.version}" if run.version else ""
    _add(
        header,
        "p",
        f"{run.begun:%Y-%m-%d %H:%M:%S} to {run.ended:%Y-%m-%d %H:%M:%S} UTC: "
        f"{duration(seconds)}{version}",
    )
    for note in _notes(run):
        _add(header, "p", note, "note")
    calls = [call for operation in run.operations for call in operation.calls]
    count = len(calls) + sum(operation.calls_left_out for operation in run.operations)
    refused = sum(call.status == _TOO_MANY_REQUESTS for call in calls)
    records = sum(stream.records or 0 for stream in run.streams)
    figures = SubElement(header, "dl", {"class": "figures"})
    for name, value in (
        ("streams", _outcomes(run.streams)),
        ("records", f"{records:,}"),
        ("calls", f"{count:,}"),
        ("refused (429)", f"{refused:,}"),
        ("reports and queries", f"{len(run.jobs):,}"),
    ):
        figure = SubElement(figures, "div")
        _add(figure, "dt", name)
        _add(figure, "dd", value)


def _notes(run: Run) -> Iterator[str]:
    if not run.finished:
        yield (
            "The end of the run is missing: it was killed, or still under way. Everything ends "
            "here with the last line that was written."
        )
    if not run.exact:
        yield (
            "This was read from the sentences of a log, which does not tell each call. For an "
            "exact picture, run the tap with `--timeline FILE`."
        )
    if run.events_left_out:
        yield f"{run.events_left_out:,} later events are missing: the file has a limit."


def _outcomes(streams: Iterable[Stream]) -> str:
    counts = {
        outcome: len([*found])
        for outcome, found in groupby(sorted(stream.outcome for stream in streams))
    }
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items()) or "0"


def _shares(main: Element, run: Run) -> None:
    section = _section(main, "Where the time went")
    found = shares_of(run)
    seconds = sum(share.seconds for share in found) or 1.0
    bar = SubElement(section, "div", {"class": "shares", "aria-hidden": "true"})
    for share in found:
        if share.seconds:
            width = f"width:{share.seconds / seconds * 100:.2f}%"
            SubElement(bar, "span", {"class": f"share {share.name}", "style": width})
    rows = [
        (share.text, duration(share.seconds), f"{share.seconds / seconds * 100:.0f} %")
        for share in found
        if share.seconds
    ]
    names = [share.name for share in found if share.seconds]
    table = _table(section, ("", "time", "share"), rows)
    for row, name in zip(table.iter("tr"), ["", *names], strict=True):
        if name:
            row[0].insert(0, Element("span", {"class": f"key share {name}"}))
            row[0][0].tail, row[0].text = row[0].text, None
    _add(section, "p", RULE, "rule")


def _operations(main: Element, run: Run, scale: Scale) -> None:
    section = _section(main, "Calls")
    if not run.operations:
        _add(section, "p", "Nothing was called.")
        return
    _legend(
        section,
        ("answered", "calls, answered: the more, the higher"),
        ("refused-call", "refused (429)"),
        ("failed-call", "failed"),
        ("wait rate-limit", "waiting for the rate limit"),
        ("wait refused", "waiting after a refusal"),
        ("wait failed", "waiting before another try"),
    )
    _axis(section, scale)
    busiest = sorted(run.operations, key=lambda one: -len(one.calls) - one.calls_left_out)
    shown = {id(one) for one in busiest[:MAX_LANES]}
    for account, operations in groupby(
        sorted(run.operations, key=lambda one: one.account), key=lambda one: one.account
    ):
        if account:
            _add(section, "h3", account)
        for operation in operations:
            if id(operation) in shown:
                name = operation.name.rpartition(".")[2]
                text = f"{len(operation.calls) + operation.calls_left_out:,} calls"
                drawn = drawing.draw_operation(operation, scale, f"{name}: {text}")
                _lane(section, name, text, drawn)
    _left_out(section, len(run.operations) - len(shown), "operations with the fewest calls")
    _details(
        section,
        ("operation", "account", "calls", "429", "requests in the air", "rate limit", "after 429"),
        [_operation_row(operation) for operation in run.operations],
    )


def _operation_row(operation: Operation) -> tuple[str, ...]:
    return (
        operation.name,
        operation.account,
        f"{len(operation.calls) + operation.calls_left_out:,}",
        f"{sum(call.status == _TOO_MANY_REQUESTS for call in operation.calls):,}",
        duration(seconds_in_air(operation)),
        duration(seconds_waited(operation, "rate limit")),
        duration(seconds_waited(operation, "refused", "failed")),
    )


def _streams(main: Element, run: Run, scale: Scale) -> None:
    section = _section(main, "Streams")
    if not run.streams:
        _add(section, "p", "No stream was read.")
        return
    _legend(
        section,
        ("stream done", "done"),
        ("stream failed", "failed"),
        ("stream stopped", "stopped"),
        ("read-to-key", "up to when it was read: later is higher"),
    )
    _axis(section, scale)
    for stream in run.streams[:MAX_LANES]:
        text = ", ".join(_stream_parts(stream))
        name = f"{stream.name} of {stream.account}" if stream.account else stream.name
        _lane(section, name, text, drawing.draw_stream(stream, scale, f"{name}: {text}"))
    _left_out(section, len(run.streams) - MAX_LANES, "streams")
    _details(
        section,
        ("stream", "account", "outcome", "records", "time", "read from", "read to"),
        [_stream_row(stream) for stream in run.streams],
    )


def _stream_parts(stream: Stream) -> Iterator[str]:
    if stream.records is not None:
        yield f"{stream.records:,} records"
    yield stream.outcome if stream.outcome != "unknown" else "no end"
    if stream.begun is not None and stream.ended is not None:
        yield duration((stream.ended - stream.begun).total_seconds())


def _stream_row(stream: Stream) -> tuple[str, ...]:
    known = stream.begun is not None and stream.ended is not None
    reached = [one.read_to for one in stream.readings]
    return (
        stream.name,
        stream.account,
        stream.outcome,
        "" if stream.records is None else f"{stream.records:,}",
        duration((stream.ended - stream.begun).total_seconds())  # type: ignore[operator]
        if known
        else "",
        f"{min(reached):%Y-%m-%d %H:%M}" if reached else "",
        f"{max(reached):%Y-%m-%d %H:%M}" if reached else "",
    )


def _jobs(main: Element, run: Run, scale: Scale) -> None:
    if not run.jobs:
        return
    section = _section(main, "Reports and queries")
    _legend(
        section,
        *((f"job {name}", text) for name, text in drawing.STAGES),
        ("job failed-job", "ended without a document (FATAL, CANCELLED)"),
    )
    _axis(section, scale)
    by_type: dict[tuple[str, str], list[Job]] = {}
    for job in run.jobs:
        by_type.setdefault((job.account, job.kind), []).append(job)
    rows = []
    for (account, kind), jobs in by_type.items():
        text = f"{len(jobs):,}"
        if len(jobs) > drawing.MAX_JOBS:
            text += f", {drawing.MAX_JOBS} of them drawn"
        name = f"{kind} of {account}" if account else kind
        _lane(section, name, text, drawing.draw_jobs(jobs, scale, f"{name}: {len(jobs)} reports"))
        rows.append((kind, account, f"{len(jobs):,}", *_times_of(jobs, run)))
    _details(
        section,
        ("type", "account", "number", *(text for _, text in drawing.STAGES), "not DONE"),
        rows,
    )


def _times_of(jobs: Sequence[Job], run: Run) -> Iterator[str]:
    """Yield the mean time of each stage, and how many jobs did not end well."""
    for wanted, _ in drawing.STAGES:
        times = [
            (ended - begun).total_seconds()
            for job in jobs
            for stage, begun, ended in drawing.stages_of(job, run.ended)
            if stage == wanted
        ]
        yield f"{duration(sum(times) / len(times))} on average" if times else ""
    yield f"{sum(job.outcome not in ('DONE', '') for job in jobs):,}"


# --- Parts --------------------------------------------------------------------------------------


def _add(parent: Element, tag: str, text: str, name: str | None = None) -> Element:
    element = SubElement(parent, tag, {} if name is None else {"class": name})
    element.text = text
    return element


def _section(main: Element, title: str) -> Element:
    section = SubElement(main, "section")
    _add(section, "h2", title)
    return section


def _legend(section: Element, *keys: tuple[str, str]) -> None:
    legend = SubElement(section, "ul", {"class": "legend"})
    for name, text in keys:
        key = SubElement(legend, "li")
        mark = SubElement(key, "svg", {"viewBox": "0 0 14 14", "aria-hidden": "true"})
        SubElement(mark, "rect", {"class": name, "width": "14", "height": "14"})
        mark.tail = text


def _axis(section: Element, scale: Scale) -> None:
    axis = SubElement(section, "div", {"class": "axis", "aria-hidden": "true"})
    SubElement(axis, "div")
    ticks = SubElement(axis, "div", {"class": "ticks"})
    for place, text in scale.ticks:
        style = f"left:{place * 100 / WIDTH:.2f}%"
        SubElement(ticks, "span", {"style": style}).text = text


def _lane(section: Element, name: str, text: str, drawn: Element) -> None:
    lane = SubElement(section, "div", {"class": "lane"})
    label = SubElement(lane, "div", {"class": "label"})
    _add(label, "b", name)
    _add(label, "small", text)
    lane.append(drawn)


def _left_out(section: Element, count: int, what: str) -> None:
    if count > 0:
        _add(section, "p", f"{count:,} {what} are not drawn; the table has them.", "note")


def _details(section: Element, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    details = SubElement(section, "details")
    _add(details, "summary", "As a table")
    _table(details, names, rows)


def _table(parent: Element, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Element:
    scroll = SubElement(parent, "div", {"class": "scroll"})
    table = SubElement(scroll, "table")
    line = SubElement(table, "tr")
    for name in names:
        _add(line, "th", name)
    for row in rows:
        line = SubElement(table, "tr")
        for value in row:
            _add(line, "td", value)
    return table
