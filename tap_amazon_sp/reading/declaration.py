"""Checks of what a class of streams declares."""

from __future__ import annotations

import difflib
import functools
import inspect


def check_attributes(declared: type) -> None:
    """Check that a class has no attributes but those of its bases.

    It may declare a further attribute by an annotation without a value.

    Raises:
        TypeError: An attribute does not exist; the error names the closest one that does.
    """
    known = frozenset[str]().union(*map(_attributes_of, declared.__mro__[1:]))
    for name in vars(declared):
        if name not in known and not name.startswith("_"):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]!r}?" if close else ""
            message = f"{declared.__name__}: {name!r} is not an attribute of streams{hint}"
            raise TypeError(message)


@functools.cache
def _attributes_of(base: type) -> frozenset[str]:
    """Return the names of the attributes that a class declares itself."""
    return frozenset(vars(base)).union(inspect.get_annotations(base))
