"""Running the installed commands, each in a process of its own.

A run starts warm: its process is forked from `tests/warm_parent.py`, which has imported the package
(or Meltano) once. That changes nothing but the time it takes, as `tests/test_processes.py` shows.
With `COLD_STARTS=1` in the environment every run starts an interpreter.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from tap_amazon_sp.cli import COMMANDS

BIN = Path(sys.executable).parent
TAP = str(BIN / "tap-amazon-sp")
AMAZON_SP = str(BIN / "amazon-sp")
MELTANO = str(BIN / "meltano")
OURS = (TAP, AMAZON_SP)

PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL

Stream = int | IO[Any]
"""PIPE, DEVNULL, an open file or its descriptor."""

SECONDS = 150.0
"""How long a command may run."""

MAX_NUMBER = 32
"""Bytes of a process id or an exit code."""


@dataclass(frozen=True)
class Command:
    """An installed command with its arguments, and what it runs in.

    `folder` is the current one if it is None, and `environment` our own. A `cold` command gets an
    interpreter of its own that imports everything again.
    """

    arguments: Sequence[str]
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    cold: bool = False

    def run(
        self, *, stdin: str = "", timeout: float = SECONDS, check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end.

        Args:
            stdin: The text that it can read.
            timeout: Seconds after which it is killed.
            check: Whether an exit code other than 0 is an error.

        Raises:
            subprocess.TimeoutExpired: It took too long.
            subprocess.CalledProcessError: It failed, and `check` is set.
        """
        with self.start(stdin=PIPE) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout)
            except BaseException:
                process.kill()
                raise
            finished = subprocess.CompletedProcess(
                [*self.arguments], process.wait(), stdout, stderr
            )
        if check:
            finished.check_returncode()
        return finished

    def start(
        self,
        *,
        stdin: Stream = DEVNULL,
        stdout: Stream = PIPE,
        stderr: Stream = PIPE,
        pipe_size: int | None = None,
    ) -> Process:
        """Start it.

        Args:
            stdin: What it reads.
            stdout: Where it writes.
            stderr: Where it logs.
            pipe_size: How many bytes an output pipe holds before the command has to wait for its
                reader. None is the system's own size.
        """
        folder = Path.cwd() if self.folder is None else self.folder.absolute()
        environment = dict(os.environ if self.environment is None else self.environment)
        with contextlib.ExitStack() as theirs:
            reads, our_stdin = _input(stdin, theirs)
            writes, our_stdout = _output(stdout, theirs, pipe_size)
            logs, our_stderr = _output(stderr, theirs, pipe_size)
            parent = None if self.cold else _warm_parent_for(self.arguments[0], environment)
            running: Running
            if parent is not None:
                running = parent.start(self.arguments, (reads, writes, logs), folder, environment)
            else:
                running = subprocess.Popen(
                    self.arguments,
                    stdin=reads,
                    stdout=writes,
                    stderr=logs,
                    cwd=folder,
                    env=environment,
                )
        return Process([*self.arguments], running, our_stdin, our_stdout, our_stderr)


def _input(stream: Stream, theirs: contextlib.ExitStack) -> tuple[int, IO[str] | None]:
    """Return the end that a process reads, and ours if it is a pipe."""
    if stream != PIPE:
        return _descriptor(stream, theirs), None
    end, ours = os.pipe()
    theirs.callback(os.close, end)
    return end, os.fdopen(ours, "w", encoding="utf-8")


def _output(
    stream: Stream, theirs: contextlib.ExitStack, pipe_size: int | None
) -> tuple[int, IO[str] | None]:
    """Return the end that a process writes, and ours if it is a pipe."""
    if stream != PIPE:
        return _descriptor(stream, theirs), None
    ours, end = os.pipe()
    theirs.callback(os.close, end)
    if pipe_size is not None:
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, pipe_size)
    return end, os.fdopen(ours, "r", encoding="utf-8")


def _descriptor(stream: Stream, theirs: contextlib.ExitStack) -> int:
    if not isinstance(stream, int):
        return stream.fileno()
    if stream != DEVNULL:
        return stream
    end = os.open(os.devnull, os.O_RDWR)
    theirs.callback(os.close, end)
    return end


class Running(Protocol):
    """A process whose end can be waited for: a `subprocess.Popen` is one."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once there is one."""


@dataclass
class Process(contextlib.AbstractContextManager["Process"]):
    """A command that was started, to be used as a `subprocess.Popen` is."""

    arguments: list[str]
    running: Running
    stdin: IO[str] | None
    stdout: IO[str] | None
    stderr: IO[str] | None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()
        self.wait()

    @property
    def returncode(self) -> int | None:
        """The exit code, or None while it runs. A signal that ended it is negative."""
        return self.poll()

    def poll(self) -> int | None:
        return self.running.poll()

    def wait(self, timeout: float | None = None) -> int:
        return self.running.wait(timeout)

    def communicate(self, stdin: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Write all input, read all that is left of the output, and wait for the end.

        Returns:
            What came through the pipes of its output and its log.

        Raises:
            subprocess.TimeoutExpired: It runs for longer.
        """
        found = ["", ""]

        def read(number: int, pipe: IO[str]) -> None:
            found[number] = pipe.read()

        readers = [
            threading.Thread(target=read, args=(number, pipe), daemon=True)
            for number, pipe in enumerate((self.stdout, self.stderr))
            if pipe is not None and not pipe.closed
        ]
        for reader in readers:
            reader.start()
        if self.stdin is not None:
            # Nobody has to read it.
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(stdin)
        self.wait(timeout)
        for reader in readers:
            reader.join()
        self._close()
        return found[0], found[1]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.running.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _close(self) -> None:
        for file in (self.stdin, self.stdout, self.stderr):
            if file is not None:
                with contextlib.suppress(BrokenPipeError):
                    file.close()


class WarmProcess:
    """A process that a warm parent forked."""

    def __init__(self, arguments: Sequence[str], status: socket.socket) -> None:
        """Wait until it runs.

        Args:
            arguments: What it runs.
            status: Where the parent writes its process id, and later its exit code.
        """
        self._arguments = [*arguments]
        self._status = status
        self._exit_code: int | None = None
        self.pid = int(status.recv(MAX_NUMBER))

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self._exit_code is None:
            if timeout is not None:
                ready, _, _ = select.select((self._status,), (), (), timeout)
                if not ready:
                    raise subprocess.TimeoutExpired(self._arguments, timeout)
            with self._status:
                told = self._status.recv(MAX_NUMBER)
            # Nothing, if somebody ended the warm parent.
            self._exit_code = int(told) if told else -signal.SIGKILL
        return self._exit_code


class WarmParent:
    """A process that starts commands for us."""

    def __init__(self, *modules: str) -> None:
        """Start it.

        Args:
            modules: What it imports.
        """
        self._lock = threading.Lock()
        self._environment = dict(os.environ)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = Path(__file__).with_name("warm_parent.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(program), str(theirs.fileno()), *modules],
                stdin=DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def has_ended(self) -> bool:
        """Whether somebody ended it."""
        return self._process.poll() is not None

    def can_start_with(self, environment: Mapping[str, str]) -> bool:
        """Return whether the interpreter would start alike with these variables."""
        names = {
            name
            for name in (*environment, *self._environment)
            if name.startswith(("LANG", "LC_", "LD_", "MALLOC", "PYTHON"))
        }
        return all(environment.get(name) == self._environment.get(name) for name in names)

    def start(
        self,
        arguments: Sequence[str],
        descriptors: Sequence[int],
        folder: Path,
        environment: dict[str, str],
    ) -> WarmProcess:
        """Start a command with these files as its standard streams."""
        command = {
            "arguments": [*arguments],
            "folder": str(folder),
            "environment": environment,
        }
        status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            socket.send_fds(
                self._control, [json.dumps(command).encode()], [theirs.fileno(), *descriptors]
            )
        return WarmProcess(arguments, status)

    def end(self) -> None:
        """End it, and with it every process that still runs."""
        self._control.close()
        self._process.wait()


def end_warm_parents() -> None:
    """End the warm parents that there are."""
    while _PARENTS:
        _, parent = _PARENTS.popitem()
        parent.end()


_IMPORTS = {
    # `simulate` always starts cold: nobody but its own tests runs it in a process.
    OURS: (
        "tap_amazon_sp.tap",
        *(module for name, (module, _) in COMMANDS.items() if name != "simulate"),
    ),
    (MELTANO,): ("meltano.cli",),
}
_PARENTS: dict[str, WarmParent] = {}


def _warm_parent_for(command: str, environment: Mapping[str, str]) -> WarmParent | None:
    """Return who can start a command warm, if anyone can."""
    if sys.platform != "linux" or "COLD_STARTS" in os.environ:
        return None
    for commands, modules in _IMPORTS.items():
        if command in commands:
            parent = _PARENTS.get(commands[0])
            if parent is not None and parent.has_ended:
                parent.end()
                parent = None
            if parent is None:
                parent = _PARENTS[commands[0]] = WarmParent(*modules)
            return parent if parent.can_start_with(environment) else None
    return None
