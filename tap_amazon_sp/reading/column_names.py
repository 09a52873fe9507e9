"""Names of columns that a warehouse cannot hold.

PostgreSQL cuts names of more than 63 bytes. target-postgres then creates a column twice, or asks
for one that does not exist, and fails in its first run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

MAX_NAME = 63
"""Bytes of a name in PostgreSQL (`NAMEDATALEN` - 1)."""

_SHOWN = 3


def long_names(streams: Iterable[AmazonStream]) -> Iterator[str]:
    """Yield a sentence for each stream with names that PostgreSQL would cut.

    Only flattening makes such names; its default avoids them.
    """
    for stream in streams:
        if not stream.flattens_records:
            continue
        names = [
            name
            for stream_map in stream.stream_maps
            for name in stream_map.transformed_schema.get("properties", {})
            if len(name.encode()) > MAX_NAME
        ]
        if names:
            shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            yield (
                f"'{stream.name}' has {len(names)} properties with names of more than "
                f"{MAX_NAME} bytes, which PostgreSQL cuts: set `flattening_max_key_length` to "
                f"{MAX_NAME + 1} if you load into it ({shown})"
            )
