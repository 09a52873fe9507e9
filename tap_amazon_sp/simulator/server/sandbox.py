"""Amazon's sandbox: the static cases of Amazon's models.

Sources: Amazon's page "Selling Partner API Sandbox" and the blocks `x-amzn-api-sandbox` of its
models. A case gives parameters and the answer to a request that has them, even if it has more. A
request that fits no case is refused (ericcj/amz_sp_api#42 shows how). Operations whose block, or
that of their path, says `dynamic` are answered from data, as all others are outside of the sandbox.
All of them share one usage plan: five requests a second, with a burst of 15. Some models have the
older blocks `x-amazon-spds-sandbox-behaviors`, and parameters without a value (vendorShipments).

Restricted data tokens come from production at Amazon, for its sandbox, too. Here, the same address
makes them, so that clients that ask for one before a restricted operation get its case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tap_amazon_sp.simulator.server import json_bodies
from tap_amazon_sp.simulator.server.errors import ApiError

RATE, BURST = 5.0, 15.0
_BLOCK = "x-amzn-api-sandbox"
_OLDER_BLOCK = "x-amazon-spds-sandbox-behaviors"
_METHODS = ("get", "put", "post", "delete", "patch", "head")
_BODY = "body"
_END_OF_STATUSES = 600
_AS_IN_PRODUCTION = ("POST", "/tokens/2021-03-01/restrictedDataToken")


class ModelsError(Exception):
    """Amazon's models cannot be read from a folder."""


@dataclass(frozen=True)
class SandboxCase:
    """An answer of the sandbox, and what a request must have to get it.

    Attributes:
        parameters: Values by name of the parameter; `body` is the JSON body. Parameters that may
            have any value are not among them.
        status: HTTP status.
        answer: JSON.
    """

    parameters: Mapping[str, Any]
    status: int
    answer: Any

    @property
    def size(self) -> int:
        """How much a request must have: each value in a body counts."""
        return sum(map(_size, self.parameters.values()))

    def fits(self, given: Mapping[str, Sequence[str]], body: Any) -> bool:
        """Return whether a request has all its parameters."""
        return all(
            _is_part(value, body) if name == _BODY else _is_same(value, given.get(name))
            for name, value in self.parameters.items()
        )


@dataclass
class Sandbox:
    """The cases of all operations, by method and path template.

    Attributes:
        cases: Those that require the most first.
        dynamic: The operations that are answered from data; always that for restricted data tokens.
    """

    cases: dict[tuple[str, str], list[SandboxCase]] = field(default_factory=dict)
    dynamic: set[tuple[str, str]] = field(default_factory=lambda: {_AS_IN_PRODUCTION})

    def answers_from_data(self, method: str, path: str) -> bool:
        """Return whether an operation is answered from data, as outside of the sandbox."""
        return (method, path) in self.dynamic

    def find(
        self, method: str, path: str, given: Mapping[str, Sequence[str]], body: bytes
    ) -> SandboxCase:
        """Return the case that a request fits.

        Args:
            method: HTTP method.
            path: Path template of the operation.
            given: Values of path, query and header parameters by name, as they were sent.
            body: The body as it was sent.

        Raises:
            ApiError: 400, there is none.
        """
        try:
            content = json_bodies.decode(body) if body else None
        except ValueError:
            content = None
        for case in self.cases.get((method, path), ()):
            if case.fits(given, content):
                return case
        code = "InvalidInput"
        raise ApiError(400, code, "Could not match input arguments")


def read_sandbox(folder: Path) -> Sandbox:
    """Read the cases of all models in a folder, e.g. a checkout of Amazon's repository.

    Raises:
        ModelsError: There is no such folder, it has no cases, or a model is not JSON.
    """
    if not folder.is_dir():
        message = f"{folder} is not a folder"
        raise ModelsError(message)
    sandbox = Sandbox()
    for file in sorted(folder.rglob("*.json")):
        try:
            model = json_bodies.decode(file.read_bytes())
        except (OSError, ValueError) as error:
            message = f"{file} cannot be read: {error}"
            raise ModelsError(message) from error
        if isinstance(model, dict) and isinstance(model.get("paths"), dict):
            _read_model(sandbox, file, model["paths"])
    if not sandbox.cases:
        message = (
            f"the models in {folder} have no `{_BLOCK}` blocks: use an unchanged copy of "
            "https://github.com/amzn/selling-partner-api-models"
        )
        raise ModelsError(message)
    for cases in sandbox.cases.values():
        cases.sort(key=lambda case: -case.size)
    return sandbox


def _read_model(sandbox: Sandbox, file: Path, paths: Mapping[str, Any]) -> None:
    try:
        for path, operations in paths.items():
            all_dynamic = _is_dynamic(operations)
            for method in _METHODS:
                if method in operations:
                    place = method.upper(), path
                    if all_dynamic or _is_dynamic(operations[method]):
                        sandbox.dynamic.add(place)
                    if found := list(_cases_of(operations[method])):
                        sandbox.cases.setdefault(place, []).extend(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{file}: a `{_BLOCK}` block is not in Amazon's form ({error!r})"
        raise ModelsError(message) from error


def _is_dynamic(place: Mapping[str, Any]) -> bool:
    return "dynamic" in place.get(_BLOCK, {})


def _cases_of(operation: Mapping[str, Any]) -> Iterator[SandboxCase]:
    for status, response in operation.get("responses", {}).items():
        for case in (
            *response.get(_BLOCK, {}).get("static", ()),
            *response.get(_OLDER_BLOCK, ()),
        ):
            parameters = case.get("request", {}).get("parameters", {})
            values = {
                name: given["value"] for name, given in parameters.items() if "value" in given
            }
            yield SandboxCase(values, _status(status), case.get("response"))


def _status(text: str) -> int:
    """Return the HTTP status of an answer.

    Raises:
        ValueError: It is not one with which an answer ends.
    """
    status = int(text)
    if not HTTPStatus.OK <= status < _END_OF_STATUSES:
        message = f"{text} is not the status of an answer"
        raise ValueError(message)
    return status


def _size(value: Any) -> int:
    """Return how many values a JSON value consists of."""
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, list):
        return sum(map(_size, value))
    return 1


def _is_same(value: Any, given: Sequence[str] | None) -> bool:
    """Return whether a parameter was sent with a value; lists come joined by commas or repeated."""
    if given is None:
        return False
    wanted = value if isinstance(value, list) else [value]
    texts = [each if isinstance(each, str) else json.dumps(each) for each in wanted]
    return texts in (list(given), ",".join(given).split(","))


def _is_part(value: Any, given: Any) -> bool:
    """Return whether a JSON value has everything that another one has."""
    if isinstance(value, dict):
        return isinstance(given, dict) and all(
            name in given and _is_part(inner, given[name]) for name, inner in value.items()
        )
    if isinstance(value, list):
        return (
            isinstance(given, list)
            and len(given) == len(value)
            and all(map(_is_part, value, given))
        )
    return bool(value == given)
