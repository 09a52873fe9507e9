"""How far a stream is that makes a request for every few items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from tap_amazon_sp.common.batches import chunks
from tap_amazon_sp.reading.progress import calls_of

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

Group = TypeVar("Group")
Item = TypeVar("Item")


def in_chunks(
    stream: AmazonStream,
    groups: Sequence[Group],
    items_of: Callable[[Group], Sequence[Item]],
    size: int,
) -> Iterator[tuple[Group, list[Item]]]:
    """Yield the items of each request, and note in the stream's progress how many were there.

    Args:
        stream: The stream that makes the requests.
        groups: What the requests differ in besides their items, such as marketplaces.
        items_of: Returns the items of a group; it may take calls.
        size: How many items a request takes.
    """
    for number, group in enumerate(groups):
        items = items_of(group)
        for place, some in enumerate(chunks(items, size)):
            share = (number + place * size / len(items)) / len(groups)
            stream.progress.pass_items(share, calls_of(stream))
            yield group, [*some]
