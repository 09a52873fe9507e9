"""Messages for people: notices, the log and progress. All of them go to stderr."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from tap_amazon_sp.cli.terminal import shown

SECONDS_BETWEEN_LINES = 5.0
"""The shortest time between two lines of progress if there is no terminal."""


def notice(text: str) -> None:
    """Print a message."""
    click.echo(shown(text, sys.stderr), err=True)


def show_log() -> None:
    """Write the log to stderr from now on, at LOGLEVEL or with waits and retries."""
    root = logging.getLogger()
    if not any(isinstance(handler, _NoticeHandler) for handler in root.handlers):
        root.addHandler(_NoticeHandler())
    level = logging.getLevelName(os.environ.get("LOGLEVEL", "").upper())
    if isinstance(level, int):
        root.setLevel(level)
    else:
        logging.getLogger("tap_amazon_sp").setLevel(logging.INFO)


class Progress:
    """Shows how far something has got."""

    def update(self, text: str, done: float | None = None) -> None:
        """Show progress, not more often than is useful.

        Args:
            text: Such as `page 3, 300 records`.
            done: The part that is done, from 0 to 1, if known.
        """


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Show the progress of something: as a bar on a terminal, else as a line now and then.

    There is no bar if data is printed on the same terminal.
    """
    if sys.stderr.isatty() and not sys.stdout.isatty():
        with _progress_bar(what) as bar:
            yield bar
        return
    lines = _ProgressLines(what)
    yield lines
    lines.show_last()


class _NoticeHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        notice(self.format(record))


class _ProgressLines(Progress):
    def __init__(self, what: str) -> None:
        self._what = what
        self._text = ""
        self._shown_at = time.monotonic()

    def update(self, text: str, done: float | None = None) -> None:
        del done
        self._text = text
        if time.monotonic() - self._shown_at >= SECONDS_BETWEEN_LINES:
            self.show_last()

    def show_last(self) -> None:
        if self._text:
            notice(f"{self._what}: {self._text}")
        self._text = ""
        self._shown_at = time.monotonic()


@contextmanager
def _progress_bar(what: str) -> Iterator[Progress]:

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
            def update(self, text: str, done: float | None = None) -> None:
                if done is None:
                    bars.update(task, text=text)
                else:
                    bars.update(task, text=text, total=1.0, completed=done)

        yield Bar()
