"""`amazon-sp state`: change the state of the tap."""

from __future__ import annotations

from typing import TextIO

import click

from tap_amazon_sp.cli.data_output import write_json
from tap_amazon_sp.settings.input_files import state_in_file
from tap_amazon_sp.settings.state_input import without_bookmarks


@click.group(name="state")
def command() -> None:
    """Change the state of the tap."""


@command.command()
@click.argument("streams", nargs=-1, required=True, metavar="STREAM...")
@click.option(
    "--state",
    "file",
    required=True,
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="File with the state, as `tap-amazon-sp --state` takes it. - is stdin.",
)
@click.option("--account", metavar="NAME", help="Reset this account only. Default: all.")
def reset(*, streams: tuple[str, ...], file: TextIO, account: str | None) -> None:
    """Print a state without the bookmarks of streams.

    The next run with the new state reads these streams from `start_date` on. The file stays as it
    is.
    """
    write_json(without_bookmarks(state_in_file(file), streams, account))
