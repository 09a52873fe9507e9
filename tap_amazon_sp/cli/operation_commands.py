"""Options, checks and defaults of the commands that call one operation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import click

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.marketplaces import marketplace_in
from tap_amazon_sp.amazon.validation import mistakes_in_body, mistakes_in_parameters
from tap_amazon_sp.cli.arguments import Arguments
from tap_amazon_sp.cli.call import Manner
from tap_amazon_sp.cli.confirmation import dry_run_option, show_request_option, yes_option
from tap_amazon_sp.cli.connection import Command, connection_options
from tap_amazon_sp.cli.data_output import JSON, output_option
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.reading.connection import Connection

marketplaces_option = click.option(
    "--marketplaces",
    multiple=True,
    metavar="IDS",
    help="Marketplaces, as ids or country codes separated by commas. Default: the setting"
    " `marketplace_ids`. Repeatable.",
)


def reading_options(command: Command) -> Command:
    """Add the options of a command that reads. It gets them as `manner` and `connecting`."""
    return _with_manner(command, output_option(JSON), show_request_option)


def changing_options(command: Command) -> Command:
    """Add the options of a command that changes something. It gets them in the same way."""
    return _with_manner(
        command, output_option(JSON), yes_option, dry_run_option, show_request_option
    )


def _with_manner(command: Command, *options: Callable[[Any], Any]) -> Command:
    @functools.wraps(command)
    def with_manner(
        *args: Any,
        output: str,
        show_request: bool,
        yes: bool = False,
        dry_run: bool = False,
        **others: Any,
    ) -> Any:
        manner = Manner(output, yes=yes, dry_run=dry_run, show_request=show_request)
        return command(*args, manner=manner, **others)

    whole: Any = connection_options(with_manner)
    for option in reversed(options):
        whole = option(whole)
    found: Command = whole
    return found


def checked(operation: Operation, parameters: Mapping[str, Any], body: Any = None) -> Arguments:
    """Return the arguments of an operation, checked against its model.

    Args:
        operation: From the catalogue.
        parameters: By Amazon's names; one that is None or an empty list is left out.
        body: The whole body.

    Raises:
        MistakesError: Names each missing or wrong argument, and what would be right.
    """
    given = {
        name: value
        for name, value in parameters.items()
        if value is not None and value not in ((), [])
    }
    mistakes = [*mistakes_in_parameters(operation, given), *mistakes_in_body(operation, body)]
    if mistakes:
        raise MistakesError(list(dict.fromkeys(mistakes)))
    return Arguments(given, body)


def names_in(words: tuple[str, ...]) -> list[str]:
    """Return the values of a repeatable option whose values are separated by commas."""
    return [name for word in words for name in map(str.strip, word.split(",")) if name]


def chosen_marketplaces(
    words: tuple[str, ...], connection: Connection, *, or_all: bool = False
) -> list[str]:
    """Return the ids of the marketplaces that the option names, else those of the settings.

    Args:
        words: Values of the option.
        connection: The account.
        or_all: If none is named, ask Amazon for all marketplaces of the account.

    Raises:
        MistakesError: None is named, or one is unknown or in another region.
    """
    names = names_in(words)
    if not names and connection.account.marketplace_ids:
        return list(connection.account.marketplace_ids)
    if not names and or_all:
        return list(connection.participating_marketplaces)
    if not names:
        message = "name marketplaces: `--marketplaces US`, or the setting `marketplace_ids`"
        raise MistakesError([message])
    region = connection.account.region
    found = []
    for name in names:
        try:
            found.append(marketplace_in(region, name).id)
        except ValueError as error:
            raise MistakesError([f"--marketplaces: {error}"]) from None
    return list(dict.fromkeys(found))
