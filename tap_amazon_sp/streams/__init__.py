"""All streams, one module per domain.

The streams of a domain are the classes in its module that have a `name`, in the module's order.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.definitions import ORDERS_APIS

FIRST_DOMAIN = "orders"
"""The domain that most users need comes first; the others follow in alphabetical order."""


@cache
def all_built_in_streams() -> tuple[type[AmazonStream], ...]:
    """Return the classes of all built-in streams, for every version of the Orders API."""
    names = sorted(
        (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg),
        key=lambda name: (name != FIRST_DOMAIN, name),
    )
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(stream for module in modules for stream in streams_in(module))


def built_in_streams(orders_api: str = ORDERS_APIS[0]) -> tuple[type[AmazonStream], ...]:
    """Return the classes of the built-in streams for one version of the Orders API."""
    return tuple(
        stream for stream in all_built_in_streams() if stream.orders_api in (None, orders_api)
    )


def streams_in(module: ModuleType) -> Iterator[type[AmazonStream]]:
    """Yield the streams that a module declares."""
    for found in vars(module).values():
        if (
            isinstance(found, type)
            and issubclass(found, AmazonStream)
            and found.__module__ == module.__name__
            and found.name
            and not found.__name__.startswith("_")
        ):
            yield found
