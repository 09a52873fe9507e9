"""Processor time of a PostgreSQL server on this machine, which has to be Linux."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from demo.postgres import HOST, PostgresAddress, embedded_postgres

_TICKS = os.sysconf("SC_CLK_TCK")
_BACKENDS_END_WITHIN = 10.0


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server."""

    address: PostgresAddress
    main_process: int

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Server]:
        """Run a server while the block runs."""
        with embedded_postgres() as address:
            with closing(psycopg.connect(address.dsn)) as connection:
                (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
                # Its parent is the process that starts and ends all others.
                main_process = int(_stat(backend)[1])
            yield cls(address, main_process)

    def cpu(self) -> float:
        """Return the processor time of all its processes so far, once nobody is connected."""
        end = time.monotonic() + _BACKENDS_END_WITHIN
        while self._clients() and time.monotonic() < end:
            time.sleep(0.05)
        ticks = sum(map(int, _stat(self.main_process)[11:15]))
        return (ticks + sum(sum(map(int, _stat(one)[11:13])) for one in self._children())) / _TICKS

    def drop(self, schema: str) -> None:
        """Remove a schema with its tables."""
        with psycopg.connect(self.address.dsn) as connection:
            query = sql.SQL("DROP SCHEMA {} CASCADE")
            connection.execute(query.format(sql.Identifier(schema)))

    def _children(self) -> list[int]:
        path = Path(f"/proc/{self.main_process}/task/{self.main_process}/children")
        return [int(number) for number in path.read_text().split()]

    def _clients(self) -> bool:
        return any(HOST in _about(process, "cmdline") for process in self._children())


def _stat(process: int) -> list[str]:
    """Return the figures of a process, from its state on; zeros if it has ended."""
    return _about(process, "stat").rpartition(")")[2].split() or ["0"] * 20


def _about(process: int, what: str) -> str:
    """Return what Linux says of a process; an empty text if it has ended."""
    try:
        return Path(f"/proc/{process}/{what}").read_text(encoding="utf-8")
    except OSError:
        return ""
