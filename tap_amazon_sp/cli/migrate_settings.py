"""`amazon-sp migrate-settings`: the settings of another connector as settings of the tap."""

from __future__ import annotations

from typing import TextIO

import click

from tap_amazon_sp.cli.data_output import write_json
from tap_amazon_sp.cli.migrate_state import CONNECTORS, connector_option
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.migration.old_settings import new_settings
from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.input_files import json_in_file
from tap_amazon_sp.streams.from_settings import mistakes_in_streams

_ELSEWHERE = dict.fromkeys(("client_id", "client_secret", "refresh_token"), "elsewhere")
"""Stands for settings that are not printed, so that only the others are checked."""


@click.command(name="migrate-settings")
@click.argument("file", type=click.File(encoding="utf-8-sig"), metavar="OLD")
@connector_option
@click.option(
    "--state",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The old state, whose reports become entries of `reports`.",
)
def command(*, file: TextIO, name: str, state: TextIO | None) -> None:
    """Print the settings of another connector as settings of the tap.

    OLD is the file with the old settings; - is stdin. Secrets are not printed: they belong into the
    environment. stderr has a line for each old setting that is not needed here, or not known, and
    for what has to be corrected.
    """
    bookmarks = [] if state is None else CONNECTORS[name].read(state).bookmarks
    (content,) = json_in_file(file)[-1:]
    found = new_settings(content, name, dict.fromkeys(one.stream for one in bookmarks), file.name)
    for note in found.notes:
        notice(note)
    checked = read_settings(_ELSEWHERE | found.values)
    for mistake in checked.mistakes or mistakes_in_streams(checked.settings):
        notice(f"To be corrected: {mistake}")
    write_json(found.values)
