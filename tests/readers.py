"""What reads a stream, by how the stream is read."""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParentReader
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_reader import WindowReader


def window_reader(stream: AmazonStream) -> WindowReader:
    assert isinstance(stream.reader, WindowReader)
    return stream.reader


def parent_reader(stream: AmazonStream) -> PerParentReader:
    assert isinstance(stream.reader, PerParentReader)
    return stream.reader
