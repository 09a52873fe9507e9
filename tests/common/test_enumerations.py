from __future__ import annotations

import pytest

from tap_amazon_sp.common.enumerations import first_of, listed, quoted


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_names_are_listed_with_a_word_before_the_last(names: list[str], expected: str) -> None:
    assert listed(names, "or") == expected


def test_names_are_quoted_as_in_markdown() -> None:
    assert listed(quoted(["a", "b"])) == "`a` and `b`"


@pytest.mark.parametrize(
    ("names", "expected"), [([], ""), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")]
)
def test_of_many_names_the_first_are_listed(names: list[str], expected: str) -> None:
    assert first_of(names, 2) == expected
