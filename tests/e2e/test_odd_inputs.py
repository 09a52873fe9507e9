"""Settings, catalogs and states that are wrong end with a sentence: a few of each, by a seed.

`python -m tests.odd_inputs` tries thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tap_amazon_sp.settings.checks import read_settings
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import read_json_object
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams.from_settings import mistakes_in_streams
from tests.odd_inputs import (
    SECRETS,
    TRIED,
    OddInput,
    odd_inputs,
    randomness,
    right_settings,
)
from tests.small_world import small_world


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    with small_world(records=3) as simulator:
        yield simulator


@pytest.mark.parametrize("name", TRIED)
def test_odd_inputs_end_with_a_sentence(name: str, world: Simulator, tmp_path: Path) -> None:
    found = TRIED[name](world, tmp_path, 8, 1)

    assert found.faults == []
    assert found.endings.total() == 8


def test_mistakes_in_odd_settings_are_found_without_a_secret(world: Simulator) -> None:
    tried = 0
    for number, right in enumerate(right_settings(world)):
        for odd in islice(odd_inputs(right, randomness(1, number)), 20):
            told = " ".join(mistakes(odd))
            tried += 1
            assert not any(secret in told for secret in SECRETS), f"{odd}: {told}"

    assert tried > 300


def mistakes(odd: OddInput) -> list[str]:
    """Return what is wrong with settings; another error than one about settings is a fault."""
    try:
        found = read_settings(read_json_object(odd.content.decode("utf-8", "replace"), "config"))
        return [*found.mistakes] or mistakes_in_streams(found.settings)
    except SettingsError as error:
        return error.errors
