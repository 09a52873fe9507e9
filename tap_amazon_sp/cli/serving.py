"""Serving the simulator: what is written and said at the start, and when it ends."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tap_amazon_sp.cli.command_beside import run_beside
from tap_amazon_sp.common.stopping import StopSignals
from tap_amazon_sp.simulator import (
    AMAZON_HOSTS,
    HTTPS_PORT,
    TRUSTING_VARIABLES,
    VENDOR_REFRESH_TOKEN,
    CertificateError,
    QueueError,
    Simulator,
    parse_queue_address,
)


@dataclass(frozen=True)
class WrittenFiles:
    """The files that are written before the first request is answered.

    Attributes:
        config: Settings of the tap.
        environment: Lines NAME=value are added to it.
    """

    config: Path | None = None
    environment: Path | None = None

    def write(self, settings: Mapping[str, Any], variables: Mapping[str, str]) -> None:
        """Write them.

        Raises:
            click.FileError: One cannot be written.
        """
        if self.config is not None:
            _write(self.config, "w", json.dumps(settings, indent=2) + "\n")
        if self.environment is not None:
            lines = "".join(f"{name}={value}\n" for name, value in variables.items())
            _write(self.environment, "a", lines)


def serve(
    simulator: Simulator,
    files: WrittenFiles,
    *,
    beside: Sequence[str],
    signals: StopSignals | None,
) -> int:
    """Serve until a stop signal, or until a command ends; return the exit code.

    Args:
        simulator: What is served.
        files: What is written at the start.
        beside: The command that runs beside it; empty for none.
        signals: The stop signals of this process, if it has any.

    Raises:
        click.ClickException: It cannot serve, or the command cannot be run.
    """
    stopped = threading.Event()
    if signals is not None:
        if not beside:
            signals.before_the_end(lambda _: stopped.set())
        # To stop it is the only way to end it: that needs no message.
        signals.say_with(lambda _: None)
        signals.let_main_thread_end_first()
    try:
        simulator.start(
            lambda: files.write(_settings(simulator), simulator.credentials().environment())
        )
    except OSError as error:
        raise click.ClickException(_why_not(error, simulator)) from None
    except CertificateError as error:
        message = f"{error}. Or choose another --tls-folder."
        raise click.ClickException(message) from None
    except QueueError as error:
        message = f"{error}. Start the server and create the queue first, or correct --notify."
        raise click.ClickException(message) from None
    try:
        settings = _settings(simulator)
        if beside:
            click.echo(f"ready: {simulator.url}", err=True)
            variables = simulator.credentials().environment() | _as_environment(settings)
            return run_beside(beside, variables, signals)
        _introduce(simulator, settings, files.config)
        stopped.wait()
    finally:
        simulator.stop()
    return 0


def _settings(simulator: Simulator) -> dict[str, Any]:
    """Return settings of the tap."""
    settings = simulator.settings_for_tap()
    if simulator.settings.notify is not None:
        settings["notifications_queue_url"] = parse_queue_address(simulator.settings.notify).url
    return settings


def _write(file: Path, mode: str, text: str) -> None:
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None


def _why_not(error: OSError, simulator: Simulator) -> str:
    address = f"{simulator.settings.host}:{simulator.settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{address} is in use by another program; choose another --port (0 takes any)."
    return f"cannot listen on {address}: {error.strerror or error}."


def _shown(name: str, value: Any) -> str:
    """Return a setting as JSON; of several accounts, the first and the last."""
    if name != "accounts":
        return json.dumps(value)
    first, *_, last = map(json.dumps, value)
    return f"[{first}, {'... ' if len(value) > 2 else ''}{last}]"  # noqa: PLR2004


def _as_environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings of the tap as the environment variables that it reads."""
    return {
        f"TAP_AMAZON_SP_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
    }


def _introduce(simulator: Simulator, settings: dict[str, Any], config: Path | None) -> None:
    options = simulator.settings
    who = "A seller" if options.sellers == 1 else f"{options.sellers} sellers"
    each = "" if options.sellers == 1 else " each"
    lines = [
        f"{who} in region {options.region} with {options.orders} orders{each}.",
        f"{options.changes_per_minute:g} changes per minute; rates x {options.speed:g}.",
        "Settings of the tap:",
        *(f"  {name}: {_shown(name, value)}" for name, value in settings.items()),
        f"A vendor: refresh_token {json.dumps(VENDOR_REFRESH_TOKEN)}",
    ]
    if config is not None:
        lines.append(f"Wrote them to {config}")
    if simulator.ca_certificate is not None:
        lines.append(f"Clients must trust {simulator.ca_certificate}, for example with:")
        lines += [f"  export {name}={simulator.ca_certificate}" for name in TRUSTING_VARIABLES]
    if options.hosts:
        lines.append("For clients that know only Amazon's names, add a line to the hosts file:")
        lines.append(f"  {options.host} {' '.join(AMAZON_HOSTS)}")
        if simulator.port != HTTPS_PORT:
            lines.append(
                f"They use port {HTTPS_PORT}: add `--port {HTTPS_PORT}`, or lead it to "
                f"{simulator.port}."
            )
    if options.notify is not None:
        lines.append(
            "Notifications go to the queue; to read it, set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY to what its server accepts, usually any text."
        )
    lines.append(f"Look inside: {simulator.url}/_simulator/health, .../requests, .../metrics")
    lines.append(f"ready: {simulator.url}")
    for line in lines:
        click.echo(line, err=True)
