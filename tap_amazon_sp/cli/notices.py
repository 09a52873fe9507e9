"""What is said to people: notices, the log and progress. All of it goes to stderr."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

SECONDS_BETWEEN_LINES = 5.0
"""Progress where there is no terminal: a line in so many seconds at most."""


def notice(text: str) -> None:
    """Tell people something."""
    click.echo(text, err=True)


def show_log() -> None:
    """Write the log to stderr, from now on: waits and retries, or what LOGLEVEL asks for."""
    root = logging.getLogger()
    if not any(isinstance(handler, _NoticeHandler) for handler in root.handlers):
        root.addHandler(_NoticeHandler())
    level = logging.getLevelName(os.environ.get("LOGLEVEL", "").upper())
    if isinstance(level, int):
        root.setLevel(level)
    else:
        logging.getLogger("tap_amazon_sp").setLevel(logging.INFO)


class Progress:
    """Tells how far something is, as often as it is good to know."""

    def tell(self, text: str, done: float | None = None) -> None:
        """Say how far it is.

        Args:
            text: Such as `page 3, 300 records`.
            done: The part that is done, from 0 to 1, where it is known.
        """


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Show the progress of something: a bar on a terminal, else a line now and then.

    The bar is left out where data is printed on the same terminal.
    """
    if sys.stderr.isatty() and not sys.stdout.isatty():
        with _progress_bar(what) as bar:
            yield bar
        return
    lines = _ProgressLines(what)
    yield lines
    lines.tell_last()


class _NoticeHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        notice(self.format(record))


class _ProgressLines(Progress):
    def __init__(self, what: str) -> None:
        self._what = what
        self._text = ""
        self._told_at = time.monotonic()

    def tell(self, text: str, done: float | None = None) -> None:
        del done
        self._text = text
        if time.monotonic() - self._told_at >= SECONDS_BETWEEN_LINES:
            self.tell_last()

    def tell_last(self) -> None:
        if self._text:
            notice(f"{self._what}: {self._text}")
        self._text = ""
        self._told_at = time.monotonic()


@contextmanager
def _progress_bar(what: str) -> Iterator[Progress]:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as RichProgress  # noqa: PLC0415

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None, text="")

        class Bar(Progress):
            def tell(self, text: str, done: float | None = None) -> None:
                if done is None:
                    bars.update(task, text=text)
                else:
                    bars.update(task, text=text, total=1.0, completed=done)

        yield Bar()
