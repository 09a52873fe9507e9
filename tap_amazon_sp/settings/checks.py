"""Reading settings: from what the user gave to typed values, and a sentence per mistake."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from tap_amazon_sp.amazon.marketplaces import marketplace_in
from tap_amazon_sp.settings.definitions import DECLARATIONS, Settings
from tap_amazon_sp.settings.errors import SettingsError, ValueMistakesError
from tap_amazon_sp.settings.fields import Declaration
from tap_amazon_sp.settings.schema import SETTINGS


@dataclass(frozen=True)
class SettingsRead:
    """The settings as far as they can be read, and what is wrong with them.

    Attributes:
        settings: What is wrong counts as not given.
        mistakes: A sentence each; none shows a secret.
    """

    settings: Settings
    mistakes: tuple[str, ...]


def settings_from(given: Mapping[str, Any]) -> Settings:
    """Return the settings that the user gave.

    Raises:
        SettingsError: Something is wrong with them.
    """
    found = read_settings(given)
    if found.mistakes:
        raise SettingsError(list(found.mistakes))
    return found.settings


def read_settings(
    given: Mapping[str, Any], schema: Mapping[str, Any] | None = None
) -> SettingsRead:
    """Read settings and check them.

    Args:
        given: As the user gave them.
        schema: JSON Schema of all settings, with those of the SDK; ours where not given.
    """
    schema = SETTINGS.to_dict() if schema is None else schema
    given = {name: value for name, value in given.items() if value is not None}
    errors = sorted(Draft7Validator(schema).iter_errors(given), key=str)
    of_types = [*_unknown_settings(given, schema), *(_sentence(error, schema) for error in errors)]
    of_right_type = {**given}
    for error in errors:
        if error.path:
            of_right_type.pop(str(error.path[0]), None)
    entries = of_right_type.pop("accounts", ())
    settings, mistakes = _read(of_right_type, _OF_TAP, Settings())
    accounts, mistakes_in_accounts = _read_accounts(entries, settings)
    settings = dataclasses.replace(settings, accounts=accounts)
    if errors:
        return SettingsRead(settings, tuple(of_types))
    if accounts:
        return SettingsRead(settings, (*of_types, *(mistakes or mistakes_in_accounts)))
    return SettingsRead(settings, (*_missing(settings), *of_types, *mistakes))


_OF_TAP = tuple(one for one in DECLARATIONS if one.is_of_tap and one.name != "accounts")
_OF_ACCOUNT = tuple(one for one in DECLARATIONS if one.is_of_account)


def _read(
    given: Mapping[str, Any], declarations: Iterable[Declaration], others: Settings
) -> tuple[Settings, list[str]]:
    """Return settings with those that are given in the place of others, and the mistakes.

    What is wrong counts as not given.
    """
    typed: dict[str, Any] = {}
    mistakes = []
    wrong = set()
    for declaration in declarations:
        name = declaration.name
        value = given.get(name)
        if value is None:
            continue
        if declaration.is_required and value != value.strip():
            is_empty = not value.strip()
            mistakes.append(
                f"`{name}` is empty" if is_empty else f"`{name}` begins or ends with white space"
            )
        try:
            typed[name] = declaration.read(value)
        except ValueError as error:
            wrong.add(name)
            mistakes += _sentences(name, error)
    own = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(others, **typed, given={**others.given, **own})
    return settings, [*mistakes, *_mistakes_in_combinations(settings, wrong)]


def _sentences(name: str, error: ValueError) -> list[str]:
    if isinstance(error, ValueMistakesError):
        return [f"`{name}`{mistake}" for mistake in error.mistakes]
    return [f"`{name}`: {error}"]


def _read_accounts(
    entries: Iterable[Mapping[str, Any]], of_all: Settings
) -> tuple[tuple[Settings, ...], list[str]]:
    """Return the settings of each account, and the mistakes in them."""
    accounts: list[Settings] = []
    mistakes = []
    names: set[str | None] = set()
    for number, entry in enumerate(entries):
        settings, found = _read(entry, _OF_ACCOUNT, of_all)
        name = settings.name
        label = f"`accounts`[{number}]" + (f" '{name}'" if name else "")
        if not name or not name.strip():
            mistakes.append(f"{label} needs a `name`")
        elif name in names:
            mistakes.append(f"{label}: another account has this name")
        names.add(name)
        mistakes += [f"{label}: {mistake}" for mistake in (*_missing(settings), *found)]
        accounts.append(settings)
    return tuple(accounts), mistakes


def _missing(settings: Settings) -> Iterator[str]:
    for declaration in DECLARATIONS:
        if declaration.is_required and declaration.name not in settings.given:
            yield f"`{declaration.name}` is required"


def _mistakes_in_combinations(settings: Settings, wrong: set[str]) -> Iterator[str]:
    """Yield what is wrong with several settings together; those in `wrong` are named already."""
    if not wrong & {"region", "marketplace_ids"}:
        for name in settings.given.get("marketplace_ids", ()):
            try:
                marketplace_in(settings.region, name)
            except ValueError as error:
                yield f"`marketplace_ids`: {error}"
    start, end = settings.start_date, settings.end_date
    if start and end and start >= end and not wrong & {"start_date", "end_date"}:
        yield "`end_date` must be later than `start_date`"
    if bool(settings.aws_access_key_id) != bool(settings.aws_secret_access_key):
        yield "`aws_access_key_id` and `aws_secret_access_key` go together: give both or none"
    if settings.aws_session_token and not settings.aws_access_key_id:
        yield "`aws_session_token` goes with `aws_access_key_id` and `aws_secret_access_key`"
    if settings.sandbox and settings.endpoint:
        yield "`sandbox` and `endpoint` exclude each other: remove one"


def mistakes_in_types(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return which settings are not of their type, one sentence per mistake."""
    found = sorted(Draft7Validator(schema).iter_errors(settings), key=str)
    return [_sentence(error, schema) for error in found]


def _unknown_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name in schema["properties"]:
            continue
        close = difflib.get_close_matches(name, schema["properties"], n=1)
        hint = f": did you mean `{close[0]}`?" if close else ""
        yield f"`{name}` is not a setting of this tap{hint}"


def _sentence(error: ValidationError, schema: Mapping[str, Any]) -> str:
    name = str(error.path[0]) if error.path else "settings"
    place = f"`{name}`" + "".join(f"[{part!r}]" for part in list(error.path)[1:])
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"{place} needs a `{missing}`" if error.path else f"`{missing}` is required"
    if error.validator == "additionalProperties":
        known = cast("Mapping[str, Any]", error.schema)["properties"]
        unknown = sorted({*cast("Mapping[str, Any]", error.instance)} - {*known})
        return f"{place} takes no `{'`, `'.join(unknown)}`"
    # jsonschema's own messages hold the value, which may be a secret.
    if error.validator == "enum":
        allowed = ", ".join(str(value) for value in cast("list[Any]", error.validator_value))
        return f"{place} must be one of {allowed}"
    if error.validator == "type":
        types = cast("str | list[str]", error.validator_value)
        names = " or ".join(
            name for name in (types if isinstance(types, list) else [types]) if name != "null"
        )
        return f"{place} must be of type {names}"
    if schema["properties"].get(name, {}).get("secret"):
        return f"{place} is not valid"
    return f"{place}: {error.message}"
