"""Making typed values out of what the user gave, as declared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin

from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.fields import Declaration, Entry, declared_in, is_entry

E = TypeVar("E", bound=Entry)
Given = TypeVar("Given")


@dataclass(frozen=True)
class ValuesRead:
    """The values that could be read, and the mistakes in the others.

    Attributes:
        by_field: Typed values by the name of the field.
        mistakes: Sentences by the name of the setting.
    """

    by_field: Mapping[str, Any]
    mistakes: Mapping[str, Sequence[str]]


def read_values(declarations: Iterable[Declaration], given: Mapping[str, Any]) -> ValuesRead:
    """Read values whose types are right; null means that a setting is not given."""
    by_field: dict[str, Any] = {}
    mistakes: dict[str, Sequence[str]] = {}
    for declaration in declarations:
        name = declaration.name
        value = given.get(name)
        if value is None:
            continue
        read = declaration.read or _conversion(declaration.kind)
        try:
            by_field[declaration.field] = read(value)
        except ValueMistakesError as error:
            mistakes[name] = [f"`{name}`{mistake}" for mistake in error.mistakes]
        except ValueError as error:
            mistakes[name] = [
                f"`{name}`: {error}"
                if declaration.example is None
                else f"`{name}` cannot be {value!r}; it is written as {declaration.example}"
            ]
    return ValuesRead(by_field, mistakes)


def read_entry(entry_class: type[E], given: str | Mapping[str, Any]) -> E:
    """Return the dataclass for an object in a setting.

    Raises:
        ValueMistakesError: The object has mistakes.
    """
    properties: dict[str, Any] = (
        {str(entry_class.short_for): given} if isinstance(given, str) else dict(given)
    )
    for alias, name in entry_class.aliases.items():
        if alias in properties:
            if name in properties:
                mistake = f": `{alias}` and `{name}` are the same: give one of them"
                raise ValueMistakesError([mistake])
            properties[name] = properties.pop(alias)
    found = read_values(declared_in(entry_class), properties)
    if found.mistakes:
        raise ValueMistakesError(
            [f": {mistake}" for mistakes in found.mistakes.values() for mistake in mistakes]
        )
    return entry_class(**found.by_field)


def read_each(entries: Iterable[Given], read_one: Callable[[int, Given], E]) -> tuple[E, ...]:
    """Return the entries of a list.

    Args:
        entries: As the user gave them.
        read_one: Takes the position and what is given there; returns the entry, or raises
            ValueMistakesError.

    Raises:
        ValueMistakesError: Some entries have mistakes.
    """
    found = []
    mistakes: list[str] = []
    for position, given in enumerate(entries):
        try:
            found.append(read_one(position, given))
        except ValueMistakesError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ValueMistakesError(mistakes)
    return tuple(found)


def _conversion(kind: Any) -> Callable[[Any], Any]:
    """Return the function that makes a typed value out of a value in JSON."""
    if is_entry(kind):
        return functools.partial(read_entry, kind)
    if get_origin(kind) is tuple:
        read = _conversion(get_args(kind)[0])
        return lambda values: tuple(map(read, values))
    return kind if kind in (int, float) else _unchanged


def _unchanged(value: Any) -> Any:
    return value
