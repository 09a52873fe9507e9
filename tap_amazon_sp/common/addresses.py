"""Hosts of addresses."""

from __future__ import annotations

import ipaddress


def is_this_machine(host: str) -> bool:
    """Return whether a host is the loopback interface; a name such as `localhost.example` is not.

    RFC 6761 reserves `localhost` for it.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
