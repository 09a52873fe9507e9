"""The marketplaces an account sells in, for operations that want them and users who named none.

Facts: Amazon's model `sellers`.
"""

from __future__ import annotations

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient, records_of
from tap_amazon_sp.amazon.errors import AccessDeniedError
from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.settings.schema import SettingsError

_ADVICE = "set `marketplace_ids`"


def participating_marketplaces(client: SellingPartnerClient) -> tuple[str, ...]:
    """Return the ids of the marketplaces of the region that the account participates in.

    Raises:
        SettingsError: Amazon does not tell them to this application, or there are none.
        SellingPartnerError: They could not be had.
    """
    operation = catalogue.operation("sellers.getMarketplaceParticipations")
    try:
        answer = client.send(operation)
    except AccessDeniedError:
        message = f"Amazon does not tell this application the account's marketplaces: {_ADVICE}"
        raise SettingsError([message]) from None
    region = client.account.region
    known = {marketplace.id for marketplace in MARKETPLACES if marketplace.region == region}
    found = (
        (record.get("marketplace") or {}).get("id")
        for record in records_of(operation, answer)
        if (record.get("participation") or {}).get("isParticipating")
    )
    # Others are stores that no operation takes, such as Non-Amazon ones.
    # In the same order in every run, whatever Amazon's.
    marketplace_ids = tuple(sorted(name for name in found if name in known))
    if not marketplace_ids:
        message = f"The account participates in no marketplace that is known here: {_ADVICE}"
        raise SettingsError([message])
    return marketplace_ids
