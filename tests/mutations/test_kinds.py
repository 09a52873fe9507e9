"""Each kind of damage changes an answer of the sort that it is for."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator.server.calls import Stream
from tap_amazon_sp.simulator.server.models import load_models
from tests.mutations.jobs import CREATE, CREATE_RDT, GET, GET_DOCUMENT
from tests.mutations.kinds import API, DOCUMENT, TOKEN, Given, Kind
from tests.mutations.strikes import KINDS

ORDER = {
    "orderId": "111-2222222-3333333",
    "createdTime": "2026-11-20T10:00:00Z",
    "salesChannel": {"channelName": "AMAZON"},
    "orderItems": [{"orderItemId": "1", "quantityOrdered": 2, "product": {"asin": "B1"}}],
}
ANSWERS: dict[str, Any] = {
    "orders_2026-01-01.searchOrders": {"orders": [ORDER, ORDER], "pagination": {"nextToken": "t"}},
    "finances_2024-06-19.listTransactions": {"payload": {"transactions": [{"a": 1}]}},
    "messaging.GetAttributes": {"buyer": {"locale": "en-US"}},
    "ordersV0.getOrder": {"payload": {"AmazonOrderId": "1"}},
    CREATE[0]: {"reportId": "1"},
    GET[0]: {"reportId": "1", "processingStatus": "DONE", "reportDocumentId": "d"},
    GET_DOCUMENT[0]: {"reportDocumentId": "d", "url": "http://127.0.0.1/d"},
    CREATE_RDT: {"restrictedDataToken": "Atz.1", "expiresIn": 3600},
}
DOCUMENTS = (
    gzip.compress(b"sku\tprice\nA\t1\nB\t2\n"),
    b'{"rows": [{"a": 1}]}',
    b'{"a": 1}\n{"a": 2}\n',
)
LOGIN = json.dumps({"access_token": "Atza|1", "expires_in": 3600}).encode()


def answers_for(kind: Kind) -> Iterator[Given]:
    """Good answers of the sort that a kind strikes."""
    models, headers = load_models(), {"Content-Type": "application/json"}
    if kind.at == TOKEN:
        yield Given(200, headers, LOGIN, random.Random(1))
    elif kind.at == DOCUMENT:
        for body in DOCUMENTS:
            yield Given(200, headers, body, random.Random(1), job="GET_MERCHANT_LISTINGS_DATA")
    else:
        assert kind.at == API
        for name, content in ANSWERS.items():
            if not kind.operations or name in kind.operations:
                body = json.dumps(content).encode()
                operation, keys = models.operation(name), ("orderId",)
                yield Given(200, headers, body, random.Random(1), operation, models, keys)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_changes_an_answer(kind: Kind) -> None:
    changed = []
    for given in answers_for(kind):
        answer = kind.change(given)
        if answer is not None:
            assert isinstance(answer.body, bytes | Stream)
            before = (given.status, dict(given.headers), given.body, None)
            changed.append((answer.status, answer.headers, answer.body, answer.broken) != before)

    assert changed
    assert any(changed)


def test_there_are_at_least_70_kinds_each_described() -> None:
    assert len(KINDS) >= 70
    assert all(kind.what for kind in KINDS.values())
