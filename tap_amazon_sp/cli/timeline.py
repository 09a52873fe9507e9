"""`amazon-sp timeline`: a picture of what a run did, and when, as a page."""

from __future__ import annotations

import sys
from typing import TextIO

import click

from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.timeline.page import page
from tap_amazon_sp.timeline.reading import NoTimelineError, read_run


@click.command(name="timeline")
@click.argument("log", type=click.File(encoding="utf-8-sig", errors="replace"))
@click.option(
    "--run",
    type=click.IntRange(min=1),
    metavar="N",
    help="The N-th run of a log that has several. Default: the last one.",
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    metavar="FILE",
    help="File for the page. Default: stdout.",
)
def command(*, log: TextIO, run: int | None, output: TextIO | None) -> None:
    """Make a page that shows when a run sent requests, waited and read, and where the time went.

    LOG is the file of the tap's option `--timeline` (setting `timeline_file`), or a log of the tap
    or of Meltano, which tells less; `-` is stdin. The page is one file of HTML that needs no
    network.
    """
    if output is None and sys.stdout.isatty():
        raise MistakesError(
            ["A page is not for a terminal: add `> run.html` or `--output run.html`"]
        )
    try:
        made = page(read_run(log, number=run))
    except NoTimelineError as error:
        raise MistakesError([f"{log.name}: {error}"]) from None
    click.echo(made, file=output, nl=False)
