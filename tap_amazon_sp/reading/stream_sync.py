"""Reading a stream with its children, and writing what is read, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.singer.writer import ReaderGoneError

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


def sync_stream(stream: AmazonStream) -> None:
    """Write the schemas of a stream and its children, then all records, then the state.

    Raises:
        AccountError, SellingPartnerError, SettingsError: The stream cannot be read.
        ReaderGoneError, SyncInterrupted: Nothing more can be written.
    """
    stream.log("Beginning sync of '%s' in %s mode", stream.label, stream.replication_method.lower())
    with ExitStack() as stack:
        # Records that were read are written, even if the rest cannot be read.
        stack.callback(_flush, stream)
        for member in stream.family:
            member.batch = stream.batch
            stack.callback(member.reader.end)
            stack.callback(member.omissions.log)
            if member.selected:
                member.fitting.write_first_schema()
                stack.enter_context(member.written.counted())
        stream.pipeline.begin()
        timer = stream.get_sync_timer()
        timer.context = stream.partition
        stack.enter_context(timer)
        stack.enter_context(_under_way(stream))
        _sync_pages(stream)
    stream.write_state()


def _sync_pages(stream: AmazonStream) -> None:
    left = stream.ABORT_AT_RECORD_COUNT
    # `pages` expects that all records are written before the next page is taken.
    for page in stream.reader.pages():
        stream.batch.begin_page(stream.connection.clock.now())
        count = stream.pipeline.write(page if left is None else page[:left])
        if left is not None:
            left -= count
            if left <= 0:
                return
        stream.batch.flush()
        stream.progress.records += count
        for member in stream.family:
            member.written.report()


@contextmanager
def _under_way(stream: AmazonStream) -> Iterator[None]:
    progress = stream.progress
    progress.is_under_way, progress.began_at = True, stream.connection.clock.monotonic()
    try:
        yield
    finally:
        progress.is_under_way, progress.has_ended = False, True


def _flush(stream: AmazonStream) -> None:
    with suppress(ReaderGoneError, SyncInterrupted):
        stream.batch.flush()
