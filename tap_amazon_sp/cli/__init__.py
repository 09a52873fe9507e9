"""The `amazon-sp` command."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

# Sub-command -> module that holds it, with what the list of commands says of it. A module is
# loaded when its command is used: one that needs an extra does not get in the way of the others.
COMMANDS = {
    "authorize": ("tap_amazon_sp.cli.authorize", "Get a refresh token by a partner's consent."),
    "call": ("tap_amazon_sp.cli.call", "Call any operation, its arguments checked."),
    "describe": ("tap_amazon_sp.cli.describe", "Describe what an operation takes and gives."),
    "doctor": (
        "tap_amazon_sp.cli.doctor",
        "Check settings, roles, and which streams are readable.",
    ),
    "feed": ("tap_amazon_sp.cli.feed", "Submit feeds and read their processing reports."),
    "listings": ("tap_amazon_sp.cli.listings", "Read and change listings by SKU."),
    "notifications": (
        "tap_amazon_sp.cli.notifications",
        "Destinations of notifications, and subscriptions to them.",
    ),
    "operations": ("tap_amazon_sp.cli.operations", "List operations."),
    "raw": ("tap_amazon_sp.cli.raw", "Send any request, unchecked."),
    "report": ("tap_amazon_sp.cli.report", "Fetch a report as a file."),
    "simulate": ("tap_amazon_sp.cli.simulate", "Serve a local SP-API with a made-up seller."),
}


class LazyGroup(click.Group):
    """A group whose sub-commands are imported when they are used.

    A failure ends in a sentence and an exit code.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; exit with 0, or as `mistakes` and `endings` say."""
        try:
            return super().main(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - people get a sentence
            from tap_amazon_sp.cli.endings import end  # noqa: PLC0415 - not before it is needed

            sys.exit(end(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all sub-commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a sub-command; None if there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of sub-commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools around Amazon's Selling Partner API (SP-API)."""
