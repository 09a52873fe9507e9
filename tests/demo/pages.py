"""What a page of the demonstration has: its tables, and how a browser draws it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, fromstring

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


def tables_of(page: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return the rows of the tables, by the title of the table."""
    found = {}
    for details in re.findall(r"<details>.*?</details>", page, re.DOTALL):
        tree = fromstring(details)
        names, *rows = [[_text(cell) for cell in line] for line in tree.iter("tr")]
        found[_text(tree[0])] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


def _text(element: Element) -> str:
    return "".join(element.itertext())


def amount_in(text: str) -> Decimal | None:
    """Return the amount that a cell shows, without the sign of its currency."""
    if text == NONE:
        return None
    return Decimal(re.sub(r"[^\d.\-]", "", text.replace(MINUS, "-")))
