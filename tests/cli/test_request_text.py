from __future__ import annotations

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.cli.request_text import request_text, without_secrets
from tap_amazon_sp.settings.definitions import Settings

SETTINGS = Settings(client_secret="hush-hush", refresh_token="Atzr|mine")
GET_FEEDS = catalogue.operation("feeds_2021-06-30.getFeeds")


def test_method_address_headers_and_body_are_shown() -> None:
    request = Request(GET_FEEDS, "https://host/feeds?a=b", {"x-one": "1"}, b'{"a": 1}')

    assert request_text(request, SETTINGS) == (
        'GET https://host/feeds?a=b\nx-amz-access-token: (hidden)\nx-one: 1\n\n{\n  "a": 1\n}'
    )


def test_numbers_of_the_body_are_shown_as_they_are_sent() -> None:
    request = Request(GET_FEEDS, "https://host/feeds", {}, b'{"a":12345678901234567.89,"b":1.50}')

    shown = request_text(request, SETTINGS)

    assert shown.endswith('{\n  "a": 12345678901234567.89,\n  "b": 1.50\n}')


def test_secrets_are_hidden_wherever_they_stand() -> None:
    headers = {"Authorization": "AWS4 abc", "x-note": "hush-hush"}
    request = Request(GET_FEEDS, "https://host/?t=Atza%7Cone", headers, b"Atzr|mine\nAtza|other")

    text = request_text(request, SETTINGS)

    for secret in ("abc", "hush-hush", "one", "mine", "other"):
        assert secret not in text


def test_signatures_of_addresses_are_hidden() -> None:
    address = "https://b.example/x?X-Amz-Signature=abc&X-Amz-Credential=AKIA%2F1&X-Amz-Expires=300"

    assert without_secrets(address, Settings()) == (
        "https://b.example/x?X-Amz-Signature=(hidden)&X-Amz-Credential=(hidden)&X-Amz-Expires=300"
    )


def test_content_that_is_no_text_is_counted() -> None:
    request = Request(GET_FEEDS, "https://host/", {}, b"\xff\xfe\x00")

    assert request_text(request, Settings()).endswith("(3 bytes)")
