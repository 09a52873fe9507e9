"""The parts of an operation: its parameters, its body, and how it pages and filters by time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, other than its body."""

    name: str
    location: str
    """`query`, `path` or `header`."""
    type: str
    """`string`, `integer`, `number`, `boolean` or `array`."""
    required: bool = False
    format: str | None = None
    enum: tuple[str, ...] | None = None
    items_type: str | None = None
    """Type of an array's items."""
    items_enum: tuple[str, ...] | None = None
    items: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """JSON Schema of an array's items."""
    collection_format: str | None = None
    """Arrays: `csv` (one value with commas) or `multi` (the parameter is repeated)."""
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    default: Any = None
    greedy: bool = False
    """The value is a part of the path that may hold slashes."""
    deprecated: bool = False
    """Amazon's model says that another parameter is to be used."""
    double_encoded: bool = False
    """Percent signs, plus signs and commas in a value are percent-encoded twice."""

    @property
    def is_list(self) -> bool:
        """Whether the parameter takes a list of values."""
        return self.type == "array"


@dataclass(frozen=True)
class Body:
    """The JSON body of a request."""

    required: bool
    schema: Mapping[str, Any] = field(hash=False)
    """JSON Schema. Its `$ref`s name definitions of the API."""


@dataclass(frozen=True)
class Paging:
    """How an operation gives its results in pages.

    Attributes:
        token_parameter: The parameter that requests a further page. Dotted if it is a field of the
            body.
        token_in: `query` or `body`.
        next_token: The path of the next page's token in the answer; None if pages are counted.
        rule: `same_arguments` (the token is added to the arguments of the first call),
            `token_alone` (any other parameter makes the call fail), `query_type_next_token`
            (QueryType=NEXT_TOKEN is sent with it), `page_number` or `offset` (there is no token:
            pages or records are counted).
        size_parameter: The parameter that sets the number of records in a page, if there is one.
            Dotted if it is a field of the body.
        max_size: The largest value of `size_parameter`.
        total: The path of the number of all records in the answer, if pages are counted.
        max_offset: The largest offset that Amazon answers, if pages are counted.
        token_lifetime: Seconds after which Amazon refuses a token, if it documents that.
    """

    token_parameter: str
    token_in: str
    next_token: tuple[str, ...] | None
    rule: str
    size_parameter: str | None = None
    max_size: int | None = None
    total: tuple[str, ...] | None = None
    max_offset: int | None = None
    token_lifetime: int | None = None


@dataclass(frozen=True)
class TimeFilter:
    """Two parameters that select records by a time. An operation may lack one of them."""

    after: str | None
    before: str | None
    format: str
    """`date-time` or `date`."""


@dataclass(frozen=True)
class Step:
    """A step from an answer to its records: an object, or in the end the records themselves.

    Attributes:
        name: The name of the property.
        is_required: Whether the model requires it.
        properties: The names of this property and of those that the model has beside it.
    """

    name: str
    is_required: bool
    properties: frozenset[str]
