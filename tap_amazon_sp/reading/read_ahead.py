"""Reading ahead: work begins before its results are needed; results keep their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Argument = TypeVar("Argument")

LOOK_AHEAD = 4
"""Calls that begin before their results are needed, per call that can run at the same time."""

_END = object()


def one_ahead(items: Iterator[T], executor: ThreadPoolExecutor) -> Iterator[T]:
    """Yield items; get the next item while the caller works on the last one.

    Raises:
        Exception: The error of getting an item, in place of that item.
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
    """Yield the results of a function for each argument, in the order of the arguments.

    Args:
        function: The function, called in the threads of the executor.
        arguments: The arguments, taken one by one as they are needed.
        executor: The executor; it limits how many calls run at the same time.
        ahead: The maximum number of calls whose results are not yet taken.

    Raises:
        Exception: The error of a call, in place of its result.
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
