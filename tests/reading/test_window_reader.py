from __future__ import annotations

import copy
import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, redirect_stdout
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    PageTokenRejectedError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.common.timestamps import FIRST_RECORDS
from tap_amazon_sp.reading.orders_reader import OrdersReader
from tap_amazon_sp.reading.window_plan import MAX_UNSAVED, PAGES_PER_SAVE
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.streams import all_built_in_streams
from tap_amazon_sp.streams.orders import Orders
from tap_amazon_sp.streams.outbound import FulfillmentOrders
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


@pytest.fixture(autouse=True)
def _nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the windows of orders be those of other streams."""
    monkeypatch.setattr(OrdersReader, "_count", lambda *_: None)
    monkeypatch.setattr(OrdersReader, "pages_per_save", PAGES_PER_SAVE)


class OpenEndedList:
    """A list of one order, filtered by a beginning only; it refuses some page tokens."""

    def __init__(self, refusals: int = 0) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._refusals = refusals

    def answers(
        self, operation: Operation, parameters: Mapping[str, Any], **_: Any
    ) -> Iterator[Answer]:
        self.asked.append(parameters)
        order = {"sellerFulfillmentOrderId": "1", "statusUpdatedDate": "2026-11-01T00:00:00Z"}
        yield Answer({"payload": {"fulfillmentOrders": [order]}}, 200, None)
        if self._refusals:
            self._refusals -= 1
            raise PageTokenRejectedError(operation.id, message="token expired")


def orders(monkeypatch: pytest.MonkeyPatch, amazon: OpenEndedList) -> FulfillmentOrders:
    stream = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["fulfillment_orders"]
    assert isinstance(stream, FulfillmentOrders)
    monkeypatch.setattr(stream.client, "answers", amazon.answers)
    return stream


def test_a_filter_without_an_end_takes_one_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amazon = OpenEndedList()
    stream = orders(monkeypatch, amazon)

    assert len(list(stream.reader.pages())) == 1

    assert amazon.asked == [{"queryStartDate": FIRST_RECORDS}]
    # Sixty days ago: returns may arrive that late.
    assert stream.stream_state["replication_key_value"] == "2026-09-22T12:00:00Z"


def test_a_refused_token_does_not_shorten_an_open_window(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = OpenEndedList(refusals=2)

    list(orders(monkeypatch, amazon).reader.pages())

    assert [asked["queryStartDate"] for asked in amazon.asked] == [FIRST_RECORDS] * 3


def test_tokens_refused_again_and_again_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    amazon = OpenEndedList(refusals=9)

    with pytest.raises(PageTokenRejectedError):
        list(orders(monkeypatch, amazon).reader.pages())

    assert len(amazon.asked) == 4


# --- Windows that are resumed at a page --------------------------------------------------------

US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
START, END = "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"
PAGES = 12
assert PAGES_PER_SAVE == 5


KEYS = {
    name
    for stream in all_built_in_streams()
    if len(stream.primary_keys) == 1
    for name in stream.primary_keys
}


class PagedList:
    """Answers each request with a number of pages of one record; the token of a page is its number.

    Each error is raised once, when its page is requested. `begun` lists the requests and the pages
    where they began; `given` lists the returned pages.
    """

    def __init__(self, errors: Mapping[str, SellingPartnerError] | None = None) -> None:
        self.begun: list[tuple[str, str | None]] = []
        self.given: list[tuple[str, int]] = []
        self.parameters: list[Mapping[str, Any]] = []
        self._errors = dict(errors or {})

    def answers(
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        *,
        page_token: str | None = None,
        **_: Any,
    ) -> Iterator[Answer]:
        name = request_name(parameters)
        self.begun.append((name, page_token))
        self.parameters.append(parameters)
        for number in range(int(page_token or 1), PAGES + 1):
            if error := self._errors.pop(str(number), None):
                raise error
            self.given.append((name, number))
            record = f"{name} {number}"
            body: Any = [{"id": record, **dict.fromkeys(KEYS, record)}]
            for part in reversed(operation.results or ()):
                body = {part: body}
            following = str(number + 1) if number < PAGES else None
            yield Answer(body, 200, None, following)


def request_name(parameters: Mapping[str, Any]) -> str:
    """Return what identifies a request of a window: its marketplace and filter."""
    marketplace = parameters.get("marketplaceIds") or [""]
    name = next((name for name in parameters if name.endswith(("After", "Since"))), "")
    return f"{marketplace[0]} {name}".strip()


class Run:
    """A run that reads one stream in the time from `START` to `END`, which is one window."""

    def __init__(
        self,
        amazon: PagedList,
        state: Mapping[str, Any] | None = None,
        *,
        name: str = "orders",
        **settings: Any,
    ) -> None:
        config = {"start_date": START, "end_date": END, "max_parallel_requests": 1, **settings}
        self.clock = FakeClock()
        self.state = dict(state or {})
        """The last STATE of this run or of an earlier one."""
        self.states: list[dict[str, Any]] = []
        # As it would be read from a file.
        given = json.loads(json.dumps(self.state))
        self.tap = TapAmazonSP(config=CREDENTIALS | config, state=given, clock=self.clock)
        self.use(self.tap.streams[name], amazon)

    def use(self, stream: Any, amazon: PagedList) -> None:
        assert isinstance(stream.reader, WindowReader)
        self.stream = stream
        stream.client.answers = amazon.answers

    def read(self, pages: int | None = None, after_each: Callable[[], object] = int) -> list[str]:
        """Read this number of pages, or all; return the ids of their records."""
        ids = []
        with (
            redirect_stdout(io.StringIO()) as stdout,
            closing(self.stream.reader.pages()) as reading,
        ):
            try:
                for page in itertools.islice(reading, pages):
                    ids += [record["id"] for record in page]
                    after_each()
            finally:
                messages = [json.loads(line) for line in stdout.getvalue().splitlines()]
                self.states += [message["value"] for message in messages]
                self.state = (self.states or [self.state])[-1]
        return ids

    @property
    def bookmark(self) -> dict[str, Any]:
        """The state of the stream in the last STATE."""
        return dict(self.state.get("bookmarks", {}).get(self.stream.name, {}))

    @property
    def open_at(self) -> str | None:
        """The page in the last STATE at which to continue."""
        token: str | None = self.bookmark.get("window", {}).get("page_token")
        return token


def ids(*pages: int, request: str = "lastUpdatedAfter") -> list[str]:
    return [f"{request} {number}" for number in range(*pages)]


def interrupted(pages: int = 8, **settings: Any) -> dict[str, Any]:
    """Return the state of a run that stopped after this number of pages of a window."""
    run = Run(PagedList(), **settings)
    run.read(pages)
    return run.state


def test_the_state_records_the_written_part_of_a_window() -> None:
    run = Run(PagedList())
    pages_and_tokens = []

    run.read(11, lambda: pages_and_tokens.append(run.stream.stream_state.get("window")))

    # A page is written when the next one is requested.
    told = [window and window["page_token"] for window in pages_and_tokens]
    assert told == [None] * 5 + ["6"] * 5 + ["11"]
    assert len(run.states) == 2
    window = run.bookmark["window"]
    assert window == {
        "after": START,
        "before": END,
        "requests": window["requests"],
        "number": 0,
        "page_token": "11",
    }
    # The window is not finished.
    assert "replication_key_value" not in run.bookmark


def test_the_state_records_a_part_after_a_minute_with_few_pages() -> None:
    run = Run(PagedList())

    run.read(2, lambda: run.clock.advance(MAX_UNSAVED - 1))
    assert run.states == []
    run.read(3, lambda: run.clock.advance(MAX_UNSAVED / 2))
    assert run.open_at == "3"


def test_a_finished_window_is_not_an_open_window() -> None:
    run = Run(PagedList())

    assert run.read() == ids(1, 13)

    assert len(run.states) == 3
    assert run.bookmark == {
        "replication_key": "lastUpdatedTime",
        "replication_key_value": END,
        "start_date": START,
    } | {"streams": run.bookmark["streams"]}


@pytest.mark.parametrize("parallel", [1, 8])
def test_a_run_continues_at_the_page_after_the_last_state(parallel: int) -> None:
    state = interrupted(8)
    amazon = PagedList()
    run = Run(amazon, state, max_parallel_requests=parallel)

    assert run.read() == ids(6, 13)

    assert amazon.begun == [("lastUpdatedAfter", "6")]
    assert run.bookmark["replication_key_value"] == END
    assert run.open_at is None


def test_a_run_may_be_resumed_again_and_again() -> None:
    state: dict[str, Any] = {}
    found, opened = [], []
    for _ in range(3):
        run = Run(PagedList(), state)
        found += run.read(6)
        state = run.state
        opened.append(run.open_at)

    assert opened == ["6", "11", None]
    assert list(dict.fromkeys(found)) == ids(1, 13)


def test_reading_continues_after_the_resumed_window() -> None:
    later = "2026-11-21T06:00:00Z"
    state = interrupted(8, end_date=later)
    amazon = PagedList()

    run = Run(amazon, state, end_date=later)
    run.read()

    windows = [
        (asked["lastUpdatedAfter"], asked["lastUpdatedBefore"]) for asked in amazon.parameters
    ]
    assert [token for _, token in amazon.begun] == ["6"] + [None] * (len(windows) - 1)
    assert len(windows) > 1
    assert all(one[1] == two[0] for one, two in itertools.pairwise(windows))
    assert run.bookmark["replication_key_value"] == later


@pytest.mark.parametrize(
    ("name", "settings", "requests"),
    [
        ("purchase_orders_status", {}, ["updatedAfter", "createdAfter"]),
        (
            "service_jobs",
            {"marketplace_ids": ["US", "CA"]},
            [f"{US} lastUpdatedAfter", f"{CA} lastUpdatedAfter"],
        ),
    ],
)
def test_requests_of_a_window_that_are_written_are_not_made_again(
    name: str, settings: dict[str, Any], requests: list[str]
) -> None:
    first, second = requests
    amazon = PagedList()
    run = Run(amazon, name=name, **settings)
    run.stream.lifted = dict.fromkeys(run.stream.own_primary_keys, "id")
    run.read(PAGES + 7)
    assert amazon.begun == [(first, None), (second, None)]
    assert (run.bookmark["window"]["number"], run.open_at) == (1, "5")

    amazon = PagedList()
    again = Run(amazon, run.state, name=name, **settings)
    again.stream.lifted = run.stream.lifted
    assert again.read() == ids(5, 13, request=second)

    assert amazon.begun == [(second, "5")]
    assert again.bookmark["replication_key_value"] == END


def test_a_request_after_the_open_one_begins_at_its_first_page() -> None:
    settings: dict[str, Any] = {"name": "service_jobs", "marketplace_ids": ["US", "CA"]}
    amazon = PagedList()

    found = Run(amazon, interrupted(8, **settings), **settings).read()

    us, ca = f"{US} lastUpdatedAfter", f"{CA} lastUpdatedAfter"
    assert amazon.begun == [(us, "6"), (ca, None)]
    assert found == ids(6, 13, request=us) + ids(1, 13, request=ca)


@pytest.mark.parametrize(
    "error",
    [
        PageTokenRejectedError("x", status=400, message="Next token is invalid or expired"),
        InvalidRequestError("x", status=400, message="Something else is wrong"),
        ServiceError("x", status=500),
        ThrottledError("x", status=429),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("parallel", [1, 8])
def test_a_window_with_a_refused_page_is_read_from_its_beginning(
    error: SellingPartnerError, parallel: int
) -> None:
    state = interrupted(8)
    amazon = PagedList({"6": error})
    run = Run(amazon, state, max_parallel_requests=parallel)

    assert run.read() == ids(1, 13)

    assert amazon.begun == [("lastUpdatedAfter", "6"), ("lastUpdatedAfter", None)]
    assert [asked["lastUpdatedBefore"] for asked in amazon.parameters[:1]] == [
        asked["lastUpdatedBefore"] for asked in amazon.parameters[1:]
    ]
    assert run.bookmark["replication_key_value"] == END


def test_a_permanent_failure_of_a_resumed_window_is_raised() -> None:
    state = interrupted(8)
    amazon = PagedList({"6": ServiceError("x", status=500), "1": ServiceError("y", status=500)})
    run = Run(amazon, state)

    with pytest.raises(ServiceError, match="y"):
        run.read()

    assert run.states == []


def test_a_failure_after_the_first_page_is_raised_and_the_state_stays_valid() -> None:
    state = interrupted(8)
    run = Run(PagedList({"12": InvalidRequestError("x", status=400)}), state)

    with pytest.raises(InvalidRequestError):
        run.read()

    assert run.open_at == "11"
    assert Run(PagedList(), run.state).read() == ids(11, 13)


def test_a_token_refused_after_the_first_page_shortens_the_window_and_loses_nothing() -> None:
    state = interrupted(8)
    amazon = PagedList({"9": PageTokenRejectedError("x", status=400)})
    run = Run(amazon, state)

    assert run.read()[:3] == ids(6, 9)

    first, *windows = [
        (asked["lastUpdatedAfter"], asked["lastUpdatedBefore"]) for asked in amazon.parameters
    ]
    assert [token for _, token in amazon.begun] == ["6"] + [None] * len(windows)
    assert windows[0][0] == first[0]
    assert windows[0][1] < first[1]
    assert windows[-1][1] == first[1]
    assert all(one[1] == two[0] for one, two in itertools.pairwise(windows))
    assert run.bookmark["replication_key_value"] == END


BOOKMARKED = {
    "bookmarks": {"orders": {"replication_key": "lastUpdatedTime", "replication_key_value": START}}
}


@pytest.mark.parametrize(
    "settings",
    [
        {"marketplace_ids": ["US"]},
        {"orders_included_data": ["TAX"]},
        {"orders_api": "v0", "marketplace_ids": ["US"]},
        {"lookback": "PT1H"},
        {"end_date": "2026-11-20T12:00:00Z"},
    ],
    ids=str,
)
def test_a_window_with_other_requests_is_read_from_its_beginning(
    settings: dict[str, Any],
) -> None:
    old = "2026-01-01"
    run = Run(PagedList(), BOOKMARKED, start_date=old)
    run.read(8)
    assert run.open_at == "6"
    amazon = PagedList()

    Run(amazon, run.state, **{"start_date": old, **settings}).read(1)

    assert [token for _, token in amazon.begun] == [None]


@pytest.mark.parametrize(("selected", "token"), [(True, None), (False, "6")])
def test_a_window_is_resumed_only_with_the_same_child_streams(
    token: str | None, *, selected: bool
) -> None:
    state = interrupted(8, orders_included_data=["PACKAGES"])
    amazon = PagedList()
    run = Run(amazon, state, orders_included_data=["PACKAGES"])
    (child,) = [child for child in run.stream.child_streams if child.name == "order_packages"]
    child.selected = selected

    run.read(1)

    assert [begun for _, begun in amazon.begun] == [token]


def test_an_earlier_start_date_is_read_from_its_beginning() -> None:
    amazon = PagedList()

    Run(amazon, interrupted(8), start_date="2026-11-19").read(1)

    assert [token for _, token in amazon.begun] == [None]


def test_a_failed_child_stream_keeps_the_window_out_of_the_state() -> None:
    run = Run(PagedList())
    run.read(7)
    assert run.open_at == "6"

    run = Run(PagedList(), run.state)
    items = next(child for child in run.stream.child_streams if child.name == "order_items")
    run.tap.run.report_failure(items, ServiceError("x", status=500))
    run.read()

    assert run.states == []
    # The state from before the failure stays valid.
    assert run.open_at == "6"


@pytest.mark.parametrize(
    "name",
    [
        "payouts",  # the bookmark may wait for one of the records
        "fulfillment_orders",  # its filter has no end
        "external_fulfillment_returns",  # late records may come before the page
        "orders",  # the stream declares it
    ],
)
def test_streams_that_need_the_whole_window_neither_write_nor_read_a_part(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    amazon = PagedList()
    if name == "orders":
        read = replace(Orders.read, pages_stand_alone=False)
        monkeypatch.setattr(Orders, "read", read)
    run = Run(amazon, name=name, marketplace_ids=["US"])
    monkeypatch.setattr(run.stream, "extract", lambda _: [dict.fromkeys(KEYS, "1")])
    monkeypatch.setattr(run.stream, "add", lambda *_: {})

    run.read(8)

    assert len(amazon.given) == 8
    assert run.states == []
    window = {"after": START, "before": END, "number": 0, "page_token": "6"}
    window["requests"] = run.stream.reader.name_of([dict(amazon.parameters[0])])
    amazon = PagedList()
    state = {"bookmarks": {name: {"window": window}}}
    again = Run(amazon, state, name=name, marketplace_ids=["US"])
    monkeypatch.setattr(again.stream, "extract", lambda _: [dict.fromkeys(KEYS, "1")])
    monkeypatch.setattr(again.stream, "add", lambda *_: {})
    again.read(1)
    assert [token for _, token in amazon.begun] == [None]


def test_a_full_table_stream_neither_writes_nor_reads_a_part_of_a_window() -> None:
    state = interrupted(8)
    amazon = PagedList()
    run = Run(amazon, state)
    run.stream.forced_replication_method = "FULL_TABLE"

    assert run.read() == ids(1, 13)

    assert run.states == []


def test_the_connection_test_reads_from_the_beginning() -> None:
    amazon = PagedList()
    run = Run(amazon, interrupted(8))
    run.stream.ABORT_AT_RECORD_COUNT = 1

    run.read(1)

    assert [token for _, token in amazon.begun] == [None]


@pytest.mark.parametrize(
    "change",
    [
        None,
        [],
        {},
        "window",
        5,
        {"after": None},
        {"after": 5},
        {"after": {}},
        {"after": []},
        {"after": "yesterday"},
        {"after": "0001-01-01T00:00:00+05:00"},
        {"before": "9999-12-31T23:59:59-05:00"},
        {"before": START},
        {"after": END},
        {"before": "2027-01-01T00:00:00Z"},
        {"requests": None},
        {"requests": ["x"]},
        {"requests": "0" * 16},
        {"number": None},
        {"number": "first"},
        {"number": []},
        {"number": 1},
        {"number": -1},
    ],
    ids=str,
)
def test_a_broken_window_in_the_state_is_ignored(change: Any) -> None:
    state = copy.deepcopy(interrupted(8))
    bookmark = state["bookmarks"]["orders"]
    is_change = isinstance(change, dict) and change
    bookmark["window"] = bookmark["window"] | change if is_change else change
    amazon = PagedList()
    run = Run(amazon, state)

    assert run.read() == ids(1, 13)

    assert amazon.begun == [("lastUpdatedAfter", None)]
    assert run.bookmark["replication_key_value"] == END
    assert run.open_at is None


@pytest.mark.parametrize("missing", ["after", "before", "requests", "number", "page_token"])
def test_an_incomplete_window_in_the_state_is_ignored(missing: str) -> None:
    state = copy.deepcopy(interrupted(8))
    del state["bookmarks"]["orders"]["window"][missing]
    amazon = PagedList()

    Run(amazon, state).read(1)

    assert [token for _, token in amazon.begun] == [None]


def test_each_account_continues_in_its_own_window() -> None:
    accounts: dict[str, Any] = {"accounts": [{"name": "us"}, {"name": "ca"}, {"name": "mx"}]}

    def of_account(run: Run, name: str, amazon: PagedList) -> Run:
        streams = next(
            streams
            for account, streams in run.tap.run.streams_by_account.items()
            if account.name == name
        )
        run.use(next(stream for stream in streams if stream.name == "orders"), amazon)
        return run

    run = Run(PagedList(), **accounts)
    for name, pages in (("us", 8), ("ca", 12), ("mx", 3)):
        of_account(run, name, PagedList()).read(pages)
    opened = {
        part["context"]["_account"]: part["window"]["page_token"]
        for part in run.bookmark["partitions"]
    }
    assert opened == {"us": "6", "ca": "11"}

    begun = {}
    for name in ("us", "ca", "mx"):
        amazon = PagedList()
        of_account(Run(PagedList(), run.state, **accounts), name, amazon).read()
        begun[name] = [token for _, token in amazon.begun]
    assert begun == {"us": ["6"], "ca": ["11"], "mx": [None]}
