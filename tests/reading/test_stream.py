from __future__ import annotations

import pytest

from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream


def test_an_attribute_that_streams_do_not_have_is_refused_with_a_close_match() -> None:
    with pytest.raises(TypeError, match=r"'mising_is_empty' is not .*: did you mean 'missing_is_"):

        class Misspelt(AmazonStream):
            name = "misspelt"
            mising_is_empty = True
            read = Snapshot()


def test_a_class_may_declare_a_further_attribute_and_its_subclasses_set_it() -> None:
    class WithColor(AmazonStream):
        color: str

    class Red(WithColor):
        color = "red"

    assert Red.color == "red"
