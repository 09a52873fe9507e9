"""Names of columns that a warehouse cannot hold.

PostgreSQL cuts names of more than 63 bytes. target-postgres then creates a column twice, or asks
for one that does not exist, and fails in its first run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_amazon_sp.documents.names import MAX_NAME

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

_SHOWN = 3
_DUPLICATE = "Duplicate column name"
"""How the SDK's error begins about names that are equal after a schema is flattened."""


def long_names(stream: AmazonStream) -> str | None:
    """Return a sentence about the names of a stream that PostgreSQL would cut, and what to do.

    The names of reports are short enough, and those that flattening makes by default.
    """
    names = [
        name
        for stream_map in stream.stream_maps
        for name in stream_map.transformed_schema.get("properties", {})
        if len(name.encode()) > MAX_NAME
    ]
    if not names:
        return None
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    several = f"{len(names)} properties with names" if len(names) > 1 else "a property with a name"
    return (
        f"'{stream.name}' has {several} of more than {MAX_NAME} bytes, which PostgreSQL cuts: "
        f"{_advice(stream)} if you load into it ({shown})"
    )


def _advice(stream: AmazonStream) -> str:
    length = stream.config.get("flattening_max_key_length")
    if stream.flattens_records and (length is None or length > MAX_NAME + 1):
        return f"set `flattening_max_key_length` to {MAX_NAME + 1}"
    if stream.keeps_amazons_names:
        return 'leave out `"column_names": "original"`'
    return "give them other names with `stream_maps`"


def equal_names(error: Exception) -> str | None:
    """Return what is wrong if an error says that flattening makes equal names; else None."""
    text = str(error)
    if not text.startswith(_DUPLICATE):
        return None
    return (
        f"`flattening_max_key_length`: {text}: allow longer names, or choose another "
        "`flattening_max_depth`"
    )
