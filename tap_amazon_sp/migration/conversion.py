"""Making a state of this tap out of the states of another connector.

A bookmark is converted if it surely says up to when everything was read. All others are left out
with the reason: then the stream is read from `start_date` on, which takes longer and loses nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from tap_amazon_sp.amazon.marketplaces import marketplace_label
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.common.timestamps import EPOCH, format_timestamp
from tap_amazon_sp.migration.rules import OldBookmark, Rule
from tap_amazon_sp.reading.documents import DocumentStream
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.reports import ReportSettings
from tap_amazon_sp.settings.state_input import BOOKMARKS, CONTEXT, PARTITIONS

_FROM_START = ". It is read from `start_date` on"
_UNFINISHED = (
    "its records change after their time, and the old state does not say which were not finished"
)

State = dict[str, Any]


@dataclass(frozen=True)
class OldState:
    """The bookmarks in one file.

    Attributes:
        source: The file.
        bookmarks: The bookmarks.
        connection: The id of the connection that they are of; None if the file does not say.
    """

    source: str
    bookmarks: Sequence[OldBookmark]
    connection: str | None = None

    def of(self, names: Sequence[str]) -> list[OldBookmark]:
        """Return the bookmarks of old streams."""
        return [one for one in self.bookmarks if one.stream in names]

    def is_of_connection_of(self, other: OldState) -> bool:
        """Return whether both are of one connection, or may be, as they say the same."""
        if None not in (self.connection, other.connection):
            return self.connection == other.connection
        return {*self.bookmarks} == {*other.bookmarks}


@dataclass(frozen=True)
class Converted:
    """The bookmark of one stream: everything up to it was surely read, with the overlap to spare.

    Attributes:
        stream: The stream.
        value: The bookmark.
        old: The earliest time in the old states, as it is written there.
        covers: The streams that were read with it.
    """

    stream: AmazonStream
    value: dt.datetime
    old: str
    covers: frozenset[str]

    @property
    def bookmark(self) -> State:
        """The bookmark as the tap writes it."""
        found: State = {}
        if self.covers != {self.stream.name}:
            found["streams"] = sorted(self.covers)
        found["replication_key"] = self.stream.replication_key
        found["replication_key_value"] = format_timestamp(self.value)
        return found


@dataclass
class Conversion:
    """What became of old bookmarks.

    Attributes:
        converted: The new bookmarks.
        left_out: Why others have no new one, a sentence for each.
        needless: Old streams that are read whole in each run here: they need no bookmark.
        unknown: Old streams whose bookmarks are not known here.
    """

    converted: list[Converted] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def added_to(self, state: Mapping[str, Any], context: Mapping[str, Any] | None) -> State:
        """Return a state with the new bookmarks.

        Args:
            state: The bookmarks so far; those of the same streams are replaced.
            context: The account that they are of; None if there is only one.
        """
        bookmarks = dict(state.get(BOOKMARKS, {}))
        for one in self.converted:
            name = one.stream.name
            if context is None:
                bookmarks[name] = one.bookmark
                continue
            parts = [
                part
                for part in bookmarks.get(name, {}).get(PARTITIONS, ())
                if part[CONTEXT] != context
            ]
            bookmarks[name] = {PARTITIONS: [*parts, {CONTEXT: dict(context), **one.bookmark}]}
        return {BOOKMARKS: bookmarks}


def convert(
    states: Sequence[OldState],
    rules: Mapping[str, Rule],
    streams: Sequence[AmazonStream],
    *,
    now: dt.datetime,
    overlap: dt.timedelta,
) -> Conversion:
    """Convert the bookmarks of old states.

    Args:
        states: The old states, such as one for each marketplace. Of a stream, the earliest counts.
        rules: What the bookmarks say, by name of the old stream.
        streams: The streams of this tap.
        now: The present.
        overlap: How much of the time before an old bookmark to read again.
    """
    done = Conversion()
    wanted: dict[AmazonStream, list[str]] = {}
    for name in dict.fromkeys(one.stream for state in states for one in state.bookmarks):
        rule = rules.get(name)
        if rule is None:
            done.unknown.append(name)
            continue
        targets = [stream for stream in streams if _is_target(rule, stream)]
        if not targets:
            done.left_out.append(f"{name}: {_why_no_target(rule)}")
        elif rule.reason is not None:
            done.left_out.append(f"{_named(name, targets)}: {rule.reason}{_FROM_START}")
        elif all(_is_read_whole(stream) for stream in targets):
            done.needless.append(name)
        else:
            for stream in targets:
                wanted.setdefault(stream, []).append(name)
    converting = _Converting(states, rules, now, overlap)
    for stream, names in wanted.items():
        try:
            done.converted.append(converting.bookmark_of(stream, names))
        except _CannotConvertError as reason:
            label = _named(", ".join(names), [stream])
            done.left_out.append(f"{label}: {reason}{_FROM_START}")
    return done


def check_different(states: Sequence[OldState]) -> None:
    """Check that each state is of a connection of its own: each counts for a marketplace.

    Raises:
        SettingsError: Two are of one connection, or nobody can tell.
    """
    for one, other in combinations(states, 2):
        if one.is_of_connection_of(other):
            message = (
                f"{one.source} and {other.source} are states of one connection, or equal: give the "
                "state of each connection once. If they are of two, give the answers of Airbyte's "
                "/v1/state/get, which have a `connectionId`"
            )
            raise SettingsError([message])


class _CannotConvertError(Exception):
    """A bookmark does not surely say up to when everything was read."""


@dataclass(frozen=True)
class _Converting:
    """The old states, what they say, and how to convert them; see `convert`."""

    states: Sequence[OldState]
    rules: Mapping[str, Rule]
    now: dt.datetime
    overlap: dt.timedelta

    def bookmark_of(self, stream: AmazonStream, names: Sequence[str]) -> Converted:
        """Return the bookmark of a stream.

        Args:
            stream: The stream.
            names: The old streams that say up to when it was read.

        Raises:
            _CannotConvertError: No bookmark is surely right.
        """
        if getattr(stream.read, "unfinished", None):
            raise _CannotConvertError(_UNFINISHED)
        marketplace_ids = _marketplace_ids(stream)
        covers = {member.name for member in stream.family}
        moments = []
        for state in self.states:
            bookmarks = _of_marketplaces(state.of(names), marketplace_ids)
            moments += [self._read_to(one) for one in bookmarks if one.says_something]
            here = {
                name
                for one in bookmarks
                for name in self.rules[one.stream].covers or (stream.name,)
            }
            if stream.name not in here:
                message = f"{state.source} has no bookmark of it"
                raise _CannotConvertError(message)
            covers &= here
        rules = [self.rules[name] for name in names]
        if any(rule.of_one_marketplace for rule in rules if not rule.covers):
            _check_one_for_each(marketplace_ids, len(self.states))
        moment, text = min(moments)
        value = max(moment - self.overlap, EPOCH)
        return Converted(stream, value, text, frozenset(covers))

    def _read_to(self, bookmark: OldBookmark) -> tuple[dt.datetime, str]:
        """Return the time up to which everything was surely read, and how it is written."""
        if bookmark.text is None:
            raise _CannotConvertError(bookmark.doubt)
        shown = f"{bookmark.text!r:.60}"
        try:
            moment = self.rules[bookmark.stream].read_to(bookmark.text)
        except (OverflowError, TypeError, ValueError):
            message = f"its bookmark {shown} is not a time"
            raise _CannotConvertError(message) from None
        if moment > self.now:
            message = (
                f"its bookmark {shown} is in the future (now is "
                f"{format_timestamp(self.now.replace(microsecond=0))}), so nobody knows what was "
                "read"
            )
            raise _CannotConvertError(message)
        return moment - bookmark.earlier, bookmark.text


def _of_marketplaces(
    bookmarks: Sequence[OldBookmark], marketplace_ids: Sequence[str]
) -> list[OldBookmark]:
    """Return the bookmarks that count if these marketplaces are read; without them, all count.

    Raises:
        _CannotConvertError: A marketplace is read that has no bookmark.
    """
    named = {one.marketplace_id for one in bookmarks} - {None}
    if not named or not marketplace_ids:
        return list(bookmarks)
    if missing := [one for one in marketplace_ids if one not in named]:
        message = (
            f"it has no bookmark of {', '.join(map(marketplace_label, missing))}, which "
            "`marketplace_ids` names"
        )
        raise _CannotConvertError(message)
    return [one for one in bookmarks if one.marketplace_id in (None, *marketplace_ids)]


def _check_one_for_each(marketplace_ids: Sequence[str], count: int) -> None:
    """Check that there is an old state for each marketplace, as each has the data of one only."""
    if not marketplace_ids:
        message = (
            "an old state has the data of one marketplace, and the settings do not say which are "
            "read: set `marketplace_ids`"
        )
        raise _CannotConvertError(message)
    if len(marketplace_ids) > count:
        message = (
            f"{len(marketplace_ids)} marketplaces are read ({', '.join(marketplace_ids)}), and an "
            "old state has the data of one: give the old states of all of them"
        )
        raise _CannotConvertError(message)


def _marketplace_ids(stream: AmazonStream) -> Sequence[str]:
    declared = _report(stream)
    own = () if declared is None else declared.marketplace_ids
    return own or stream.account.marketplace_ids


def _report(stream: AmazonStream) -> ReportSettings | None:
    """Return the entry of `reports` that declares a stream; None for other streams."""
    if not isinstance(stream, DocumentStream):
        return None
    declared = stream.read.source.declared
    return declared if isinstance(declared, ReportSettings) else None


def _is_target(rule: Rule, stream: AmazonStream) -> bool:
    declared = _report(stream)
    if declared is None:
        return rule.stream == stream.name and stream.declared_in is None
    options = {**declared.type.default_options, **declared.options}
    return (
        rule.report_type == declared.type.name
        and rule.record_path in (None, declared.record_path)
        and all(options.get(name) == value for name, value in rule.options.items())
    )


def _why_no_target(rule: Rule) -> str:
    if rule.report_type is None:
        return f"the stream is `{rule.stream}` here, which these settings do not have"
    options = {
        name: value
        for name, value in rule.options.items()
        if report_type(rule.report_type).default_options.get(name) != value
    }
    asked = f' with "options": {json.dumps(options)}' if options else ""
    return f"`reports` has no {rule.report_type}{asked}: add it, and convert again"


def _is_read_whole(stream: AmazonStream) -> bool:
    """Return whether each run reads all there is, or how things are now."""
    declared = _report(stream)
    if declared is not None and declared.is_requested:
        return not declared.has_times
    return stream.replication_method != "INCREMENTAL"


def _named(old: str, streams: Sequence[AmazonStream]) -> str:
    """Return the name of an old stream, with that of the stream here if it is another."""
    names = ", ".join(stream.label for stream in streams)
    return old if names in ("", old) else f"{old} ({names})"


def lines(done: Conversion, overlap: str) -> Iterator[str]:
    """Yield a line for people about each old bookmark."""
    for one in done.converted:
        value = format_timestamp(one.value)
        yield f"{one.stream.label}: read from {value} on ({one.old}, less an overlap of {overlap})"
    for name in done.needless:
        yield f"{name}: needs no bookmark here, as each run reads how things are then"
    for sentence in done.left_out:
        yield f"Not converted: {sentence}"
    for name in done.unknown:
        yield f"Not converted: {name:.100}: no stream of that name with a bookmark is known here"
