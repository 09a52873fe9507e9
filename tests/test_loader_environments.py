"""What is said of a loader that failed."""

from __future__ import annotations

import pytest

from tests.loader_environments import MAX_CAUSE, cause

TRACEBACK = """Traceback (most recent call last):
  File "sink.py", line 1, in write
pyarrow.lib.ArrowInvalid: Could not convert Decimal('1.5') with type decimal.Decimal
"""


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", "no log"),
        ("INFO one\nERROR two", "ERROR two"),
        (TRACEBACK, TRACEBACK.splitlines()[-1]),
        (f"{TRACEBACK}12:00 | ERROR | a thread ended\n", TRACEBACK.splitlines()[-1]),
        ("12:00 | ERROR | no", "12:00 / ERROR / no"),
        ("x" * 1000, "x" * MAX_CAUSE),
    ],
)
def test_the_cause_is_the_line_of_the_exception(log: str, expected: str) -> None:
    assert cause(log) == expected
