"""Faults on demand: what goes wrong at Amazon, or on the way."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tap_amazon_sp.simulator.server.models import Models, Operation
from tap_amazon_sp.simulator.world.randomness import chance

KINDS: Mapping[str, str] = {
    "throttle": "429 QuotaExceeded",
    "status": "an error of the given `status`, `code`, `message` and `body` (`json` or `html`)",
    "reset": "the connection is reset after the request was carried out",
    "truncated": "the connection ends after half of the body",
    "not_json": "200 with a body that is not JSON",
    "slow": "the answer comes `delay` seconds late",
    "expired_token": "the access token expires now: 403",
    "empty_page": "a page without results and with a token",
    "extra_field": "each record has a field the model does not know (`field`)",
    "unknown_enum": "an enumerated field has a value the model does not know",
    "null_required": "a required field of each record is null (`field`)",
    "number_as_string": "numbers come as strings",
    "nul": "strings have a NUL character",
    "missing_array": "an array is missing in each record",
    "job_fatal": "the feed, report or query this call creates ends FATAL; the document says why",
    "job_fatal_without_document": "the same, and nothing says why",
    "job_cancelled": "the feed, report or query this call creates ends CANCELLED",
    "job_slow": "the feed, report or query this call creates takes a hundred times longer",
    "job_stuck": "the feed, report or query this call creates never leaves the queue",
    "not_gzip": "a document that should be gzip is not",
    "truncated_gzip": "a document is whole for HTTP and lacks its second half",
    "expired_url": "a presigned URL has expired: 403",
}
"""What can be injected."""

NOT_OF_THE_API = ("lwa.token", "documents")
"""What faults can strike besides operations, if named: the token endpoint and presigned URLs.

There only `status`, `reset`, `truncated`, `not_json` and `slow` do something, and with presigned
URLs `not_gzip`, `truncated_gzip` and `expired_url`.
"""

_UNTOUCHED = re.compile(r"(Ids?|ID|Number|Token|Time|Date|Type|Code|amount|Amount)$")
_NEW_FIELD = "simulatorExtraField"
_NEW_VALUE = "SIMULATOR_UNKNOWN_VALUE"


@dataclass
class Fault:
    """Something that goes wrong.

    Attributes:
        kind: One of `KINDS`.
        operation: Operation id it strikes, or one of `NOT_OF_THE_API`; None is any operation.
        account: Name of the account whose requests it strikes; None is any, and nobody's.
        count: How often it strikes; None is for ever.
        probability: Chance that it strikes a request it could strike.
        skip: How many requests it lets pass first.
        only_with_token: Whether it strikes only requests with a page token.
        status: HTTP status of `status`.
        code: Amazon's error code of `status`.
        message: Error message of `status`.
        body: `json` or `html`, for `status`.
        delay: Seconds, for `slow`.
        field: Name of a field, for `extra_field` and `null_required`.
        id: Given by the simulator.
    """

    kind: str
    operation: str | None = None
    account: str | None = None
    count: int | None = 1
    probability: float = 1.0
    skip: int = 0
    only_with_token: bool = False
    status: int = 500
    code: str | None = None
    message: str | None = None
    body: str = "json"
    delay: float = 1.0
    field: str | None = None
    id: int = 0

    def check(self, models: Models, accounts: Container[str]) -> None:
        """Refuse what makes no sense.

        Raises:
            ValueError: Says what.
        """
        if self.kind not in KINDS:
            message = f"unknown kind of fault {self.kind!r}; known: {', '.join(KINDS)}"
            raise ValueError(message)
        if self.body not in ("json", "html"):
            message = f"body must be json or html, not {self.body!r}"
            raise ValueError(message)
        if self.operation is not None and self.operation not in NOT_OF_THE_API:
            try:
                models.operation(self.operation)
            except KeyError:
                message = f"unknown operation {self.operation!r}"
                raise ValueError(message) from None
        if self.account is not None and self.account not in accounts:
            message = f"unknown account {self.account!r}"
            raise ValueError(message)


class Faults:
    """The faults that are waiting to strike."""

    def __init__(self, models: Models, accounts: Container[str], *, seed: int) -> None:
        """Hold none.

        Args:
            models: The operations that faults can strike.
            accounts: Names of the accounts that they can strike.
            seed: Decides what strikes by chance.
        """
        self._models = models
        self._accounts = accounts
        self._luck: random.Random = chance(seed, "faults")
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def inject(self, fault: Fault) -> int:
        """Add a fault; returns its id.

        Raises:
            ValueError: It makes no sense.
        """
        fault.check(self._models, self._accounts)
        fault.id = next(self._ids)
        self._faults.append(fault)
        return fault.id

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that can still strike."""
        return [asdict(fault) for fault in self._faults]

    def choose(
        self, operation: str, account: str | None, *, with_token: bool = False
    ) -> Fault | None:
        """Return the fault that strikes a request, or None.

        Args:
            operation: Operation id, or one of `NOT_OF_THE_API`.
            account: Name of the account it is for; None is nobody, as with grantless calls.
            with_token: Whether the request has a page token.
        """
        chosen = None
        for fault in self._faults:
            anything = fault.operation is None and operation not in NOT_OF_THE_API
            if fault.operation != operation and not anything:
                continue
            if fault.account not in (None, account):
                continue
            if fault.only_with_token and not with_token:
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif chosen is None and (
                fault.probability >= 1 or self._luck.random() < fault.probability
            ):
                chosen = fault
        if chosen is not None and chosen.count is not None:
            chosen.count -= 1
            if chosen.count <= 0:
                self._faults.remove(chosen)
        return chosen


def spoil(fault: Fault, models: Models, operation: Operation, body: Any) -> Any:
    """Change the body of a good answer as the fault wants it."""
    change = _CHANGES.get(fault.kind)
    if change is None:
        return body
    schema = operation.facts.get("success_schema", {})
    results = operation.facts.get("results")
    path = operation.facts.get("record", "") if results is None else results
    here = models.at(operation.api, schema, path)
    record_schema = here
    if results is not None:
        record_schema = models.resolve(operation.api, here.get("items", {}))
    for record in _records(body, path):
        change(fault, models, operation.api, record_schema, record)
    return body


def _records(body: Any, path: str) -> Iterator[dict[str, Any]]:
    for name in filter(None, path.split(".")):
        body = body.get(name, {}) if isinstance(body, dict) else {}
    for record in body if isinstance(body, list) else [body]:
        if isinstance(record, dict):
            yield record


Change = Callable[[Fault, Models, str, Mapping[str, Any], dict[str, Any]], None]


def _extra_field(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api, schema
    record[fault.field or _NEW_FIELD] = "new"


def _null_required(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api
    names = [name for name in schema.get("required", ()) if name in record]
    # Something else than keys and times, if there is any.
    names.sort(key=lambda name: _UNTOUCHED.search(name) is not None)
    if fault.field or names:
        record[fault.field or names[0]] = None


def _missing_array(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del models, api
    required = schema.get("required", ())
    arrays = [name for name, value in record.items() if isinstance(value, list)]
    arrays.sort(key=lambda name: name not in required)
    if fault.field or arrays:
        record.pop(fault.field or arrays[0], None)


def _unknown_enum(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    for name, part in schema.get("properties", {}).items():
        value = record.get(name)
        part_schema = models.resolve(api, part)
        if isinstance(value, dict):
            _unknown_enum(fault, models, api, part_schema, value)
        elif isinstance(value, str) and "enum" in part_schema:
            record[name] = _NEW_VALUE


def _number_as_string(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del fault, models, api, schema
    _replace(record, lambda _, value: str(value) if _is_number(value) else value)


def _nul(
    fault: Fault, models: Models, api: str, schema: Mapping[str, Any], record: dict[str, Any]
) -> None:
    del fault, models, api, schema
    _replace(record, _with_nul)


def _with_nul(name: str, value: Any) -> Any:
    if isinstance(value, str) and not _UNTOUCHED.search(name):
        return f"{value[:1]}\x00{value[1:]}"
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _replace(content: dict[str, Any], new_value: Callable[[str, Any], Any]) -> None:
    for name, value in content.items():
        if isinstance(value, dict):
            _replace(value, new_value)
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    _replace(entry, new_value)
        else:
            content[name] = new_value(name, value)


_CHANGES: Mapping[str, Change] = {
    "extra_field": _extra_field,
    "null_required": _null_required,
    "missing_array": _missing_array,
    "unknown_enum": _unknown_enum,
    "number_as_string": _number_as_string,
    "nul": _nul,
}
