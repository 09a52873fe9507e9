"""A process that has imported the package and forks for each command that it starts.

`tests/processes.py` runs it as `warm_parent.py CONTROL MODULE...`. CONTROL is the descriptor of a
socket. Each message on it is a command to start and brings four descriptors: a socket that receives
the process id and then the exit code, and the standard input, output and error of the command.

A command runs as the interpreter would run it: the installed script as `__main__`, with its own
arguments, environment, folder, standard streams and signals. Only its imports are already done,
and its modules are not freed at the end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

MAX_MESSAGE = 1 << 20
STREAMS = ("stdin", "stdout", "stderr")


@dataclass(frozen=True)
class Command:
    """What a process is to run."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]


@dataclass
class Parent:
    """Starts processes and reports how they end."""

    control: socket.socket
    running: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self) -> Command | None:
        """Start commands until the control socket is closed.

        Returns:
            In a new process, the command that it is to run. In this process None, at the end.
        """
        awake, wakes = socket.socketpair()
        wakes.settimeout(0)
        signal.set_wakeup_fd(wakes.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl-C goes to every process of the terminal. The one that runs the tests then closes
        # the control socket.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            readable, _, _ = select.select((self.control, awake), (), ())
            if awake in readable:
                awake.recv(4096)
                self._report_ended()
            if self.control not in readable:
                continue
            message, descriptors, _, _ = socket.recv_fds(
                self.control, MAX_MESSAGE, 1 + len(STREAMS)
            )
            if not message:
                self._end_all()
                return None
            status = socket.socket(fileno=descriptors.pop(0))
            process = os.fork()
            if process == 0:
                signal.set_wakeup_fd(-1)
                for end in (self.control, awake, wakes, status, *self.running.values()):
                    end.close()
                return _become(Command(**json.loads(message)), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            self.running[process] = status
            status.sendall(b"%d" % process)

    def _report_ended(self) -> None:
        while self.running:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            with self.running.pop(process) as listener:
                try:
                    listener.sendall(b"%d" % os.waitstatus_to_exitcode(status))
                except (BrokenPipeError, ConnectionResetError):
                    continue

    def _end_all(self) -> None:
        for process in self.running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _become(command: Command, descriptors: list[int]) -> Command:
    """Make this process what the system would have started for a command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number, name in enumerate(STREAMS):
        stream = _standard_stream(number, getattr(sys, name))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.environment)
    time.tzset()
    return command


def _standard_stream(number: int, like: io.TextIOWrapper) -> io.TextIOWrapper:
    """Open a descriptor as the interpreter does when it starts."""
    is_output = number > 0
    raw = io.FileIO(number, "w" if is_output else "r", closefd=False)
    raw.name = f"<{STREAMS[number]}>"
    # As PYTHONUNBUFFERED asks.
    unbuffered = is_output and like.write_through
    buffered: Any = raw
    if not unbuffered:
        buffered = io.BufferedWriter(raw) if is_output else io.BufferedReader(raw)
    return io.TextIOWrapper(
        buffered,
        encoding=like.encoding,
        errors=like.errors,
        newline="\n" if is_output else None,
        line_buffering=not unbuffered and (STREAMS[number] == "stderr" or raw.isatty()),
        write_through=unbuffered,
    )


def main() -> None:
    control, *modules = sys.argv[1:]
    # The folder of this file. A command has that of its script instead.
    del sys.path[0]
    for module in modules:
        importlib.import_module(module)
    if threading.active_count() > 1:
        sys.exit(f"a module of {', '.join(modules)} starts a thread, which a fork would lose")
    gc.collect()
    gc.freeze()
    command = Parent(socket.socket(fileno=int(control))).serve()
    if command is not None:
        sys.argv = command.arguments
        sys.path.insert(0, os.path.dirname(sys.argv[0]))  # noqa: PTH120 - as the interpreter does
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit as end:
            _exit_quickly(end.code)
            raise


def _exit_quickly(code: object) -> None:
    """End the process without freeing every module, which would take longer than most runs.

    Returns if the interpreter has more to do at its end than what it always does: wait for
    threads, call what is registered for the end, and write what is buffered.
    """
    if code is not None and not isinstance(code, int):
        return
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    os._exit((code or 0) & 0xFF)


if __name__ == "__main__":
    main()
