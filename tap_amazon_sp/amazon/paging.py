"""Paging: how the answers of an operation follow one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation, Paging
from tap_amazon_sp.amazon.decoding import Answer, raw_records_of, records_of
from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    PageTokenRejectedError,
    SellingPartnerError,
    ServiceError,
    TooManyResultsError,
)
from tap_amazon_sp.common.json_paths import at_path

Send = Callable[[Operation, Mapping[str, Any]], Answer]
"""Calls an operation with these parameters."""

FindPaging = Callable[[Answer], "Paging | None"]
"""Returns how pages follow an answer."""


def page_answers(
    send: Send,
    operation: Operation,
    parameters: Mapping[str, Any],
    *,
    page_token: str | None = None,
    find_paging: FindPaging | None = None,
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
    seen: set[int] = set()
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
        if paging is None or paging.next_token is None:
            yield answer
            return
        token = at_path(answer.envelope, paging.next_token) or None
        yield replace(answer, next_token=token)
        if token is None:
            return
        if hash(token) in seen:
            raise ServiceError(
                operation.id,
                status=answer.status,
                message="Amazon gave the same page token twice",
                request_id=answer.request_id,
            )
        seen.add(hash(token))
        page_parameters = _next_page_parameters(operation, paging, parameters, token)


def _counted_answers(
    send: Send, operation: Operation, paging: Paging, parameters: Mapping[str, Any]
) -> Iterator[Answer]:
    size = {paging.size_parameter or "": paging.max_size}
    offset = 0
    while True:
        answer = send(operation, {**size, **parameters, paging.token_parameter: offset})
        yield answer
        # A page that is shorter than the request said may still not be the last.
        records = raw_records_of(operation, answer)
        count = len(records_of(operation, answer) if records is None else records)
        offset += count
        total = at_path(answer.envelope, paging.total) if paging.total else None
        if not count or (isinstance(total, int) and offset >= total):
            return
        if paging.max_offset is not None and offset > paging.max_offset:
            raise TooManyResultsError(
                operation.id,
                message=f"Amazon pages through {offset} results at most, and there are more",
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
