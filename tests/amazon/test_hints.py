from __future__ import annotations

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.errors import AccessDeniedError, InvalidRequestError
from tap_amazon_sp.amazon.hints import HINTS
from tap_amazon_sp.settings.definitions import Settings

SEARCH = "orders_2026-01-01.searchOrders"


def test_an_expired_secret_asks_for_a_new_one_not_for_roles() -> None:
    error = AccessDeniedError(
        "sellers.getAccount",
        status=403,
        code="Unauthorized",
        message="The LWA secret token you provided has expired.",
    )

    assert "set `client_secret`" in str(error)
    assert "role" not in str(error)


@pytest.mark.parametrize("message", ["Invalid input.", "Invalid value for includedData: NEW", None])
def test_a_part_of_orders_that_is_refused_names_the_setting(message: str | None) -> None:
    error = InvalidRequestError(SEARCH, status=400, code="InvalidInput", message=message)

    assert "set `orders_included_data`" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        AccessDeniedError(SEARCH, status=403, message="Access to requested resource is denied."),
        InvalidRequestError(SEARCH, status=400, code="InvalidInput", message="Bad next token"),
        InvalidRequestError(SEARCH, status=400, code="RequestTooLarge"),
        InvalidRequestError("ordersV0.getOrders", status=400, code="InvalidInput"),
    ],
)
def test_other_failures_keep_their_own_advice(error: InvalidRequestError) -> None:
    assert str(error) == error.sentence(error.advice)


def test_hints_name_operations_and_settings_that_exist() -> None:
    for hint in HINTS:
        for operation_id in hint.operations:
            assert catalogue.operation(operation_id).id == operation_id
        named = hint.advice.split("`")[1::2]
        assert named
        assert all(hasattr(Settings(client_id="a", refresh_token="b"), name) for name in named)
