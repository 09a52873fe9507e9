"""How a setting is declared: a field of a dataclass with its texts, its default and its check.

    region: str = setting("Selling region", title="Region", default="na", read=region_name)

The annotation says of what type the value is; its JSON Schema follows from it (`schema.py`).
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

_DECLARED = "declared"
_CONVERSIONS: Mapping[Any, Callable[[Any], Any]] = {int: int, float: float, tuple: tuple}


@dataclass(frozen=True)
class Declaration:
    """One setting, as it is declared: the arguments of `setting`, with its name and type."""

    name: str
    kind: Any
    """The annotation, without None."""
    description: str
    title: str | None
    default: Any
    is_required: bool
    is_secret: bool
    is_of_tap: bool
    is_of_account: bool
    read: Callable[[Any], Any]


def setting(  # noqa: PLR0913 - all that is known of a setting
    description: str,
    *,
    title: str | None = None,
    default: Any = None,
    absent: Any = None,
    read: Callable[[Any], Any] | None = None,
    required: bool = False,
    secret: bool = False,
    per_account: bool = False,
    only_in_accounts: bool = False,
) -> Any:
    """Declare a setting as a field of a dataclass.

    Args:
        description: For the user.
        title: A short name for people.
        default: What holds where the user gives nothing, as JSON.
        absent: The typed value where the user gives nothing and there is no default.
        read: Returns the typed value of one in JSON, where the annotation is not enough. Raises
            ValueError for one that is wrong, ValueMistakesError for several mistakes.
        required: No account can do without it.
        secret: It never reaches a log.
        per_account: An entry of `accounts` may have it, too.
        only_in_accounts: Only an entry of `accounts` may have it.
    """
    value = absent
    if default is not None:
        value = read(default) if read is not None else _frozen(default)
    declared = {
        "description": description,
        "title": title,
        "default": default,
        "is_required": required,
        "is_secret": secret,
        "is_of_tap": not only_in_accounts,
        "is_of_account": per_account or only_in_accounts,
        "read": read,
    }
    return dataclasses.field(
        default_factory=lambda: value, repr=not secret, metadata={_DECLARED: declared}
    )


def declared_in(settings_class: type) -> tuple[Declaration, ...]:
    """Return the settings that are fields of a dataclass, in their order."""
    annotations = get_type_hints(settings_class)
    return tuple(
        _declaration(field.name, _without_none(annotations[field.name]), field.metadata[_DECLARED])
        for field in dataclasses.fields(settings_class)
        if _DECLARED in field.metadata
    )


def _declaration(name: str, kind: Any, declared: Mapping[str, Any]) -> Declaration:
    conversion = _CONVERSIONS.get(get_origin(kind) or kind, _unchanged)
    return Declaration(name, kind, **{**declared, "read": declared["read"] or conversion})


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    (only,) = (one for one in get_args(kind) if one is not types.NoneType)
    return only


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unchanged(value: Any) -> Any:
    return value
