"""What all operations that show the books need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.finances.amounts import ACCOUNT_TYPE
from tap_amazon_sp.simulator.money.books import Books
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.marketplaces import Marketplace


@dataclass(frozen=True)
class BooksViewer:
    """What all operations that show the books need.

    Attributes:
        books: The books of the seller.
        pager: Cuts lists into pages.
        seller_id: Merchant token of the seller.
        longest_page: Maximum length of a page, even if a client asks for more.
    """

    books: Books
    pager: Pager
    seller_id: str
    longest_page: int | None = None

    def page_size(self, usual: int) -> int:
        """Return the length of pages that usually have some length."""
        return min(usual, self.longest_page or usual)

    def markets(self, wanted: Mapping[str, Any]) -> Sequence[Marketplace]:
        """Return the marketplaces that the parameters of a call name; all if they name none.

        There is none of another type of account.
        """
        if wanted.get("accountType", ACCOUNT_TYPE) != ACCOUNT_TYPE:
            return []
        asked = wanted.get("marketplaceIds")
        markets = self.books.world.marketplaces
        return [market for market in markets if not asked or market.id in asked]

    def partner(self, market: Marketplace) -> dict[str, str]:
        """Return `PartnerMetadata` of balances, summaries and payouts."""
        return {
            "partnerId": self.seller_id,
            "accountType": ACCOUNT_TYPE,
            "marketplaceId": market.id,
        }
