"""The names of Amazon's hosts, for clients that know no other address.

Sources: Amazon's pages "SP-API Endpoints" and "Selling Partner API Sandbox". Login with Amazon has
a host in each region; the SP-API documents that of North America for all of them, and some clients
use the others.
"""

from __future__ import annotations

from tap_amazon_sp.simulator.server.errors import ApiError, access_denied

LOGIN_HOSTS = ("api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp")
REGIONS = ("na", "eu", "fe")


def api_host(region: str) -> str:
    """Return the host of the SP-API in a region."""
    return f"sellingpartnerapi-{region}.amazon.com"


def sandbox_host(region: str) -> str:
    """Return the host of Amazon's sandbox in a region."""
    return f"sandbox.{api_host(region)}"


AMAZON_HOSTS = (
    *LOGIN_HOSTS,
    *(api_host(region) for region in REGIONS),
    *(sandbox_host(region) for region in REGIONS),
)
"""All of them, also those of other regions, which answer that the account is not theirs."""


def host_of(header: str) -> str:
    """Return the name of a host, in lower case, from a `Host` header."""
    return header.rpartition(":")[0].lower() if _has_port(header) else header.lower()


def wrong_region(host: str, region: str) -> ApiError | None:
    """Return the error of Amazon's hosts of other regions, or None."""
    others = {
        name
        for other in REGIONS
        if other != region
        for name in (api_host(other), sandbox_host(other))
    }
    if host not in others:
        return None
    return access_denied(f"The account is not in the region of {host}; this is {region}.")


def _has_port(header: str) -> bool:
    return header.rpartition(":")[2].isdecimal() and not header.endswith("]")
