"""A table on the terminal of how far each stream is, with the log above it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tap_amazon_sp.reading.progress import duration, left_of, percent
from tap_amazon_sp.reading.queue_progress import queues_of
from tap_amazon_sp.reading.stream import AmazonStream

REFRESHES_PER_SECOND = 2.0

COLUMNS = ("stream", "records", "read to", "about", "at least", "bound by")
FIRST_LEFT_OUT = ("bound by", "read to", "records", "at least", "about")
"""The columns that a narrow terminal has no room for, in this order."""

BORDER = 3
"""Characters that a column takes beside its text."""
LINES_AROUND_ROWS = 8
"""Lines of the table that are not rows, and those of the log that remain to be seen."""


@contextmanager
def live_view(streams: Sequence[AmazonStream]) -> Iterator[None]:
    """Show the table on stderr until the end of this context, and write the log above it.

    If the terminal is closed meanwhile, nothing is shown, and the run goes on.
    """
    console = Console(stderr=True, highlight=False)
    live = Live(
        get_renderable=lambda: table(streams, console.size),
        console=console,
        refresh_per_second=REFRESHES_PER_SECOND,
        redirect_stdout=False,
        transient=True,
    )
    terminal = sys.stderr
    with ExitStack() as stack:
        live.start()
        stack.callback(_unless_closed, live.stop)
        for handler in _handlers():
            if handler.stream is terminal:
                # While the table is shown, this is a file that writes above it.
                handler.setStream(sys.stderr)
                stack.callback(_unless_closed, handler.setStream, terminal)
        yield


def _unless_closed(action: Callable[..., object], *arguments: object) -> None:
    """Do something that writes to the terminal, unless that is closed."""
    with suppress(OSError):
        action(*arguments)


def table(streams: Sequence[AmazonStream], size: ConsoleDimensions) -> Table:
    """Return the table: a row for each stream that is under way, and how many have ended.

    Columns that do not fit on the terminal are left out, and streams at the end of the table.
    """
    ended = sum(stream.progress.has_ended for stream in streams)
    under_way = [stream for stream in streams if stream.progress.is_under_way]
    queues = [str(queue) for queue in queues_of(under_way)]
    shown = max(1, size.height - LINES_AROUND_ROWS - 2 * len(queues))
    rows = [cells(stream) for stream in under_way[:shown]]
    columns = _columns_that_fit(rows, size.width)
    made = Table(
        title=f"{ended} of {len(streams)} streams have ended",
        title_justify="left",
        caption="\n".join(queues) or None,
        caption_justify="left",
    )
    for number in columns:
        is_number = COLUMNS[number] in {"records", "about"}
        made.add_column(
            COLUMNS[number],
            justify="right" if is_number else "left",
            no_wrap=number > 0,
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(Text(row[number]) for number in columns))
    if hidden := len(under_way) - len(rows):
        made.add_row(Text(f"and {hidden} more"))
    return made


def cells(stream: AmazonStream) -> tuple[str, ...]:
    """Return the values of a row; what is not known is empty."""
    progress, left = stream.progress, left_of(stream)
    share = progress.share
    return (
        stream.label,
        f"{progress.records:,}",
        progress.read_to_minute or "",
        "" if share is None else percent(share),
        "" if left is None else f"{duration(left.seconds)} more",
        "" if left is None else left.bound,
    )


def _columns_that_fit(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the numbers of the columns that fit side by side; the first is always there."""
    needed = [
        max(map(cell_len, (name, *(row[number] for row in rows)))) + BORDER
        for number, name in enumerate(COLUMNS)
    ]
    columns = list(range(len(COLUMNS)))
    for name in FIRST_LEFT_OUT:
        if 1 + sum(needed[number] for number in columns) <= width:
            break
        columns.remove(COLUMNS.index(name))
    return columns


def _handlers() -> list[logging.StreamHandler]:  # type: ignore[type-arg]
    """Return all handlers of the log that write to a stream."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    return [
        handler
        for handler in dict.fromkeys(one for logger in loggers for one in logger.handlers)
        if isinstance(handler, logging.StreamHandler)
    ]
