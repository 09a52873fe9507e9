"""Asking before something is changed at Amazon."""

from __future__ import annotations

import sys

import click

from tap_amazon_sp.cli.mistakes import FAILURE, MistakesError
from tap_amazon_sp.cli.notices import notice

yes_option = click.option(
    "--yes", "-y", is_flag=True, help="Do not ask before something is changed at Amazon."
)


def confirm(what: str, details: str, *, yes: bool) -> None:
    """Show what is going to happen and go on if that is wanted.

    Args:
        what: What is about to be done, such as `createFeed changes something at Amazon`.
        details: All of it, over several lines, such as the request.
        yes: Whether `--yes` was given: nothing is shown or asked.

    Raises:
        MistakesError: Nobody can be asked, as there is no terminal.
        click.exceptions.Exit: It is not wanted.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        message = f"{what}: give `--yes`, or run it on a terminal to be asked"
        raise MistakesError([message])
    notice(f"{what}:\n")
    notice("".join(f"    {line}\n" for line in details.splitlines()))
    if not click.confirm("Go on?", err=True):
        notice("Nothing was sent.")
        raise click.exceptions.Exit(FAILURE)
