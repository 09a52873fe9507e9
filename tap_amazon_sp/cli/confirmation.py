"""Show requests, and ask before something is changed at Amazon."""

from __future__ import annotations

import sys

import click

from tap_amazon_sp.cli.mistakes import FAILURE, MistakesError
from tap_amazon_sp.cli.notices import notice

yes_option = click.option(
    "--yes", "-y", is_flag=True, help="Do not ask before something is changed at Amazon."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Print the request without sending it."
)
show_request_option = click.option(
    "--show-request", is_flag=True, help="Print each request to stderr, without secrets."
)


def confirm(what: str, details: str, *, yes: bool) -> None:
    """Show what is about to happen, and return if the user agrees.

    Args:
        what: A summary, such as `createFeed changes something at Amazon`.
        details: All of it over several lines, such as the request.
        yes: Whether `--yes` was given: then nothing is shown or asked.

    Raises:
        MistakesError: There is no terminal to ask on.
        click.exceptions.Exit: The user does not agree.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        message = f"{what}: give `--yes`, or run the command on a terminal"
        raise MistakesError([message])
    notice(f"{what}:\n")
    notice("".join(f"    {line}\n" for line in details.splitlines()))
    if not click.confirm("Go on?", err=True):
        notice("Nothing was sent.")
        raise click.exceptions.Exit(FAILURE)
