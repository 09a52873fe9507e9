"""The command line of the tap: its exit codes, and what it says of a failure."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from singer_sdk.exceptions import (
    ConfigValidationError,
)
from singer_sdk.plugin_base import SingerCommand

from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.run import EXPECTED_ERRORS, StreamsFailedError
from tap_amazon_sp.singer.writer import ReaderGoneError

STOPPED = "Stopped by signal %d. Give the last STATE to the next run"
"""What the log says of a signal."""

TIMELINE = click.Option(
    ["--timeline"],
    metavar="FILE",
    help="Write what the run does, and when, for `amazon-sp timeline`. [setting `timeline_file`]",
)


class TapCommand(SingerCommand):
    """The command line: a mistake or a failure ends with a sentence and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; exit with 1 after a failure, with 128 plus the signal's number after a signal."""
        try:
            return super().main(*args, **kwargs)
        except ConfigValidationError as error:
            for sentence in error.errors:
                self.logger.error("%s", sentence)  # noqa: TRY400 - for people
            sys.exit(1)
        except SyncInterrupted as stop:
            # If this process is ours, it is being ended: see `common/stopping.py`.
            if (signals := kwargs.get("obj")) is not None:
                signals.wait_for_end()
            self.logger.warning(STOPPED, stop.signal_number)
            sys.exit(128 + stop.signal_number)
        except (*EXPECTED_ERRORS, StreamsFailedError) as error:
            self.logger.error("%s", error)  # noqa: TRY400 - for people
            sys.exit(1)
        except ReaderGoneError as error:
            self.logger.error("%s", error)  # noqa: TRY400 - for people
            # The interpreter flushes stdout at exit, which would fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
