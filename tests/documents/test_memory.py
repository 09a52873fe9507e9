"""The memory that documents take which nobody expects; `benchmarks/odd_documents.py` has more."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.odd_documents import MAX_MEMORY


@pytest.fixture
def _large_parent() -> Iterator[None]:
    """Let this process be larger than what is measured, as it is late in a long run of tests."""
    ballast = bytearray(int(MAX_MEMORY * 1.5e6))
    ballast[:: resource.getpagesize()] = bytes(len(ballast[:: resource.getpagesize()]))
    yield
    del ballast


@pytest.mark.usefixtures("_large_parent")
@pytest.mark.parametrize(
    ("document", "end"),
    [
        ("tabs", "it has a record of more than 4,194,304 characters"),
        ("an object of a JSON array", "it has a record of more than 4,194,304 characters"),
        ("long lines", "9 rows"),
    ],
)
def test_memory_stays_small(document: str, end: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.odd_documents", "--here", document, "--megabytes", "30"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    found = json.loads(finished.stdout)
    assert found["end"] == end
    assert found["peak"] < MAX_MEMORY * 1e6
