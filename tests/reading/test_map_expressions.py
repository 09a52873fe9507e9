"""Mistakes in the expressions of stream maps."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


def tap(maps: dict[str, Any], **settings: Any) -> TapAmazonSP:
    return TapAmazonSP(config=CREDENTIALS | {"stream_maps": maps} | settings)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("orderId +", "`orderId +` is not a Python expression: invalid syntax"),
        ("bad (", "is not a Python expression: "),
        ("import os", "must be one Python expression"),
        ("1; 2", "must be one Python expression"),
        ("", "is empty. null removes a property"),
        ("\0", "is not a Python expression: "),
    ],
)
@pytest.mark.parametrize("name", ["x", "__filter__", "__alias__"])
def test_what_is_not_an_expression_names_its_place(
    expression: str, sentence: str, name: str
) -> None:
    with pytest.raises(ConfigValidationError) as refused:
        tap({"orders": {name: expression}})

    (mistake,) = refused.value.errors
    assert mistake.startswith(f"`stream_maps`['orders']['{name}']: `")
    assert sentence in mistake


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("orderIdd", "'orders' has no property `orderIdd`: did you mean `orderId`"),
        ("str(orderIdd) + 'x'", "'orders' has no property `orderIdd`"),
        ("orderIdd if 1 else 2 if orderIdd2 else 3", None),
        ("orderId if orderIdd else 3", "'orders' has no property `orderIdd`"),
        ("orderId and orderIdd", None),
        ("EUR", "has no property `EUR`. If it is text, give it quotes of its own: `'EUR'`"),
        ("[x for x in orderIdd]", "'orders' has no property `orderIdd`"),
        ("[x for x in orderItems]", None),
        ("record.get('new')", None),
        ("_['new'] + __stream_name__ + self + config['a']", None),
        ("nosuch(orderId)", "there is no function `nosuch`, only bool, datetime, float"),
        ("datetime.datetime.fromisoformat(lastUpdatedTime)", None),
        ("md5(orderId)", None),
        ("lambda: 1", "Lambda cannot be used in stream maps"),
    ],
)
def test_names_that_nothing_has_are_told_before_the_first_request(
    expression: str, sentence: str | None
) -> None:
    maps = {"orders": {"orderId2": expression}}
    if sentence is None:
        tap(maps)
        return

    with pytest.raises(SettingsError) as refused:
        tap(maps)

    (mistake,) = refused.value.errors
    assert mistake.startswith(f"`stream_maps`['orders']['orderId2']: `{expression}`: ")
    assert sentence in mistake


@pytest.mark.parametrize("nothing", [None, "__NULL__"])
@pytest.mark.parametrize("key", ["orders", "copy"])
def test_a_misspelled_property_is_not_left_in_the_records_without_a_word(
    nothing: str | None, key: str
) -> None:
    source = {} if key == "orders" else {"__source__": "orders"}
    with pytest.raises(SettingsError) as refused:
        tap({key: {"recipiant": nothing, **source}})

    (mistake,) = refused.value.errors
    assert mistake == (
        f"`stream_maps`['{key}']['recipiant']: null: "
        "'orders' has no property `recipiant`: did you mean `recipient`?"
    )


@pytest.mark.parametrize(
    "maps",
    [
        {"orders": {"recipient": None}},
        {"orders": {"_misfits": None}},
        {"orders": {"mobilePhone": None}},
        {"order*": {"recipiant": None}},
        {"orders": None},
    ],
)
def test_a_property_that_exists_or_may_come_can_be_removed(maps: dict[str, Any]) -> None:
    tap(maps)


def test_a_map_that_leaves_out_a_key_is_told_how_to_keep_it() -> None:
    maps = {"x": "md5(orderId)", "__else__": None}
    with pytest.raises(SettingsError) as refused:
        tap({"orders": maps})

    (mistake,) = refused.value.errors
    assert mistake == (
        "`stream_maps`: the map of 'orders' leaves out its key `orderId`. "
        'With `__else__: null`, a map names each key: `"orderId": "orderId"`'
    )
    tap({"orders": maps | {"orderId": "orderId"}})


def test_streams_that_are_not_selected_may_lack_a_property() -> None:
    tap({"order*": {"x": "orderId"}})


def test_a_stream_whose_schema_is_not_known_yet_may_have_any_property() -> None:
    report = {"name": "mine", "report_type": "GET_NOBODY_KNOWS_THIS"}

    tap({"mine": {"x": "anything"}}, reports=[report])
