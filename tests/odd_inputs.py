"""Settings, catalogs and states as people get them wrong by hand, made from right ones by a seed.

    .venv/bin/python -m tests.odd_inputs --settings 2500 --catalogs 1000 --states 500

runs the installed tap with each against a simulator, and prints how many ended how. A run must end
with 0, or with a sentence and 1 or 2; it must print no traceback and no secret.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap_amazon_sp.simulator import Simulator
from tests.processes import TAP, Command, end_warm_parents
from tests.small_world import small_world
from tests.tap_runs import catalog_of, run_tap

SECONDS = 60.0
"""How long a run may take: none has much to read."""

RELEASED = Path(__file__).with_name("released") / "settings.json"
_WRITTEN_ON = dt.date(2026, 11, 27)
"""The day that the file takes for today."""
_A_DATE = re.compile(
    r'(?P<name>"(?:start_date|end_date|dataStartTime|dataEndTime)": ")(?P<day>[\d-]{10})'
)

NESTED = "@NESTED@"
"""Stands for lists in lists, deeper than programs read."""

_DEEP = "[" * 100_000 + "]" * 100_000
_RAW = {
    NESTED: _DEEP,
    "@LONG@": "1" * 5000,
    "@HUGE@": "1e400",
    "@TINY@": "1e-400",
    "@SURROGATE@": '"cut \\ud83d"',
}
"""JSON that Python's module does not write, by the text that stands for it."""

VALUES: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "minus one": -1,
    "a fraction": 1.5,
    "a third party's number": 7,
    "10^30": 10**30,
    "-10^30": -(10**30),
    "1e300": 1e300,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "5,000 digits": "@LONG@",
    "1e400": "@HUGE@",
    "1e-400": "@TINY@",
    "nested lists": NESTED,
    "half a surrogate": "@SURROGATE@",
    "an empty text": "",
    "white space": " \t",
    "a text": "text",
    "a number as text": "5",
    "true as text": "true",
    "a NUL character": "a\0b",
    "control characters": "a\r\nb\x1b[31m",
    "a long text": "x" * 70_000,
    "not ASCII": "Größe 寸法 😀",
    "a path out": "../../out",
    "a format": "{} {0} %s %(x)s {start}",
    "the first year": "0001-01-01",
    "before the first year": "0001-01-01T00:00:00+14:00",
    "the last year": "9999-12-31T23:59:59Z",
    "after the last year": "9999-12-31T23:59:59-12:00",
    "no such day": "2026-02-30",
    "a local date": "31/12/2026",
    "seconds since 1970": 1790000000,
    "a long duration": "P99999999999D",
    "ten years": "P3650D",
    "no time": "PT0S",
    "a negative duration": "-P1D",
    "a month": "P1M",
    "an empty list": [],
    "a list of null": [None],
    "a list of lists": [[]],
    "a list of numbers": [1, 2.5],
    "an empty object": {},
    "an object": {"a": {"b": [1]}},
    "an object with an empty name": {"": ""},
    "a list of objects": [{}, {"name": "a"}],
}
"""What replaces a right value, by the name of its kind."""

_MISSING = object()

CHANGES: Mapping[str, Callable[[Any], Any]] = {
    "removed": lambda _: _MISSING,
    "in a list": lambda value: [value],
    "in an object": lambda value: {"value": value},
    "as text": lambda value: value if isinstance(value, str) else json.dumps(value),
    "first character only": lambda value: value[:1] if isinstance(value, str) else value,
    "in upper case": lambda value: value.upper() if isinstance(value, str) else value,
    "with a space": lambda value: f"{value} " if isinstance(value, str) else value,
    "twice": lambda value: value * 2 if isinstance(value, (list, str)) else value,
    "as the keys of an object": lambda value: (
        {str(one): {} for one in value} if isinstance(value, list) else value
    ),
    "the values of an object": lambda value: (
        list(value.values()) if isinstance(value, dict) else value
    ),
    "with an unknown name": lambda value: (
        {**value, "unknown": 1} if isinstance(value, dict) else value
    ),
}
"""What becomes of a right value, by the name of the kind."""

FILES: Mapping[str, Callable[[str], bytes]] = {
    "an empty file": lambda _: b"",
    "white space alone": lambda _: b" \n\n",
    "null": lambda _: b"null",
    "a number": lambda _: b"5",
    "NaN": lambda _: b"NaN",
    "a list": lambda text: f"[{text}]".encode(),
    "a text in quotes": lambda text: json.dumps(text).encode(),
    "cut in the middle": lambda text: text[: len(text) // 2].encode(),
    "with a comma at the end": lambda text: f"{text.rstrip()[:-1]},}}".encode(),
    "with a comment": lambda text: f"// by hand\n{text}".encode(),
    "with single quotes": lambda text: text.replace('"', "'").encode(),
    "JSON Lines": lambda text: f"{json.dumps(json.loads(text))}\n".encode() * 2,
    "YAML": lambda _: b"client_id: abc\nstreams:\n- tap_stream_id: orders\n",
    "with a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Latin-1": lambda text: f'{text.rstrip()[:-1]}, "größe": 1}}'.encode("latin-1"),
    "NUL characters": lambda text: b"\0" * 10 + text.encode(),
    "gzip's first bytes": lambda _: b"\x1f\x8b\x08\x00abc",
    "nested lists": lambda _: _DEEP.encode(),
    "nested objects": lambda _: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "every name twice": lambda text: _twice(text).encode(),
    "an empty object": lambda _: b"{}",
    "in an object": lambda text: f'{{"value": {text}}}'.encode(),
}
"""Whole files, by the name of the kind: each is made of the text of a right one."""


@dataclass(frozen=True)
class OddInput:
    """A file that somebody got wrong: its content, and what was done where."""

    content: bytes
    kind: str
    place: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        """Name place and kind."""
        return f"{'.'.join(map(str, self.place)) or 'the file'}: {self.kind}"


def odd_inputs(
    right: Mapping[str, Any], randomness: random.Random, *, spared: Sequence[str] = ()
) -> Iterator[OddInput]:
    """Yield inputs that differ from a right one, in random order: each kind at each place.

    Args:
        right: The right input.
        randomness: Decides the order.
        spared: Names at the top that are not removed or emptied: a run would then call Amazon.
    """
    found: list[tuple[str, tuple[str | int, ...]]] = [(kind, ()) for kind in FILES]
    for place in _places(right):
        kinds = [*VALUES, *CHANGES, "renamed"]
        found += [
            (kind, place)
            for kind in kinds
            if place[-1] not in spared or kind not in ("null", "removed", "renamed")
        ]
    randomness.shuffle(found)
    for kind, place in found:
        if not place:
            yield OddInput(FILES[kind](_text(right)), kind)
        else:
            yield OddInput(_text(_changed(right, kind, place)).encode(), kind, place)


def randomness(*seeds: int) -> random.Random:
    return random.Random("-".join(map(str, seeds)))  # noqa: S311 - it makes tests


def _places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every value inside a value."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, inner in items:
        yield (*place, name)
        yield from _places(inner, (*place, name))


def _changed(right: Any, kind: str, place: tuple[str | int, ...]) -> Any:
    changed = copy.deepcopy(right)
    parent = changed
    for name in place[:-1]:
        parent = parent[name]
    value = parent[place[-1]]
    if kind == "renamed":
        if isinstance(parent, dict):
            parent[f"{place[-1]}s"] = parent.pop(place[-1])
        return changed
    new = copy.deepcopy(VALUES[kind]) if kind in VALUES else CHANGES[kind](value)
    if new is _MISSING:
        del parent[place[-1]]
    else:
        parent[place[-1]] = new
    return changed


def _text(value: Any) -> str:
    text = json.dumps(value)
    for mark, raw in _RAW.items():
        text = text.replace(json.dumps(mark), raw)
    return text


def _twice(text: str) -> str:
    inner = text.strip()[1:-1]
    return f"{{{inner}, {inner}}}"


# --- Right inputs -------------------------------------------------------------------------------


def released_settings() -> dict[str, Any]:
    """Return the settings of the last release, as if they were written today."""
    moved = dt.datetime.now(dt.timezone.utc).date() - _WRITTEN_ON

    def date(match: re.Match[str]) -> str:
        day = dt.date.fromisoformat(match["day"]) + moved
        return f"{match['name']}{day.isoformat()}"

    settings: dict[str, Any] = json.loads(_A_DATE.sub(date, RELEASED.read_text("utf-8")))
    return settings


_OTHERS = ("accounts", "custom_streams", "reports", "data_kiosk_queries")
_SIGNING = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_region")
_ROLE = ("role_arn", "role_session_name", "sts_endpoint_url")
_MAPS = ("stream_maps", "stream_map_config", "faker_config")
ADDRESSES = ("endpoint", "token_url", "sts_endpoint_url")


def right_settings(simulator: Simulator) -> Iterator[dict[str, Any]]:
    """Yield settings that are right; together they have every setting."""
    everything = released_settings()
    addresses = {
        name: value
        for name, value in simulator.settings_for_tap().items()
        if name in ("endpoint", "token_url")
    }
    everything |= addresses
    for account in everything["accounts"]:
        account |= {name: value for name, value in addresses.items() if name in account}
    plain = {
        name: value
        for name, value in everything.items()
        if name not in {*_OTHERS, *_SIGNING, *_ROLE, *_MAPS} and "flattening" not in name
    }
    required = {
        name: value
        for name, value in plain.items()
        if name in {*addresses, "client_id", "client_secret", "refresh_token", "start_date"}
    }
    yield plain
    yield required | {name: everything[name] for name in _SIGNING}
    for entry in everything["accounts"]:
        yield required | {"accounts": [entry]}
    for name in _OTHERS[1:]:
        for entry in everything[name]:
            yield required | {"report_poll_interval": 0.05, name: [entry]}
    yield required | {
        name: value
        for name, value in everything.items()
        if name in _MAPS or name.startswith("flattening")
    }


# --- Running ------------------------------------------------------------------------------------


@dataclass
class Findings:
    """How runs ended."""

    endings: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, odd: OddInput, ended: subprocess.CompletedProcess[str] | None) -> None:
        """Judge a run; None stands for one that had no end."""
        if ended is None:
            self.endings[-1] += 1
            self.faults.append(f"{odd}: no end within {SECONDS:.0f} seconds")
            return
        self.endings[ended.returncode] += 1
        if fault := fault_in(ended):
            self.faults.append(f"{odd}: {fault}")


SECRETS = (
    "amzn1.oa2-cs",
    "Atzr|",
    "Atza|",
    "wJalrXUtnFEMI",
    "FwoGZXIvYXdzEBY",
    "AKIAIOSFODNN7EXAMPLE",
)


def fault_in(ended: subprocess.CompletedProcess[str]) -> str | None:
    """Return what is wrong with the end of a run; None if nothing is."""
    output = ended.stdout + ended.stderr
    for mark in ("Traceback", "A bug in this program", "Fatal Python error"):
        if mark in output:
            return output[output.index(mark) :][-700:]
    for secret in SECRETS:
        if secret in output:
            start = max(0, output.index(secret) - 200)
            return f"a secret: {output[start : start + 300]}"
    if ended.returncode not in (0, 1, 2):
        return f"exit code {ended.returncode}: {output[-300:]}"
    if ended.returncode and "ERROR" not in ended.stderr and "Error" not in ended.stderr:
        return f"exit code {ended.returncode} without a sentence"
    if len(ended.stderr) > 300_000:
        return f"{len(ended.stderr)} characters in the log: {ended.stderr[:300]}"
    return None


def run_with(folder: Path, **files: bytes) -> subprocess.CompletedProcess[str] | None:
    """Run the tap with files for its options; None if it does not end."""
    arguments = [TAP]
    for option, content in files.items():
        path = folder / f"{option}.json"
        path.write_bytes(content)
        arguments += [f"--{option}", str(path)]
    # What would go to Amazon or AWS is refused at once.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    try:
        return Command(arguments, folder, environment=os.environ | nowhere).run(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None


def try_settings(simulator: Simulator, folder: Path, count: int, seed: int) -> Findings:
    """Run the tap with odd settings; half of what is tried has its turn in each right one."""
    found = Findings()
    sources = [*right_settings(simulator)]
    streams = ["orders", "feeds"]
    catalog = json.dumps(catalog_of(*streams)).encode()
    turns = [
        odd_inputs(source, randomness(seed, number), spared=ADDRESSES)
        for number, source in enumerate(sources)
    ]
    weights = [len([*_places(source)]) for source in sources]
    choose = randomness(seed)
    for _ in range(count):
        (number,) = choose.choices(range(len(turns)), weights)
        odd = next(turns[number], None)
        if odd is None:
            continue
        files = {"config": odd.content}
        if not {*_OTHERS} & {*sources[number]}:
            files["catalog"] = catalog
        found.add(odd, run_with(folder, **files))
    return found


def try_catalogs(simulator: Simulator, folder: Path, count: int, seed: int) -> Findings:
    """Run the tap with odd catalogs."""
    found = Findings()
    config = json.dumps(simulator.settings_for_tap()).encode()
    right = catalog_of("feeds", "marketplace_participations", without=("feeds.feedType",))
    tried = odd_inputs(right, randomness(seed))
    for odd, _ in zip(tried, range(count), strict=False):
        found.add(odd, run_with(folder, config=config, catalog=odd.content))
    return found


def right_states(simulator: Simulator, folder: Path) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield settings and the state of a run with them."""
    settings = simulator.settings_for_tap()
    start = f"{dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=4):%Y-%m-%d}"
    reports = {
        "start_date": start,
        "report_poll_interval": 0.05,
        "marketplace_ids": ["US"],
        "reports": [
            "GET_SALES_AND_TRAFFIC_REPORT",
            "GET_MERCHANT_LISTINGS_ALL_DATA",
            "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
        ],
        "data_kiosk_queries": released_settings()["data_kiosk_queries"],
    }
    accounts = {
        "accounts": [
            {"name": name, "refresh_token": settings["refresh_token"]} for name in ("us", "de")
        ]
    }
    for more in ({}, accounts, reports):
        found = run_tap(folder, settings | more)
        assert found.exit_code == 0, found.log
        state = found.last_state
        for name, bookmark in state["bookmarks"].items():
            for part in bookmark.get("partitions", [bookmark]):
                part["progress_markers"] = {"Note": "", "replication_key_value": "2026-01-01"}
                part["starting_replication_value"] = "2026-01-01"
                if name == "orders":
                    end = part["replication_key_value"]
                    part["window"] = {
                        "after": "2026-11-01T00:00:00Z",
                        "before": end,
                        "requests": "abc",
                        "number": 0,
                        "page_token": "abc",
                    }
                elif name.startswith("report"):
                    part["pending"] = [
                        {"id": "5", "subject": "8e1e", "after": start, "before": "2026-11-27"},
                        {"id": "6", "subject": "8e1e"},
                    ]
        yield settings | more, state


def try_states(simulator: Simulator, folder: Path, count: int, seed: int) -> Findings:
    """Run the tap with odd states."""
    found = Findings()
    sources = [*right_states(simulator, folder)]
    turns = [
        odd_inputs(state, randomness(seed, number)) for number, (_, state) in enumerate(sources)
    ]
    choose = randomness(seed)
    for _ in range(count):
        number = choose.randrange(len(turns))
        odd = next(turns[number], None)
        if odd is not None:
            config = json.dumps(sources[number][0]).encode()
            found.add(odd, run_with(folder, config=config, state=odd.content))
    return found


TRIED = {"settings": try_settings, "catalogs": try_catalogs, "states": try_states}


def main() -> None:
    """Try as many as the command line says; exit with 1 if one showed a fault."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    for name in TRIED:
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = vars(parser.parse_args())
    faults = 0
    with small_world(records=3) as simulator, tempfile.TemporaryDirectory() as folder:
        for name, attempt in TRIED.items():
            if not chosen[name]:
                continue
            began = time.monotonic()
            found = attempt(simulator, Path(folder), chosen[name], chosen["seed"])
            endings = ", ".join(f"{count} x {code}" for code, count in found.endings.most_common())
            sys.stdout.write(
                f"{name}: {found.endings.total()} tried in {time.monotonic() - began:.0f} s, "
                f"exit codes: {endings}; faults: {len(found.faults)}\n"
            )
            sys.stdout.writelines(f"- {fault}\n" for fault in found.faults)
            sys.stdout.flush()
            faults += len(found.faults)
    end_warm_parents()
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
