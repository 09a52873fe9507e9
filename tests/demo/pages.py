"""What a page of the demonstration has: its tables, and how a browser draws it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from demo.report.amounts import MINUS, NONE
from tests.browser import Page

FILL = "document.querySelector('.chart text')?.getAttribute('fill')"
"""The colour of a text in a chart."""
STATE = """({
    charts: document.querySelectorAll(".panel:not([hidden]) .chart").length,
    drawn: document.querySelectorAll(".panel:not([hidden]) .chart[data-drawn=yes]").length,
    marks: [...document.querySelectorAll(".panel:not([hidden]) .chart")].map(
        one => one.querySelectorAll(".mark-rect path").length),
    // None of a chart or a text reaches beyond the window.
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    shown: [...document.querySelectorAll(".panel[data-currency]:not([hidden])")].map(
        one => one.dataset.currency),
    back: getComputedStyle(document.body).backgroundColor,
    text: FILL,
})""".replace("FILL", FILL)
ALL_DRAWN = """[...document.querySelectorAll(".panel:not([hidden]) .chart")].every(
    one => one.dataset.drawn === "yes")"""


async def state_of(shown: Page) -> Any:
    """Wait until all charts of the currency that is shown are drawn; return what is seen."""
    await shown.wait_for(ALL_DRAWN)
    return await shown.evaluate(STATE)


class _Tables(HTMLParser):
    """The rows of cells below each `summary`."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[list[str]]] = {}
        self._text = ""
        self._title = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._text = ""
        if tag == "tr":
            self.found[self._title].append([])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "summary":
            self._title = self._text
            self.found[self._title] = []
        elif tag in {"th", "td"}:
            self.found[self._title][-1].append(self._text)


def tables_of(page: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return the rows of the tables, by the title of the table."""
    return {
        title: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        for title, rows in _Tables(page).found.items()
    }


def amount_in(text: str) -> Decimal | None:
    """Return the amount that a cell shows, without the sign of its currency."""
    if text == NONE:
        return None
    return Decimal(re.sub(r"[^\d.\-]", "", text.replace(MINUS, "-")))
