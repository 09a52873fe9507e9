"""Fixtures for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.postgres import PostgresAddress, embedded_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresAddress]:
    """A PostgreSQL server that lives as long as the test process; use a schema of your own."""
    with embedded_postgres() as address:
        yield address
