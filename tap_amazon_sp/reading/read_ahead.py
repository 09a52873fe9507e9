"""Reading ahead: work that begins before its results are needed, which come in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Argument = TypeVar("Argument")

LOOK_AHEAD = 4
"""Calls begun before their results are needed, for each that can be under way at once."""

_END = object()


def one_ahead(items: Iterator[T], executor: ThreadPoolExecutor) -> Iterator[T]:
    """Give items, getting the next while the last is being worked on.

    Raises:
        Exception: What getting an item raises, where that item would have come.
    """
    following: Future[T | object] = executor.submit(next, items, _END)
    try:
        while (item := following.result()) is not _END:
            following = executor.submit(next, items, _END)
            yield item  # type: ignore[misc]
    finally:
        following.cancel()


def side_by_side(
    function: Callable[[Argument], T],
    arguments: Iterable[Argument],
    executor: ThreadPoolExecutor,
    *,
    ahead: int,
) -> Iterator[T]:
    """Give what a function returns for each argument, in their order.

    Args:
        function: Called in the threads of the executor.
        arguments: Taken as they are needed.
        executor: Says how many calls run at once.
        ahead: Calls begun, or done and not yet asked for, at most.

    Raises:
        Exception: What a call raises, where its result would have come.
    """
    begun: deque[Future[T]] = deque()
    try:
        for argument in arguments:
            begun.append(executor.submit(function, argument))
            if len(begun) >= ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
