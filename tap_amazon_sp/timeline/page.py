"""A run as one page of HTML, which needs neither a script nor a network.

The page's own policy forbids both. It is built as a tree of elements, so every name is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from tap_amazon_sp.common.printable import printable
from tap_amazon_sp.timeline.elements import add, add_table, section_of
from tap_amazon_sp.timeline.model import Run, Stream
from tap_amazon_sp.timeline.scale import Scale, duration
from tap_amazon_sp.timeline.sections import (
    add_jobs,
    add_operations,
    add_streams,
)
from tap_amazon_sp.timeline.shares import RULE, Share, longest_waits, shares_of
from tap_amazon_sp.timeline.style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MAX_ACCOUNTS = 40
"""Accounts whose time is divided, too."""


def page(run: Run) -> str:
    """Return the page."""
    html = Element("html", {"lang": "en"})
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    viewport = "width=device-width, initial-scale=1"
    SubElement(head, "meta", {"name": "viewport", "content": viewport})
    add(head, "title", f"tap-amazon-sp: run of {run.begun:%Y-%m-%d %H:%M} UTC")
    add(head, "style", STYLE)
    body = SubElement(html, "body")
    _add_header(body, run)
    scale = Scale(run.begun, run.ended)
    main = SubElement(body, "main")
    _add_shares(main, run)
    add_operations(main, run, scale)
    add_streams(main, run, scale)
    add_jobs(main, run, scale)
    # Only ASCII, so that no encoding of a stdout changes it.
    text = tostring(html, encoding="us-ascii", method="html").decode("ascii")
    return f"<!DOCTYPE html>\n{printable(text)}\n"


# --- Header -------------------------------------------------------------------------------------


def _add_header(body: Element, run: Run) -> None:
    header = SubElement(body, "header")
    add(header, "h1", "A run of tap-amazon-sp")
    seconds = (run.ended - run.begun).total_seconds()
    same_day = run.begun.date() == run.ended.date()
    ended = f"{run.ended:%H:%M:%S}" if same_day else f"{run.ended:%Y-%m-%d %H:%M:%S}"
    version = f" · version {run.version}" if run.version else ""
    when = f"{run.begun:%Y-%m-%d %H:%M:%S} to {ended} UTC · {duration(seconds)}{version}"
    add(header, "p", when, "when")
    for note in _notes(run):
        add(header, "p", note, "note")
    figures = SubElement(header, "dl", {"class": "figures"})
    for name, value, more in _figures(run):
        figure = SubElement(figures, "div")
        add(figure, "dt", name)
        add(figure, "dd", value)
        for text in more:
            add(figure, "dd", text, "bad")


def _figures(run: Run) -> Iterator[tuple[str, str, list[str]]]:
    yield "streams", *_outcomes(run.streams)
    yield "records", f"{sum(stream.records or 0 for stream in run.streams):,}", []
    refused = sum(one.number_refused for one in run.operations)
    calls = sum(one.number_of_calls for one in run.operations)
    yield "calls", f"{calls:,}", [f"{refused:,} refused (429)"] if refused else []
    if run.jobs:
        failed = sum(job.is_without_document for job in run.jobs)
        more = [f"{failed:,} without a document"] if failed else []
        yield "reports and queries", f"{len(run.jobs):,}", more


def _outcomes(streams: Iterable[Stream]) -> tuple[str, list[str]]:
    """Return how many streams are done, and how many are not."""
    counts = Counter(stream.outcome for stream in streams)
    done = counts.pop("done", 0)
    texts = {"unknown": "without an end"}
    return f"{done:,} done", [f"{n:,} {texts.get(name, name)}" for name, n in counts.items()]


def _notes(run: Run) -> Iterator[str]:
    if not run.finished:
        yield (
            "The end of the run is missing: it was killed, or still under way. Everything ends "
            "here with the last line that was written."
        )
    if not run.exact:
        yield (
            "This was read from the sentences of a log. They say when streams and reports began "
            "and ended, and when calls were refused or failed. Most calls and waits have no time "
            "there. For an exact picture, run the tap with --timeline FILE."
        )
    if run.events_left_out:
        yield f"{run.events_left_out:,} later events are missing: the file has a limit."


# --- Where the time went ------------------------------------------------------------------------


def _add_shares(main: Element, run: Run) -> None:
    section = section_of(main, "Where the time went")
    found = [share for share in shares_of(run) if share.seconds]
    if not found:
        add(section, "p", "The run took no time.")
        return
    seconds = sum(share.seconds for share in found)
    _add_bar(section, found, seconds)
    rows = [
        (share.text, duration(share.seconds), _percent(share.seconds / seconds)) for share in found
    ]
    body = add_table(section, ("The time of the run", "time", "share"), rows)
    for share, row in zip(found, body, strict=True):
        key = Element("span", {"class": f"key share {share.name}"})
        key.tail, row[0].text = row[0].text, None
        row[0].insert(0, key)
    add(section, "p", RULE, "rule")
    if run.exact:
        _add_longest(section, run)
        _add_accounts(section, run)


def _add_longest(section: Element, run: Run) -> None:
    """Name what waited longest for Amazon's rate limits."""
    waits = longest_waits(run)
    if not waits:
        return
    add(section, "h3", "What waited longest for Amazon's rate limits")
    found = SubElement(section, "ol", {"class": "longest"})
    for operation, seconds in waits:
        item = SubElement(found, "li")
        add(item, "b", operation.name.rpartition(".")[2])
        owner = f" of {operation.account}" if operation.account else ""
        item[-1].tail = f"{owner}: {duration(seconds)}"


def _add_accounts(section: Element, run: Run) -> None:
    """Divide the time of each account, if there are several."""
    owners = {operation.account for operation in run.operations}
    accounts = sorted(owners | {job.account for job in run.jobs})
    if len(accounts) <= 1:
        return
    add(section, "h3", "By account")
    for account in accounts[:MAX_ACCOUNTS]:
        found = [share for share in shares_of(run, account) if share.seconds]
        row = SubElement(section, "div", {"class": "lane"})
        label = SubElement(row, "div", {"class": "label"})
        add(label, "b", account or "without an account")
        _add_bar(row, found, sum(share.seconds for share in found))
    if (more := len(accounts) - MAX_ACCOUNTS) > 0:
        add(section, "p", f"{more:,} more accounts are not drawn.", "note")


def _add_bar(parent: Element, found: Sequence[Share], seconds: float) -> None:
    texts = [f"{share.text}: {duration(share.seconds)}" for share in found]
    bar = SubElement(
        parent, "div", {"class": "shares", "role": "img", "aria-label": "; ".join(texts)}
    )
    for share, text in zip(found, texts, strict=True):
        part = share.seconds / seconds
        style = f"width:{part * 100:.2f}%"
        attributes = {"class": f"share {share.name}", "style": style, "title": text}
        SubElement(bar, "span", attributes)


def _percent(part: float) -> str:
    percent = round(part * 100)
    if percent == 0:
        return "under 1 %"
    return "over 99 %" if percent == 100 and part < 1 else f"{percent} %"  # noqa: PLR2004 - all
