from __future__ import annotations

import gzip

import pytest
import requests

from tap_amazon_sp.api.documents import _charset, _decompress


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/plain; charset=Cp1252", "cp1252"),
        ("text/plain; charset=Shift_JIS", "shift_jis"),
        ("text/plain; charset=unheard-of", "utf-8"),
        ("text/plain", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_the_character_set_comes_with_the_document(content_type: str, charset: str) -> None:
    response = requests.Response()
    response.headers["Content-Type"] = content_type
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)

    assert _charset(response) == charset


def test_a_document_that_only_claims_to_be_gzip_is_taken_as_it_is() -> None:
    assert _decompress(b"plain") == b"plain"
    assert _decompress(gzip.compress(b"packed")) == b"packed"
