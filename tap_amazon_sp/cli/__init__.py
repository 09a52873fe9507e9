"""The `amazon-sp` command."""

from __future__ import annotations

import importlib

import click

# Sub-command -> module that holds it, with what the list of commands says of it. A module is
# loaded when its command is used: one that needs an extra does not get in the way of the others.
_COMMANDS = {
    "simulate": ("tap_amazon_sp.cli.simulate", "Serve a local SP-API with a made-up seller."),
}


class LazyGroup(click.Group):
    """A group whose sub-commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all sub-commands."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a sub-command; None if there is none of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of sub-commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools around Amazon's Selling Partner API (SP-API)."""
