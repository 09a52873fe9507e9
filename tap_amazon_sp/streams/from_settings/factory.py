"""The one place where classes are made at run time: a stream per entry of the settings."""

from __future__ import annotations

from typing import Any, TypeVar

from tap_amazon_sp.reading.stream import AmazonStream

StreamClass = TypeVar("StreamClass", bound=AmazonStream)


def make_stream_class(
    base: type[StreamClass], name: str, *, description: str, **attributes: Any
) -> type[StreamClass]:
    """Return a class for the stream that an entry of the settings declares.

    Args:
        base: What all streams of the setting have in common.
        name: Name of the stream.
        description: A sentence for people.
        attributes: The other class attributes.

    Raises:
        TypeError: Streams have no such attribute.
    """
    attributes |= {"name": name, "__doc__": description, "__module__": __name__}
    return type(f"{base.__name__}_{name}", (base,), attributes)
