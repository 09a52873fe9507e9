"""The requests that a stream takes: its parameters, by marketplace and by value."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon.marketplaces import marketplace_label, marketplace_parameter_of
from tap_amazon_sp.amazon.operation_parts import Parameter
from tap_amazon_sp.common.batches import chunks
from tap_amazon_sp.reading.reader import Parameters

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

ELSEWHERE = "the only marketplaces with such records, which `marketplace_ids` does not name"
INCLUDED_DATA_PARAMETER = "includedData"
"""The parameter with the parts of records to return, by the names of their properties."""


@dataclass(frozen=True)
class Each:
    """A parameter whose values take separate requests.

    Attributes:
        parameter: Name of the parameter; a request takes as many values as the operation allows.
        values: The values; by default all values in the model.
        setting: The setting that may name other values.
    """

    parameter: str
    values: Sequence[str] | None = None
    setting: str | None = None


def requests_of(stream: AmazonStream) -> Iterator[Parameters]:
    """Yield the parameters of each request of a stream: one request per marketplace and value."""
    operation = stream.operation
    fixed: Parameters = {**operation.largest_page, **stream.parameters}
    for name, setting in stream.parameters_from_settings.items():
        fixed[name] = getattr(stream.settings, setting)
    if isinstance(datasets := fixed.get(INCLUDED_DATA_PARAMETER), (list, tuple)):
        needed = [name for name in datasets if stream.needs(_property_of(name))]
        fixed[INCLUDED_DATA_PARAMETER] = needed or None
    for marketplaces in marketplaces_of(stream):
        for values in itertools.product(*(_values_of(stream, each) for each in stream.each)):
            request = fixed | marketplaces
            for value in values:
                request |= value
            yield request


def _property_of(dataset: str) -> str:
    """Return the property with a dataset: `CUSTOMER_SEGMENTS` is in `customerSegments`."""
    if not dataset.isupper():
        return dataset
    first, *others = dataset.lower().split("_")
    return "".join([first, *map(str.capitalize, others)])


def marketplaces_of(stream: AmazonStream) -> Iterator[Parameters]:
    """Yield the marketplaces of each request: as many per request as the operation allows."""
    parameter = marketplace_parameter(stream)
    if parameter is None:
        yield {}
        return
    marketplace_ids: Sequence[str] = stream.account.marketplace_ids
    if not marketplace_ids and parameter.required:
        marketplace_ids = stream.connection.participating_marketplaces
    if (only := stream.only_marketplaces) is not None:
        if not (found := [one for one in marketplace_ids if one in only]):
            stream.omissions.name(ELSEWHERE, map(marketplace_label, sorted(only)))
        marketplace_ids = found
    elif not marketplace_ids:
        yield {}
        return
    if parameter.is_list:
        size = 1 if stream.one_marketplace_per_request else parameter.max_items
        for some_ids in chunks(marketplace_ids, size):
            yield {parameter.name: some_ids}
    else:
        for marketplace_id in marketplace_ids:
            yield {parameter.name: marketplace_id}


def marketplace_parameter(stream: AmazonStream) -> Parameter | None:
    """Return the parameter that takes the marketplaces; None if the stream sets it itself."""
    if stream.marketplace_parameter is not None:
        in_body = Parameter(stream.marketplace_parameter, "body", "string", required=True)
        return stream.operation.parameter(stream.marketplace_parameter) or in_body
    return marketplace_parameter_of(stream.operation, stream.given_parameters)


def _values_of(stream: AmazonStream, each: Each) -> Iterator[Parameters]:
    parameter = stream.operation.parameter(each.parameter)
    values = (each.setting and getattr(stream.settings, each.setting)) or each.values
    if values is None:
        values = (parameter and parameter.enum) or ()
    if parameter is not None and parameter.is_list:
        for some_values in chunks(values, parameter.max_items):
            yield {each.parameter: some_values}
    else:
        for value in values:
            yield {each.parameter: value}
