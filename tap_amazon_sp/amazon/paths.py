"""Operations by their path: those of the catalogue, and those that it does not know yet."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.operation_parts import Paging, Parameter
from tap_amazon_sp.common.json_paths import at_path

PLACEHOLDER = re.compile(r"\{(\w*)\}")
ANONYMOUS = "path_variable"
"""The name of the parameter for a placeholder without a name."""

TOKENS: dict[tuple[str, ...], str | None] = {
    # The places of the next page's token in Amazon's answers, and the parameter that takes it; None
    # if Amazon's APIs differ (counted over the models).
    ("NextToken",): "NextToken",
    ("nextToken",): "nextToken",
    ("payload", "NextToken"): "NextToken",
    ("payload", "nextToken"): "nextToken",
    ("payload", "pagination", "nextToken"): "nextToken",
    ("pagination", "nextToken"): None,
    ("nextPageToken",): None,
    ("payload", "nextPageToken"): None,
}


def operation_of_path(  # noqa: PLR0913 - one per setting of a path
    path: str,
    name: str,
    parameters: Iterable[str] = (),
    *,
    next_token_key: str | None = None,
    next_token_param: str | None = None,
    rate: float | None = None,
    burst: float | None = None,
) -> tuple[Operation, bool]:
    """Return the operation that a GET of a path calls, and whether the catalogue has it.

    Args:
        path: Begins with a slash. It may hold placeholders in braces, with or without a name.
        name: The operation's name if the catalogue does not know it.
        parameters: The names of its query parameters. Names in the path may be left out.
        next_token_key: The dotted path of the next page's token in an answer.
        next_token_param: The parameter that takes this token.
        rate: Requests per second.
        burst: Requests at once.

    Raises:
        ValueError: This is not a path.
    """
    if not path.startswith("/") or any(character in path for character in "?# "):
        message = f"`path` must begin with a slash and hold no parameters, not {path!r}"
        raise ValueError(message)
    known = _known_paths().get(PLACEHOLDER.sub("{}", path.rstrip("/")))
    if known is not None:
        operation = _with_names_of(path, known).with_parameters(parameters)
    else:
        operation = _unknown_operation(path, name, parameters)
    if next_token_param is not None:
        place = tuple((next_token_key or next_token_param).split("."))
        operation = operation.with_paging(
            Paging(next_token_param, "query", place, "same_arguments")
        )
    operation = replace(operation, rate=rate or operation.rate, burst=burst or operation.burst)
    return operation, known is not None


def operation_at(method: str, path: str) -> Operation:
    """Return the operation that a request calls: the catalogue's, or a new one for this request.

    Args:
        method: HTTP method, in capitals.
        path: The path as it is sent, percent-encoded, without a query.
    """
    for pattern, operation in _patterns(method):
        if pattern.fullmatch(path):
            return operation
    return replace(_unknown_operation(path, "", ()), id=f"{method} {path}", method=method)


def paging_in(body: Any) -> tuple[str, str | None] | None:
    """Return where an answer holds the token of the next page, and the parameter that takes it.

    Returns:
        A dotted path and a parameter, which is None if Amazon's APIs differ; None if the answer
        holds no token in any place that Amazon uses.
    """
    for place, parameter in TOKENS.items():
        if at_path(body, place):
            return ".".join(place), parameter
    return None


def _with_names_of(path: str, operation: Operation) -> Operation:
    """Return an operation with the names that a path gives to its path parameters."""
    for own, given in zip(
        PLACEHOLDER.findall(operation.path), PLACEHOLDER.findall(path), strict=True
    ):
        if given and given != own:
            operation = replace(
                operation,
                path=operation.path.replace(f"{{{own}}}", f"{{{given}}}"),
                parameters=tuple(
                    replace(parameter, name=given) if parameter.name == own else parameter
                    for parameter in operation.parameters
                ),
            )
    return operation


def _unknown_operation(path: str, name: str, parameters: Iterable[str]) -> Operation:
    named = PLACEHOLDER.sub(lambda match: f"{{{match[1] or ANONYMOUS}}}", path)
    in_path = PLACEHOLDER.findall(named)
    return Operation(
        id=f"{catalogue.UNKNOWN_API}.{name or path}",
        api=catalogue.UNKNOWN_API,
        name=name or path.strip("/").rpartition("/")[2],
        method="GET",
        path=named,
        parameters=(
            *(
                Parameter(parameter, "path", "string", required=True)
                for parameter in dict.fromkeys(in_path)
            ),
            *(
                Parameter(parameter, "query", "array", collection_format="csv")
                for parameter in dict.fromkeys(parameters)
                if parameter not in in_path
            ),
        ),
        body=None,
        success_status=200,
        success_schema=None,
        error_statuses=(),
        rate=None,
        burst=None,
        paging=None,
        results=None,
        record=None,
        time_filters=(),
        restricted=None,
        grantless=None,
        deprecated=False,
    )


@functools.cache
def _patterns(method: str) -> list[tuple[re.Pattern[str], Operation]]:
    """Return patterns of the paths of all operations, those with the fewest placeholders first."""
    operations = [found for found in catalogue.operations() if found.method == method]
    operations.sort(key=lambda operation: len(PLACEHOLDER.findall(operation.path)))
    return [(_pattern(operation), operation) for operation in operations]


def _pattern(operation: Operation) -> re.Pattern[str]:
    greedy = {parameter.name for parameter in operation.path_parameters if parameter.greedy}
    pieces = PLACEHOLDER.split(operation.path)
    pieces[::2] = [re.escape(piece) for piece in pieces[::2]]
    pieces[1::2] = [".+" if name in greedy else "[^/]+" for name in pieces[1::2]]
    return re.compile("".join(pieces))


@functools.cache
def _known_paths() -> dict[str, Operation]:
    return {
        PLACEHOLDER.sub("{}", operation.path): operation
        for operation in catalogue.operations()
        if operation.method == "GET"
    }
