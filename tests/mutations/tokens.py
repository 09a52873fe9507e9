"""Damage to the answers of Login with Amazon."""

from __future__ import annotations

import json
from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer
from tests.mutations.jobs import MISSING
from tests.mutations.kinds import TOKEN, Given, Kind, Kinds

TOKENS = Kinds()


def _field(name: str, field: str, value: Any) -> None:
    shown = "missing" if value is MISSING else repr(value)[:60]

    def change(given: Given) -> HttpAnswer | None:
        if not isinstance(given.json, dict):
            return None
        if value is MISSING:
            given.json.pop(field, None)
        else:
            given.json[field] = value
        return given.with_json(given.json)

    TOKENS.add(Kind(f"lwa_{name}", f"`{field}` is {shown}", change, at=TOKEN))


for _name, _value in {
    "missing": MISSING,
    "null": None,
    "empty": "",
    "number": 4711,
    "object": {"token": "x"},
    "list": ["x"],
    "control": "Atza|\r\nX-Evil: 1",
    "not_latin": "Atza|\u4e2d\u6587",
    "blank": " ",
    "nul": "Atza|\0",
}.items():
    _field(f"token_{_name}", "access_token", _value)
for _name, _value in {
    "missing": MISSING,
    "null": None,
    "text": "soon",
    "number_as_text": "3600",
    "negative": -5,
    "zero": 0,
    "huge": 10**400,
    "large": 1e300,
    "fraction": 0.001,
    "nan": float("nan"),
    "object": {},
    "list": [],
    "true": True,
}.items():
    _field(f"lifetime_{_name}", "expires_in", _value)


def _error(name: str, status: int, body: Any) -> None:
    def change(given: Given) -> HttpAnswer:
        headers = {**given.headers, "Content-Type": "application/json"}
        return HttpAnswer(status, headers, json.dumps(body).encode())

    TOKENS.add(Kind(f"lwa_{name}", f"{status} with `{json.dumps(body)[:60]}`", change, at=TOKEN))


_error("refused_object", 400, {"error": {"code": "invalid_grant"}})
_error("refused_list", 400, {"error": ["invalid_grant"]})
_error("refused_number", 401, {"error": 17})
_error("refused_unknown", 400, {"error": "brand_new", "error_description": 5})
_error("refused_with_200", 200, {"error": "invalid_grant", "error_description": "revoked"})
_error("unavailable", 503, {"error": "server_error"})
_error("throttled", 429, {"error": "throttled"})
