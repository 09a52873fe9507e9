from __future__ import annotations

import pytest

from tap_amazon_sp.migration.secret_shapes import has_secret, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`Atzr|hush` is odd", "`Atzr|…` is odd"),
        ("'Atza|hush'", "'Atza|…'"),
        ("amzn1.oa2-cs.v1.hush", "amzn1.oa2-cs.…"),
        ("Atzr|hush and Atza|hush", "Atzr|… and Atza|…"),
    ],
)
def test_of_a_secret_only_its_shape_is_left(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert has_secret([{"a": text}])
    assert has_secret({text: 1})


@pytest.mark.parametrize("text", ["amzn1.application-oa2-client.x", "2026-11-20", "Atlas"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text
    assert not has_secret(text)
