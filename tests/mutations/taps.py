"""A run of the tap in a process that is forked from this one, where all is imported."""

from __future__ import annotations

import functools
import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tap_amazon_sp.tap import TapAmazonSP
from tests.mutations.clocks import HurriedClock

SECONDS = 120.0
"""How long a run may take: it takes a second or two on a machine that has nothing else to do."""


MEMORY = 3 * 1024**3
"""Bytes that a run may take, with the stacks of its threads: what is damaged may ask for more."""


class HurriedTap(TapAmazonSP):
    """The tap with a clock that waits hardly at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, clock=HurriedClock(), **kwargs)


@dataclass(frozen=True)
class Run:
    """A run that ended.

    Attributes:
        exit_code: Its exit code; None if it had to be killed.
        output: What it wrote.
        log: What it logged.
        seconds: How long it took.
    """

    exit_code: int | None
    output: bytes
    log: str
    seconds: float

    @functools.cache  # noqa: B019 - a run lives as long as its process
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages of whole lines."""
        return [_message(line) for line in self.output.split(b"\n")[:-1]]

    @property
    def last_state(self) -> dict[str, Any] | None:
        """The last state, if there is one."""
        states = [one["value"] for one in self.messages() if one["type"] == "STATE"]
        return states[-1] if states else None


def _message(line: bytes) -> dict[str, Any]:
    try:
        message: dict[str, Any] = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Numbers that no float holds.
        message = json.loads(line, parse_int=str, parse_float=str)
    return message


def run_tap(
    folder: Path,
    settings: dict[str, Any],
    catalog: Path,
    state: dict[str, Any] | None = None,
    *,
    seconds: float = SECONDS,
) -> Run:
    """Run the tap to its end.

    Args:
        folder: For its files.
        settings: Its settings.
        catalog: The file of its catalog.
        state: The state that it begins with.
        seconds: How long it may take.
    """
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    arguments = ["--config", str(folder / "config.json"), "--catalog", str(catalog)]
    if state is not None:
        (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
        arguments += ["--state", str(folder / "state.json")]
    output, log = folder / "output", folder / "log"
    began_at = time.monotonic()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        _become_tap(arguments, output, log)
    exit_code = _wait(process, seconds)
    return Run(
        exit_code,
        output.read_bytes(),
        log.read_text(encoding="utf-8", errors="replace"),
        time.monotonic() - began_at,
    )


def _become_tap(arguments: list[str], output: Path, log: Path) -> None:
    """Run the command in this process, which was forked, and end it."""
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _limit_memory()
        for number, path in ((1, output), (2, log)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        gc.freeze()
        try:
            HurriedTap.cli(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - printed, as the interpreter does at its end
        traceback.print_exc()
    finally:
        os._exit(code)


def _limit_memory() -> None:
    """Limit the memory of this process, beyond what it has from the one that it was forked from."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _wait(process: int, seconds: float) -> int | None:
    """Wait for the end of a process; kill it if it takes too long."""
    ends_at = time.monotonic() + seconds
    nap = 0.002
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends_at:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return None
        time.sleep(nap)
        nap = min(nap * 1.5, 0.05)
