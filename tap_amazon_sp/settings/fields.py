"""How a setting is declared: a field of a dataclass with its texts, its default and its check.

    region: str = setting("Selling region", title="Region", default="na", read=region_name)

The annotation says of what type the value is; its JSON Schema follows from it (`schema.py`). The
properties of an object in a setting are declared the same way, by `entry_field` in an `Entry`.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

_DECLARED = "declared"


class Entry:
    """Base of the dataclasses whose fields are the properties of an object in a setting."""

    aliases: ClassVar[Mapping[str, str]] = {}
    """Other names of properties, each with the property's own."""

    short_for: ClassVar[str | None] = None
    """The property that a text in the place of the object gives; None where there must be one."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One setting, as it is declared.

    Attributes:
        name: As users write it.
        field: Its field in the dataclass.
        kind: The type that its JSON Schema follows from.
        description: For the user.
        title: A short name for people.
        default: What holds where the user gives nothing, as JSON; None where there is nothing.
        example: What a right value looks like, for the sentence that refuses a wrong one.
        is_required: No account, or no entry, can do without it.
        is_secret: It never reaches a log.
        is_of_tap: The tap has it.
        is_of_account: An entry of `accounts` may have it.
        makes_streams: The streams follow from it.
        read: Returns the typed value of one in JSON, or raises ValueError; None where the type
            is enough.
    """

    name: str = ""
    field: str = ""
    kind: Any = None
    description: str = ""
    title: str | None = None
    default: Any = None
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
    default: Any = None,
    absent: Any = None,
    read: Callable[[Any], Any] | None = None,
    required: bool = False,
    secret: bool = False,
    per_account: bool = False,
    only_in_accounts: bool = False,
    makes_streams: bool = False,
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
        makes_streams: The streams follow from it, so that a discovery needs it to be right.
    """
    value = absent
    if default is not None:
        value = read(default) if read is not None else _frozen(default)
    return _field(
        value,
        Declaration(
            description=description,
            title=title,
            default=default,
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
        name: As users write it, where that is not the name of the field.
        absent: The typed value where the user gives nothing.
        kind: The type that the JSON Schema follows from, where that is not the annotation.
        read: As of `setting`.
        example: What a right value looks like, for the sentence that refuses a wrong one.
        required: There is no entry without it.
    """
    declaration = Declaration(
        name=name, kind=kind, read=read, example=example, is_required=required
    )
    return _field(absent, declaration)


def declared_in(settings_class: type) -> tuple[Declaration, ...]:
    """Return the settings that are fields of a dataclass, its own before those it inherits.

    A subclass may give an inherited one a narrower type without declaring it again.
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
    """Return whether a type is that of an object in a setting."""
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
