"""The `amazon-sp` command."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from tap_amazon_sp.cli.mistakes import SIGNALLED
from tap_amazon_sp.common.clock import SyncInterrupted

# Sub-command -> its module, and its line in the list of commands. A module is imported when its
# command runs: that saves half a second elsewhere, and a missing extra disturbs no other command.
COMMANDS = {
    "authorize": ("tap_amazon_sp.cli.authorize", "Get a refresh token through a consent."),
    "call": ("tap_amazon_sp.cli.call", "Call any operation with checked arguments."),
    "describe": ("tap_amazon_sp.cli.describe", "Describe what an operation takes and returns."),
    "doctor": (
        "tap_amazon_sp.cli.doctor",
        "Check settings, roles, and which streams can be read.",
    ),
    "feed": ("tap_amazon_sp.cli.feed", "Submit feeds and read their processing reports."),
    "listings": ("tap_amazon_sp.cli.listings", "Read and change listings by SKU."),
    "migrate-settings": (
        "tap_amazon_sp.cli.migrate_settings",
        "Convert the settings of another connector.",
    ),
    "migrate-state": (
        "tap_amazon_sp.cli.migrate_state",
        "Convert the state of another connector.",
    ),
    "notifications": (
        "tap_amazon_sp.cli.notifications",
        "Let notifications arrive in a queue; manage subscriptions.",
    ),
    "operations": ("tap_amazon_sp.cli.operations", "List operations."),
    "plan": ("tap_amazon_sp.cli.plan", "Show what a run would read, and how long it takes."),
    "raw": ("tap_amazon_sp.cli.raw", "Send any request without checks."),
    "report": ("tap_amazon_sp.cli.report", "Fetch a report as a file."),
    "simulate": ("tap_amazon_sp.cli.simulate", "Serve a local SP-API with a made-up seller."),
    "state": ("tap_amazon_sp.cli.state", "Reset streams in the state of the tap."),
    "timeline": ("tap_amazon_sp.cli.timeline", "Make a picture of a run."),
}


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is used.

    A command that fails prints a sentence and exits with a code.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit; `mistakes` lists the exit codes."""
        try:
            return super().main(*args, **kwargs)
        except SyncInterrupted as stop:
            # In a process that is ours, somebody else may be faster.
            signals = kwargs.get("obj")
            if signals is None or signals.is_first_to_tell():
                from tap_amazon_sp.cli.endings import end  # noqa: PLC0415

                sys.exit(end(stop))
            sys.exit(SIGNALLED + stop.signal_number)
        except Exception as error:  # noqa: BLE001 - people get a sentence
            # It takes 0.7 seconds to import, and commands that succeed do not need it.
            from tap_amazon_sp.cli.endings import end  # noqa: PLC0415

            sys.exit(end(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all sub-commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a sub-command; return None if the name is unknown."""
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
    """Tools for Amazon's Selling Partner API (SP-API)."""
