"""What Amazon's SDK has and a catalogue of operations lacks.

Operations are the same if method and path are. From each operation that both have, the types of
its body and answer are walked together, so that the names of types do not matter: the SDK's classes
are sometimes called otherwise than the definitions of the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generated_files import Json
from sdk_facts import SdkApi, SdkOperation, place


@dataclass(frozen=True)
class NewOperation:
    """An operation that no API of the catalogue has.

    Attributes:
        api: The API of the catalogue that has the most paths of its module; None for a new API.
    """

    api: str | None
    sdk_api: SdkApi
    operation: SdkOperation

    @property
    def line(self) -> str:
        """What is new, for people."""
        method, path = self.operation.method.upper(), self.operation.path
        return f"operation {self.sdk_api.module} {self.operation.name}: {method} {path}"


@dataclass(frozen=True)
class NewParameter:
    """A parameter of an operation that the catalogue has.

    Attributes:
        api: The API in the catalogue.
        operation: Its name there.
        method: HTTP method, in small letters.
        path: The path in the catalogue.
        parameter: As in a model (Swagger 2.0).
    """

    api: str
    operation: str
    method: str
    path: str
    parameter: Json

    @property
    def line(self) -> str:
        """What is new, for people."""
        return f"parameter {self.api}.{self.operation}: {self.parameter['name']}"


@dataclass(frozen=True)
class NewProperty:
    """A property of an object that the catalogue has.

    Attributes:
        where: The keys that lead to the object in the compact model.
        schema: Its type in terms of the SDK's classes.
        required: Whether the SDK requires it.
    """

    api: str
    where: tuple[str, ...]
    name: str
    sdk_api: SdkApi
    schema: Json
    required: bool

    @property
    def line(self) -> str:
        """What is new, for people."""
        return f"field {self.api} {'.'.join(self.where)}: {self.name}"


@dataclass(frozen=True)
class NewValues:
    """Values of an enumeration that the catalogue has."""

    api: str
    where: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def line(self) -> str:
        """What is new, for people."""
        return f"values {self.api} {'.'.join(self.where)}: {', '.join(self.values)}"


News = NewOperation | NewParameter | NewProperty | NewValues


@dataclass(frozen=True)
class Differences:
    """What an SDK has and a catalogue lacks.

    Attributes:
        news: Everything new, in the order of the SDK.
        names: The definitions of the catalogue that are the same types as classes of the SDK, by
            module and class.
    """

    news: tuple[News, ...]
    names: Mapping[tuple[str, str], str]


def differences(sdk: Sequence[SdkApi], models: Mapping[str, Json]) -> Differences:
    """Compare an SDK with compact models.

    Args:
        sdk: The APIs of the SDK.
        models: Compact models by the name of the API, as `build_models.py` writes them.
    """
    places = {
        place(operation["method"], operation["path"]): (api, name)
        for api, model in models.items()
        for name, operation in model["operations"].items()
    }
    news: list[News] = []
    names: dict[tuple[str, str], str] = {}
    for sdk_api in sdk:
        found = [places[op.place][0] for op in sdk_api.operations if op.place in places]
        api = max(found, key=found.count) if found else None
        walks: dict[str, _Walk] = {}
        for operation in sdk_api.operations:
            if operation.place not in places:
                news.append(NewOperation(api, sdk_api, operation))
                continue
            own_api, name = places[operation.place]
            walk = walks.setdefault(own_api, _Walk(sdk_api, own_api, models[own_api]))
            walk.compare(operation, name)
        for walk in walks.values():
            news.extend(walk.news)
            names |= {(sdk_api.module, cls): name for cls, name in walk.names.items()}
    return Differences(tuple({new.line: new for new in news}.values()), names)


_ERRORS = {"$ref": "#/definitions/ErrorList"}


class _Walk:
    """Compares one API of the SDK with one of the catalogue."""

    def __init__(self, sdk_api: SdkApi, api: str, model: Json) -> None:
        self._sdk_api = sdk_api
        self._api = api
        self._model = model
        self._seen: set[tuple[str, tuple[str, ...]]] = set()
        self.news: list[News] = []
        self.names: dict[str, str] = {}

    def compare(self, operation: SdkOperation, name: str) -> None:
        known = self._model["operations"][name]
        # The names of parameters in the path do not matter.
        known_names = {parameter["name"].lower() for parameter in known["parameters"]}
        for parameter in operation.parameters:
            if parameter["in"] != "path" and parameter["name"].lower() not in known_names:
                self.news.append(
                    NewParameter(self._api, name, known["method"].lower(), known["path"], parameter)
                )
        start = ("operations", name)
        if operation.body is not None and "body" in known:
            self._walk(operation.body, known["body"]["schema"], (*start, "body", "schema"))
        if operation.answer is not None and "success_schema" in known:
            self._walk(operation.answer, known["success_schema"], (*start, "success_schema"))
        # The SDK does not say what failures look like; the name is the same in all models.
        if known.get("error_schema") == _ERRORS and "ErrorList" in self._sdk_api.definitions:
            self._walk(_ERRORS, _ERRORS, (*start, "error_schema"))

    def _walk(self, sdk: Json, known: Json, where: tuple[str, ...]) -> None:
        known, where = self._resolved(known, where)
        if "$ref" in sdk:
            class_name = sdk["$ref"].rpartition("/")[2]
            if (class_name, where) in self._seen:
                return
            self._seen.add((class_name, where))
            if where[0] == "definitions" and where[2:] == ():
                self.names.setdefault(class_name, where[1])
            sdk = self._sdk_api.definitions.get(class_name, {})
        values, known_values = sdk.get("enum", ()), known.get("enum")
        if known_values and (more := [value for value in values if value not in known_values]):
            self.news.append(NewValues(self._api, where, tuple(map(str, more))))
        if "items" in sdk and "items" in known:
            self._walk(sdk["items"], known["items"], (*where, "items"))
        values_of = sdk.get("additionalProperties"), known.get("additionalProperties")
        if isinstance(values_of[0], dict) and isinstance(values_of[1], dict):
            self._walk(values_of[0], values_of[1], (*where, "additionalProperties"))
        self._walk_properties(sdk, known, where)

    def _walk_properties(self, sdk: Json, known: Json, where: tuple[str, ...]) -> None:
        properties = dict(self._properties(known, where))
        for name, schema in sdk.get("properties", {}).items():
            if name in properties:
                self._walk(schema, *properties[name])
            else:
                required = name in sdk.get("required", ())
                new = NewProperty(self._api, where, name, self._sdk_api, schema, required)
                self.news.append(new)

    def _properties(
        self, known: Json, where: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[Json, tuple[str, ...]]]]:
        known, where = self._resolved(known, where)
        for name, schema in known.get("properties", {}).items():
            yield name, (schema, (*where, "properties", name))
        for index, part in enumerate(known.get("allOf", ())):
            yield from self._properties(part, (*where, "allOf", str(index)))

    def _resolved(self, known: Json, where: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
        while "$ref" in known:
            name = known["$ref"].rpartition("/")[2]
            known, where = self._model["definitions"][name], ("definitions", name)
        return known, where
