"""`amazon-sp plan`: what a run would read, with how many calls, how long it takes and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

import click

from tap_amazon_sp.amazon.errors import AccountError, SellingPartnerError
from tap_amazon_sp.cli.connection import Connecting, chosen_connections, connection_options
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer
from tap_amazon_sp.cli.notices import notice, show_log
from tap_amazon_sp.cli.plan_lines import Line, Summary
from tap_amazon_sp.reading.before_reading import root_streams
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.counts import Counts
from tap_amazon_sp.reading.plan import StreamPlan, joined
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.input_files import catalog_in_file, state_in_file
from tap_amazon_sp.settings.state_input import read_state
from tap_amazon_sp.tap import TapAmazonSP


@click.command(name="plan")
@click.option(
    "--catalog",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The catalog of the run. Default: the streams that are selected without one.",
)
@click.option(
    "--state",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The state that the run begins with. Default: none.",
)
@click.option(
    "--ask",
    is_flag=True,
    help="Ask Amazon how many orders and listings there are: a call for each marketplace.",
)
@output_option(TABLE)
@connection_options
def command(
    *,
    catalog: TextIO | None,
    state: TextIO | None,
    ask: bool,
    output: str,
    connecting: Connecting,
) -> None:
    """Show what a run would read: from when to when, with how many calls, and how long it takes.

    Without `--ask`, nothing is sent to Amazon. Each number of calls says how certain it is, and
    what takes further calls.
    """
    show_log()
    tap = TapAmazonSP(
        config=dict(connecting.settings),
        parse_env_config=connecting.from_environment,
        catalog=None if catalog is None else catalog_in_file(catalog),
        state=None if state is None else read_state(state_in_file(state)),
    )
    connections = chosen_connections(tap, connecting.account)
    tap.run.check_settings()
    lines = [
        line
        for connection in connections
        for line in _lines(tap, connection, Counts(connection) if ask else None)
    ]
    summary = Summary(lines)
    with record_writer(output) as writer:
        if output == TABLE:
            writer.write([line.row for line in lines])
        else:
            writer.write([*(line.record for line in lines), {"summary": summary.record}])
    for sentence in summary.sentences():
        notice(sentence)


def _lines(tap: TapAmazonSP, connection: Connection, counts: Counts | None) -> Iterator[Line]:
    """Yield the plans of the streams of an account, each before those of its child streams."""
    for stream in root_streams(tap.run.streams_by_account[connection]):
        try:
            plan = _counted_plan(stream, counts)
        except (AccountError, SettingsError) as error:
            # The other streams of the account would hear the same. A setting that is wrong without
            # a count, too, is an error of the plan below.
            label = f"account '{connection.name}': not" if connection.name else "Not"
            notice(f"{label} counted: {error}")
            counts = None
            plan = stream.reader.plan()
        except SellingPartnerError as error:
            # Amazon may count for other roles only. What is certain without a count is of use, too.
            notice(f"{stream.label}: not counted: {error}")
            plan = stream.reader.plan()
        yield from _with_children(stream, plan)


def _counted_plan(stream: AmazonStream, counts: Counts | None) -> StreamPlan:
    """Return the plan of a stream, with what Amazon counts.

    Raises:
        AccountError, SettingsError: Amazon tells nothing of the account.
        SellingPartnerError: Amazon does not count the records of this stream.
    """
    if counts is not None and not stream.reader.knows_marketplaces:
        # Found once; a run asks, too.
        _ = stream.connection.participating_marketplaces
    return stream.reader.plan(counts)


def _with_children(stream: AmazonStream, plan: StreamPlan) -> Iterator[Line]:
    further = joined(plan.further, stream.calls_for_records)
    yield Line(stream, replace(plan, further=further))
    for child in stream.selected_children:
        yield from _with_children(child, child.child_reader.plan_with_parent(plan))
