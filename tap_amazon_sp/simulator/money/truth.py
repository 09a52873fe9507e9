"""The books of a seller, line by line, to check what a client made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tap_amazon_sp.simulator.money.books import Account, Books
from tap_amazon_sp.simulator.money.components import Line
from tap_amazon_sp.simulator.money.postings import Entry, PostedItem, Posting
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import iso


def truth_of_books(books: Books, now: float) -> list[dict[str, Any]]:
    """Return every line of the books at a moment, oldest posting first.

    Transfers are among them; without them, the amounts of a settlement add up to what it pays.

    Returns:
        Records with `postedDate`, `releasedDate`, `isReleased`, `settlementId` (None if the money
        is still held back), `marketplaceId`, `currency`, `transactionType`, `orderId`,
        `orderItemId`, `sku`, `quantity`, `component` (of Finances v0), `amountType`,
        `amountDescription` (of settlement reports) and `amount` (text). What does not apply is
        None.
    """
    account = books.at(now)
    return [line for entry in account.entries for line in _lines(books, account, entry)]


def _lines(books: Books, account: Account, entry: Entry) -> Iterator[dict[str, Any]]:
    posting = books.posting(entry)
    market = posting.market
    settlement = account.settlement_of(entry, market)
    common = {
        "postedDate": iso(entry.posted_at),
        "releasedDate": iso(entry.released_at),
        "isReleased": account.has_released(entry),
        "settlementId": None if settlement is None else settlement.id,
        "marketplaceId": market.id,
        "currency": market.currency,
        "transactionType": entry.kind,
        "orderId": posting.order_id,
    }
    for item in posting.items:
        for line in item.lines:
            yield common | _of_item(item) | _amount(line, posting)
    for line in posting.lines:
        yield common | _of_loss(posting) | _amount(line, posting)


def _of_item(item: PostedItem) -> dict[str, Any]:
    return {
        "orderItemId": item.item.id,
        "sku": item.item.product.sku,
        "quantity": item.quantity,
    }


def _of_loss(posting: Posting) -> dict[str, Any]:
    loss = posting.loss
    return {
        "orderItemId": None,
        "sku": None if loss is None else loss.product.sku,
        "quantity": None if loss is None else loss.quantity,
    }


def _amount(line: Line, posting: Posting) -> dict[str, Any]:
    return {
        "component": line.component.v0,
        "amountType": line.component.amount_type,
        "amountDescription": line.component.description,
        "amount": amount(line.units, posting.market.currency),
    }
