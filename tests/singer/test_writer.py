from __future__ import annotations

import copy
import datetime as dt
import errno
import functools
import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout, suppress
from decimal import Decimal
from typing import Any, TextIO

import pytest
from singer_sdk.singerlib import RecordMessage, SchemaMessage, StateMessage
from singer_sdk.singerlib.encoding import SimpleSingerWriter

from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.singer.writer import (
    LARGE_STATE,
    MAX_BATCH,
    SECONDS_BETWEEN_LARGE_STATES,
    MessageWriter,
    ReaderGoneError,
    RecordBatch,
    to_json,
)
from tests.fake_clock import FakeClock

WAIT = 30.0
EXTRACTED = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)


class Pipe:
    """A pipe in place of stdout, and all bytes that are read at its other end."""

    def __init__(self) -> None:
        self.read_end, write_end = os.pipe()
        self.stdout: TextIO = os.fdopen(write_end, "w", encoding="utf-8")
        self._left = False

    def read_in_crumbs(self, size: int = 501) -> bytes:
        """Read to the end in small parts, so that writers mostly wait."""
        crumbs = []
        while crumb := os.read(self.read_end, size):
            crumbs.append(crumb)
        return b"".join(crumbs)

    def close(self) -> None:
        self.leave()
        with suppress(BrokenPipeError):
            self.stdout.close()

    def leave(self) -> None:
        """Stop reading."""
        if not self._left:
            self._left = True
            os.close(self.read_end)


@contextmanager
def piped() -> Iterator[Pipe]:
    """Replace stdout by a pipe; not a fixture, because pytest would replace stdout after it."""
    pipe = Pipe()
    try:
        with redirect_stdout(pipe.stdout):
            yield pipe
    finally:
        pipe.close()


def written_by(write: Callable[[], object]) -> str:
    """Return what is written to a text-only stdout."""
    with redirect_stdout(io.StringIO()) as stdout:
        write()
    return stdout.getvalue()


class HookedStdout(io.StringIO):
    """Calls a function in the middle of each write."""

    def __init__(self, hook: Callable[[], None]) -> None:
        super().__init__()
        self._hook = hook

    def write(self, text: str, /) -> int:
        half = len(text) // 2
        super().write(text[:half])
        self._hook()
        super().write(text[half:])
        return len(text)


class Recorder(MessageWriter):
    """Records each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write_lines(self, lines: bytes) -> None:
        self.writes.append(lines)


def in_thread(function: Callable[[], object]) -> BaseException | None:
    """Return the error of a function that runs in another thread."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).exception(WAIT)


def test_lines_of_many_threads_stay_whole_with_a_slow_reader() -> None:
    writer = MessageWriter()
    all_ready = threading.Barrier(9)

    def write(thread: int) -> None:
        batch = RecordBatch(writer)
        all_ready.wait(WAIT)
        for number in range(60):
            line = to_json({"thread": thread, "number": number, "filler": "ü" * 37 * number})
            if number % 3:
                batch.add(line + b"\n")
            else:
                batch.flush()
                writer.write_lines(line + b"\n")
            if number % 7 == 0:
                writer.write_state({"thread": thread, "number": number})
        batch.flush()

    with piped() as pipe, ThreadPoolExecutor(9) as executor:
        reading = executor.submit(pipe.read_in_crumbs)
        writing = [executor.submit(write, thread) for thread in range(8)]
        all_ready.wait(WAIT)
        for future in writing:
            future.result(WAIT)
        pipe.stdout.close()
        written = reading.result(WAIT)

    messages = [json.loads(line) for line in written.splitlines()]
    records = [message for message in messages if "filler" in message]
    assert len(messages) - len(records) == 8 * 9
    for thread in range(8):
        numbers = [record["number"] for record in records if record["thread"] == thread]
        assert numbers == list(range(60))


def test_a_stop_ends_after_the_current_lines() -> None:
    writer = MessageWriter()
    # Far more than a pipe can hold before somebody reads.
    line = b'"%b"\n' % (b"x" * 1_000_000)
    with piped() as pipe, ThreadPoolExecutor(4) as executor:
        writing = executor.submit(writer.write_lines, line)
        first_byte = os.read(pipe.read_end, 1)

        writer.stop(signal.SIGTERM)
        late = executor.submit(writer.write_lines, b"late\n")
        ending = executor.submit(writer.end)
        reading = executor.submit(pipe.read_in_crumbs, 65_536)
        stop = late.exception(WAIT)
        writing.result(WAIT)
        ending.result(WAIT)
        pipe.stdout.close()

        assert first_byte + reading.result(WAIT) == line
    assert isinstance(stop, SyncInterrupted)
    assert stop.signal_number == signal.SIGTERM


def test_after_a_stop_no_record_is_written_by_any_thread() -> None:
    writer = MessageWriter()
    writer.stop(signal.SIGINT)

    def write_all() -> None:
        batch = RecordBatch(writer)
        writes: tuple[Callable[[], object], ...] = (
            lambda: writer.write_lines(b"{}\n"),
            lambda: writer.write_message(RecordMessage("orders", {})),
            lambda: batch.add(b"x" * MAX_BATCH),
            # What was not written must not be taken for written.
            batch.flush,
        )
        for write in writes:
            with pytest.raises(SyncInterrupted):
                write()

    def write_in_both() -> None:
        write_all()
        assert in_thread(write_all) is None

    assert written_by(write_in_both) == ""


def test_after_a_stop_the_state_is_still_written() -> None:
    writer = MessageWriter()
    writer.stop(signal.SIGINT)

    written = written_by(lambda: writer.write_state({"bookmarks": {}}))

    assert json.loads(written) == {"type": "STATE", "value": {"bookmarks": {}}}


def test_a_stop_inside_a_line_takes_effect_after_it() -> None:
    writer = MessageWriter()
    # A signal handler runs in the thread that is writing.
    stdout = HookedStdout(lambda: writer.stop(signal.SIGTERM))

    with redirect_stdout(stdout):
        writer.write_lines(b"a whole line\n")
        with pytest.raises(SyncInterrupted):
            writer.write_lines(b"late\n")

    assert stdout.getvalue() == "a whole line\n"


def test_the_end_waits_for_the_line_that_is_being_written() -> None:
    writing, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        writing.set()
        go_on.wait(WAIT)

    stdout = HookedStdout(wait)
    writer = MessageWriter()
    seen_at_end = []

    def end() -> None:
        writer.end()
        seen_at_end.append(stdout.getvalue())

    with redirect_stdout(stdout), ThreadPoolExecutor(2) as executor:
        executor.submit(writer.write_lines, b"a whole line\n")
        assert writing.wait(WAIT)
        ending = executor.submit(end)
        assert not ending.done()
        go_on.set()
        ending.result(WAIT)

    assert seen_at_end == ["a whole line\n"]


def test_the_end_writes_the_state_that_was_postponed() -> None:
    writer = MessageWriter(FakeClock().monotonic)
    for number in range(2):
        written_by(functools.partial(writer.write_state, large_state(number)))
    writer.stop(signal.SIGTERM)

    assert numbers_in(written_by(writer.end)) == [1]


def test_at_the_end_no_other_thread_can_write() -> None:
    writer = MessageWriter()

    writer.end()

    with ThreadPoolExecutor(1) as executor:
        assert not executor.submit(writer.lock.acquire, blocking=False).result(WAIT)


def test_a_reader_that_is_gone_raises_a_separate_error() -> None:
    writer = MessageWriter()
    with piped() as pipe:
        pipe.leave()

        for _ in range(2):
            with pytest.raises(ReaderGoneError):
                writer.write_state({"bookmarks": {}})
        assert isinstance(in_thread(lambda: writer.write_lines(b"{}\n")), ReaderGoneError)


def test_an_equal_state_is_not_written_again() -> None:
    writer = MessageWriter()
    bookmark = {"replication_key_value": "1"}
    state = {"bookmarks": {"orders": bookmark}}

    def write() -> None:
        writer.write_state(state)
        writer.write_state(state)
        writer.write_message(StateMessage(copy.deepcopy(state)))
        # The same object, changed in place.
        bookmark["replication_key_value"] = "2"
        writer.write_message(StateMessage(state))
        bookmark["replication_key_value"] = "1"
        writer.write_state(state)

    assert [json.loads(line) for line in written_by(write).splitlines()] == [
        {"type": "STATE", "value": {"bookmarks": {"orders": {"replication_key_value": value}}}}
        for value in "121"
    ]


class FullDisk(io.StringIO):
    """Accepts half of each write, like a full disk, and everything when there is room again."""

    is_full = True

    def write(self, text: str, /) -> int:
        if not self.is_full:
            return super().write(text)
        super().write(text[: len(text) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_nothing_follows_a_line_that_was_written_only_in_part() -> None:
    writer = MessageWriter()
    disk = FullDisk()

    with redirect_stdout(disk):
        with pytest.raises(ReaderGoneError, match="cannot be written: No space left on device"):
            writer.write_lines(b"whole line\n")
        disk.is_full = False
        with pytest.raises(ReaderGoneError, match="No space left"):
            writer.write_lines(b"{}\n")
        with pytest.raises(ReaderGoneError, match="No space left"):
            writer.write_state({"bookmarks": {}})

    assert disk.getvalue() == "whole"


def large_state(number: int) -> dict[str, Any]:
    return {"number": number, "filler": "x" * LARGE_STATE}


def numbers_in(text: str) -> list[int]:
    return [json.loads(line)["value"]["number"] for line in text.splitlines()]


def test_large_states_are_not_written_every_time() -> None:
    clock = FakeClock()
    writer = MessageWriter(clock.monotonic)
    pause = SECONDS_BETWEEN_LARGE_STATES / 2

    def write() -> None:
        for number in range(6):
            writer.write_state(large_state(number))
            clock.advance(pause)

    assert numbers_in(written_by(write)) == [0, 2, 4]
    # The postponed state is not lost, and not repeated.
    assert numbers_in(written_by(writer.write_due_state)) == [5]
    assert written_by(writer.write_due_state) == ""


def test_a_postponed_state_has_the_later_changes() -> None:
    writer = MessageWriter(FakeClock().monotonic)
    state = large_state(0)

    def write() -> None:
        for number in range(3):
            with writer.lock:
                state["number"] = number
                writer.write_state(state)
        writer.write_due_state()

    assert numbers_in(written_by(write)) == [0, 2]


def test_a_state_that_was_written_meanwhile_is_no_longer_due() -> None:
    clock = FakeClock()
    writer = MessageWriter(clock.monotonic)

    def write() -> None:
        writer.write_state(large_state(0))
        writer.write_state(large_state(1))
        clock.advance(SECONDS_BETWEEN_LARGE_STATES)
        writer.write_state(large_state(2))
        writer.write_due_state()

    assert numbers_in(written_by(write)) == [0, 2]


def test_small_states_are_written_at_once() -> None:
    writer = MessageWriter(FakeClock().monotonic)

    def write() -> None:
        for number in range(3):
            writer.write_state({"number": number})

    assert numbers_in(written_by(write)) == [0, 1, 2]


def test_a_state_never_contains_half_a_change() -> None:
    writer = MessageWriter()
    state = {"from": 0, "to": 0}
    asked = threading.Event()

    def write() -> None:
        asked.set()
        writer.write_state(state)

    def change() -> None:
        with ThreadPoolExecutor(1) as executor:
            with writer.lock:
                state["from"] = 1
                writing = executor.submit(write)
                assert asked.wait(WAIT)
                state["to"] = 1
            writing.result(WAIT)

    assert json.loads(written_by(change))["value"] == {"from": 1, "to": 1}


def test_messages_equal_those_of_the_sdk() -> None:
    writer = MessageWriter()
    messages = [
        SchemaMessage("örders", {"properties": {"a": {"type": ["string", "null"]}}}, ["a"], ["b"]),
        SchemaMessage("orders", {"properties": {}}),
        RecordMessage("orders", {"a": None, "b": Decimal("1.10"), "c": "\u2028\x00\U0001f600"}),
        StateMessage({"bookmarks": {"orders": {"replication_key_value": None}}}),
    ]

    def write() -> None:
        for message in messages:
            writer.write_message(message)

    lines = written_by(write).split("\n")
    assert [ordered(line) for line in lines[:-1]] == [
        ordered(SimpleSingerWriter().format_message(message)) for message in messages
    ]
    assert lines[-1] == ""


def ordered(line: str) -> Any:
    """Decode JSON; keep the order of names and the text of numbers."""
    return json.loads(line, object_pairs_hook=list, parse_float=str, parse_int=str)


@pytest.mark.parametrize(
    "value",
    [
        Decimal("123456789012345678901234567890.1234567890"),
        Decimal("1E+400"),
        Decimal("1E-30"),
        Decimal("-0.0"),
        2**64,
        -(10**40),
        0.1,
        float("nan"),
        float("-inf"),
        dt.date(2026, 1, 31),
        dt.datetime(2026, 1, 31, 12, 30),  # noqa: DTZ001 - a stream map may make one
        {"a": [[], {}, [{"b": (1, None, True)}]]},
        object,
    ],
)
def test_values_are_written_as_the_sdk_does(value: Any) -> None:
    message = RecordMessage("orders", {"value": value})

    ours = MessageWriter().format_message(message).decode()

    assert ordered(ours) == ordered(SimpleSingerWriter().format_message(message))


def test_a_text_only_stdout_can_be_written() -> None:
    line = '{"a":"ü"}\n'

    assert written_by(lambda: MessageWriter().write_lines(line.encode())) == line


def test_lines_reach_the_reader_at_once() -> None:
    line = '{"a":"ü"}\n'.encode()
    with piped() as pipe:
        MessageWriter().write_lines(line)
        # Instead of waiting for more input.
        os.set_blocking(pipe.read_end, False)

        assert os.read(pipe.read_end, 100) == line


def test_lines_are_gathered_and_written_in_order() -> None:
    writer = Recorder()
    batch = RecordBatch(writer)

    for number in range(3):
        batch.add(b"%d\n" % number)
    assert writer.writes == []
    batch.flush()
    batch.flush()
    batch.add(b"3\n")
    batch.flush()

    assert writer.writes == [b"0\n1\n2\n", b"3\n"]


def test_a_large_batch_is_written_without_a_flush() -> None:
    writer = Recorder()
    batch = RecordBatch(writer)
    lines = [b"%06d%b\n" % (number, b"x" * 1000) for number in range(1000)]

    for line in lines:
        batch.add(line)
    written = b"".join(writer.writes)

    assert len(writer.writes) == len(b"".join(lines)) // MAX_BATCH
    assert max(map(len, writer.writes)) < MAX_BATCH + len(lines[0])
    assert b"".join(lines).startswith(written)
    batch.flush()
    assert b"".join(writer.writes) == b"".join(lines)


def test_a_line_longer_than_a_batch_is_written_at_once() -> None:
    writer = Recorder()
    batch = RecordBatch(writer)

    batch.add(b"x" * MAX_BATCH)

    assert writer.writes == [b"x" * MAX_BATCH]


def test_a_new_page_writes_the_page_before_and_has_its_own_time() -> None:
    writer = Recorder()
    batch = RecordBatch(writer)

    for day in (1, 2):
        batch.begin_page(EXTRACTED.replace(day=day))
        batch.add(b'{"record":{}' + batch.line_end)
    batch.flush()

    pages: list[Mapping[str, Any]] = [json.loads(lines) for lines in writer.writes]
    assert pages == [
        {"record": {}, "time_extracted": f"2026-11-0{day}T12:00:00+00:00"} for day in (1, 2)
    ]


def test_lines_that_a_gone_reader_got_are_not_written_again() -> None:
    batch = RecordBatch(MessageWriter())
    batch.add(b"lost\n")
    with piped() as pipe:
        pipe.leave()
        with pytest.raises(ReaderGoneError):
            batch.flush()

    assert written_by(batch.flush) == ""
