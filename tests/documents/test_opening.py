from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
import requests

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import NotFoundError, ServiceError
from tap_amazon_sp.amazon.presigned import PresignedAddresses
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.documents.opening import MAX_SECONDS_SHARED, Documents
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.definitions import Settings
from tests.documents.document_server import Store, serving
from tests.fake_clock import FakeClock

WAIT = 30.0
HEADER = b"sku\tasin\n"
ID = "amzn1.spdoc.1.4.na.5d1f"


class Amazon:
    """Return a new address for each request; may fail before."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.asked: list[tuple[Operation, Mapping[str, Any]]] = []
        self.may_answer: Callable[[], object] = int
        self.failures: list[Exception] = []
        self.account = account_of(Settings(client_id="id", endpoint=store.url))
        self.retry = RetryPolicy(clock, jitter=lambda longest: longest)
        self.addresses = PresignedAddresses(requests.Session(), "test/1.0", (WAIT, WAIT))
        self._store = store

    def send(
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        *,
        check: Callable[[Any], object],
    ) -> Answer:
        self.asked.append((operation, parameters))
        number = len(self.asked)
        self.may_answer()
        if self.failures:
            raise self.failures.pop(0)
        name = "documentUrl" if "Kiosk" in operation.id else "url"
        body = {name: f"{self._store.url}/{number}"}
        check(body)
        return Answer(body, 200, None)


@pytest.fixture
def store() -> Iterator[Store]:
    with serving(Store(content=HEADER)) as served:
        yield served


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def amazon(store: Store, clock: FakeClock) -> Amazon:
    return Amazon(store, clock)


@pytest.fixture
def documents(amazon: Amazon, clock: FakeClock) -> Documents:
    return Documents(cast("SellingPartnerClient", amazon), clock)


def read(document: Any) -> bytes:
    with document:
        return b"".join(document)


def paths_opened(store: Store) -> list[str]:
    return [request["path"] for request in store.requests]


def test_nothing_is_asked_for_before_a_document_is_opened(
    documents: Documents, amazon: Amazon
) -> None:
    documents.of_report(ID)
    documents.of_query(ID)

    assert amazon.asked == []


def test_a_report_s_document_is_had_by_its_id(documents: Documents, amazon: Amazon) -> None:
    assert read(documents.of_report(ID)) == HEADER

    ((operation, parameters),) = amazon.asked
    assert operation.id == "reports_2021-06-30.getReportDocument"
    assert operation.restricted is None
    assert parameters == {"reportDocumentId": ID}


def test_a_query_s_document_is_had_by_its_id(
    documents: Documents, amazon: Amazon, store: Store
) -> None:
    store.content = b'{"sku": "1"}\n'

    assert read(documents.of_query(ID)) == store.content

    ((operation, parameters),) = amazon.asked
    assert operation.id == "dataKiosk_2023-11-15.getDocument"
    assert parameters == {"documentId": ID}


def test_a_restricted_token_is_of_one_document(documents: Documents, amazon: Amazon) -> None:
    read(documents.of_report(ID, restricted=True))

    ((operation, parameters),) = amazon.asked
    # No data elements, but a token of its own.
    assert operation.restricted == ()
    assert operation.path == f"/reports/2021-06-30/documents/{ID}"
    assert operation.url_path(**parameters) == operation.path


def test_streams_of_one_document_share_its_address(
    documents: Documents, amazon: Amazon, store: Store
) -> None:
    for _ in range(3):
        read(documents.of_report(ID))
    read(documents.of_report("another"))

    assert [parameters["reportDocumentId"] for _, parameters in amazon.asked] == [ID, "another"]
    assert paths_opened(store) == ["/1", "/1", "/1", "/2"]


def test_one_asks_though_many_threads_want_the_address(
    documents: Documents, amazon: Amazon, store: Store
) -> None:
    asked, may_answer = threading.Semaphore(0), threading.Event()

    def wait() -> None:
        asked.release()
        assert may_answer.wait(WAIT)

    amazon.may_answer = wait
    with ThreadPoolExecutor(6) as threads:
        reading = [threads.submit(read, documents.of_report(ID)) for _ in range(4)]
        assert asked.acquire(timeout=WAIT)
        # Who wants another document does not wait for this one.
        others = [threads.submit(read, documents.of_report(name)) for name in ("b", "c")]
        assert asked.acquire(timeout=WAIT)
        assert asked.acquire(timeout=WAIT)
        may_answer.set()
        assert {future.result(WAIT) for future in (*reading, *others)} == {store.content}

    assert len(amazon.asked) == 3


@pytest.mark.parametrize(("seconds", "calls"), [(0.0, 1), (1.0, 2)])
def test_an_address_is_shared_for_less_than_it_is_good_for(
    documents: Documents, amazon: Amazon, clock: FakeClock, seconds: float, calls: int
) -> None:
    read(documents.of_report(ID))
    clock.advance(MAX_SECONDS_SHARED + seconds)
    read(documents.of_report(ID))

    assert len(amazon.asked) == calls
    # The other half of Amazon's five minutes is there to open it.
    assert MAX_SECONDS_SHARED <= 150


def test_an_address_that_expired_is_asked_for_anew(
    documents: Documents, amazon: Amazon, store: Store
) -> None:
    store.refused_paths = {"/1", "/2"}

    assert read(documents.of_report(ID)) == store.content

    assert paths_opened(store) == ["/1", "/2", "/3"]
    assert len(amazon.asked) == 3


def test_a_new_address_is_shared_by_those_whose_old_one_expired(
    documents: Documents, amazon: Amazon, store: Store
) -> None:
    # Both were opened once, and lose their connection when their address has expired.
    store.content = b"x" * 1_000_000
    first, second = documents.of_report(ID), documents.of_report(ID)
    with first, second:
        store.refused_paths = {"/1"}
        for document in (first, second):
            assert document._download is not None
            document._download.break_off()
            assert b"".join(document) == store.content

    assert len(amazon.asked) == 2
    assert paths_opened(store).count("/2") == 2


@pytest.mark.parametrize("error", [NotFoundError, ServiceError])
def test_an_address_that_could_not_be_had_is_asked_for_by_the_next(
    documents: Documents, amazon: Amazon, store: Store, error: type[ServiceError]
) -> None:
    amazon.failures = [error("reports_2021-06-30.getReportDocument")]

    with pytest.raises(error):
        read(documents.of_report(ID))

    assert read(documents.of_report(ID)) == store.content
