"""Stop signals: the first SIGTERM or SIGINT ends the process, once, wherever it strikes.

Python runs signal handlers in the main thread, between any two of its instructions: also inside a
log call, or while it holds a lock. A handler that raises would break what it interrupts, and one
that logs or locks may wait for the code that it interrupts. So the handlers here do nothing. The
interpreter itself writes the number of each signal to a socket (`signal.set_wakeup_fd`), also while
the main thread waits in a system call. A thread of our own reads it there and ends the process.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import final

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

MAX_LAST_WORDS = 2.0
"""Seconds that the last message and buffered output may take, and then the main thread to end."""


@final
class StopSignals:
    """Ends this process with 128 plus the number of the first stop signal.

    Further signals change nothing. Used as a context in the main thread, for the whole life of the
    process:

        with StopSignals() as signals:
            run(signals)
    """

    def __init__(self) -> None:
        """Receive no signal yet."""
        self.signal_number: int | None = None
        self._steps: list[Callable[[int], object]] = []
        self._say: Callable[[int], object] = _say
        self._main_thread_may_end_first = False
        self._main_thread_is_done = threading.Event()
        self._telling = threading.Lock()
        self._reads, self._writes = socket.socketpair()

    def __enter__(self) -> StopSignals:
        """Receive signals from now on."""
        self._writes.settimeout(0)
        signal.set_wakeup_fd(self._writes.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, _do_nothing)
        # The interpreter's own end takes milliseconds, and this thread is gone by then.
        atexit.register(_end_at_once_from_now_on)
        try:
            threading.Thread(target=self._wait_and_end, name="stop signals", daemon=True).start()
        except RuntimeError:
            # The system starts no more threads.
            _end_at_once_from_now_on()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the process end by itself, unless a signal was received."""
        # While a signal can still end it: the reader of the output may be slow.
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        self._main_thread_is_done.set()
        if self.signal_number is not None:
            self.wait_for_end()

    def before_the_end(self, step: Callable[[int], object]) -> None:
        """Call a function between the first signal and the end; it decides how long it takes.

        Args:
            step: Gets the number of the signal. It runs in a thread of its own.
        """
        self._steps.append(step)

    def say_with(self, say: Callable[[int], object]) -> None:
        """Use a function to say that the process was stopped; it gets the number of the signal."""
        self._say = say

    def let_main_thread_end_first(self) -> None:
        """Let the main thread notice the stop, in `MAX_LAST_WORDS` after the steps.

        It has something to say about it, then. `is_first_to_tell` tells it whether to say so.
        """
        self._main_thread_may_end_first = True

    def is_first_to_tell(self) -> bool:
        """Return whether nobody has said yet that the process was stopped; the caller says it."""
        return self._telling.acquire(blocking=False)

    def wait_for_end(self) -> None:
        """Wait for the end of the process, which has received a signal."""
        threading.Event().wait()

    def _wait_and_end(self) -> None:
        number = 0
        while number not in STOP_SIGNALS:
            received = self._reads.recv(1)
            number = received[0] if received else 0
        self.signal_number = number
        try:
            for step in self._steps:
                step(number)
            if self._main_thread_may_end_first:
                self._main_thread_is_done.wait(MAX_LAST_WORDS)
            # The log or the output may be a pipe that nobody reads.
            within(MAX_LAST_WORDS, lambda: self._last_words(number))
        finally:
            os._exit(128 + number)

    def _last_words(self, number: int) -> None:
        if self.is_first_to_tell():
            self._say(number)
        for stream in (sys.stderr, sys.stdout):
            with suppress(OSError, ValueError):
                stream.flush()


def within(seconds: float, function: Callable[[], object]) -> bool:
    """Call a function in a thread that does not hold up the end of the process.

    Returns:
        Whether it has returned after so many seconds. If not, it goes on.
    """
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def _say(number: int) -> None:
    sys.stderr.write(f"Error: Stopped by signal {number}\n")


def _do_nothing(*_: object) -> None:
    """Be there, so that the interpreter writes the signal's number to the socket."""


def _end_at_once_from_now_on() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
