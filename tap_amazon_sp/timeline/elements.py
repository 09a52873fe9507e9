"""Parts of a timeline's page, as elements of HTML: every text in them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol, TypeVar
from xml.etree.ElementTree import Element, SubElement

from tap_amazon_sp.timeline.scale import WIDTH, Scale


class OfAccount(Protocol):
    """What belongs to an account."""

    @property
    def account(self) -> str:
        """Its name; "" for an only account."""


_LATE = (("last", 0.93), ("late", 0.72))
"""Ticks without a text: at any width, and on a phone."""

_Owned = TypeVar("_Owned", bound=OfAccount)


def add(parent: Element, tag: str, text: str, name: str | None = None) -> Element:
    """Add an element with a text; `name` is its class of CSS."""
    element = SubElement(parent, tag, {} if name is None else {"class": name})
    element.text = text
    return element


def explain(element: Element, text: str) -> None:
    """Add a text that is shown while the pointer is on an element of SVG."""
    title = Element("title")
    title.text = text
    element.insert(0, title)


def section_of(main: Element, title: str) -> Element:
    """Add a section with its heading."""
    section = SubElement(main, "section")
    add(section, "h2", title)
    return section


def by_account(section: Element, owned: Iterable[_Owned]) -> Iterator[list[_Owned]]:
    """Yield what belongs to each account, after its heading was added."""
    for account, found in groupby(sorted(owned, key=_account_of), key=_account_of):
        if account:
            add(section, "h3", account)
        yield [*found]


def _account_of(owned: OfAccount) -> str:
    return owned.account


def add_legend(section: Element, *keys: tuple[str, str]) -> None:
    """Explain the classes of CSS that a section's drawings use."""
    legend = SubElement(section, "ul", {"class": "legend"})
    for name, text in keys:
        key = SubElement(legend, "li")
        mark = SubElement(key, "svg", {"viewBox": "0 0 14 14", "aria-hidden": "true"})
        _draw_key(mark, name)
        mark.tail = text


def _draw_key(mark: Element, name: str) -> None:
    if name == "read-to":
        SubElement(mark, "path", {"class": name, "d": "M0 12H5V7H10V2H14"})
    elif name in {"wait refused", "wait failed"}:
        # As in a lane: a stripe at the top.
        SubElement(mark, "rect", {"class": name, "width": "14", "height": "5"})
    else:
        SubElement(mark, "rect", {"class": name, "width": "14", "height": "14"})


def add_axis(section: Element, scale: Scale) -> None:
    """Add the times of the ticks."""
    axis = SubElement(section, "div", {"class": "axis", "aria-hidden": "true"})
    add(axis, "div", "UTC", "zone")
    ticks = SubElement(axis, "div", {"class": "ticks"})
    for place, text in scale.ticks:
        # Near the end, there is no room for the text: see the style.
        name = next((name for name, begin in _LATE if place > begin * WIDTH), None)
        add(ticks, "span", text, name).set("style", f"left:{place * 100 / WIDTH:.2f}%")


def add_lane(section: Element, name: str, notes: Iterable[tuple[str, str]], drawn: Element) -> None:
    """Add a drawing beside its label.

    Args:
        section: Where.
        name: The name of what is drawn.
        notes: What the label says of it: a class of CSS, or "", and a text.
        drawn: The drawing.
    """
    lane = SubElement(section, "div", {"class": "lane"})
    label = SubElement(lane, "div", {"class": "label"})
    add(label, "b", name)
    small = SubElement(label, "small")
    for place, (kind, text) in enumerate(notes):
        part = add(small, "span", text, kind or None)
        part.tail = " "
        if place:
            part.text = f"· {text}"
    lane.append(drawn)


def add_missing(section: Element, count: int, what: str) -> None:
    """Note that some lanes are not drawn."""
    if count > 0:
        add(section, "p", f"Not drawn, but in the table: {count:,} {what}.", "note")


def add_details(section: Element, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add a table that is hidden until it is opened, or printed."""
    details = SubElement(section, "details")
    add(details, "summary", "As a table")
    add_table(details, names, rows)


def add_table(parent: Element, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Element:
    """Add a table, which scrolls if it is wider than the page; return its body."""
    scroll = SubElement(parent, "div", {"class": "scroll"})
    table = SubElement(scroll, "table")
    line = SubElement(SubElement(table, "thead"), "tr")
    for name in names:
        add(line, "th", name).set("scope", "col")
    body = SubElement(table, "tbody")
    for row in rows:
        line = SubElement(body, "tr")
        for value in row:
            add(line, "td", value)
    return body
