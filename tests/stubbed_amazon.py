"""Answers that a test provides in place of the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer

Check = Callable[[Any], object]
Pages = Callable[[str, Mapping[str, Any]], list[Any]]


class StubbedAmazon:
    """Yields the pages that a function returns for an operation's name and its parameters.

    An exception among the pages is raised in its turn.
    """

    def __init__(self, pages: Pages) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._pages = pages

    def answers(
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        **_: Any,
    ) -> Iterator[Answer]:
        self.asked.append((operation.name, dict(parameters)))
        for page in self._pages(operation.name, parameters):
            if isinstance(page, Exception):
                raise page
            yield Answer(page, 200, None)

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        *,
        check: Check | None = None,
        **_: Any,
    ) -> Answer:
        """Return the first page; let a check raise its error."""
        answer = next(self.answers(operation, parameters or {}))
        if check is not None:
            check(answer.body)
        return answer
