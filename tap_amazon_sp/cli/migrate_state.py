"""`amazon-sp migrate-state`: the state of another connector as a state of the tap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click

from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import write_json
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.common.durations import parse_duration
from tap_amazon_sp.migration import airbyte, airbyte_states, hotglue
from tap_amazon_sp.migration.conversion import OldState, check_different, convert, lines
from tap_amazon_sp.migration.rules import Rule
from tap_amazon_sp.migration.secret_shapes import without_secrets
from tap_amazon_sp.reading.stream import link_children
from tap_amazon_sp.settings.input_files import json_in_file, state_in_file
from tap_amazon_sp.settings.state_input import for_meltano, is_of_meltano, read_state

OVERLAP = "P1D"


@dataclass(frozen=True)
class Connector:
    """Another connector: how to read its states, and what they say."""

    read: Callable[[TextIO], OldState]
    rules: Mapping[str, Rule]


def _of_airbyte(file: TextIO) -> OldState:
    contents = json_in_file(file)
    bookmarks = airbyte_states.bookmarks_of(contents, file.name)
    return OldState(file.name, bookmarks, airbyte_states.connection_of(contents))


def _of_hotglue(file: TextIO) -> OldState:
    return OldState(file.name, [*hotglue.bookmarks_of(state_in_file(file, option=""))])


CONNECTORS: Mapping[str, Connector] = {
    "airbyte": Connector(_of_airbyte, airbyte.RULES),
    "hotglue": Connector(_of_hotglue, hotglue.RULES),
}


connector_option = click.option(
    "--from",
    "name",
    required=True,
    type=click.Choice(sorted(CONNECTORS)),
    help="The connector that wrote the file.",
)


@click.command(name="migrate-state")
@click.argument(
    "files", nargs=-1, required=True, type=click.File(encoding="utf-8-sig"), metavar="OLD..."
)
@connector_option
@click.option(
    "--state",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="A state of the tap that the bookmarks are added to, such as that of other accounts.",
)
@click.option(
    "--overlap",
    default=OVERLAP,
    show_default=True,
    metavar="DURATION",
    help="How much of the time before an old bookmark is read again (ISO 8601).",
)
@click.option(
    "--meltano", is_flag=True, help="Print the state in the form that `meltano state set` takes."
)
@connection_options
def command(  # noqa: PLR0913 - options of the command line
    *,
    files: tuple[TextIO, ...],
    name: str,
    state: TextIO | None,
    overlap: str,
    meltano: bool,
    connecting: Connecting,
) -> None:
    """Print the state of another connector as a state of the tap.

    OLD is the file with the old state; - is stdin. Give several if the connector has a state for
    each marketplace: of a stream, the earliest bookmark counts. Settings are those of the tap, as
    they say which streams there are. Nothing is sent to Amazon.

    A bookmark is converted only if everything before it was surely read. For each other one, stderr
    says why: these streams are read from `start_date` on.
    """
    try:
        kept = parse_duration(overlap)
    except ValueError as error:
        message = f"`--overlap`: {error}"
        raise MistakesError([message]) from None
    connector = CONNECTORS[name]
    old = [connector.read(file) for file in files]
    check_different(old)
    before: Mapping[str, Any] = {} if state is None else state_in_file(state)
    tap, connection = connecting.open_tap()
    streams = [stream.for_account(connection) for stream in tap.run.streams]
    link_children(streams)
    done = convert(old, connector.rules, streams, now=SystemClock().now(), overlap=kept)
    for line in lines(done, overlap):
        notice(without_secrets(line))
    if not done.converted:
        message = "no bookmark can be converted: start without a state"
        raise MistakesError([message])
    new = done.added_to(read_state(before), streams[0].partition)
    write_json(for_meltano(new) if meltano or is_of_meltano(before) else new)
