"""One run of the tap: accounts, threads that read their streams, failures, and costs."""

from __future__ import annotations

import functools
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from itertools import chain, zip_longest

from tap_amazon_sp.amazon.errors import AccountError, SellingPartnerError
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.common.clock import Clock, SyncInterrupted, SystemClock
from tap_amazon_sp.common.events import Events, Outcome
from tap_amazon_sp.common.internal_errors import internal_error
from tap_amazon_sp.common.stopping import MAX_LAST_WORDS, within
from tap_amazon_sp.reading.before_reading import (
    check_settings,
    root_streams,
    warn_of_entries_not_selected,
    warn_of_start_dates,
)
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.costs import log_costs
from tap_amazon_sp.reading.progress_lines import ProgressLines
from tap_amazon_sp.reading.stream import AmazonStream, link_children
from tap_amazon_sp.reading.stream_end import end_of
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.writer import (
    MAX_LAST_WRITE,
    SECONDS_BETWEEN_LARGE_STATES,
    MessageWriter,
    ReaderGoneError,
)
from tap_amazon_sp.stream_failures import MISTAKES_OF_SETTINGS, summary_of, what_happened

EXPECTED_ERRORS = (AccountError, SellingPartnerError, *MISTAKES_OF_SETTINGS)
"""Failures that users can fix: they are reported in a sentence, without a traceback."""


MAX_THREADS = 1000
"""Streams that are read at the same time; further streams wait until others are finished."""


class StreamsFailedError(Exception):
    """Some streams failed: each failure was reported when it happened. The others were read."""


class Run:
    """Reads the streams of all accounts, side by side."""

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        connections: Sequence[Connection],
        *,
        clock: Clock,
        throttle: Throttle,
        events: Events,
        writer: MessageWriter,
        logger: logging.Logger,
        own_streams: Callable[[], Sequence[AmazonStream]],
        has_live_view: bool = False,
    ) -> None:
        """Make no request yet; `own_streams` returns the streams of the tap."""
        self.connections = tuple(connections)
        self.clock = clock
        self.throttle = throttle
        self.events = events
        self.writer = writer
        self._own_streams = own_streams
        self._has_live_view = has_live_view
        self._live_view = ExitStack()
        self._logger = logger
        self._reporting = threading.Lock()
        self._has_ended = threading.Event()
        self._in_timeline: set[AmazonStream] = set()
        self._told_ends: set[AmazonStream] = set()

    @property
    def has_several_accounts(self) -> bool:
        """Whether accounts have names, which are part of their records and their state."""
        return self.connections[0].name is not None

    @functools.cached_property
    def streams(self) -> Sequence[AmazonStream]:
        """The streams of the first or only account, with the selection of the catalog."""
        return self._own_streams()

    @functools.cached_property
    def streams_by_account(self) -> Mapping[Connection, Sequence[AmazonStream]]:
        """All streams of each account."""
        found: dict[Connection, Sequence[AmazonStream]] = {self.connections[0]: self.streams}
        selected = {
            member
            for stream in self.streams
            if any(member.is_selected_in_catalog for member in stream.family)
            for member in stream.family
        }
        for connection in self.connections[1:]:
            of_account = [
                stream.for_account(connection) for stream in self.streams if stream in selected
            ]
            link_children(of_account)
            found[connection] = of_account
        return found

    def _all_streams(self) -> Iterator[AmazonStream]:
        return chain.from_iterable(self.streams_by_account.values())

    # --- Reading --------------------------------------------------------------------------------

    def sync(self) -> None:
        """Read all selected streams of all accounts, side by side.

        If a stream fails, the others are still read.

        Raises:
            AccountError: Nothing of the only account can be read.
            SettingsError: A setting that a selected stream needs is missing.
            StreamsFailedError: Some streams failed.
            SyncInterrupted: The process received a stop signal.
        """
        of_accounts = f" of {len(self.connections)} accounts" if self.has_several_accounts else ""
        selected = sum(stream.is_selected_in_catalog for stream in self.streams)
        self._logger.info("Reading %d of %d streams%s", selected, len(self.streams), of_accounts)
        warn_of_entries_not_selected(self.streams, self._logger)
        warn_of_start_dates(self._all_streams(), self._logger)
        began_at = self.clock.monotonic()
        try:
            self._sync_side_by_side()
            for stream in self.streams:
                stream.fitting.write_missing_schema()
        finally:
            self._close()
            self._end_timeline()
            self._tell_stopped()
            log_costs(
                self.connections, self.throttle, self.clock.monotonic() - began_at, self._logger
            )
        self._raise_failures()

    def test_connections(self) -> None:
        """Read one record of each selected stream, one stream after the other.

        Raises:
            AccountError: Nothing of the only account can be read.
            SettingsError: A setting that a selected stream needs is missing.
            StreamsFailedError: Some streams failed.
        """
        for stream in self._all_streams():
            stream.ABORT_AT_RECORD_COUNT = 1
        for streams in self.streams_by_account.values():
            self._sync_streams(root_streams(streams))
        self._raise_failures()

    def check_settings(self) -> None:
        """Check before the first request that streams are selected, and have their settings.

        Raises:
            SettingsError: A setting is missing, or no stream is selected.
        """
        check_settings(
            self.streams_by_account.values(), has_several_accounts=self.has_several_accounts
        )

    def _sync_side_by_side(self) -> None:
        """Read each stream that is not a child of another in a thread of its own.

        With `max_parallel_requests: 1`, one thread reads all streams of an account, one by one.
        """
        by_account = []
        for connection, streams in self.streams_by_account.items():
            roots = root_streams(streams)
            for stream in roots:
                stream.reader.begin()
            is_parallel = connection.max_parallel_requests > 1
            by_account.append([[stream] for stream in roots] if is_parallel else [roots])
        # If there are more streams than threads, accounts take turns.
        tasks = [task for turn in zip_longest(*by_account) for task in turn if task]
        progress = self._progress([*chain.from_iterable(chain.from_iterable(by_account))])
        threads = ThreadPoolExecutor(max(1, min(len(tasks), MAX_THREADS)), "stream")
        try:
            futures = self._begin(threads, tasks)
            while futures:
                done, futures = wait(futures, SECONDS_BETWEEN_LARGE_STATES, FIRST_COMPLETED)
                for future in done:
                    # Raises what ends the whole run.
                    future.result()
                self.clock.raise_if_stopped()
                self.writer.write_due_state()
                if progress is not None:
                    progress.tell_due()
        finally:
            self._live_view.close()
            threads.shutdown(wait=False, cancel_futures=True)

    def _progress(self, streams: Sequence[AmazonStream]) -> ProgressLines | None:
        """Return what logs how far streams are; None if a live view shows it."""
        if not self._has_live_view:
            return ProgressLines(streams, self.clock, self._logger)
        # Not at the top: the modules of the terminal are slow to import.
        from tap_amazon_sp.live_view import live_view  # noqa: PLC0415

        self._live_view.enter_context(live_view(streams))
        return None

    def _begin(
        self, threads: ThreadPoolExecutor, tasks: Iterable[Sequence[AmazonStream]]
    ) -> set[Future[None]]:
        try:
            return {threads.submit(self._sync_streams, streams) for streams in tasks}
        except RuntimeError as error:
            message = f"The system starts no more threads ({error}): read fewer streams or accounts"
            raise SettingsError([message]) from None

    def _sync_streams(self, streams: Sequence[AmazonStream]) -> None:
        for stream in streams:
            self._begin_in_timeline(stream)
            outcome: Outcome = "failed"
            try:
                self._sync_stream(stream)
                outcome = "failed" if stream.failed else "done"
            except (SyncInterrupted, ReaderGoneError):
                outcome = "stopped"
                raise
            finally:
                self._end_in_timeline(stream, outcome)
                self._tell_end(stream, outcome)

    def _sync_stream(self, stream: AmazonStream) -> None:
        if stream.connection.failed:
            self._fail(stream)
            return
        try:
            stream.connection.ask_for_time()
            stream.sync()
        except Exception as error:  # noqa: BLE001 - the other streams are read
            self.report_failure(stream, error)
        for member in stream.family:
            failure = member.shortfalls.failure()
            if failure is not None and not member.failed:
                self.report_failure(member, failure)

    def _tell_end(self, stream: AmazonStream, outcome: Outcome) -> None:
        """Log what a stream has read, once."""
        with self._reporting:
            if (end := end_of(stream, outcome)) is not None and stream not in self._told_ends:
                self._told_ends.add(stream)
                self._logger.info("%s", end, extra={"progress": end.values})

    def _tell_stopped(self) -> None:
        """Log what the streams have read that did not come to an end of their own."""
        if "streams_by_account" not in vars(self):
            return
        for stream in root_streams(self._all_streams()):
            self._tell_end(stream, "stopped")

    # --- Timeline -------------------------------------------------------------------------------

    def _begin_in_timeline(self, stream: AmazonStream) -> None:
        for member in stream.family:
            if member.selected:
                member.connection.events.begin_stream(member.name)
                self._in_timeline.add(member)

    def _end_in_timeline(self, stream: AmazonStream, outcome: Outcome) -> None:
        for member in stream.family:
            if member in self._in_timeline:
                self._in_timeline.discard(member)
                ended = "failed" if member.failed else outcome
                member.connection.events.end_stream(member.name, member.written.number, ended)

    def _end_timeline(self) -> None:
        """End the streams that are still under way, and the timeline."""
        for stream in self._in_timeline.copy():
            self._end_in_timeline(stream, "stopped")
        self.events.end_run()

    # --- Stopping -------------------------------------------------------------------------------

    def stop(self, signal_number: int) -> None:
        """Let all threads stop when they next wait or write a record; may be called from any.

        Requests under way go on.
        """
        if isinstance(self.clock, SystemClock):
            self.clock.interrupt(signal_number)
        self.writer.stop(signal_number)

    def finish(self) -> None:
        """Wait, after a stop, until jobs that are being submitted are in the last STATE.

        It takes no longer than one answer, and the time that a slow reader has for the last lines.
        """
        # Before the last lines of the log. It gives the terminal its cursor back.
        within(MAX_LAST_WORDS, self._live_view.close)
        within(MAX_LAST_WORDS, self._end_timeline)
        self._finish_submissions()
        # Threads of streams may be too late for it.
        within(MAX_LAST_WORDS, self._tell_stopped)
        if not within(MAX_LAST_WRITE, self.writer.end):
            self._logger.warning(
                "The reader of the output has read nothing for %.0f seconds. It may not receive "
                "the last STATE, and the last line may be cut off",
                MAX_LAST_WRITE,
            )

    def _finish_submissions(self) -> None:
        if isinstance(self.clock, SystemClock):
            longest = max(one.settings.request_timeout for one in self.connections)
            self.clock.wait_until_finished(longest)

    def _close(self) -> None:
        self._has_ended.set()
        if isinstance(self.clock, SystemClock):
            # Threads that wait for their next try stop.
            self.clock.interrupt(signal.SIGTERM)
            # If one failure ends the whole run, others may be submitting a job.
            self._finish_submissions()
            self.writer.write_due_state()

    # --- Failures -------------------------------------------------------------------------------

    def report_failure(self, stream: AmazonStream, error: Exception) -> None:
        """Report why a stream failed; raise the error again if it ends the whole run.

        Raises:
            AccountError: Nothing of this account can be read, and there is no other account.
            SyncInterrupted: The process received a stop signal.
            ReaderGoneError: The reader of the output is gone.
        """
        if self._has_ended.is_set():
            # The stream fails because the run has ended.
            raise error
        if isinstance(error, AccountError) and self.has_several_accounts:
            self._report_lost_account(stream.connection, error)
        elif isinstance(error, (AccountError, SyncInterrupted, ReaderGoneError)):
            raise error
        elif isinstance(error, EXPECTED_ERRORS):
            self._logger.error("Stream '%s' failed: %s", stream.label, what_happened(stream, error))
            stream.failure = error
        else:
            self._logger.error("Stream '%s' failed: %s", stream.label, internal_error(error))
        self._fail(stream)

    def _report_lost_account(self, connection: Connection, error: Exception) -> None:
        with self._reporting:
            if not connection.failed:
                connection.failed = True
                self._logger.error("Account '%s' cannot be read: %s", connection.name, error)

    def _fail(self, stream: AmazonStream) -> None:
        """Mark a stream as failed, and the streams that are read with it: they lack records."""
        stream.failed = True
        for member in stream.family[1:]:
            if member.selected and not member.failed:
                member.failed = True
                member.failed_with = None if stream.connection.failed else stream

    def _raise_failures(self) -> None:
        if (message := summary_of(self._all_streams())) is not None:
            raise StreamsFailedError(message)
