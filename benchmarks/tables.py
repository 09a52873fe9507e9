"""Tables as plain text that is also Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table: the first column to the left, the others, which are numbers, to the right."""
    widths = [max(len(cell) for cell in cells) for cells in zip(columns, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
        return f"| {' | '.join([first, *rest])} |"

    return "\n".join(line(cells) for cells in (columns, rule, *rows))


def goal(name: str, value: float, limit: float, *, least: bool = False, digits: int = 2) -> str:
    """Return a sentence that compares a figure with its goal.

    Args:
        name: Name of the figure.
        value: Measured value.
        limit: The goal.
        least: Whether the goal is a minimum; otherwise it is a maximum.
        digits: Number of decimals.
    """
    reached = value >= limit if least else value <= limit
    sign = "at least" if least else "at most"
    verdict = "reached" if reached else "NOT reached"
    return f"{name}: {value:.{digits}f}; goal: {sign} {limit:g}: {verdict}"


def seconds(value: float) -> str:
    """Return seconds as text."""
    return f"{value:.2f} s"


def megabytes(value: float) -> str:
    """Return bytes as text."""
    return f"{value / 1e6:.0f} MB"


def count(value: float) -> str:
    """Return a whole number as text, with commas between the thousands."""
    return f"{value:,.0f}"
