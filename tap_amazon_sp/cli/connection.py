"""Options of commands that call Amazon, and the account's connection that they select.

Settings, their checks, authentication, token buckets and retries are those of the tap: the
connection is taken from a tap that has not started to read.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import show_log
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.common.stopping import StopSignals
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.tap import TapAmazonSP

Command = TypeVar("Command", bound=Callable[..., Any])

_ENVIRONMENT = "ENV"
_MAX_NAMES = 10
"""The most accounts that an error names."""


@dataclass(frozen=True)
class Connecting:
    """The settings and the account that the options of a command select."""

    settings: Mapping[str, Any]
    """Settings from the config files."""
    from_environment: bool
    account: str | None

    def open(self, **overrides: Any) -> Connection:
        """Return the account's connection, which has not called Amazon yet.

        From now on, waits raise `SyncInterrupted` after SIGINT or SIGTERM.

        Args:
            overrides: Settings given on the command line; None leaves a setting unchanged.

        Raises:
            ConfigValidationError, SettingsError: A setting is wrong.
            MistakesError: The account is unknown, or must be named.
        """
        _, connection = self.open_tap()
        given = {name: value for name, value in overrides.items() if value is not None}
        connection.settings = replace(connection.settings, **given)
        return connection

    def open_tap(self) -> tuple[TapAmazonSP, Connection]:
        """Return the account's connection, as `open` does, with the tap and its streams."""
        show_log()
        signals = click.get_current_context().find_object(StopSignals)
        tap = TapAmazonSP(
            config=dict(self.settings),
            parse_env_config=self.from_environment,
            setup_mapper=False,
        )
        connection = _chosen(tap.connections, self.account)
        if signals is not None:
            # The command itself says what was stopped, and how to go on.
            signals.let_main_thread_end_first()
        return tap, connection


def chosen_connections(tap: TapAmazonSP, name: str | None) -> Sequence[Connection]:
    """Return the connection with a name; all connections without one.

    Raises:
        MistakesError: The name is unknown.
    """
    return tap.connections if name is None else (_chosen(tap.connections, name),)


def connection_options(command: Command) -> Command:
    """Add `--config` and `--account` to a command. It gets them as `connecting`."""

    @click.option(
        "--config",
        "config",
        multiple=True,
        default=(_ENVIRONMENT,),
        metavar="FILE",
        callback=TapAmazonSP.cb_config,
        help="The tap's config.json; ENV means the environment (TAP_AMAZON_SP_...). Default: ENV."
        " Repeatable.",
    )
    @click.option(
        "--account",
        metavar="NAME",
        help="Account to use, if the settings have several `accounts`.",
    )
    @functools.wraps(command)
    def with_connection(*args: Any, config: Any, account: str | None, **options: Any) -> Any:
        connecting = Connecting(config.config, config.parse_env, account)
        return command(*args, connecting=connecting, **options)

    return with_connection  # type: ignore[return-value]


def _chosen(connections: Sequence[Connection], name: str | None) -> Connection:
    """Return the connection with a name, or the only one.

    Raises:
        MistakesError: The name is unknown, or there are several connections and no name.
    """
    by_name = {connection.name: connection for connection in connections}
    if name is None and len(connections) == 1:
        return connections[0]
    if name is not None and name in by_name:
        return by_name[name]
    known = [str(known) for known in by_name if known is not None]
    if not known:
        message = f"the settings have no `accounts`: leave `--account {name}` out"
        raise MistakesError([message])
    shown = ", ".join(known[:_MAX_NAMES]) + (", ..." if len(known) > _MAX_NAMES else "")
    if name is None:
        message = f"the settings have several accounts: choose one with `--account`: {shown}"
        raise MistakesError([message])
    message = f"the settings have no account '{name}', only {shown}{close_to(name, known)}"
    raise MistakesError([message])
