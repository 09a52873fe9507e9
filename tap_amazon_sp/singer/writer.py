"""The output: Singer messages as whole lines, whichever thread they come from."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from singer_sdk.singerlib import Message, StateMessage
from singer_sdk.singerlib.encoding import GenericSingerWriter

from tap_amazon_sp.common.clock import SyncInterrupted

LARGE_STATE = 16 * 1024
SECONDS_BETWEEN_LARGE_STATES = 1.0
"""A STATE of more bytes is not written more often."""

LONGEST_LAST_WRITE = 10.0
"""Seconds that a reader is waited for once a stop is asked for."""

LONGEST_BATCH = 256 * 1024
"""Bytes of records that a stream gathers at most before it writes them."""


class ReaderGoneError(Exception):
    """Whoever read the output closed it, or it cannot be written."""


def _plain(value: Any) -> str:
    """Write what JSON does not know, as the SDK does."""
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number")

to_json = _ENCODER.encode
"""Give the JSON of a value, as bytes; Decimals are numbers with all their digits."""

write_json = _ENCODER.encode_into
"""Write the JSON of a value into a bytearray from a place on; -1 is its end."""


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages to stdout: whole lines, whichever thread they come from.

    `lock` is held by whoever changes the state or writes: so a STATE never tells of half a change.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Write nothing yet.

        Args:
            monotonic: Gives seconds, to tell how long ago the last STATE was written.
        """
        self.lock = threading.RLock()
        self._monotonic = monotonic
        self._writing_thread: int | None = None
        self._stop_signal: int | None = None
        self._failure: str | None = None
        self._last_state = b""
        self._last_state_at = -SECONDS_BETWEEN_LARGE_STATES
        self._state_due: Mapping[str, Any] | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Return the line of a message."""
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
        """Write a STATE, unless the last one said the same.

        A STATE tells of all streams of all accounts. Where that is much, it is written a little
        later at times, with what has come to it by then: see `write_due_state`.

        Args:
            state: Changed by those only who hold the lock.

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
        """Write the STATE that waits to be written, if there is one.

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
            self.write_lines(b'{"type":"STATE","value":%b}\n' % value)
            self._last_state = value
            self._last_state_at = self._monotonic()

    def write_lines(self, lines: bytes) -> None:
        """Write lines, each with its end.

        Raises:
            ReaderGoneError: Nobody reads any more, or nothing can be written.
            SyncInterrupted: A stop signal came; all lines are whole.
        """
        with self.lock:
            if self._failure is not None:
                raise ReaderGoneError(self._failure)
            if self._stop_signal is None:
                self._writing_thread = threading.get_ident()
                try:
                    _write(lines)
                except OSError as error:
                    # click would end the process without a word where it is a broken pipe.
                    self._failure = _reason(error)
                    raise ReaderGoneError(self._failure) from None
                finally:
                    self._writing_thread = None
        if self._stop_signal is not None:
            raise SyncInterrupted(self._stop_signal)

    def stop(self, signal_number: int) -> None:
        """Stop the thread that is asked: now, or after the lines it is writing.

        Raises:
            SyncInterrupted: This thread is writing nothing.
        """
        self._stop_signal = signal_number
        if self._writing_thread != threading.get_ident():
            raise SyncInterrupted(signal_number)

    def finish_lines(self) -> None:
        """Wait for the lines that are being written, though not for ever where nobody reads."""
        self.lock.acquire(timeout=LONGEST_LAST_WRITE)


def _reason(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "Whoever read the output went away"
    return f"The output cannot be written: {error.strerror or type(error).__name__}"


def _write(lines: bytes) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(lines.decode())
    else:
        binary.write(lines)
    sys.stdout.flush()


class RecordBatch:
    """Lines that one stream and its children gather, so that not each takes the lock."""

    def __init__(self, writer: MessageWriter) -> None:
        """Start empty."""
        self._writer = writer
        self._lines: list[bytes] = []
        self._size = 0
        self.line_end = b""
        self.begin_page(dt.datetime.now(dt.timezone.utc))

    def begin_page(self, extracted: dt.datetime) -> None:
        """Hear when the records that come next were extracted; write those before."""
        self.flush()
        self.line_end = b',"time_extracted":"%b"}\n' % extracted.isoformat().encode()

    def add(self, line: bytes) -> None:
        """Take in a line.

        Raises:
            ReaderGoneError, SyncInterrupted: As `MessageWriter.write_lines`.
        """
        self._lines.append(line)
        self._size += len(line)
        if self._size >= LONGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        """Write all lines.

        Raises:
            ReaderGoneError, SyncInterrupted: As `MessageWriter.write_lines`.
        """
        if self._lines:
            lines = b"".join(self._lines)
            self._lines.clear()
            self._size = 0
            self._writer.write_lines(lines)
