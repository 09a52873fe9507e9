"""What the feeds, reports and queries of a seller share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.world import World


@dataclass(frozen=True)
class JobContext:
    """What the feeds, reports and queries of a seller share.

    Attributes:
        world: The world of the seller.
        accounts: The accounts that see the data of the seller; the first is the seller's own.
        pager: Cuts lists into pages.
        documents: Stores documents.
    """

    world: World
    accounts: Sequence[Account]
    pager: Pager
    documents: Documents
