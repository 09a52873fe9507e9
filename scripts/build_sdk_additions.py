"""Build scripts/sdk_additions.json: what Amazon's SDK has and Amazon's published models lack.

    python scripts/build_sdk_additions.py PATH           write it
    python scripts/build_sdk_additions.py PATH --check   write nothing; exit with 1 if it differs

PATH is a checkout of github.com/amzn/selling-partner-api-models. The SDK is the installed
`amzn-sp-api`, which `make setup` installs. The file has parts of Swagger 2.0 models that
`build_models.py` merges into Amazon's. Names, types, limits and usage plans are the SDK's; its
prose is not kept. As the SDK has no statuses, an answer with content has 200, one without 204, and
failures have the statuses that most of Amazon's models have.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from build_models import compact_models
from generated_files import BuildError, Built, Json, encode_sections, run_with_models
from sdk_additions import FILE, merge
from sdk_differences import (
    Differences,
    NewOperation,
    NewParameter,
    NewProperty,
    News,
    differences,
)
from sdk_facts import DISTRIBUTION, SdkApi, installed_sdk, read_sdk

FAILURES = ("400", "403", "404", "413", "415", "429", "500", "503")
API_NAMES = {
    # The names of files that Amazon has published after the models of the catalogue
    # (github.com/amzn/selling-partner-api-models, folder models/).
    "external_fulfillment_location_v2026_07_30": "externalFulfillmentLocation_2026-07-30",
    "finance_remittance_v2026_03_17": "financeRemittance-2026-03-17",
    "promotions_v2025_12_01": "promotions_2025-12-01",
    "support_v2025_02_01": "support_2025-02-01",
}
STATUSES = {
    # Source: that model of Amazon.
    "createSandboxLocation": "201",
}
_PROMOTION_DATA = ["ISSUES", "CUSTOMER_SEGMENTS"]
ENUMERATIONS: dict[tuple[str, str], list[str]] = {
    # Values of query parameters, which the SDK does not state. Source: promotions_2025-12-01.json
    # of Amazon's models.
    ("searchPromotions", "statuses"): [
        "PROCESSING",
        "UPCOMING",
        "RUNNING",
        "EXPIRED",
        "FAILED",
        "CANCELLING",
        "CANCELLED",
    ],
    ("searchPromotions", "promotionTypes"): [
        "BASKET_BUILDING",
        "DEAL",
        "PRICE_DISCOUNT",
        "COUPON",
    ],
    ("searchPromotions", "revision"): ["LATEST", "PUBLISHED", "ANY"],
    ("searchPromotions", "includedData"): _PROMOTION_DATA,
    ("getPromotion", "includedData"): ["ISSUES", "SELECTION", "CUSTOMER_SEGMENTS"],
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_with_models(__doc__, build, arguments)


def build(checkout: Path | None) -> Built:
    """Build the file; without a checkout it stays as it is.

    Raises:
        BuildError: The SDK is not installed, or a difference cannot be stated.
    """
    if checkout is None:
        return Built({})
    version, folder = installed_sdk()
    source = f"{DISTRIBUTION} {version}"
    found = differences(read_sdk(folder), compact_models(checkout, with_additions=False))
    return Built({FILE: encode_sections({"sdk": source} | additions(found, source))})


def additions(found: Differences, source: str) -> dict[str, Json]:
    """Return what to merge into each model, by the name of the API.

    Args:
        found: What the SDK has and the models lack.
        source: The name of the SDK, for the operations.

    Raises:
        BuildError: A difference cannot be stated as a part of a model.
    """
    parts: dict[str, Json] = {}
    for new in found.news:
        for api, part in _stated(new, found.names, source):
            parts[api] = merge(parts.get(api, {}), part, repeated=True)
    return dict(sorted(parts.items()))


def _stated(
    new: News, names: Mapping[tuple[str, str], str], source: str
) -> Iterator[tuple[str, Json]]:
    """Yield parts of a model that state something new, with the API of each."""
    if isinstance(new, NewOperation):
        yield from _operation(new, names, source)
    elif isinstance(new, NewParameter):
        yield new.api, _at(("paths", new.path, new.method), {"parameters": [new.parameter]})
    elif isinstance(new, NewProperty):
        types = _Types(new.sdk_api, names)
        part: Json = {"properties": {new.name: types.named(new.schema)}}
        if new.required:
            part["required"] = [new.name]
        yield new.api, _in_definition(new.where, part)
        yield new.api, {"definitions": types.definitions}
    else:
        yield new.api, _in_definition(new.where, {"enum": list(new.values)})


def _operation(
    new: NewOperation, names: Mapping[tuple[str, str], str], source: str
) -> Iterator[tuple[str, Json]]:
    operation, types = new.operation, _Types(new.sdk_api, names)
    parameters = [_with_values(operation.name, parameter) for parameter in operation.parameters]
    if operation.body is not None:
        parameters.append(
            {
                "name": "body",
                "in": "body",
                "required": operation.body_required,
                "schema": types.named(operation.body),
            }
        )
    status = "204" if operation.answer is None else STATUSES.get(operation.name, "200")
    answer = {} if operation.answer is None else {"schema": types.named(operation.answer)}
    failure = {"schema": types.named({"$ref": "#/definitions/ErrorList"})}
    stated = {
        "operationId": operation.name,
        "x-source": source,
        "parameters": parameters,
        "responses": {status: answer} | dict.fromkeys(FAILURES, failure),
    }
    if operation.rate is not None and operation.burst is not None:
        stated["x-usage-plan"] = {
            "rate": _number(operation.rate),
            "burst": _number(operation.burst),
        }
    api = new.api or API_NAMES.get(new.sdk_api.module)
    if api is None:
        message = f"{new.sdk_api.module}: add the name of its API to API_NAMES"
        raise BuildError(message)
    if new.api is None:
        info = {"title": new.sdk_api.title, "version": new.sdk_api.version}
        yield api, {"info": info}
    yield api, _at(("paths", operation.path, operation.method), stated)
    yield api, {"definitions": types.definitions}


def _with_values(operation: str, parameter: Json) -> Json:
    values = ENUMERATIONS.get((operation, parameter["name"]))
    if values is None:
        return parameter
    if parameter["type"] == "array":
        return parameter | {"items": parameter["items"] | {"enum": values}}
    return parameter | {"enum": values}


class _Types:
    """Renames the SDK's classes to definitions of a model, and collects those that it lacks."""

    def __init__(self, sdk_api: SdkApi, names: Mapping[tuple[str, str], str]) -> None:
        self._sdk_api = sdk_api
        self._names = names
        self.definitions: Json = {}

    def named(self, schema: Json) -> Json:
        """Return a schema with references to definitions of the model."""
        return {key: self._named(key, value) for key, value in schema.items()}

    def _named(self, key: str, value: Any) -> Any:
        if key == "$ref":
            return f"#/definitions/{self._definition(value.rpartition('/')[2])}"
        if key == "properties":
            return {name: self.named(schema) for name, schema in value.items()}
        if key in ("items", "additionalProperties") and isinstance(value, dict):
            return self.named(value)
        return value

    def _definition(self, class_name: str) -> str:
        known = self._names.get((self._sdk_api.module, class_name))
        if known is not None:
            return known
        if class_name not in self.definitions:
            # Set first, as a type may contain itself.
            self.definitions[class_name] = {}
            self.definitions[class_name] = self.named(self._sdk_api.definitions[class_name])
        return class_name


def _in_definition(where: tuple[str, ...], part: Json) -> Json:
    if where[0] != "definitions" or "allOf" in where:
        message = f"cannot add to {'.'.join(where)}: only definitions can be added to"
        raise BuildError(message)
    return _at(where, part)


def _at(where: tuple[str, ...], part: Json) -> Json:
    for key in reversed(where):
        part = {key: part}
    return part


def _number(value: float) -> float:
    return int(value) if value.is_integer() else value


if __name__ == "__main__":
    sys.exit(main())
