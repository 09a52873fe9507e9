"""The output: Singer messages as whole lines, from any thread."""

from __future__ import annotations

import datetime as dt
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from singer_sdk.singerlib import Message, StateMessage
from singer_sdk.singerlib.encoding import GenericSingerWriter

from tap_amazon_sp.common.clock import SyncInterrupted

LARGE_STATE = 16 * 1024
SECONDS_BETWEEN_LARGE_STATES = 1.0
"""A STATE of more than `LARGE_STATE` bytes is written at most once in this time."""

MAX_LAST_WRITE = 8.0
"""Seconds to wait for a slow reader after a stop signal: less than the ten after which Docker sends
SIGKILL."""

MAX_BATCH = 256 * 1024
"""Bytes of records that a stream may gather before it writes them."""


class ReaderGoneError(Exception):
    """The reader of the output closed it, or the output cannot be written."""


def _plain(value: Any) -> str:
    """Return a value that JSON does not know as text, as the SDK does."""
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number")

to_json = _ENCODER.encode
"""Return the JSON of a value, as bytes; a Decimal is a number with all its digits."""

write_json = _ENCODER.encode_into
"""Write the JSON of a value into a bytearray at an offset; -1 appends it."""


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages from any thread to stdout, as whole lines.

    Code that changes the state or writes must hold `lock`, so no STATE contains half a change.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Write nothing yet.

        Args:
            monotonic: Returns the time in seconds, to measure the time since the last STATE.
        """
        self.lock = threading.RLock()
        self._monotonic = monotonic
        self._stop_signal: int | None = None
        self._failure: str | None = None
        self._last_state = b""
        self._last_state_at = -SECONDS_BETWEEN_LARGE_STATES
        self._state_due: Mapping[str, Any] | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Return a message as a line."""
        return to_json(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Write one message as one line.

        Raises:
            ReaderGoneError, SyncInterrupted: As `write_lines`.
        """
        if isinstance(message, StateMessage):
            self.write_state(message.value)
        else:
            self.write_lines(self.serialize_message(message))

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write a STATE, unless it equals the last one.

        A STATE contains all streams of all accounts. If it is large, it may be written a little
        later, with the changes made until then: see `write_due_state`.

        Args:
            state: The state; only code that holds the lock may change it.

        Raises:
            ReaderGoneError, SyncInterrupted: As `write_lines`.
        """
        with self.lock:
            since = self._monotonic() - self._last_state_at
            if len(self._last_state) > LARGE_STATE and since < SECONDS_BETWEEN_LARGE_STATES:
                self._state_due = state
            else:
                self._write_state(state)

    def write_due_state(self) -> None:
        """Write the STATE that was postponed, if there is one.

        Raises:
            ReaderGoneError, SyncInterrupted: As `write_lines`.
        """
        with self.lock:
            if self._state_due is not None:
                self._write_state(self._state_due)

    def _write_state(self, state: Mapping[str, Any]) -> None:
        self._state_due = None
        value = to_json(state)
        if value != self._last_state:
            # Also after a stop: a job that was submitted meanwhile must not be submitted again.
            self._write_whole(b'{"type":"STATE","value":%b}\n' % value)
            self._last_state = value
            self._last_state_at = self._monotonic()

    def write_lines(self, lines: bytes) -> None:
        """Write lines, each with its line end.

        Raises:
            ReaderGoneError: The reader is gone, or the output cannot be written.
            SyncInterrupted: A stop was requested before; nothing is written.
        """
        with self.lock:
            if self._stop_signal is not None:
                raise SyncInterrupted(self._stop_signal)
            self._write_whole(lines)

    def _write_whole(self, lines: bytes) -> None:
        if self._failure is not None:
            raise ReaderGoneError(self._failure)
        try:
            _write(lines)
        except OSError as error:
            # click would end the process without a message after a broken pipe.
            self._failure = _reason(error)
            raise ReaderGoneError(self._failure) from None

    def stop(self, signal_number: int) -> None:
        """Write nothing more but the STATE; what is being written is written to its end."""
        self._stop_signal = signal_number

    def end(self) -> None:
        """Write the STATE that was postponed, and then nothing more from any thread."""
        # For good: the process ends.
        self.lock.acquire()
        with suppress(ReaderGoneError):
            self.write_due_state()


def _reason(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "The reader of the output went away"
    return f"The output cannot be written: {error.strerror or type(error).__name__}"


def _write(lines: bytes) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(lines.decode())
    else:
        binary.write(lines)
    sys.stdout.flush()


class RecordBatch:
    """Gathers the lines of one stream and its children, so that not every line takes the lock."""

    def __init__(self, writer: MessageWriter) -> None:
        """Start empty."""
        self._writer = writer
        self._lines: list[bytes] = []
        self._size = 0
        self.line_end = b""
        self.begin_page(dt.datetime.now(dt.timezone.utc))

    def begin_page(self, extracted: dt.datetime) -> None:
        """Write the records before, and set the time of extraction for the next ones."""
        self.flush()
        self.line_end = b',"time_extracted":"%b"}\n' % extracted.isoformat().encode()

    def add(self, line: bytes) -> None:
        """Add a line.

        Raises:
            ReaderGoneError, SyncInterrupted: As `MessageWriter.write_lines`.
        """
        self._lines.append(line)
        self._size += len(line)
        if self._size >= MAX_BATCH:
            self.flush()

    def flush(self) -> None:
        """Write all lines.

        Raises:
            ReaderGoneError, SyncInterrupted: As `MessageWriter.write_lines`.
        """
        if self._lines:
            try:
                self._writer.write_lines(b"".join(self._lines))
            except SyncInterrupted:
                # They stay, so that nothing takes them for written.
                raise
            except ReaderGoneError:
                self._clear()
                raise
            self._clear()

    def _clear(self) -> None:
        self._lines.clear()
        self._size = 0


def is_output(path: str) -> bool:
    """Return whether a path leads to where messages go. A device such as /dev/null may be both."""
    try:
        output = os.fstat(sys.stdout.fileno())
        return os.path.samestat(Path(path).stat(), output) and not stat.S_ISCHR(output.st_mode)
    except (OSError, ValueError):
        return False
