"""Declaring a setting: a field of a dataclass, with its texts, its default and its check.

    region: str = setting("Selling region", title="Region", default="na", read=region_name)

The JSON Schema of the setting is built from the annotation (`schema.py`). The properties of an
object in a setting are declared in the same way, with `entry_field` in an `Entry`.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

_DECLARED = "declared"


class Entry:
    """Base class for objects in settings: each field of the dataclass is a property."""

    aliases: ClassVar[Mapping[str, str]] = {}
    """Other names of properties, with the name of the property that each stands for."""

    short_for: ClassVar[str | None] = None
    """The user may write a text instead of the object: the value of this property."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One setting, as it is declared.

    Attributes:
        name: The name that users write.
        field: The name of its field in the dataclass.
        kind: The type that its JSON Schema is built from.
        description: Text for users.
        title: Short name for users.
        default: Value in JSON if the user gives none; None if there is no default.
        allowed: The allowed values, of the setting or of each of its items, if the type does not
            name them.
        example: Examples of right values, for the sentence about a wrong one.
        is_required: Every account, or every entry, must have it.
        is_secret: It must not reach a log.
        is_of_tap: It is a setting of the tap.
        is_of_account: It may be in an entry of `accounts`.
        makes_streams: It defines streams, so a discovery needs it to be right.
        read: Returns the typed value for a value in JSON, or raises ValueError. None: the type
            says enough.
    """

    name: str = ""
    field: str = ""
    kind: Any = None
    description: str = ""
    title: str | None = None
    default: Any = None
    allowed: tuple[str, ...] = ()
    example: str | None = None
    is_required: bool = False
    is_secret: bool = False
    is_of_tap: bool = True
    is_of_account: bool = False
    makes_streams: bool = False
    read: Callable[[Any], Any] | None = None


def setting(  # noqa: PLR0913 - all that is known of a setting
    description: str,
    *,
    title: str | None = None,
    kind: Any = None,
    default: Any = None,
    absent: Any = None,
    allowed: tuple[str, ...] = (),
    read: Callable[[Any], Any] | None = None,
    required: bool = False,
    secret: bool = False,
    per_account: bool = False,
    only_in_accounts: bool = False,
    makes_streams: bool = False,
) -> Any:
    """Declare a setting as a field of a dataclass.

    Args:
        description: Text for users.
        title: Short name for users.
        kind: The type that the JSON Schema is built from, if it is not the annotation.
        default: Value in JSON if the user gives none.
        absent: Typed value if the user gives none and there is no default.
        allowed: The allowed values, of the setting or of each of its items, if the type is not a
            Literal.
        read: Returns the typed value for a value in JSON, if the annotation does not say enough.
            Raises ValueError if the value is wrong, ValueMistakesError for several mistakes.
        required: Every account must have it.
        secret: It must not reach a log.
        per_account: It may also be in an entry of `accounts`.
        only_in_accounts: It may only be in an entry of `accounts`.
        makes_streams: It defines streams, so a discovery needs it to be right.
    """
    value = absent
    if default is not None:
        value = read(default) if read is not None else _frozen(default)
    return _field(
        value,
        Declaration(
            description=description,
            title=title,
            kind=kind,
            default=default,
            allowed=allowed,
            is_required=required,
            is_secret=secret,
            is_of_tap=not only_in_accounts,
            is_of_account=per_account or only_in_accounts,
            makes_streams=makes_streams,
            read=read,
        ),
    )


def entry_field(  # noqa: PLR0913 - all that is known of a property
    *,
    name: str = "",
    absent: Any = None,
    kind: Any = None,
    read: Callable[[Any], Any] | None = None,
    example: str | None = None,
    required: bool = False,
) -> Any:
    """Declare a property of an object in a setting as a field of an `Entry`.

    Args:
        name: The name that users write, if it is not the name of the field.
        absent: Typed value if the user gives none.
        kind: The type that the JSON Schema is built from, if it is not the annotation.
        read: Same as for `setting`.
        example: Examples of right values, for the sentence about a wrong one.
        required: Every entry must have it.
    """
    declaration = Declaration(
        name=name, kind=kind, read=read, example=example, is_required=required
    )
    return _field(absent, declaration)


def declared_in(settings_class: type) -> tuple[Declaration, ...]:
    """Return the settings that are fields of a dataclass, its own before inherited ones.

    A subclass may narrow the type of an inherited field without declaring it again.
    """
    annotations = get_type_hints(settings_class)
    declared: dict[str, Declaration] = {}
    for ancestor in settings_class.__mro__:
        if not dataclasses.is_dataclass(ancestor):
            continue
        fields = {field.name: field for field in dataclasses.fields(ancestor)}
        for name in vars(ancestor)["__annotations__"]:
            if name in fields and _DECLARED in fields[name].metadata:
                declared.setdefault(name, fields[name].metadata[_DECLARED])
    return tuple(
        dataclasses.replace(
            declaration,
            name=declaration.name or field_name,
            field=field_name,
            kind=declaration.kind or _without_none(annotations[field_name]),
        )
        for field_name, declaration in declared.items()
    )


def is_entry(kind: Any) -> bool:
    """Return whether a type is a subclass of `Entry`."""
    return isinstance(kind, type) and issubclass(kind, Entry)


def _field(absent: Any, declaration: Declaration) -> Any:
    return dataclasses.field(
        default_factory=lambda: absent,
        repr=not declaration.is_secret,
        metadata={_DECLARED: declaration},
    )


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    (only,) = (one for one in get_args(kind) if one is not types.NoneType)
    return only


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
