"""Operations as people name them: by id, or by name alone if only one API has it."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, UnknownOperationError
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.common.similar_names import close_to


def find_operation(name: str) -> Operation:
    """Return the operation with an id (`feeds_2021-06-30.getFeeds`) or a name (`getFeeds`).

    Raises:
        MistakesError: There is none, or several APIs have an operation of that name.
    """
    if "." in name:
        try:
            return catalogue.operation(name)
        except UnknownOperationError as error:
            raise MistakesError([str(error)]) from None
    found = [operation for operation in catalogue.operations() if operation.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(operation.id for operation in found)
        message = f"several APIs have an operation '{name}': choose one of {ids}"
        raise MistakesError([message])
    names = {operation.name for operation in catalogue.operations()}
    message = f"there is no operation '{name}'{close_to(name, sorted(names))}"
    raise MistakesError([f"{message} (`amazon-sp operations` lists all)"])


def _convert(ctx: click.Context, parameter: click.Parameter, name: str) -> Operation:
    del ctx, parameter
    return find_operation(name)


def _complete(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the ids that begin with a text, or whose operation's name does."""
    del ctx, parameter
    return [
        CompletionItem(operation.id)
        for operation in catalogue.operations()
        if operation.id.startswith(incomplete) or operation.name.startswith(incomplete)
    ]


operation_argument = click.argument("operation", callback=_convert, shell_complete=_complete)
"""The argument OPERATION of a command. The command gets the `Operation`."""
