"""What came of the calls of a client, and whose fault each failure is."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FOR_RESTRICTED = "tokens_2021-03-01.createRestrictedDataToken"
KNOWN_FAULTS = Path(__file__).with_name("known_faults.yml")


@dataclass(frozen=True)
class Fault:
    """A fault of a client, which no simulator can make up for.

    Attributes:
        clients: Names of the clients.
        methods: Patterns of names of methods.
        reason: What the client does, and why Amazon would refuse it, too.
        evidence: Where that can be seen.
        problem: A part of what the client or the simulator says.
    """

    clients: tuple[str, ...]
    methods: tuple[str, ...]
    reason: str
    evidence: str
    problem: str

    def explains(self, result: Result) -> bool:
        """Return whether it is why a call failed."""
        return (
            result.client in self.clients
            and self.problem in result.problem
            and any(fnmatch.fnmatchcase(result.method, pattern) for pattern in self.methods)
        )


@dataclass(frozen=True)
class Result:
    """What came of a call.

    Attributes:
        client: Name of the client.
        method: Name of the method, or of the stream of a connector.
        operation: What it called; None if the simulator has no such operation.
        problem: Why it failed; empty if it did not.
    """

    client: str
    method: str
    operation: str | None
    problem: str


@dataclass(frozen=True)
class Tally:
    """The results of a client.

    Attributes:
        results: All of them.
        faults: Of the client, each with the results that it explains.
        ours: Failures that no fault of the client explains.
    """

    results: list[Result]
    faults: list[tuple[Fault, list[Result]]]
    ours: list[Result]

    @property
    def works(self) -> int:
        """How many calls went well."""
        return sum(not result.problem for result in self.results)

    @property
    def operations(self) -> int:
        """How many operations were called."""
        return len({result.operation for result in self.results if result.operation})


def read_results(client: str, path: Path) -> list[Result]:
    """Read what a driver has written."""
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [
        Result(client, line["client_method"], line["operation"], line["problem"]) for line in lines
    ]


def unsaid(client: str, results: Sequence[Result], refused: Iterable[str | None]) -> list[Result]:
    """Return a failure for each operation that the simulator refused without a word of the client.

    A refused restricted data token shows in the call that it is for.
    """
    said = {result.operation for result in results if result.problem} | {_FOR_RESTRICTED}
    silent = sorted({operation for operation in refused if operation} - said)
    problem = "the simulator refused it, and the client does not say so"
    return [Result(client, operation, operation, problem) for operation in silent]


def known_faults() -> list[Fault]:
    """Read the known faults of clients."""
    entries = yaml.safe_load(KNOWN_FAULTS.read_text(encoding="utf-8"))
    return [
        Fault(
            clients=tuple(entry["clients"]),
            methods=tuple(entry["methods"]),
            reason=entry["reason"],
            evidence=entry["evidence"],
            problem=entry["problem"],
        )
        for entry in entries
    ]


def tally(results: Sequence[Result], faults: Iterable[Fault]) -> Tally:
    """Say whose fault each failure is."""
    failed = [result for result in results if result.problem]
    explained: list[tuple[Fault, list[Result]]] = []
    for fault in faults:
        found = [result for result in failed if fault.explains(result)]
        failed = [result for result in failed if result not in found]
        if found:
            explained.append((fault, found))
    return Tally(list(results), explained, failed)
