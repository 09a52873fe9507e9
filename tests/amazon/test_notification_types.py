"""What Amazon wants in a subscription to each type of notification."""

from __future__ import annotations

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.notification_types import (
    EVENT_BUS_ONLY,
    documented_version,
    processing_directive,
)
from tap_amazon_sp.amazon.validation import mistakes_in_body
from tap_amazon_sp.streams.notifications import NOTIFICATION_TYPES


def test_order_changes_need_an_event_filter() -> None:
    directive = {"eventFilter": {"eventFilterType": "ORDER_CHANGE"}}

    assert processing_directive("ORDER_CHANGE") == directive
    assert processing_directive("REPORT_PROCESSING_FINISHED") is None


def test_only_offers_can_be_limited_to_marketplaces() -> None:
    directive = processing_directive("ANY_OFFER_CHANGED", ["ATVPDKIKX0DER"])

    assert directive == {
        "eventFilter": {
            "eventFilterType": "ANY_OFFER_CHANGED",
            "marketplaceIds": ["ATVPDKIKX0DER"],
        }
    }
    with pytest.raises(ValueError, match="not ORDER_CHANGE"):
        processing_directive("ORDER_CHANGE", ["ATVPDKIKX0DER"])


@pytest.mark.parametrize("name", NOTIFICATION_TYPES)
def test_each_subscription_fits_the_model(name: str) -> None:
    body = {
        "destinationId": "1",
        "payloadVersion": documented_version(name),
        "processingDirective": processing_directive(name),
    }
    given = {key: value for key, value in body.items() if value is not None}

    assert mistakes_in_body(catalogue.operation("notifications.createSubscription"), given) == []


def test_versions_are_those_of_amazon() -> None:
    assert documented_version("ORDER_CHANGE") == "1.0"
    assert documented_version("DATA_KIOSK_QUERY_PROCESSING_FINISHED") == "2023-11-15"


def test_types_for_event_buses_are_known_types() -> None:
    assert set(NOTIFICATION_TYPES) > EVENT_BUS_ONLY
