"""The tap: settings, discovery, and running the streams."""

from __future__ import annotations

import dataclasses
import functools
import gc
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, cast

import click
from singer_sdk import Stream, Tap
from singer_sdk.exceptions import (
    ConfigValidationError,
    MapExpressionError,
    StreamMapConfigError,
)
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)
from singer_sdk.plugin_base import PluginBase
from singer_sdk.singerlib import Catalog, CatalogEntry, Schema

from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.amazon.user_agent import default_user_agent
from tap_amazon_sp.common.clock import Clock, SystemClock
from tap_amazon_sp.common.event_file import OtherFileError
from tap_amazon_sp.common.events import Events
from tap_amazon_sp.common.once import Once
from tap_amazon_sp.common.stopping import MAX_LAST_WORDS, StopSignals, within
from tap_amazon_sp.common.terminals import shows_live_view
from tap_amazon_sp.reading.catalog_entries import doubts_about_entry, unknown_streams
from tap_amazon_sp.reading.column_names import equal_names
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.inbox import Inboxes
from tap_amazon_sp.reading.map_expressions import left_out_key
from tap_amazon_sp.reading.pipeline import ACCOUNT
from tap_amazon_sp.reading.stream import AmazonStream, link_children
from tap_amazon_sp.run import Run
from tap_amazon_sp.settings.catalog_input import read_catalog
from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.errors import SettingsError, without_long_values
from tap_amazon_sp.settings.input_files import (
    catalog_in_file,
    config_in_files,
    settings_in_environment,
    state_in_file,
    with_defaults,
)
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.settings.sdk_settings import correct_sdk_settings
from tap_amazon_sp.settings.state_input import read_state, unread_bookmarks
from tap_amazon_sp.singer.metrics import keep_tags_in_meltano
from tap_amazon_sp.singer.schemas import without_empty_properties
from tap_amazon_sp.singer.writer import MessageWriter, is_output
from tap_amazon_sp.streams.from_settings import (
    mistakes_in_stream_maps,
    mistakes_in_streams,
    stream_classes,
)
from tap_amazon_sp.tap_command import STOPPED, TIMELINE, TapCommand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk.singerlib.encoding import GenericSingerWriter


ALLOCATIONS_PER_COLLECTION = 10_000
"""Garbage is collected after this many new objects: a page of records makes about as many."""


class TapAmazonSP(Tap):
    """Singer tap for Amazon's Selling Partner API (SP-API)."""

    name = "tap-amazon-sp"
    package_name = "tap-selling-partner"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()

    # Not BATCH, which writes deselected properties, and not ACTIVATE_VERSION, which would delete
    # records from the target that Amazon no longer keeps.
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

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805
        """The settings in the environment.

        The SDK also reads a `.env` above its installation, and prefers it to the environment: a
        forgotten one would replace the account of a run (findings/singer-sdk-dotenv.sh). And it
        takes any text that it does not know for false.

        Raises:
            SettingsError: A variable cannot be read.
        """
        schema = cls.config_jsonschema
        cls.append_builtin_config(schema)
        return settings_in_environment(schema, os.environ, cls._env_var_prefix)

    def __init__(
        self,
        *args: Any,
        catalog: Mapping[str, Any] | Catalog | None = None,
        clock: Clock | None = None,
        **kwargs: Any,
    ) -> None:
        """Check settings, catalog and state; call nothing yet.

        Raises:
            ConfigValidationError: A setting is wrong.
            SettingsError: A setting in the environment cannot be read, or the catalog or the state
                is not one.
        """
        self.clock = clock or SystemClock()
        self._until_the_end = ExitStack()
        context = click.get_current_context(silent=True)
        self._stop_signals = None if context is None else context.find_object(StopSignals)
        # Their DEBUG messages contain tokens, keys and presigned addresses. At INFO, botocore only
        # says where it found keys.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        for name in ("boto3", "botocore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        keep_tags_in_meltano(os.environ)
        if catalog is not None and not isinstance(catalog, Catalog):
            catalog = Catalog.from_dict(read_catalog(catalog))
        super().__init__(*args, catalog=catalog, **kwargs)
        if self._stop_signals is not None:
            self._stop_signals.before_the_end(self._end)

    has_empty_state = False
    """Whether a state was given that has no bookmarks."""

    settings: Settings
    """The settings of the tap, as far as they are valid: a discovery needs no valid ones."""

    @functools.cached_property
    def run(self) -> Run:
        """The run that reads the streams; it makes no request before one is needed."""
        throttle, once, events = Throttle(self.clock), Once(), Events(self.clock)
        inboxes = Inboxes(self.clock)
        user_agent = self.settings.user_agent or default_user_agent(self.plugin_version)
        return Run(
            [
                Connection(
                    settings,
                    clock=self.clock,
                    throttle=throttle,
                    user_agent=user_agent,
                    once=once,
                    events=events,
                    inboxes=inboxes,
                )
                for settings in self.settings.by_account
            ],
            clock=self.clock,
            throttle=throttle,
            events=events,
            writer=cast("MessageWriter", self.message_writer),
            logger=self.logger,
            own_streams=lambda: self._own_streams,
            has_live_view=shows_live_view(self.settings.live_view, os.environ),
        )

    @property
    def connections(self) -> tuple[Connection, ...]:
        """One connection for each account."""
        return self.run.connections

    def discover_streams(self) -> Sequence[AmazonStream]:
        """Return all streams; needs neither network nor credentials.

        Raises:
            SettingsError: An entry of `custom_streams` is wrong.
        """
        if self._discovery_mistakes:
            raise SettingsError(self._discovery_mistakes)
        connection = self.connections[0]
        return [made(self, self.run, connection) for made in stream_classes(self.settings)]

    def load_streams(self) -> list[Stream]:  # type: ignore[misc]
        """Return all streams by name, each with its children.

        The SDK's method logs a line for every child.
        """
        streams = self.discover_streams()
        link_children(streams)
        return sorted(streams, key=lambda stream: stream.name)

    def setup_mapper(self) -> None:
        """Make the stream maps of the selected streams only.

        Others may lack a property that the map of a wildcard needs.

        Raises:
            MapExpressionError, SettingsError, StreamMapConfigError: A map cannot be used.
        """
        selected = [stream for stream in self._own_streams if stream.is_selected_in_catalog]
        catalog = Catalog((stream.tap_stream_id, _entry_to_map(stream)) for stream in selected)
        try:
            PluginBase.setup_mapper(self)
            self.mapper.register_raw_streams_from_catalog(catalog)
        except (MapExpressionError, StreamMapConfigError) as error:
            if (mistake := left_out_key(error)) is not None:
                raise SettingsError([mistake]) from None
            raise
        except Exception as error:  # noqa: BLE001 - the SDK checks few of their types
            if (mistake := equal_names(error)) is not None:
                raise SettingsError([mistake]) from None
            message = (
                "`stream_maps`, `stream_map_config` or `faker_config` cannot be used "
                f"({type(error).__name__}): see the SDK's page about stream maps"
            )
            raise SettingsError([message]) from None
        if mistakes := [one for stream in selected for one in stream.messages.map_mistakes()]:
            raise SettingsError([*dict.fromkeys(mistakes)])
        for stream in selected:
            stream.messages.tell_long_names()

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings to a JSON Schema."""
        super().append_builtin_config(config_jsonschema)
        correct_sdk_settings(config_jsonschema["properties"])

    @property
    def _own_streams(self) -> list[AmazonStream]:
        return cast("list[AmazonStream]", list(self.streams.values()))

    def sync_all(self) -> None:  # type: ignore[misc]
        """Read all selected streams of all accounts, side by side.

        Raises:
            AccountError: Nothing of the only account can be read.
            SettingsError: A setting that a selected stream needs is missing.
            StreamsFailedError: Some streams failed; the others were read.
            SyncInterrupted: The process received a stop signal.
        """
        if self._stop_signals is not None:
            self._stop_signals.say_with(lambda number: self.logger.warning(STOPPED, number))
        self.run.check_settings()
        self._check_catalog_and_state()
        self._open_timeline()
        self._reset_state_progress_markers()
        if self.state:
            self.run.writer.write_state(self.state)
        self.run.sync()

    def _open_timeline(self) -> None:
        """Begin to write what the run does.

        Raises:
            SettingsError: The file cannot be written, or has another purpose.
        """
        path = self.settings.timeline_file
        if path is not None and is_output(path):
            message = f"`timeline_file`: {path} is where the records go: name another file"
            raise SettingsError([message])
        try:
            self.run.events.open(path)
        except OSError as error:
            message = f"`timeline_file`: {path} cannot be written: {error.strerror}"
            raise SettingsError([message]) from None
        except OtherFileError as error:
            raise SettingsError([f"`timeline_file`: {error}"]) from None
        self.run.events.begin_run(self.plugin_version)

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Begin with the state of an earlier run; it may be wrapped as Meltano wraps it.

        Raises:
            SettingsError: It is not a state.
        """
        found = read_state(state)
        self.has_empty_state = not found
        super().load_state(found)

    def _check_catalog_and_state(self) -> None:
        """Warn of what a run ignores in the catalog and the state.

        Raises:
            SettingsError: A selected stream of the catalog does not exist, or the state is of
                another tap.
        """
        doubts: list[str] = []
        if (catalog := self.input_catalog) is not None:
            if unknown := [*unknown_streams(catalog, self.streams)]:
                message = (
                    f"The catalog selects {', '.join(unknown)}, which this tap does not have with "
                    "these settings: discover again, or deselect what is gone"
                )
                raise SettingsError([message])
            for stream in self._own_streams:
                if stream.is_selected_in_catalog:
                    doubts += doubts_about_entry(stream, stream.catalog_entry)
        names = [connection.name for connection in self.connections]
        contexts = [None if name is None else {ACCOUNT: name} for name in names]
        doubts += unread_bookmarks(self.state, self.streams, contexts)
        if self.has_empty_state:
            self.logger.info("The state is empty: all streams are read %s", self._beginning())
        for doubt in doubts:
            self.logger.warning(doubt)

    def _beginning(self) -> str:
        """Return the end of a sentence that says from when streams without a bookmark are read."""
        if all(connection.settings.start_date for connection in self.connections):
            return "from `start_date`"
        return "as far back as Amazon keeps their data, as `start_date` is not set"

    def write_schemas(self) -> None:  # type: ignore[misc]
        """Write a SCHEMA for each selected stream; the SDK's method wants a map for the others."""
        for stream in self._own_streams:
            if stream.is_selected_in_catalog:
                stream.messages.write_first_schema()

    def run_connection_test(self) -> bool:  # type: ignore[misc]
        """Read one record of each selected stream; without a catalog, of each core stream.

        Returns:
            True: failures are raised.
        """
        self.run.check_settings()
        self.run.test_connections()
        return True

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings and add the defaults; errors never show a secret.

        Raises:
            ConfigValidationError: A setting is wrong and `raise_errors` is True.
        """
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        self._config = with_defaults(self._config, schema)
        found = read_settings(self._config, schema)
        self.settings = found.settings
        # A discovery needs no credentials, so it ignores mistakes in other settings.
        self._discovery_mistakes = [*found.discovery_mistakes] or mistakes_in_streams(self.settings)
        errors = [*found.mistakes] or self._discovery_mistakes
        if not errors and isinstance(stream_maps := self._config.get("stream_maps"), Mapping):
            errors = mistakes_in_stream_maps(stream_maps, self.settings)
        errors = list(map(without_long_values, errors))
        if errors and raise_errors:
            message = "Config validation failed"
            raise ConfigValidationError(message, errors=errors, schema=schema)
        return errors

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop the run in a process that is not ours; in ours, `StopSignals` has seen the signal.

        This runs inside any line of the main thread, so it raises nothing and takes no lock that
        another thread holds for long.
        """
        if self._stop_signals is None and "run" in vars(self):
            self.run.stop(signum)

    def _end(self, signal_number: int) -> None:
        """End the run before the process ends; it may not have begun."""
        if "run" in vars(self):
            self.run.stop(signal_number)
            self.run.finish()
        if (files := sys.modules.get("tap_amazon_sp.documents.files")) is not None:
            # The module that writes report files is slow to import, so only if it is there.
            removed = files.without_unfinished_files()
            within(MAX_LAST_WORDS, lambda: self._until_the_end.enter_context(removed))

    @classmethod
    def invoke(  # type: ignore[override] # noqa: PLR0913 - an option each
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        state: TextIO | None = None,
        catalog: TextIO | None = None,
        timeline: str | None = None,
    ) -> None:
        """Run the tap; the SDK's method reads state and catalog without a check.

        Raises:
            SettingsError: A file cannot be read, or is not what it should be.
        """
        # Imported objects live to the end: checking them for garbage again and again would take
        # half the time of reading.
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
        super(Tap, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        given = {} if config is None else config.config
        tap = cls(
            config=given if timeline is None else {**given, "timeline_file": timeline},
            parse_env_config=config is not None and config.parse_env,
            state=None if state is None else read_state(state_in_file(state)),
            catalog=None if catalog is None else catalog_in_file(catalog),
        )
        tap.sync_all()

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the config files.

        Raises:
            SettingsError: A file cannot be read, or is not a JSON object.
        """
        found = super().cb_config(ctx, param, tuple(path for path in value if path == "ENV"))
        found.config = config_in_files(path for path in value if path != "ENV")
        return found

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command that reports failures in a sentence."""
        command = super().get_singer_command()
        return TapCommand(
            name=command.name,
            callback=command.callback,
            params=[*command.params, TIMELINE],
            help=command.help,
            context_settings=command.context_settings,
            logger=cls.logger,
        )


def _entry_to_map(stream: AmazonStream) -> CatalogEntry:
    """Return the catalog entry that the stream maps of a stream are made from."""
    entry = stream.catalog_entry
    if not stream.flattens_records:
        return entry
    schema = without_empty_properties(entry.schema.to_dict())
    return dataclasses.replace(entry, schema=Schema.from_dict(schema))
