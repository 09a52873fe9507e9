"""Which region an authorization is for: only its endpoint answers, so that asking shows it.

Source: issue 4825 of `amzn/selling-partner-api-models`, where Amazon says that each region has
refresh tokens of its own. To others, it answers as to an application without a role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import AccountError, SellingPartnerError
from tap_amazon_sp.amazon.marketplaces import REGIONS
from tap_amazon_sp.amazon.retry import ONE_POLL, RetryPolicy
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.reading.participations import PARTICIPATIONS


def region_that_answers(
    account: Account, *, clock: Clock, user_agent: str, sandbox: bool
) -> str | None:
    """Return the name of the region whose endpoint accepts an authorization; None if none does.

    Each region is asked once. The account's own comes first.

    Args:
        account: The account, at the endpoint of its region.
        clock: Where time comes from.
        user_agent: Sent with every request, as Amazon demands.
        sandbox: Whether to ask Amazon's sandbox.
    """
    for one in _in_each_region(account, sandbox=sandbox):
        client = SellingPartnerClient(one, clock=clock, user_agent=user_agent)
        client.retry = RetryPolicy(clock, ONE_POLL)
        try:
            client.send(catalogue.operation(PARTICIPATIONS))
        except (AccountError, SellingPartnerError):
            continue
        return one.region
    return None


def _in_each_region(account: Account, *, sandbox: bool) -> Iterator[Account]:
    yield account
    for region in REGIONS.values():
        if region.name != account.region:
            aws = account.aws and replace(account.aws, region=region.aws_region)
            endpoint = region.sandbox_endpoint if sandbox else region.endpoint
            yield replace(account, region=region.name, endpoint=endpoint, aws=aws)
