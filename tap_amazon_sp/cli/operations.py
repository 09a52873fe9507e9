"""`amazon-sp operations`: list the operations of the SP-API."""

from __future__ import annotations

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, load_api
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer, write_table
from tap_amazon_sp.cli.mistakes import FAILURE, MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.operation_summary import summary
from tap_amazon_sp.common.similar_names import close_to

COLUMNS = ("operation", "method", "path", "rate", "burst", "needs")


@click.command(name="operations")
@click.argument("api", required=False)
@click.option(
    "--search",
    multiple=True,
    metavar="WORD",
    help="Only operations with this word in name, path or title. Repeatable.",
)
@output_option(TABLE)
def command(api: str | None, search: tuple[str, ...], output: str) -> None:
    """List operations: id, method, path, usage plan (calls a second, burst) and what they need.

    API is one version of one API, such as feeds_2021-06-30, or the beginning of several.
    """
    found = [
        operation
        for name in _apis(api)
        for operation in load_api(name).operations.values()
        if all(word.lower() in _text(operation) for word in search)
    ]
    if not found:
        notice("No operation matches")
        raise click.exceptions.Exit(FAILURE)
    records = [summary(operation) for operation in found]
    if output == TABLE:
        write_table(records, COLUMNS)
        return
    with record_writer(output) as writer:
        writer.write(records)


def _apis(prefix: str | None) -> list[str]:
    names = catalogue.api_names()
    if prefix is None:
        return names
    found = [name for name in names if name.lower().startswith(prefix.lower())]
    if prefix in names:
        return [prefix]
    if not found:
        raise MistakesError([f"there is no API '{prefix}'{close_to(prefix, names)}"])
    return found


def _text(operation: Operation) -> str:
    title = load_api(operation.api).title
    return f"{operation.id} {operation.path} {operation.method} {title}".lower()
