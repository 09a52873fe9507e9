"""A table on the terminal of how far each stream is, with the log above it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tap_amazon_sp.reading.progress import duration, left_of
from tap_amazon_sp.reading.queue_progress import queues_of
from tap_amazon_sp.reading.stream import AmazonStream

REFRESHES_PER_SECOND = 2.0


@contextmanager
def live_view(streams: Sequence[AmazonStream]) -> Iterator[None]:
    """Show the table on stderr until the end of this context, and write the log above it."""
    console = Console(stderr=True, highlight=False)
    live = Live(
        get_renderable=lambda: table(streams),
        console=console,
        refresh_per_second=REFRESHES_PER_SECOND,
        redirect_stdout=False,
        transient=True,
    )
    terminal = sys.stderr
    with live:
        handlers = [handler for handler in _handlers() if handler.stream is terminal]
        for handler in handlers:
            # While the table is shown, this is a file that writes above it.
            handler.setStream(sys.stderr)
        try:
            yield
        finally:
            for handler in handlers:
                handler.setStream(terminal)


def table(streams: Sequence[AmazonStream]) -> Table:
    """Return the table: a row for each stream that is under way, and how many have ended."""
    ended = sum(stream.progress.has_ended for stream in streams)
    made = Table(
        title=f"{ended} of {len(streams)} streams have ended",
        title_justify="left",
        caption_justify="left",
        expand=False,
    )
    made.add_column("stream", overflow="fold")
    made.add_column("records", justify="right")
    made.add_column("read to")
    made.add_column("about", justify="right")
    made.add_column("at least")
    made.add_column("bound by", overflow="fold")
    under_way = [stream for stream in streams if stream.progress.is_under_way]
    for stream in under_way:
        made.add_row(*(Text(cell) for cell in cells(stream)))
    made.caption = "\n".join(str(queue) for queue in queues_of(under_way) if queue.counts.left)
    return made


def cells(stream: AmazonStream) -> tuple[str, ...]:
    """Return the values of a row; what is not known is empty."""
    progress, left = stream.progress, left_of(stream)
    share = progress.share
    return (
        stream.label,
        f"{progress.records:,}",
        progress.read_to_minute or "",
        "" if share is None else f"{share * 100:.0f} %",
        "" if left is None else f"{duration(left.seconds)} more",
        "" if left is None else left.bound,
    )


def _handlers() -> list[logging.StreamHandler]:  # type: ignore[type-arg]
    """Return all handlers of the log that write to a stream."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    return [
        handler
        for handler in dict.fromkeys(one for logger in loggers for one in logger.handlers)
        if isinstance(handler, logging.StreamHandler)
    ]
