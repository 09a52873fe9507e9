"""A summary of an operation, with what it needs as far as catalogue and streams know."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.stream_failures import roles_by_operation


def summary(operation: Operation) -> dict[str, Any]:
    """Return the most important facts about an operation as a record."""
    return {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "rate": operation.rate,
        "burst": operation.burst,
        "reads_only": operation.reads_only,
        "deprecated": operation.deprecated,
        "needs": needs(operation),
    }


def needs(operation: Operation) -> list[str]:
    """Return what an operation needs in addition to an authorization, each in a few words."""
    found = []
    if operation.api.startswith("vendor"):
        found.append("vendor account")
    if operation.grantless is not None:
        found.append(f"grantless token of scope {operation.grantless}")
    if operation.restricted is not None:
        elements = f" for {' '.join(operation.restricted)}" if operation.restricted else ""
        found.append(f"restricted data token{elements}")
    if roles := roles_by_operation().get(operation.id):
        found.append(f"role {' or '.join(roles)}")
    return found
