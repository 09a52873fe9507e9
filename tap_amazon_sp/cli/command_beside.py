"""A command that runs while something else serves it, such as tests beside the simulator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

import click

from tap_amazon_sp.common.stopping import StopSignals

_SIGNALLED = 128


def run_beside(
    command: Sequence[str], variables: Mapping[str, str], signals: StopSignals | None
) -> int:
    """Run a command to its end; return its exit code, or 128 plus the signal that ended it.

    A stop signal for this process is passed on, and this process waits for the command to end.

    Args:
        command: The program and its arguments.
        variables: Environment variables that it gets beside ours.
        signals: The stop signals of this process, if it has any.

    Raises:
        click.ClickException: The program cannot be started.
    """
    try:
        # The command is the user's own.
        process = subprocess.Popen([*command], env=os.environ | variables)  # noqa: S603
    except OSError as error:
        message = f"cannot run {command[0]}: {error.strerror or error}."
        raise click.ClickException(message) from None
    if signals is not None:
        signals.before_the_end(lambda number: _pass_on(number, process))
    exit_code = process.wait()
    return exit_code if exit_code >= 0 else _SIGNALLED - exit_code


def _pass_on(number: int, process: subprocess.Popen[bytes]) -> None:
    # A terminal sends Ctrl+C to the command by itself; a second one would cut its end short.
    if number != signal.SIGINT or not sys.stdin.isatty():
        process.send_signal(number)
    process.wait()
