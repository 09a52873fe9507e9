"""A generated part of a page that is otherwise written by hand, between two lines that mark it."""

from __future__ import annotations

import textwrap


def with_block(text: str, block: str, begin: str, end: str) -> str:
    """Return a text with the lines between two marks replaced, at the indent of the first.

    Args:
        text: Of the whole page.
        block: What stands between the marks, with a line break at its end.
        begin: The first mark.
        end: The second mark.

    Raises:
        ValueError: The text lacks a mark.
    """
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        message = f"There are no lines {begin!r} and {end!r}"
        raise ValueError(message)
    indent = before.rpartition("\n")[2]
    return f"{before}{begin}\n{textwrap.indent(block, indent)}{indent}{end}{after}"
