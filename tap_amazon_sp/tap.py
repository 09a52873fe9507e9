"""The tap: settings, discovery, and running the streams."""

from __future__ import annotations

import functools
import gc
import logging
import os
import platform
import signal
import sys
import threading
import traceback
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, cast

import click
from singer_sdk import Stream, Tap
from singer_sdk.exceptions import (
    ConfigValidationError,
    MapExpressionError,
    StreamMapConfigError,
)
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from singer_sdk.metrics import log as log_metric
from singer_sdk.plugin_base import PluginBase, SingerCommand
from singer_sdk.singerlib import Catalog

from tap_amazon_sp.amazon.errors import AuthenticationError, SellingPartnerError
from tap_amazon_sp.amazon.metrics import total
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.common.clock import Clock, SyncInterrupted, SystemClock
from tap_amazon_sp.reading.children import ChildStream, link_children
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.accounts import settings_by_account
from tap_amazon_sp.settings.input_files import (
    check_config_file,
    checked_catalog,
    checked_state,
    mistakes_in_environment,
    number_in,
)
from tap_amazon_sp.settings.schema import SETTINGS, SettingsError, check_settings
from tap_amazon_sp.singer.writer import (
    SECONDS_BETWEEN_LARGE_STATES,
    MessageWriter,
    ReaderGoneError,
)
from tap_amazon_sp.streams import SellingPartnerStream, mistakes_in_streams, stream_classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from singer_sdk.singerlib.encoding import GenericSingerWriter

EXPECTED_ERRORS = (
    AuthenticationError,
    MapExpressionError,
    SellingPartnerError,
    SettingsError,
    StreamMapConfigError,
)
"""Failures that people can mend: told in a sentence, without a traceback."""

ALLOCATIONS_PER_COLLECTION = 10_000
"""A page of records takes that many."""

MOST_THREADS = 1000
"""Streams read at once; of more, some wait until others are done."""


class StreamsFailedError(Exception):
    """Some streams failed; each was reported when it did, and the others were read."""


class TapCommand(SingerCommand):
    """The command line: mistakes and failures end in a sentence and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; exit with 1 on failures, with 128 and the signal's number when stopped."""
        try:
            return super().main(*args, **kwargs)
        except ConfigValidationError as error:
            for sentence in error.errors:
                self.logger.error("%s", sentence)  # noqa: TRY400 - for people
            sys.exit(1)
        except SyncInterrupted as stop:
            self.logger.warning("Stopped by signal %d; the last STATE holds", stop.signal_number)
            logging.shutdown()
            # An ordinary exit waits for the requests under way, longer than orchestrators do.
            with _without_unfinished_files():
                os._exit(128 + stop.signal_number)
        except (*EXPECTED_ERRORS, StreamsFailedError) as error:
            self.logger.error("%s", error)  # noqa: TRY400 - for people
            sys.exit(1)
        except ReaderGoneError as error:
            self.logger.error("%s", error)  # noqa: TRY400 - for people
            # The interpreter flushes stdout at exit, which would fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)


class TapAmazonSP(Tap):
    """Singer tap for Amazon's Selling Partner API (SP-API)."""

    name = "tap-amazon-sp"
    package_name = "tap-selling-partner"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()

    # Neither BATCH, which writes deselected properties, nor ACTIVATE_VERSION, which would delete
    # from the target what Amazon no longer keeps.
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    message_writer_class: type[GenericSingerWriter[Any, Any]] = MessageWriter

    def __init__(self, *args: Any, clock: Clock | None = None, **kwargs: Any) -> None:
        """Check the settings; call nothing yet.

        Raises:
            ConfigValidationError: A setting is wrong.
            SettingsError: A setting in the environment cannot be read.
        """
        self.clock = clock or SystemClock()
        self._reporting = threading.Lock()
        self._has_ended = threading.Event()
        for name in ("boto3", "botocore", "urllib3"):
            # Their DEBUG shows tokens, keys and presigned addresses.
            logging.getLogger(name).setLevel(logging.INFO)
        try:
            super().__init__(*args, **kwargs)
        except ValueError:
            # The SDK reads numbers, lists and objects from the environment without a check.
            if mistakes := mistakes_in_environment(self.config_jsonschema):
                raise SettingsError(mistakes) from None
            raise

    @property
    def writer(self) -> MessageWriter:
        """Where all messages go."""
        return cast("MessageWriter", self.message_writer)

    @functools.cached_property
    def throttle(self) -> Throttle:
        """The usage plans of all accounts."""
        return Throttle(self.clock)

    @functools.cached_property
    def connections(self) -> tuple[Connection, ...]:
        """One connection for each account; nothing is called before it is needed."""
        user_agent = self.config.get("user_agent") or default_user_agent(self.plugin_version)
        return tuple(
            Connection(
                settings,
                clock=self.clock,
                throttle=self.throttle,
                user_agent=user_agent,
                name=name,
            )
            for name, settings in settings_by_account(self.config)
        )

    @property
    def has_several_accounts(self) -> bool:
        """Whether accounts have names, which their records and their state carry."""
        return self.connections[0].name is not None

    def discover_streams(self) -> Sequence[SellingPartnerStream]:
        """Return all streams; needs neither network nor credentials.

        Raises:
            SettingsError: An entry of `custom_streams` is wrong.
        """
        # Settings are not checked for a discovery, which needs no credentials.
        if mistakes := mistakes_in_streams(self.config):
            raise SettingsError(mistakes)
        return [stream_class(self) for stream_class in stream_classes(self.config)]

    def load_streams(self) -> list[Stream]:  # type: ignore[misc]
        """Return all streams by name, each with its children.

        The SDK's own tells every child in a line of the log.
        """
        streams = self.discover_streams()
        link_children(streams)
        return sorted(streams, key=lambda stream: stream.name)

    def setup_mapper(self) -> None:
        """Make the maps of the selected streams; wildcards would not fit what others lack."""
        PluginBase.setup_mapper(self)
        catalog = Catalog(
            (stream.tap_stream_id, stream.catalog_entry)
            for stream in self._own_streams
            if stream.is_selected_in_catalog
        )
        self.mapper.register_raw_streams_from_catalog(catalog)

    def sync_all(self) -> None:  # type: ignore[misc]
        """Read all selected streams of all accounts, side by side.

        One that fails does not keep the others from being read.

        Raises:
            AuthenticationError: Nothing can be read with these credentials.
            StreamsFailedError: Some streams failed.
            SyncInterrupted: The process was asked to stop.
        """
        self._check_selected_streams()
        self._reset_state_progress_markers()
        if self.state:
            self.writer.write_state(self.state)
        of_accounts = f" of {len(self.connections)} accounts" if self.has_several_accounts else ""
        selected = sum(stream.is_selected_in_catalog for stream in self._own_streams)
        self.logger.info("Reading %d of %d streams%s", selected, len(self.streams), of_accounts)
        self._tell_what_is_not_selected()
        began_at = self.clock.monotonic()
        try:
            self._sync_side_by_side()
            for stream in self._own_streams:
                stream.write_missing_schema()
        finally:
            self._close()
            self._tell_costs(self.clock.monotonic() - began_at)
        self._raise_failures()

    def _tell_what_is_not_selected(self) -> None:
        """Warn of entries in the settings none of whose streams is read."""
        streams_by_entry: dict[str, list[SellingPartnerStream]] = {}
        for stream in self._own_streams:
            if stream.declared_in is not None:
                streams_by_entry.setdefault(stream.declared_in, []).append(stream)
        for entry, streams in streams_by_entry.items():
            if not any(stream.is_selected_in_catalog for stream in streams):
                self.logger.warning(
                    "%s is not read, as nothing of it is selected: add %s to the catalog "
                    "(`select` in Meltano)",
                    entry,
                    " or ".join(stream.name for stream in streams),
                )

    @functools.cached_property
    def readers(self) -> Mapping[Connection, Sequence[SellingPartnerStream]]:
        """All streams of each account; those of the first, or only, are the tap's own."""
        readers: dict[Connection, Sequence[SellingPartnerStream]] = {
            self.connections[0]: self._own_streams
        }
        selected = {
            member
            for stream in self._own_streams
            if any(member.is_selected_in_catalog for member in stream.family)
            for member in stream.family
        }
        for connection in self.connections[1:]:
            of_account = [
                stream.for_account(connection) for stream in self._own_streams if stream in selected
            ]
            link_children(of_account)
            readers[connection] = of_account
        return readers

    @property
    def _own_streams(self) -> list[SellingPartnerStream]:
        return cast("list[SellingPartnerStream]", list(self.streams.values()))

    def _sync_side_by_side(self) -> None:
        """Read each stream that is no other's child in a thread of its own.

        With `max_parallel_requests: 1` those of an account in one, one after the other.
        """
        by_account = []
        for connection, streams in self.readers.items():
            roots = self._roots(streams)
            for stream in roots:
                stream.begin()
            is_parallel = connection.max_parallel_requests > 1
            by_account.append([[stream] for stream in roots] if is_parallel else [roots])
        # Those of all accounts in turns, where there are more than threads.
        tasks = [task for turn in zip_longest(*by_account) for task in turn if task]
        threads = ThreadPoolExecutor(max(1, min(len(tasks), MOST_THREADS)), "stream")
        try:
            futures = self._begin(threads, tasks)
            while futures:
                done, futures = wait(futures, SECONDS_BETWEEN_LARGE_STATES, FIRST_COMPLETED)
                for future in done:
                    # What ends the whole run.
                    future.result()
                self.writer.write_due_state()
        except SyncInterrupted:
            # The threads stop when they next write or wait; until then lines stay whole.
            self.writer.finish_lines()
            raise
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _begin(
        self, threads: ThreadPoolExecutor, tasks: Iterable[Sequence[SellingPartnerStream]]
    ) -> set[Future[None]]:
        try:
            return {threads.submit(self._sync_streams, streams) for streams in tasks}
        except RuntimeError as error:
            message = f"The system gives no more threads ({error}): read fewer streams or accounts"
            raise SettingsError([message]) from None

    @staticmethod
    def _roots(streams: Iterable[SellingPartnerStream]) -> list[SellingPartnerStream]:
        """Return those to be read that are no other's child."""
        return [
            stream
            for stream in streams
            if not isinstance(stream, ChildStream)
            and (stream.selected or stream.has_selected_descendents)
        ]

    def _sync_streams(self, streams: Sequence[SellingPartnerStream]) -> None:
        for stream in streams:
            self._sync_stream(stream)

    def _raise_failures(self) -> None:
        failed = [stream.label for stream in self._all_readers() if stream.failed]
        if failed:
            selected = sum(stream.selected for stream in self._all_readers())
            others = "The state of the others is written; " if len(failed) < selected else ""
            message = (
                f"{len(failed)} of {selected} streams failed: {', '.join(failed)}. "
                f"{others}the next run goes on where these stopped"
            )
            raise StreamsFailedError(message)

    def _all_readers(self) -> Iterator[SellingPartnerStream]:
        return chain.from_iterable(self.readers.values())

    def run_connection_test(self) -> bool:  # type: ignore[misc]
        """Read one record of each stream that is selected, without a catalog those of the core.

        Returns:
            True, as failures are raised.
        """
        self._check_selected_streams()
        for stream in self._all_readers():
            stream.ABORT_AT_RECORD_COUNT = 1
        for streams in self.readers.values():
            self._sync_streams(self._roots(streams))
        self._raise_failures()
        return True

    def _check_selected_streams(self) -> None:
        """Find out before the first request what selected streams cannot be read without.

        Raises:
            SettingsError: A setting is missing, or the seller of a listing is not known.
        """
        streams_by_setting: dict[str, list[str]] = {}
        for stream in self._all_readers():
            if stream.selected or stream.has_selected_descendents:
                for setting in stream.missing_settings():
                    streams_by_setting.setdefault(setting, []).append(stream.label)
        if streams_by_setting:
            raise SettingsError(
                [
                    f"`{setting}` is needed by {', '.join(names)}: give it, or deselect them"
                    for setting, names in streams_by_setting.items()
                ]
            )

    def _sync_stream(self, stream: SellingPartnerStream) -> None:
        if stream.connection.failed:
            self._fail(stream)
            return
        try:
            stream.sync()
        except Exception as error:  # noqa: BLE001 - the other streams are to be read
            self.report_failure(stream, error)

    def report_failure(self, stream: SellingPartnerStream, error: Exception) -> None:
        """Tell why a stream failed; raise again what ends the whole run.

        Raises:
            AuthenticationError: Nothing can be read with these credentials, and there are no
                others.
            SyncInterrupted: The process was asked to stop.
            ReaderGoneError: Nobody reads any more.
        """
        if self._has_ended.is_set():
            # It fails because of that.
            raise error
        if isinstance(error, AuthenticationError) and self.has_several_accounts:
            self._report_lost_account(stream.connection, error)
        elif isinstance(error, (AuthenticationError, SyncInterrupted, ReaderGoneError)):
            raise error
        elif isinstance(error, EXPECTED_ERRORS):
            self.logger.error("Stream '%s' failed: %s", stream.label, error)
        else:
            # Not its message, which may hold a buyer's data.
            frames = traceback.extract_tb(error.__traceback__)
            self.logger.error(
                "Stream '%s' failed by a fault of this program: %s at %s:%d. "
                "LOGLEVEL=DEBUG shows how it came there",
                stream.label,
                type(error).__name__,
                Path(frames[-1].filename).name,
                frames[-1].lineno,
            )
            self.logger.debug("".join(frames.format()))
        self._fail(stream)

    def _report_lost_account(self, connection: Connection, error: Exception) -> None:
        with self._reporting:
            if not connection.failed:
                connection.failed = True
                self.logger.error("Account '%s' cannot be read: %s", connection.name, error)

    def _fail(self, stream: SellingPartnerStream) -> None:
        """Count a stream as failed; of one that was not begun all that would be read with it."""
        for member in stream.family if stream.connection.failed else (stream,):
            member.failed = member.failed or member.selected or member is stream

    def _close(self) -> None:
        self._has_ended.set()
        if isinstance(self.clock, SystemClock):
            # Threads that still wait to try again are not waited for.
            self.clock.interrupt(signal.SIGTERM)

    def _tell_costs(self, seconds: float) -> None:
        """Tell what each operation took, and how close the run was to its shortest time."""
        metrics = [
            connection.client.metrics for connection in self.connections if connection.is_used
        ]
        for operation_id, costs in total(metrics):
            self.logger.info("%s: %s", operation_id, costs)
            for point in costs.points(operation_id):
                log_metric(self.metrics_logger, point)
        slowest = self.throttle.slowest()
        if slowest is not None and slowest[1].shortest_time:
            operation_id, bucket = slowest
            self.logger.info(
                "Read in %.1f seconds; Amazon's rate limits allow no less than %.1f, which %d "
                "calls of %s take",
                seconds,
                bucket.shortest_time,
                bucket.calls,
                operation_id,
            )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings and take in defaults; errors never show a secret.

        Raises:
            ConfigValidationError: A setting is wrong and `raise_errors` is True.
        """
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        defaults = {
            name: setting["default"]
            for name, setting in schema["properties"].items()
            if "default" in setting
        }
        given = {name: value for name, value in self._config.items() if value is not None}
        for name in given.keys() & schema["properties"].keys():
            if "number" in schema["properties"][name].get("type", ()):
                given[name] = number_in(given[name])
        self._config = defaults | given
        errors = check_settings(given, schema) or mistakes_in_streams(self._config)
        if errors and raise_errors:
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=errors, schema=schema)
        return errors

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop at once, but not within a line: the bookmarks written so far hold.

        Raises:
            SyncInterrupted: Nothing is being written.
        """
        if isinstance(self.clock, SystemClock):
            self.clock.interrupt(signum)
        # There is no writer yet while the settings are checked.
        writer = getattr(self, "message_writer", None)
        if isinstance(writer, MessageWriter):
            writer.stop(signum)
        else:
            raise SyncInterrupted(signum)

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        state: TextIO | None = None,
        catalog: TextIO | None = None,
        **options: Any,
    ) -> None:
        """Run the tap with a state and a catalog, which must be JSON objects.

        Raises:
            SettingsError: One of them is not.
        """
        # What is imported lives to the end: looking through it again and again for garbage would
        # take half the time of reading.
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
        super().invoke(
            state=checked_state(state),
            catalog=checked_catalog(catalog),
            **options,
        )

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the config files.

        Raises:
            SettingsError: A file cannot be read or is no JSON object.
        """
        for path in value:
            if path != "ENV":
                check_config_file(path)
        return super().cb_config(ctx, param, value)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command with our way of ending."""
        command = super().get_singer_command()
        return TapCommand(
            name=command.name,
            callback=command.callback,
            params=command.params,
            help=command.help,
            context_settings=command.context_settings,
            logger=cls.logger,
        )


def _without_unfinished_files() -> AbstractContextManager[None]:
    """Remove what was begun of report files, if any was: what writes them is slow to load."""
    files = sys.modules.get("tap_amazon_sp.documents.files")
    return nullcontext() if files is None else files.without_unfinished_files()


def default_user_agent(version: str) -> str:
    """Return the tap's name and version, in the form that Amazon asks for."""
    return f"tap-amazon-sp/{version} (Language=Python/{platform.python_version()})"
