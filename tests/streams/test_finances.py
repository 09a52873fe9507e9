from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from tap_amazon_sp.amazon.catalogue import load_api
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.keys import NO_VALUE
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.streams.finances import (
    EVENT_DATES,
    EVENT_LISTS,
    FinancialEvents,
    FinancialEventsByGroup,
    FinancialSummaries,
    FinancialTransactions,
)
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.offline_runs import Run
from tests.readers import window_reader
from tests.stubbed_amazon import StubbedAmazon

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
DAY = dt.timedelta(days=1)
MIDNIGHT = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
FEE = {"FeeReason": "Storage", "FeeList": [{"FeeAmount": {"CurrencyAmount": Decimal("-1.50")}}]}
REFUND = {"AmazonOrderId": "903-1", "PostedDate": "2026-11-01T08:00:00Z"}

AnyStream = TypeVar("AnyStream", bound=AmazonStream)


def stream_of(kind: type[AnyStream], **settings: Any) -> AnyStream:
    stream = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock()).streams[kind.name]
    assert isinstance(stream, kind)
    return stream


def page(**lists: Any) -> Answer:
    return Answer({"payload": {"FinancialEvents": lists}}, 200, None)


def answering(monkeypatch: pytest.MonkeyPatch, stream: AmazonStream, *pages: Answer) -> None:
    def answers(*_: Any) -> Iterator[Answer]:
        return iter(pages)

    monkeypatch.setattr(stream, "answers", answers)


def events_of(stream: AmazonStream, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for page in stream.reader.pages_of(parameters) for record in page.records]


def keys_of(stream: AmazonStream, events: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(event[name] for name in stream.primary_keys) for event in events}


def test_all_kinds_of_events_in_amazons_model_are_known() -> None:
    definitions = load_api("financesV0").definitions

    assert set(EVENT_LISTS) == set(definitions["FinancialEvents"]["properties"])


def test_only_three_kinds_of_events_have_no_date() -> None:
    definitions = load_api("financesV0").definitions
    lists = definitions["FinancialEvents"]["properties"]
    kinds = {
        definitions[value["$ref"].rpartition("/")[2]]["items"]["$ref"].rpartition("/")[2]
        for value in lists.values()
    }

    assert {
        kind for kind in kinds if definitions[kind]["properties"].keys().isdisjoint(EVENT_DATES)
    } == {"ServiceFeeEvent", "DebtRecoveryEvent", "LoanServicingEvent"}


def test_what_is_not_an_event_is_counted_and_the_events_beside_it_are_read() -> None:
    events = stream_of(FinancialEvents)
    answer = page(ServiceFeeEventList=[FEE, None, "x"], TotalCount=3, NewEvent=REFUND, Old=None)

    found = events.extract(answer)

    assert [(one["eventType"], one["event"]) for one in found] == [
        ("ServiceFeeEvent", FEE),
        ("NewEvent", REFUND),
    ]
    missing = events.shortfalls.failure()
    assert missing is not None
    assert "`ServiceFeeEventList` is not a list of objects" in str(missing)
    assert events.shortfalls.count == 1


@pytest.mark.parametrize(
    ("events", "is_missing"),
    [([], False), (None, False), ([None], True), ([None, {"FeeReason": "x"}], True)],
)
def test_a_null_among_events_is_missing(events: Any, *, is_missing: bool) -> None:
    stream = stream_of(FinancialEvents)

    records = stream.extract(page(ServiceFeeEventList=events))

    assert len(records) == sum(event is not None for event in events or ())
    assert stream.shortfalls.count == is_missing


def test_equal_events_have_different_keys_across_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialEvents)
    answering(
        monkeypatch, stream, page(RefundEventList=[REFUND] * 2), page(RefundEventList=[REFUND])
    )

    events = events_of(stream, {"PostedAfter": MIDNIGHT})

    assert [event["occurrence"] for event in events] == [0, 1, 2]
    assert len(keys_of(stream, events)) == 3


def test_an_event_read_twice_has_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(RefundEventList=[REFUND]))

    events = [
        *events_of(stream, {"PostedAfter": MIDNIGHT}),
        *events_of(stream, {"PostedAfter": MIDNIGHT - DAY}),
    ]

    assert len(keys_of(stream, events)) == 1


def test_equal_events_without_a_date_differ_by_their_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(ServiceFeeEventList=[FEE]))

    events = [
        *events_of(stream, {"PostedAfter": MIDNIGHT}),
        *events_of(stream, {"PostedAfter": MIDNIGHT + DAY}),
    ]

    assert {event["windowStart"] for event in events} == {
        "2026-11-01T00:00:00Z",
        "2026-11-02T00:00:00Z",
    }
    assert len(keys_of(stream, events)) == 2


def test_equal_events_of_two_kinds_have_different_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(RefundEventList=[REFUND], ChargebackEventList=[REFUND]))

    events = events_of(stream, {"PostedAfter": MIDNIGHT})

    assert [event["eventType"] for event in events] == ["RefundEvent", "ChargebackEvent"]
    assert len(keys_of(stream, events)) == 2


def test_a_hash_does_not_depend_on_how_amazon_writes_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = stream_of(FinancialEvents)
    one = {"FeeReason": "Storage", "Amount": Decimal("-10.50"), "Count": Decimal("2.0")}
    other = {"Count": 2, "Amount": Decimal("-10.5"), "FeeReason": "Storage"}
    answering(monkeypatch, stream, page(ServiceFeeEventList=[one, other]))

    first, second = events_of(stream, {"PostedAfter": MIDNIGHT})

    assert first["eventHash"] == second["eventHash"]


@pytest.mark.parametrize("name", EVENT_DATES)
def test_the_posted_date_is_found_under_each_of_its_names(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(NewEventList=[{name: "2026-11-01T08:00:00Z"}]))

    (event,) = events_of(stream, {"PostedAfter": MIDNIGHT})

    assert event["postedDate"] == "2026-11-01T08:00:00Z"
    assert event["windowStart"] == NO_VALUE


def test_equal_events_are_counted_separately_for_each_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = stream_of(FinancialEventsByGroup)
    answering(monkeypatch, stream, page(ServiceFeeEventList=[FEE, FEE]))

    events = [
        event
        for group in ("1", "2")
        for event in stream.child_reader.records_of({"FinancialEventGroupId": group})
    ]

    assert [event["occurrence"] for event in events] == [0, 1, 0, 1]
    assert len(keys_of(stream, events)) == 4


def test_each_day_with_events_takes_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(), page(RefundEventList=[REFUND]))

    requests = list(window_reader(stream).window_requests(Window(MIDNIGHT, MIDNIGHT + 2.5 * DAY)))

    assert [(request["PostedAfter"], request["PostedBefore"]) for request in requests] == [
        (MIDNIGHT, MIDNIGHT + DAY),
        (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY),
        (MIDNIGHT + 2 * DAY, MIDNIGHT + 2.5 * DAY),
    ]


def test_days_without_events_take_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialEvents)
    answering(monkeypatch, stream, page(), page(RefundEventList=[]))

    assert not list(window_reader(stream).window_requests(Window(MIDNIGHT, MIDNIGHT + 90 * DAY)))


def test_a_summary_is_requested_for_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(FinancialSummaries)
    answering(monkeypatch, stream, Answer({"summaries": [{}]}, 200, None))

    requests = list(window_reader(stream).window_requests(Window(MIDNIGHT, MIDNIGHT + 1.5 * DAY)))

    assert [(request["periodStart"], request["periodEnd"]) for request in requests] == [
        (dt.date(2026, 11, 1), dt.date(2026, 11, 1)),
        (dt.date(2026, 11, 2), dt.date(2026, 11, 2)),
    ]


def test_transactions_of_other_marketplaces_are_left_out() -> None:
    stream = stream_of(FinancialTransactions, marketplace_ids=["US"])
    transactions = [
        {"transactionId": "us", "marketplaceDetails": {"marketplaceId": "ATVPDKIKX0DER"}},
        {"transactionId": "ca", "marketplaceDetails": {"marketplaceId": "A2EUQ1WTGCTBG2"}},
        {"transactionId": "none", "marketplaceDetails": None},
    ]

    found = stream.reader.extract(Answer({"payload": {"transactions": transactions}}, 200, None))

    assert [record["transactionId"] for record in found] == ["us", "none"]
    (parameters,) = stream.reader.requests()
    assert parameters["marketplaceId"] is None


def test_a_page_that_is_too_large_is_requested_in_smaller_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = InvalidRequestError("x", status=400, message="Response exceeds 10 MB")
    events = [{"PostedDate": "2026-11-20T00:00:00Z", "Amount": number} for number in range(2)]

    def pages(_: str, parameters: Mapping[str, Any]) -> list[Any]:
        page = {"payload": {"FinancialEvents": {"AdjustmentEventList": events}}}
        return [page, refusal] if parameters["MaxResultsPerPage"] > 25 else [page]

    amazon = StubbedAmazon(pages)
    tap = TapAmazonSP(config=CREDENTIALS, clock=FakeClock())
    stream = tap.streams["financial_events"]
    assert isinstance(stream, FinancialEvents)
    monkeypatch.setattr(stream.client, "answers", amazon.answers)
    (parameters,) = stream.reader.requests()
    asked = parameters | {"PostedAfter": dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)}

    records = [record for page in stream.reader.pages_of(asked) for record in page.records]

    assert [request["MaxResultsPerPage"] for _, request in amazon.asked] == [100, 50, 25]
    # Events from before the refusal come again with the same keys.
    assert {record["occurrence"] for record in records} == {0}
    assert len({record["eventHash"] for record in records}) == 2


def test_a_refusal_for_another_reason_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = StubbedAmazon(lambda *_: [InvalidRequestError("x", status=400, message="no")])
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["financial_events"]
    assert isinstance(stream, FinancialEvents)
    monkeypatch.setattr(stream.client, "answers", amazon.answers)

    with pytest.raises(InvalidRequestError, match="no"):
        list(stream.reader.pages_of(next(iter(stream.reader.requests()))))


def test_events_from_before_the_start_date_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def pages(*_: Any) -> list[Answer]:
        return [page(RefundEventList=[REFUND]).body]

    first = Run(monkeypatch, pages, "financial_events")
    second = Run(monkeypatch, pages, "financial_events", state=first.state)

    for run in (first, second):
        bookmark = run.state["bookmarks"]["financial_events"]["replication_key_value"]
        assert parse_timestamp(bookmark) == MIDNIGHT
        assert run.amazon.asked
        assert all(each["PostedAfter"] >= MIDNIGHT for _, each in run.amazon.asked)
