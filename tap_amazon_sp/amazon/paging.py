"""Paging: how the answers of an operation follow one another."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError, check_token
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, items_in
from tap_amazon_sp.amazon.errors import (
    EndlessPagesError,
    InvalidRequestError,
    PageTokenRejectedError,
    SellingPartnerError,
    ServiceError,
    TooManyResultsError,
)
from tap_amazon_sp.amazon.operation_parts import Paging
from tap_amazon_sp.common.json_paths import at_path

MAX_EMPTY_PAGES = 1000
"""Empty pages in a row after which a request ends with an error."""

MAX_EQUAL_PAGES = 2
"""Equal pages that may be right, if nothing identifies what they hold."""

Send = Callable[[Operation, Mapping[str, Any]], Answer]
"""Calls an operation with these parameters."""

FindPaging = Callable[[Answer], "Paging | None"]
"""Returns how pages follow an answer."""

FindRecords = Callable[[Any], Sequence[Any]]
"""Returns the records in the body of an answer."""


def page_answers(  # noqa: PLR0913 - each is injected
    send: Send,
    operation: Operation,
    parameters: Mapping[str, Any],
    *,
    page_token: str | None = None,
    find_paging: FindPaging | None = None,
    find_records: FindRecords | None = None,
) -> Iterator[Answer]:
    """Call an operation until there is no further page.

    An empty page may have a successor.

    Args:
        send: Calls the operation.
        operation: From the catalogue.
        parameters: The parameters of the first page.
        page_token: Amazon's token of the page to begin with, if it is not the first.
        find_paging: Finds the operation's paging in its first answer. It is used if the operation
            does not say how it pages.
        find_records: Finds the records in an answer, if the operation does not say where they are.

    Raises:
        PageTokenRejectedError: Amazon refused the token of a further page.
        TooManyResultsError: Pages are counted, and there are more results than Amazon pages
            through.
        SellingPartnerError: As `send`.
    """
    if operation.paging is not None and operation.paging.rule == "offset":
        yield from _counted_answers(send, operation, operation.paging, parameters)
        return
    token = page_token
    progress = _Progress(operation, find_records)
    page_parameters = parameters
    if token is not None and operation.paging is not None:
        page_parameters = _next_page_parameters(operation, operation.paging, parameters, token)
    while True:
        try:
            answer = send(operation, page_parameters)
        except InvalidRequestError as error:
            if token is not None and _is_about_page_token(error):
                raise error.recast(PageTokenRejectedError) from None
            raise
        if operation.paging is None and find_paging is not None:
            operation = operation.with_paging(find_paging(answer))
        paging = operation.paging
        token = _token(operation, answer)
        progress.check(answer, token)
        if paging is None or token is None:
            yield answer
            return
        yield replace(answer, next_token=token)
        page_parameters = _next_page_parameters(operation, paging, parameters, token)


def _token(operation: Operation, answer: Answer) -> str | None:
    """Return the token of the next page; None if there is no such page.

    Raises:
        ServiceError: It is not text. Only paging that was found in an answer is not checked before.
    """
    if operation.paging is None or operation.paging.next_token is None:
        return None
    try:
        check_token(answer.envelope, operation.paging.next_token)
    except BrokenAnswerError as error:
        raise _failure(operation, answer, str(error)) from None
    return at_path(answer.envelope, operation.paging.next_token) or None


class _Progress:
    """Whether the pages of a request lead anywhere.

    Amazon has given the same page for ever, with another token each time (issue 4224 of
    `selling-partner-api-models`). Empty pages may follow one another, though, and so may two pages
    with the same few financial events, which have no ids.
    """

    def __init__(self, operation: Operation, find_records: FindRecords | None = None) -> None:
        self._operation = operation
        self._find_records = find_records
        self._tokens: set[int] = set()
        self._pages: Counter[bytes] = Counter()
        self._empty_pages = 0

    def check(self, answer: Answer, token: str | None) -> None:
        """Take note of a page.

        Raises:
            EndlessPagesError: The pages repeat, or are empty without an end.
        """
        if token is not None and hash(token) in self._tokens:
            raise _endless(self._operation, answer, "Amazon gave the same page token twice")
        self._tokens.add(hash(token))
        items = self._items_in(answer)
        if not items:
            self._empty_pages += 1
            if self._empty_pages >= MAX_EMPTY_PAGES and token is not None:
                message = (
                    f"Amazon gave {MAX_EMPTY_PAGES:,} empty pages in a row, and there are more"
                )
                raise _endless(self._operation, answer, message)
            return
        self._empty_pages = 0
        if token is None and not self._pages:
            # Most requests have one page.
            return
        digest = _digest(items)
        self._pages[digest] += 1
        if self._pages[digest] > self._most_equal_pages(len(items)):
            message = "Amazon gave the same page again, so others may be missing"
            raise _endless(self._operation, answer, message)

    def _items_in(self, answer: Answer) -> Sequence[Any]:
        if self._find_records is not None and not self._operation.is_known:
            return self._find_records(answer.body)
        return items_in(self._operation, answer)

    def _most_equal_pages(self, count: int) -> int:
        """Return how many pages may be equal that list as many items as this."""
        paging = self._operation.paging
        is_full = paging is not None and paging.max_size is not None and count >= paging.max_size
        return 1 if self._operation.results is not None or is_full else MAX_EQUAL_PAGES


def _digest(items: Iterable[Any]) -> bytes:
    """Return what is different for pages with different items."""
    found = hashlib.blake2b(digest_size=16)
    for item in items:
        found.update(item if isinstance(item, msgspec.Raw) else repr(item).encode())
        found.update(b",")
    return found.digest()


def _counted_answers(
    send: Send, operation: Operation, paging: Paging, parameters: Mapping[str, Any]
) -> Iterator[Answer]:
    size = {paging.size_parameter or "": paging.max_size}
    progress = _Progress(operation)
    offset = 0
    while True:
        answer = send(operation, {**size, **parameters, paging.token_parameter: offset})
        # A page that is shorter than the request said may still not be the last.
        count = len(items_in(operation, answer))
        offset += count
        total = at_path(answer.envelope, paging.total) if paging.total else None
        is_last = not count or (total is not None and offset >= total)
        progress.check(answer, None if is_last else str(offset))
        if not count and total is not None and offset < total:
            message = f"Amazon gave {offset} of {total} records, and then an empty page"
            raise _endless(operation, answer, message)
        yield answer
        if is_last:
            return
        if paging.max_offset is not None and offset > paging.max_offset:
            raise TooManyResultsError(
                operation.id,
                message=f"Amazon pages through {offset} results at most, and there are more",
            )


def _endless(operation: Operation, answer: Answer, message: str) -> EndlessPagesError:
    return EndlessPagesError(
        operation.id, status=answer.status, message=message, request_id=answer.request_id
    )


def _failure(operation: Operation, answer: Answer, message: str) -> ServiceError:
    return ServiceError(
        operation.id, status=answer.status, message=message, request_id=answer.request_id
    )


def _next_page_parameters(
    operation: Operation, paging: Paging, parameters: Mapping[str, Any], token: str
) -> dict[str, Any]:
    if paging.rule == "token_alone":
        kept = {parameter.name for parameter in operation.path_parameters}
        alone = {name: value for name, value in parameters.items() if name in kept}
        return alone | {paging.token_parameter: token}
    if paging.rule == "query_type_next_token":
        return dict(parameters) | {"QueryType": "NEXT_TOKEN", paging.token_parameter: token}
    return dict(parameters) | {paging.token_parameter: token}


def _is_about_page_token(error: SellingPartnerError) -> bool:
    """Return whether a refusal is about a page token, not about another mistake.

    Seen in issues at Amazon: "Token is not valid, token duration is 25 minutes", "Next token is
    invalid or expired", "We could not decode your NextToken".
    """
    return "token" in (error.message or "").lower()
