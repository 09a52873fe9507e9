"""What `make clients` says: a line for each client, and docs/clients.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from clients.environments import NodePackages, PythonPackage
from clients.results import Tally

_MANY = 6
_INTRODUCTION = """\
# Clients that run on the simulator

`make clients` installs clients of the SP-API that other people wrote, and runs them on the
[simulator](simulator.md) as they ship, without a changed line: with their own settings for
addresses where they have them, else with HTTPS and the names of Amazon's hosts. Each calls all the
operations that it has, with arguments made from Amazon's models. This page is what came of it.

| client | version | written in | methods | operations | ok | client's fault | ours |
|---|---|---|---|---|---|---|---|
""".splitlines()
_FAULTS = """
*Methods* are those that send a request; several can call the same operation. Airbyte's connector
reads streams instead, and has one more result, that of its check.

## Faults of clients

What a client cannot do at Amazon either.

| client | methods | what is wrong | seen in |
|---|---|---|---|
""".splitlines()


class Told(Protocol):
    """What the page tells of a client."""

    @property
    def name(self) -> str:
        """As the page calls it."""

    @property
    def language(self) -> str:
        """What it is written in."""

    @property
    def package(self) -> PythonPackage | NodePackages:
        """Where it comes from."""

    @property
    def streams(self) -> bool:
        """Whether it reads streams."""


def summary(name: str, found: Tally) -> str:
    """Return a line about a client."""
    theirs = sum(len(results) for _, results in found.faults)
    return (
        f"{name}: {len(found.results)} calls of {found.operations} operations, "
        f"{found.works} ok, {theirs} client's fault, {len(found.ours)} ours"
    )


def page(clients: Sequence[Told], tallies: Mapping[str, Tally]) -> str:
    """Return docs/clients.md."""
    lines = [*_INTRODUCTION]
    for client in clients:
        found = tallies[client.name]
        theirs = sum(len(results) for _, results in found.faults)
        methods = f"{len(found.results) - 1} streams" if client.streams else str(len(found.results))
        operations = "-" if client.streams else str(found.operations)
        lines.append(
            f"| {client.name} | {client.package.version} | {client.language} | {methods} | "
            f"{operations} | {found.works} | {theirs} | {len(found.ours)} |"
        )
    lines += _FAULTS
    for client in clients:
        for fault, results in tallies[client.name].faults:
            names = [f"`{result.method}`" for result in results]
            shown = ", ".join(names[:_MANY])
            if len(names) > _MANY:
                shown += f" and {len(names) - _MANY} more"
            lines.append(f"| {client.name} | {shown} | {fault.reason} | {fault.evidence} |")
    return "\n".join([*lines, ""])
