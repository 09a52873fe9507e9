from __future__ import annotations

from collections import Counter

import pytest

from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.books import CYCLE, Account, Books
from tap_amazon_sp.simulator.money.components import total_of
from tap_amazon_sp.simulator.money.postings import transaction_id
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderHistory
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, parse_iso
from tap_amazon_sp.simulator.world.world import World

START = parse_iso("2026-11-21T12:00:00Z")


def books_of(*, orders: int = 300, region: str = "na", changes_per_minute: float = 0.0) -> Books:
    world = World(7, region, START, days=90, changes_per_minute=changes_per_minute)
    history = OrderHistory(world, first_id=12345, count=orders)
    return Books(OrderBook(world, history), storage)


def storage(market: Marketplace, year: int, month: int) -> int:
    del year
    return 1000 + month + len(market.country)


def balance(account: Account, market: int) -> int:
    return sum(entry.units for entry in account.entries if entry.market == market)


@pytest.mark.parametrize("region", ["na", "eu", "fe"])
@pytest.mark.parametrize("orders", [0, 1, 300])
def test_what_was_posted_is_settled_deferred_or_in_the_open_settlement(
    region: str, orders: int
) -> None:
    books = books_of(orders=orders, region=region)

    account = books.at(START)

    for at, market in enumerate(books.world.marketplaces):
        *closed, latest = account.settlements[market.id]
        assert all(each.is_closed for each in closed)
        assert not latest.is_closed
        deferred = sum(
            entry.units
            for entry in account.entries
            if entry.market == at and entry.released_at > account.until
        )
        # Closed ones have been transferred; of the last one, a part is in reserve.
        assert balance(account, at) == latest.total + deferred
        in_settlements = [entry for each in (*closed, latest) for entry in each.entries]
        assert len(in_settlements) == len(set(in_settlements))
        for each in (*closed, latest):
            assert all(each.start <= entry.released_at < each.end for entry in each.entries)


def test_whole_postings_have_the_amounts_of_their_entries() -> None:
    books = books_of()

    account = books.at(START)

    found = Counter(entry.kind for entry in account.entries)
    assert found.keys() == {
        kinds.SHIPMENT,
        kinds.REFUND,
        kinds.SERVICE_FEE,
        kinds.ADVERTISING,
        kinds.REIMBURSEMENT,
        kinds.RESERVE,
        kinds.TRANSFER,
    }
    for entry in account.entries:
        posting = books.posting(entry)
        assert total_of(posting.all_lines) == entry.units
        assert posting.description
    ids = {transaction_id(7, entry) for entry in account.entries}
    assert len(ids) == len(account.entries)


def test_what_is_closed_never_changes_while_time_passes() -> None:
    books = books_of(orders=200, changes_per_minute=0.05)
    now = START
    books.orders.advance(now)
    first = before = books.at(now)
    closed = 0
    for _ in range(8):
        now += 6 * DAY
        books.orders.advance(now)
        after = books.at(now)
        assert set(before.entries) <= set(after.entries)
        for market, settlements in before.settlements.items():
            for old, new in zip(settlements, after.settlements[market], strict=False):
                assert (old.id, old.group_id, old.start) == (new.id, new.group_id, new.start)
                if old.is_closed:
                    assert new == old
                    closed += 1
        before = after
    # Who asks later what it was then gets the same.
    assert books.at(START) == first
    assert closed > 100
    ends = books.ends(now)
    assert [end - CYCLE for end in ends[1:]] == ends[:-1]


def test_a_reserve_is_kept_once_and_given_back_in_the_next_settlement() -> None:
    account = books_of().at(START)

    for settlements in account.settlements.values():
        kept = 0
        for each in settlements:
            reserves = [entry for entry in each.entries if entry.kind == kinds.RESERVE]
            given = sum(entry.units for entry in reserves if entry.subject[0] == "credit")
            assert given == kept == each.reserve
            kept = -sum(entry.units for entry in reserves if entry.subject[0] == "debit")
            assert kept >= 0
        assert not kept


def test_a_frozen_world_stands_still_until_somebody_changes_an_order() -> None:
    books = books_of()
    first = books.at(START)

    assert books.at(START + 30 * DAY) is first

    books.orders.change(START + DAY, 40)
    assert books.at(START + 30 * DAY).until == START + DAY
