"""The options of commands that call Amazon, and the account's connection that they stand for.

Settings, their checks, authentication, token buckets and retries are the tap's own: a connection
is taken out of a tap that has not begun to read.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from tap_amazon_sp.amazon.validation import close_to
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import show_log
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.tap import TapAmazonSP

Command = TypeVar("Command", bound=Callable[..., Any])

_ENVIRONMENT = "ENV"
_MOST_NAMES = 10
"""Accounts named in an error."""


@dataclass(frozen=True)
class Connecting:
    """Which settings and which of their accounts a command was told to use."""

    settings: Mapping[str, Any]
    """Of the config files."""
    from_environment: bool
    account: str | None

    def open(self, **overrides: Any) -> Connection:
        """Return the account's connection, which has called nothing yet.

        SIGINT and SIGTERM raise `SyncInterrupted` from now on.

        Args:
            overrides: Settings that the command line gives; None leaves one as it is.

        Raises:
            ConfigValidationError, SettingsError: A setting is wrong.
            MistakesError: There is no such account, or one must be named.
        """
        _, connection = self.open_tap()
        given = {name: value for name, value in overrides.items() if value is not None}
        connection.settings = {**connection.settings, **given}
        return connection

    def open_tap(self) -> tuple[TapAmazonSP, Connection]:
        """Return the tap with the account's connection, as `open`, for what needs its streams."""
        show_log()
        tap = TapAmazonSP(
            config=dict(self.settings),
            parse_env_config=self.from_environment,
            setup_mapper=False,
        )
        return tap, _chosen(tap.connections, self.account)


def connection_options(command: Command) -> Command:
    """Add `--config` and `--account` to a command, which gets them as `connecting`."""

    @click.option(
        "--config",
        "config",
        multiple=True,
        default=(_ENVIRONMENT,),
        metavar="FILE",
        callback=TapAmazonSP.cb_config,
        help="The tap's config.json; ENV is the environment (TAP_AMAZON_SP_...), which is also the"
        " default. Repeatable.",
    )
    @click.option(
        "--account", metavar="NAME", help="Which of `accounts`, where the settings hold several."
    )
    @functools.wraps(command)
    def with_connection(*args: Any, config: Any, account: str | None, **options: Any) -> Any:
        connecting = Connecting(config.config, config.parse_env, account)
        return command(*args, connecting=connecting, **options)

    return with_connection  # type: ignore[return-value]


def _chosen(connections: Sequence[Connection], name: str | None) -> Connection:
    """Return the connection of that name, or the only one.

    Raises:
        MistakesError: There is none.
    """
    by_name = {connection.name: connection for connection in connections}
    if name is None and len(connections) == 1:
        return connections[0]
    if name is not None and name in by_name:
        return by_name[name]
    known = [str(known) for known in by_name if known is not None]
    if not known:
        message = f"the settings hold no `accounts`: leave `--account {name}` out"
        raise MistakesError([message])
    shown = ", ".join(known[:_MOST_NAMES]) + (", ..." if len(known) > _MOST_NAMES else "")
    if name is None:
        message = f"the settings hold several accounts: name one with `--account`, of {shown}"
        raise MistakesError([message])
    message = f"there is no account '{name}' in the settings, but {shown}{close_to(name, known)}"
    raise MistakesError([message])
