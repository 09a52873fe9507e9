"""The page as HTML: one file with its style, its script and its data, which sends no request.

The page's own policy forbids requests, and all scripts but its own two. Its text is built as a tree
of elements, so every title of a product is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import vl_convert

from demo.report.parts import Panel, Section, Spec, Table
from tap_amazon_sp.common.printable import printable

_FOLDER = Path(__file__).parent
_LONG = 30
"""Characters of a cell that may be broken into lines."""
TITLE = "What the seller earned"


def page(
    sections: Sequence[Section], currencies: Sequence[str], subtitle: str, library: str
) -> str:
    """Return the page.

    Args:
        sections: What it shows, in order.
        currencies: Those that a reader can choose from; the first is shown at the beginning.
        subtitle: Where the data comes from.
        library: The script that draws the charts.
    """
    style = _file("page.css")
    scripts = [library, _file("page.js")]
    html = Element("html", {"lang": "en"})
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    policy = {"http-equiv": "Content-Security-Policy", "content": _policy(scripts)}
    SubElement(head, "meta", policy)
    viewport = "width=device-width, initial-scale=1"
    SubElement(head, "meta", {"name": "viewport", "content": viewport})
    # A file has no icon, and a browser does not ask for one.
    SubElement(head, "link", {"rel": "icon", "href": "data:,"})
    _add(head, "title", TITLE)
    _add(head, "style", style)
    body = SubElement(html, "body")
    _add_header(body, sections, currencies, subtitle)
    specs: dict[str, Spec] = {}
    main = SubElement(body, "main")
    for section in sections:
        _add_section(main, section, specs)
    if specs:
        data = SubElement(body, "script", {"type": "application/json", "id": "charts"})
        data.text = json_for_script(specs)
        for script in scripts:
            _add(body, "script", script)
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode', method='html')}\n"


def json_for_script(content: Mapping[str, Spec]) -> str:
    """Return JSON that cannot end the element `script` around it, nor begin one in it."""
    return json.dumps(content, allow_nan=False).replace("<", "\\u003c")


def _policy(scripts: Sequence[str]) -> str:
    hashes = (hashlib.sha256(script.encode()).digest() for script in scripts)
    sources = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {sources}"


@cache
def drawing_library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    script = f"(() => {{{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}}})();"
    if "</script" in script.lower() or "<!--" in script:
        message = "The library for charts has text that ends the element around it"
        raise ValueError(message)
    return script


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _add(parent: Element, tag: str, text: str, name: str | None = None) -> Element:
    element = SubElement(parent, tag, {} if name is None else {"class": name})
    element.text = text
    return element


def _add_text(parent: Element, tag: str, text: str, name: str | None = None) -> Element:
    """Add an element with a text of others."""
    return _add(parent, tag, printable(text), name)


def _add_prose(parent: Element, text: str, name: str) -> None:
    """Add a paragraph of ours, in which names are between backticks."""
    first, *parts = text.split("`")
    paragraph = _add(parent, "p", first, name)
    for place, part in enumerate(parts):
        if place % 2:
            paragraph[-1].tail = part
        else:
            _add(paragraph, "code", part)


def _add_header(
    body: Element, sections: Sequence[Section], currencies: Sequence[str], subtitle: str
) -> None:
    header = SubElement(body, "header")
    _add(header, "h1", TITLE)
    _add_text(header, "p", subtitle, "when")
    nav = SubElement(body, "nav", {"aria-label": "Currency and sections"})
    if len(currencies) > 1:
        # The script shows it: without one, all currencies are below each other.
        field = SubElement(nav, "fieldset", {"id": "currencies", "hidden": ""})
        _add(field, "legend", "Currency")
        for currency in currencies:
            label = SubElement(field, "label")
            box = {"type": "radio", "name": "currency", "value": currency}
            if currency == currencies[0]:
                box["checked"] = ""
            SubElement(label, "input", box)
            _add_text(label, "span", currency)
    links = SubElement(nav, "ul")
    for section in sections:
        link = _add(SubElement(links, "li"), "a", section.short)
        link.set("href", f"#{section.name}")


def _add_section(main: Element, section: Section, specs: dict[str, Spec]) -> None:
    title = f"{section.name}-title"
    element = SubElement(main, "section", {"id": section.name, "aria-labelledby": title})
    _add(element, "h2", section.title).set("id", title)
    for panel in section.panels:
        _add_panel(element, panel, "-".join(filter(None, (section.name, panel.currency))), specs)
    if section.source:
        _add_prose(element, section.source, "source")


def _add_panel(section: Element, panel: Panel, name: str, specs: dict[str, Spec]) -> None:
    attributes = {"class": "panel"}
    if panel.currency:
        attributes["data-currency"] = panel.currency
    element = SubElement(section, "div", attributes)
    _add_text(element, "h3", panel.headline)
    for note in panel.notes:
        _add_text(element, "p", note, "note")
    if panel.figures:
        figures = SubElement(element, "dl", {"class": "figures"})
        for what, value in panel.figures:
            figure = SubElement(figures, "div")
            _add_text(figure, "dt", what)
            _add_text(figure, "dd", value)
    if panel.chart is not None:
        specs[name] = panel.chart
        chart = {"class": "chart", "id": f"chart-{name}", "role": "img"}
        SubElement(element, "div", {**chart, "aria-label": printable(_spoken(panel))})
    for table in panel.tables:
        _add_table(element, table)


def _spoken(panel: Panel) -> str:
    tables = " and ".join(f"“{table.title}”" for table in panel.tables)
    return f"{panel.headline}. The numbers are in the table {tables}."


def _add_table(element: Element, table: Table) -> None:
    details = SubElement(element, "details")
    _add_text(details, "summary", table.title)
    scroll = {"class": "scroll", "tabindex": "0", "role": "region"}
    area = SubElement(details, "div", {**scroll, "aria-label": printable(table.title)})
    content = SubElement(area, "table")
    line = SubElement(SubElement(content, "thead"), "tr")
    for place, name in _cells(table, table.names):
        _add_text(line, "th", name, place).set("scope", "col")
    body = SubElement(content, "tbody")
    for row in table.rows:
        line = SubElement(body, "tr")
        for place, value in _cells(table, row):
            _add_text(line, "td", value, place)


def _cells(table: Table, row: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """Yield the class of CSS of each cell, and its text."""
    for place, value in enumerate(row):
        name = "number" if place in table.numbers else "long" if len(value) > _LONG else None
        yield name, value
