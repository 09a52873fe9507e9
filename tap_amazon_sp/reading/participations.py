"""The marketplaces of an account, for operations that require some and users who set none.

Facts: Amazon's model `sellers`.
"""

from __future__ import annotations

import logging

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import AccessDeniedError
from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.settings.errors import SettingsError

logger = logging.getLogger(__name__)

PARTICIPATIONS = "sellers.getMarketplaceParticipations"
"""What each selling partner may ask for, with any role."""

NAME_THEM = "set `marketplace_ids`"
"""What to do if they are not known."""


def participating_marketplaces(client: SellingPartnerClient) -> tuple[str, ...]:
    """Return the ids of the marketplaces of the region that the account participates in.

    Raises:
        SettingsError: This application may not read them from Amazon, or there are none.
        SellingPartnerError: The request failed.
    """
    operation = catalogue.operation(PARTICIPATIONS)
    try:
        records = [record for page in client.pages(operation, {}) for record in page]
    except AccessDeniedError:
        message = f"Amazon does not tell this application the account's marketplaces: {NAME_THEM}"
        raise SettingsError([message]) from None
    region = client.account.region
    known = {marketplace.id for marketplace in MARKETPLACES if marketplace.region == region}
    found = {
        str(at_path(record, ("marketplace", "id")))
        for record in records
        if at_path(record, ("participation", "isParticipating"))
    }
    # Other stores, such as Non-Amazon ones, are unknown to all operations.
    everywhere = {marketplace.id for marketplace in MARKETPLACES}
    if unknown := sorted(found - everywhere):
        logger.info("Not read, because they are not known here: stores %s", ", ".join(unknown))
    # The order is the same in every run; Amazon's order may change.
    marketplace_ids = tuple(sorted(found & known))
    if not marketplace_ids and found & everywhere:
        regions = sorted({one.region for one in MARKETPLACES if one.id in found})
        message = (
            f"The account's marketplaces are in region {' and '.join(regions)}, but `region` is "
            f"{region}: set `region`"
        )
        raise SettingsError([message])
    if not marketplace_ids:
        message = f"The account participates in no marketplace that is known here: {NAME_THEM}"
        raise SettingsError([message])
    return marketplace_ids
