"""The only place where classes are made at run time: one stream for each entry of the settings."""

from __future__ import annotations

from typing import Any, TypeVar

from tap_amazon_sp.reading.stream import AmazonStream

StreamClass = TypeVar("StreamClass", bound=AmazonStream)


def make_stream_class(
    base: type[StreamClass], name: str, *, description: str, **attributes: Any
) -> type[StreamClass]:
    """Return a class for the stream that an entry of the settings declares.

    Args:
        base: The base class of all streams of the setting.
        name: Name of the stream.
        description: A sentence for people.
        attributes: The other class attributes.

    Raises:
        TypeError: Streams do not have one of the attributes.
    """
    attributes |= {"name": name, "__doc__": description, "__module__": __name__}
    return type(f"{base.__name__}_{name}", (base,), attributes)
