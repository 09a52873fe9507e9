"""Charts in the terms of Vega-Lite.

A colour `--name` is one of the page's style, so it suits a light page and a dark one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from demo.report.parts import Spec

COLOURS = ("--blue", "--orange", "--green", "--pink", "--sky", "--red", "--grey")
"""For series that have no colour of their own, in this order."""

Values = Sequence[dict[str, Any]]

_ROW = 28
_TEXT = 85
"""Longest text behind a bar, in pixels."""


def stacked_days(values: Values, series: Sequence[str], unit: str) -> Spec:
    """Bars for days.

    Args:
        values: `day` (ISO 8601), `series`, `amount` and `shown`.
        series: The names of the series, in the order of their colours.
        unit: What the amounts are.
    """
    return {
        "height": 260,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                # Labels are in the middle of a day; one that would be beyond the last is left out.
                "axis": {
                    "format": "%-d %b",
                    "grid": False,
                    "ticks": False,
                    "labelOffset": {"expr": f"width / {_days(values)} / 2"},
                    "labelBound": True,
                    "labelFlush": False,
                },
            },
            "y": _amounts("amount", unit),
            "color": _colours("series", series, COLOURS),
            "tooltip": _tooltip(("day_shown", "day"), ("series", "from"), ("shown", "amount")),
        },
    }


def pairs(values: Values, kinds: Sequence[tuple[str, str]], unit: str) -> Spec:
    """Two bars for each row, one below the other.

    Args:
        values: `label`, `kind`, `amount` and `shown`.
        kinds: The two kinds, with their colours.
        unit: What the amounts are.
    """
    return {
        "height": _height(values, _ROW + 12),
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {**_labels(), "scale": {"paddingInner": 0.35}},
            "yOffset": {"field": "kind", "sort": [name for name, _ in kinds]},
            "x": _amounts("amount", unit),
            "color": _colours("kind", *zip(*kinds, strict=True)),
            "tooltip": _tooltip(("label", "settlement"), ("kind", "what"), ("shown", "amount")),
        },
    }


def overlaid_rows(values: Values, kinds: Sequence[tuple[str, str]], unit: str) -> Spec:
    """A wide bar for each row, with a narrow one on it.

    Args:
        values: `label`, `title`, `kind`, `amount` and `shown`.
        kinds: The kind of the wide bars, and that of the narrow ones if there are some, with
            their colours.
        unit: What the amounts are.
    """

    def bars(kind: str, share: float) -> dict[str, Any]:
        return {
            "transform": [{"filter": {"field": "kind", "equal": kind}}],
            "mark": {"type": "bar", "height": {"band": share}},
        }

    names = [name for name, _ in kinds]
    return {
        "height": _height(values, _ROW),
        "data": {"values": values},
        "encoding": {
            "y": _labels(),
            "x": _amounts("amount", unit),
            "color": _colours("kind", *zip(*kinds, strict=True)),
            "tooltip": _tooltip(
                ("label", "SKU"), ("title", "title"), ("kind", "what"), ("shown", "amount")
            ),
        },
        "layer": [bars(*one) for one in zip(names, (0.8, 0.34), strict=False)],
    }


def waterfall(values: Values, unit: str) -> Spec:
    """Rows: each begins where the one before ends.

    Args:
        values: `label`, `begin`, `end`, `edge` (the greater of these), `kind` (`total`, `more` or
            `less`) and `shown`.
        unit: What the amounts are.
    """
    ends = [value[name] for value in values for name in ("begin", "end")]
    least, most = min(0.0, *ends), max(0.0, *ends)
    kinds = (("total", "--blue"), ("more", "--green"), ("less", "--orange"))
    return {
        "height": _height(values, _ROW),
        "data": {"values": values},
        "encoding": {
            "y": _labels(),
            "x": {**_amounts("begin", unit), "scale": _with_room(least, most)},
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "x2": {"field": "end"},
                    "color": {**_colours("kind", *zip(*kinds, strict=True)), "legend": None},
                    "tooltip": _tooltip(("label", "what"), ("shown", "amount")),
                },
            },
            _texts({"field": "edge", "type": "quantitative"}),
        ],
    }


def cover(values: Values, kinds: Sequence[tuple[str, str]]) -> Spec:
    """Rows with days of cover, and a line at 30 days.

    Args:
        values: `label`, `title`, `days`, `kind` and `shown`.
        kinds: How urgent the rows are, with colours.
    """
    days = {**_amounts("days", "days of cover"), "axis": {"tickCount": 5}}
    most = max(30.0, *(value["days"] for value in values))
    return {
        "height": _height(values, _ROW),
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": _labels(),
                    "x": {**days, "scale": _with_room(0, most)},
                    "color": _colours("kind", *zip(*kinds, strict=True)),
                    "tooltip": _tooltip(
                        ("label", "SKU"), ("title", "title"), ("shown", "days of cover")
                    ),
                },
            },
            {**_texts(days), "encoding": {**_texts(days)["encoding"], "y": _labels()}},
            {
                "data": {"values": [{"days": 30}]},
                "mark": {"type": "rule", "color": "--text", "strokeDash": [4, 3]},
                "encoding": {"x": days},
            },
        ],
    }


def shares(
    values: Values, kinds: Sequence[tuple[str, str]], what: str, *, whole: bool = False
) -> Spec:
    """Rows of parts beside each other.

    Args:
        values: `label`, `kind`, `place` (of the kind), `amount` and `shown`.
        kinds: The parts in their order, with their colours.
        what: What the amounts are.
        whole: Whether every row is 100 %.
    """
    axis = {"format": ".0%", "tickCount": 5} if whole else {"tickCount": 5}
    return {
        "height": _height(values, _ROW + 8),
        "data": {"values": values},
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
            "y": _labels(),
            "x": {
                "field": "amount",
                "type": "quantitative",
                "aggregate": "sum",
                "stack": "normalize" if whole else "zero",
                "title": what,
                "axis": axis,
            },
            "color": _colours("kind", *zip(*kinds, strict=True)),
            "order": {"field": "place"},
            "tooltip": _tooltip(("label", "what"), ("kind", "part"), ("shown", "amount")),
        },
    }


def _days(values: Values) -> int:
    days = sorted(dt.date.fromisoformat(value["day"]) for value in values)
    return (days[-1] - days[0]).days + 1


def _height(values: Values, row: int) -> int:
    # Vega-Lite warns of a step for each row in a chart that is as wide as the page.
    return row * len({value["label"] for value in values})


def _amounts(field: str, unit: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": unit,
        "axis": {"format": ",f", "tickCount": 5},
    }


def _with_room(least: float, most: float) -> dict[str, Any]:
    """A scale with room for a text behind the longest bar, however wide the chart is."""
    room = f"{least} + {most - least} * width / max(width - {_TEXT}, {_TEXT})"
    return {"domainMin": least, "domainMax": {"expr": room}, "nice": False}


def _labels() -> dict[str, Any]:
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 8},
    }


def _texts(place: dict[str, Any]) -> dict[str, Any]:
    return {
        "mark": {"type": "text", "align": "left", "dx": 5, "color": "--text"},
        "encoding": {"x": place, "text": {"field": "shown"}},
    }


def _colours(field: str, names: Sequence[str], colours: Sequence[str]) -> dict[str, Any]:
    used = [colours[place % len(colours)] for place in range(len(names))]
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": {"domain": [*names], "range": used},
        "legend": {"orient": "top"} if len(names) > 1 else None,
    }


def _tooltip(*fields: tuple[str, str]) -> list[dict[str, str]]:
    return [{"field": field, "type": "nominal", "title": title} for field, title in fields]
