"""Notifications in the bodies of messages: forms, names of the envelope, and sellers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.amazon.notifications import (
    NotANotificationError,
    changed_order,
    notification_in,
    payload_schemas,
)

SELLER = "A3TH9S8BH6GOGM"
ORDER_CHANGE: dict[str, Any] = {
    "NotificationVersion": "1.0",
    "NotificationType": "ORDER_CHANGE",
    "PayloadVersion": "1.0",
    "EventTime": "2026-11-01T10:00:00.000Z",
    "Payload": {
        "OrderChangeNotification": {
            "NotificationLevel": "OrderLevel",
            "SellerId": SELLER,
            "AmazonOrderId": "902-1234567-1234567",
            "OrderChangeType": "OrderStatusChange",
            "OrderChangeTrigger": {"TimeOfOrderChange": "2026-11-01T09:59:00.000Z"},
        }
    },
    "NotificationMetadata": {
        "ApplicationId": "app-1",
        "SubscriptionId": "sub-1",
        "PublishTime": "2026-11-01T10:00:01.000Z",
        "NotificationId": "n-1",
    },
}


def of_type(kind: str, payload: dict[str, Any]) -> str:
    return json.dumps({"notificationType": kind, "payload": payload})


def small(content: Any) -> Any:
    """Return an object whose names begin with a small letter."""
    if not isinstance(content, dict):
        return content
    return {name[:1].lower() + name[1:]: small(value) for name, value in content.items()}


@pytest.mark.parametrize(
    "content",
    [
        ORDER_CHANGE,
        small(ORDER_CHANGE),
        # The event that EventBridge makes of it.
        {"version": "0", "id": "e-1", "detail-type": "ORDER_CHANGE", "detail": ORDER_CHANGE},
        {"version": "0", "id": "e-1", "detail-type": "ORDER_CHANGE", "detail": small(ORDER_CHANGE)},
    ],
)
def test_all_forms_say_the_same(content: dict[str, Any]) -> None:
    found = notification_in(json.dumps(content))

    assert (found.type, found.id, found.seller_id) == ("ORDER_CHANGE", "n-1", SELLER)
    assert found.envelope["eventtime"] == "2026-11-01T10:00:00.000Z"
    assert found.envelope["publishtime"] == "2026-11-01T10:00:01.000Z"
    assert found.envelope["subscriptionid"] == "sub-1"
    assert changed_order(found) == ("902-1234567-1234567", "2026-11-01T09:59:00.000Z")


def test_the_payload_keeps_its_names() -> None:
    found = notification_in(json.dumps(ORDER_CHANGE))

    assert found.payload == ORDER_CHANGE["Payload"]


def test_the_time_of_the_event_is_that_of_the_change_if_nothing_else_is_told() -> None:
    content = json.loads(json.dumps(ORDER_CHANGE))
    del content["Payload"]["OrderChangeNotification"]["OrderChangeTrigger"]

    found = notification_in(json.dumps(content))

    assert changed_order(found) == ("902-1234567-1234567", "2026-11-01T10:00:00.000Z")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"OrderChangeNotification": None},
        {"OrderChangeNotification": {"AmazonOrderId": None}},
        {"OrderChangeNotification": ["902-1234567-1234567"]},
    ],
)
def test_an_order_change_without_an_order_is_about_none(payload: dict[str, Any]) -> None:
    assert changed_order(notification_in(of_type("ORDER_CHANGE", payload))) is None


def test_other_types_are_about_no_order() -> None:
    payload = ORDER_CHANGE["Payload"]

    assert changed_order(notification_in(of_type("FEE_PROMOTION", payload))) is None


@pytest.mark.parametrize(
    ("payload", "seller_id"),
    [
        ({"SellerId": SELLER}, SELLER),
        ({"FeePromotionNotification": {"MerchantId": SELLER}}, SELLER),
        # As in the examples of Amazon's schema of REPORT_PROCESSING_FINISHED.
        ({"n": {"sellerId": SELLER, "accountId": f"amzn1.merchant.o.{SELLER}"}}, SELLER),
        ({"n": {"accountId": "amzn1.vg.6213651"}}, None),
        ({"accountId": f"amzn1.merchant.o.{SELLER}", "queryId": "1"}, SELLER),
        ({"itemSalesEventChanges": [{"accountId": f"amzn1.merchant.o.{SELLER}"}]}, SELLER),
        (
            {
                "TransactionUpdateNotification": {
                    "SellingPartnerMetadata": {"SellingPartnerId": "A"}
                }
            },
            "A",
        ),
        # The sellers of offers are others.
        ({"AnyOfferChangedNotification": {"Offers": [{"SellerId": "A0OTHER"}]}}, None),
        ({"MarketplaceId": "ATVPDKIKX0DER", "Asin": "B000000001"}, None),
        ({"events": []}, None),
        ({"n": {"sellerId": "", "accountId": None}}, None),
    ],
)
def test_the_seller_is_found_where_each_type_names_it(
    payload: dict[str, Any], seller_id: str | None
) -> None:
    assert notification_in(of_type("SOME_TYPE", payload)).seller_id == seller_id


def test_each_type_with_a_seller_names_it_at_a_place_that_is_looked_at() -> None:
    """Made of Amazon's schemas, so that a type with a new place is not overlooked."""
    without = {
        # Nothing in their payload tells.
        "BRANDED_ITEM_CONTENT_CHANGE",
        "ITEM_PRODUCT_TYPE_CHANGE",
    }

    for kind, schema in payload_schemas().items():
        found = notification_in(of_type(kind, filled(schema))).seller_id
        assert (found is None) == (kind in without), kind


def filled(schema: dict[str, Any]) -> Any:
    """Return a value of a schema with all properties."""
    kinds = schema.get("type", ["null"])
    if "object" in kinds:
        return {name: filled(part) for name, part in schema["properties"].items()}
    if "array" in kinds:
        return [filled(schema["items"])]
    return "x" if "string" in kinds else None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "its body is not usable: it is not JSON, or incomplete"),
        ("not JSON, secret", "its body is not usable: it is not JSON, or incomplete"),
        ('{"NotificationType": "X", ', "its body is not usable: it is not JSON, or incomplete"),
        ("[" * 200 + "]" * 200, "its body is not usable: it is nested"),
        ("[]", "it has no `NotificationType`"),
        ("null", "it has no `NotificationType`"),
        ('{"detail": "secret"}', "it has no `NotificationType`"),
        ('{"NotificationType": 7, "Payload": {}}', "it has no `NotificationType`"),
        ('{"NotificationType": "", "Payload": {}}', "it has no `NotificationType`"),
        ('{"NotificationType": "X", "Payload": "secret"}', "it has no `Payload`"),
        ('{"NotificationType": "X"}', "it has no `Payload`"),
    ],
)
def test_what_is_no_notification_is_told_without_a_quote(body: str, reason: str) -> None:
    with pytest.raises(NotANotificationError) as error:
        notification_in(body)

    assert str(error.value).startswith(reason)
    assert "secret" not in str(error.value)
    # One sentence for all messages with the same fault.
    assert "char" not in str(error.value)


@pytest.mark.parametrize("metadata", [None, "text", [], {}, {"NotificationId": 7}])
def test_a_notification_may_have_no_id(metadata: Any) -> None:
    content = ORDER_CHANGE | {"NotificationMetadata": metadata}

    assert notification_in(json.dumps(content)).id is None
