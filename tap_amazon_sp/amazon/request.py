"""Requests: an operation with its parameters in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.common.json_values import encode_json
from tap_amazon_sp.common.timestamps import format_timestamp, to_milliseconds

BODY = "body"
"""The name under which parameters may hold a whole body."""
CREATE_RESTRICTED_DATA_TOKEN = "tokens_2021-03-01.createRestrictedDataToken"  # noqa: S105


@dataclass(frozen=True)
class Request:
    """An operation with its parameters in place, ready to be authenticated and sent.

    It holds no secrets: access token and signature are not among its headers.
    """

    operation: Operation
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    subject: str | None = None
    """What it is about, in words: the parameters in its path."""

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return (
            self.operation.reads_only
            or self.operation.method in ("PUT", "DELETE")
            or self.operation.id == CREATE_RESTRICTED_DATA_TOKEN
        )

    @classmethod
    def build(
        cls,
        endpoint: str,
        operation: Operation,
        parameters: Mapping[str, Any],
        body: Any,
    ) -> Request:
        """Put parameters, as `SellingPartnerClient.send` takes them, where they belong.

        Raises:
            ValueError: The operation has no such parameter, or its path lacks one.
        """
        path: dict[str, str] = {}
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {}
        body = parameters.get(BODY, body)
        for name, value in parameters.items():
            parameter = operation.parameter(name)
            if parameter is None:
                body = _body_with(operation, body, name, value)
            elif value is None:
                continue
            elif parameter.location == "path":
                path[name] = _text(value)
            elif parameter.location == "header":
                headers[name] = _text(value)
            elif isinstance(value, (list, tuple)) and parameter.collection_format == "multi":
                encode = _encode_once if parameter.double_encoded else _text
                query += [(name, encode(item)) for item in value]
            elif isinstance(value, (list, tuple)):
                query.append((name, ",".join(_text(item) for item in value)))
            else:
                query.append((name, _text(value)))
        url = endpoint + operation.url_path(**path)
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        encoded_body = None
        if body is not None:
            # Numbers with a fraction from settings and records are Decimals, sent with all digits.
            encoded_body = encode_json(body)
            headers["content-type"] = "application/json"
        subject = ", ".join(f"{name} {value}" for name, value in path.items()) or None
        return cls(operation, url, headers, encoded_body, subject)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_json_value(value))


def _encode_once(value: Any) -> str:
    """Percent-encode a value that is encoded twice. The second time is the URL's."""
    return _text(value).replace("%", "%25").replace("+", "%2B").replace(",", "%2C")


def _json_value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return format_timestamp(to_milliseconds(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _body_with(operation: Operation, body: Any, name: str, value: Any) -> Any:
    """Return a body with the value of a name that is not a parameter.

    Raises:
        ValueError: The operation takes no body, or it is not an object.
    """
    if operation.body is None:
        message = f"{operation.id} has no parameter {name!r}"
        raise ValueError(message)
    if name == BODY or value is None:
        return body
    if body is not None and not isinstance(body, Mapping):
        message = f"{operation.id} takes {name!r} in its body, which must be an object for that"
        raise ValueError(message)
    return _with_field(body or {}, name.split("."), _json_value(value))


def _with_field(body: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Return a body with a value at a path."""
    name, *rest = path
    inner = body.get(name)
    value = _with_field(inner if isinstance(inner, dict) else {}, rest, value) if rest else value
    return {**body, name: value}
