"""Faults on demand: what can go wrong at Amazon or on the network."""

from __future__ import annotations

import itertools
import random
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tap_amazon_sp.simulator.server.models import Models
from tap_amazon_sp.simulator.world.randomness import seeded_random

KINDS: Mapping[str, str] = {
    "throttle": "429 QuotaExceeded",
    "status": "an error of the given `status`, `code`, `message` and `body` (`json` or `html`)",
    "reset": "the connection is reset after the request was carried out",
    "truncated": "the connection ends after half of the body",
    "not_json": "200 with a body that is not JSON",
    "slow": "the answer comes `delay` seconds late",
    "expired_token": "the access token expires now: 403",
    "empty_page": "a page without results but with a token",
    "extra_field": "each record has a field the model does not know (`field`)",
    "unknown_enum": "an enumerated field has a value the model does not know",
    "null_required": "a required field of each record is null (`field`)",
    "number_as_string": "numbers come as strings",
    "nul": "strings have a NUL character",
    "missing_array": "an array is missing in each record",
    "job_fatal": "the feed, report or query this call creates ends FATAL; the document says why",
    "job_fatal_without_document": "the same, without a document",
    "job_cancelled": "the feed, report or query this call creates ends CANCELLED",
    "job_slow": "the feed, report or query this call creates takes a hundred times longer",
    "job_stuck": "the feed, report or query this call creates never leaves the queue",
    "not_gzip": "a document that should be gzip is not",
    "truncated_gzip": "a document lacks its second half, and HTTP does not show it",
    "expired_url": "a presigned URL has expired: 403",
}
"""Kinds of faults."""

NOT_OF_THE_API = ("lwa.token", "documents")
"""What faults can strike besides operations: the token endpoint and presigned URLs.

Only faults that name them strike them. `status`, `reset`, `truncated`, `not_json` and `slow` work
for both, and `not_gzip`, `truncated_gzip` and `expired_url` for presigned URLs.
"""


@dataclass
class Fault:
    """A fault.

    Attributes:
        kind: One of `KINDS`.
        operation: Id of the operation that it strikes, or one of `NOT_OF_THE_API`; None is any
            operation.
        account: Name of the account whose requests it strikes; None is any request.
        count: How often it strikes; None means no limit.
        probability: Probability that it strikes a request that it applies to.
        skip: How many requests it lets pass first.
        only_with_token: Whether it strikes only requests with a page token.
        status: HTTP status of `status`.
        code: Amazon's error code of `status`.
        message: Error message of `status`.
        body: `json` or `html`, for `status`.
        delay: Seconds of delay, for `slow`.
        field: Name of a field, for `extra_field` and `null_required`.
        id: Assigned by the simulator.
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
        """Refuse a fault that makes no sense.

        Raises:
            ValueError: Says what is wrong.
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
                if alike := models.ids_named(self.operation):
                    message += f": write {' or '.join(alike)}"
                raise ValueError(message) from None
        if self.account is not None and self.account not in accounts:
            message = f"unknown account {self.account!r}"
            raise ValueError(message)


class Faults:
    """The faults that can still strike."""

    def __init__(self, models: Models, accounts: Container[str], *, seed: int) -> None:
        """Hold none.

        Args:
            models: The operations that faults can strike.
            accounts: Names of the accounts that they can strike.
            seed: Determines which requests are struck where the probability is less than 1.
        """
        self._models = models
        self._accounts = accounts
        self._rng: random.Random = seeded_random(seed, "faults")
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def inject(self, fault: Fault) -> int:
        """Add a fault; return its id.

        Raises:
            ValueError: It makes no sense.
        """
        fault.check(self._models, self._accounts)
        fault.id = next(self._ids)
        self._faults.append(fault)
        return fault.id

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """Return the faults that can still strike."""
        return [asdict(fault) for fault in self._faults]

    def choose(
        self, operation: str, account: str | None, *, with_token: bool = False
    ) -> Fault | None:
        """Return the fault that strikes a request, or None.

        Args:
            operation: Operation id, or one of `NOT_OF_THE_API`.
            account: Name of the account that the request is for; None for grantless calls.
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
                fault.probability >= 1 or self._rng.random() < fault.probability
            ):
                chosen = fault
        if chosen is not None and chosen.count is not None:
            chosen.count -= 1
            if chosen.count <= 0:
                self._faults.remove(chosen)
        return chosen
