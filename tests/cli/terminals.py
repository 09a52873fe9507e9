"""Running `amazon-sp` in a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import tty
from collections.abc import Mapping
from dataclasses import dataclass

from tests.cli.running import AmazonSP
from tests.processes import AMAZON_SP, Command


@dataclass(frozen=True)
class Shown:
    """What a terminal got on stdout, and what came through the pipe of stderr."""

    exit_code: int
    content: bytes
    log: str


def run_in_terminal(
    amazon_sp: AmazonSP, command: str, *words: str, environment: Mapping[str, str] | None = None
) -> Shown:
    """Run the command to its end, with a terminal as its stdout."""
    ours, theirs = pty.openpty()
    # The terminal's own changes, such as a carriage return before each line feed, are not ours.
    tty.setraw(theirs)
    process = Command(
        [AMAZON_SP, *amazon_sp.arguments(command, *words)],
        environment=os.environ | (environment or {}),
    ).start(stdout=theirs)
    os.close(theirs)
    content = b""
    # Linux says that there is nobody at the other end any more by an error.
    with contextlib.suppress(OSError):
        while piece := os.read(ours, 65_536):
            content += piece
    os.close(ours)
    with process:
        _, log = process.communicate(timeout=60)
    return Shown(process.wait(), content, log)
