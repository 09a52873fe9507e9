"""What a page consists of: sections, in which panels have a headline, a chart and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]
"""A chart in the terms of Vega-Lite."""


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes:
        title: What it shows.
        names: The names of the columns.
        rows: The cells.
        numbers: The places of columns that are aligned to the right, as numbers are.
    """

    title: str
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Panel:
    """A message with the chart that shows it.

    Attributes:
        headline: The message.
        currency: The currency of its money; "" if it has none, and is always shown.
        chart: Its chart.
        tables: The numbers of the chart; shown without being opened if there is no chart.
        notes: Sentences below the headline.
        figures: Names and values that are shown large.
    """

    headline: str
    currency: str = ""
    chart: Spec | None = None
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        name: Its name, for addresses in the page.
        short: Its name in the list of sections.
        title: Its heading.
        panels: One for each currency, or one without a currency.
        source: The models that it shows, and how to read them.
    """

    name: str
    short: str
    title: str
    panels: Sequence[Panel]
    source: str = ""
