"""What an operation needs of application and account, as far as the catalogue and streams know."""

from __future__ import annotations

import functools

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.streams import all_built_in_streams


def needs(operation: Operation) -> list[str]:
    """Return what an operation needs beside an authorization: a few words each."""
    found = []
    if operation.api.startswith("vendor"):
        found.append("vendor account")
    if operation.grantless is not None:
        found.append(f"grantless token of scope {operation.grantless}")
    if operation.restricted is not None:
        elements = f" for {' '.join(operation.restricted)}" if operation.restricted else ""
        found.append(f"restricted data token{elements}")
    if roles := _roles().get(operation.id):
        found.append(f"role {' or '.join(roles)}")
    return found


@functools.cache
def _roles() -> dict[str, tuple[str, ...]]:
    """Return the roles of which one is needed, by operation: those of built-in streams."""
    return {stream.operation_id: stream.roles for stream in all_built_in_streams() if stream.roles}
