"""What Amazon's Python SDK (`amzn-sp-api`) states, in the form of Amazon's models (Swagger 2.0).

The SDK is generated from models. Names, types, limits and usage plans are read out of its source,
which is parsed and not run, so that any version can be read, installed or only unpacked. Prose is
not kept. The SDK has no statuses of answers, no enumerations of query parameters and no names of
models' files.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from generated_files import BuildError, Json

DISTRIBUTION = "amzn-sp-api"

_PLAN = re.compile(
    r"\|\s*Rate \(requests per second\)\s*\|\s*Burst\s*\|\s*\|[-\s|]+\|\s*"
    r"(?P<rate>[\d.]+)\s*\|\s*(?P<burst>[\d.]+)\s*\|"
)
_VERSION = re.compile(r"The version of the OpenAPI document: (\S+)")
_SIMPLE_TYPES: dict[str, Json] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
}
_LIMITS = {
    # (what is compared, operator that makes a value wrong) -> keyword
    ("text", ast.Gt): "maxLength",
    ("text", ast.Lt): "minLength",
    ("list", ast.Gt): "maxItems",
    ("list", ast.Lt): "minItems",
    ("number", ast.Gt): "maximum",
    ("number", ast.Lt): "minimum",
}
_IN = {"path_params": "path", "query_params": "query", "header_params": "header"}
_HEADERS_OF_EVERY_REQUEST = {"Accept", "Content-Type"}


@dataclass(frozen=True)
class SdkOperation:
    """An operation of the SDK.

    Attributes:
        name: Its operationId, in the spelling of Amazon's models.
        method: HTTP method, in small letters as in a model.
        path: With the names of its parameters in braces.
        parameters: Of path, query and header, as in a model.
        body: Schema of the body; None without one.
        body_required: Whether a request needs a body.
        answer: Schema of the answer; None if it has no content.
        rate: Requests per second of the usage plan, if it is documented.
        burst: Requests at once of the usage plan, if it is documented.
    """

    name: str
    method: str
    path: str
    parameters: tuple[Json, ...]
    body: Json | None
    body_required: bool
    answer: Json | None
    rate: float | None
    burst: float | None

    @property
    def place(self) -> tuple[str, str]:
        """Method and path; the names of the parameters in the path do not matter."""
        return place(self.method, self.path)


@dataclass(frozen=True)
class SdkApi:
    """A version of an API in the SDK.

    Attributes:
        module: The name of its module, such as `promotions_v2025_12_01`.
        title: Amazon's title.
        version: Such as `2025-12-01`.
        operations: All of them.
        definitions: Schemas by the names of their classes.
    """

    module: str
    title: str
    version: str
    operations: tuple[SdkOperation, ...]
    definitions: dict[str, Json] = field(repr=False)


def place(method: str, path: str) -> tuple[str, str]:
    """Return what identifies an operation in models and SDK alike."""
    return method.lower(), re.sub(r"{[^}]*}", "{}", path)


def installed_sdk() -> tuple[str, Path]:
    """Return version and folder of the installed SDK.

    Raises:
        BuildError: It is not installed.
    """
    try:
        version = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        version = ""
    found = importlib.util.find_spec("spapi")
    if not version or found is None or not found.submodule_search_locations:
        message = f"{DISTRIBUTION} is not installed"
        raise BuildError(message)
    return version, Path(found.submodule_search_locations[0])


def read_sdk(folder: Path) -> list[SdkApi]:
    """Return the APIs of an SDK.

    Args:
        folder: The package `spapi`.

    Raises:
        BuildError: It is not laid out as the SDK is.
    """
    modules = sorted(path.parent for path in folder.glob("api/*/*_api.py"))
    if not modules:
        message = f"no APIs of Amazon's SDK in {folder}"
        raise BuildError(message)
    return [_read_api(folder, module.name) for module in dict.fromkeys(modules)]


def _read_api(folder: Path, module: str) -> SdkApi:
    definitions: dict[str, Json] = {}
    for path in sorted((folder / "models" / module).glob("*.py")):
        for node in _parsed(path).body:
            if isinstance(node, ast.ClassDef):
                definitions[node.name] = _definition(node)
    operations: list[SdkOperation] = []
    heading = ""
    for path in sorted((folder / "api" / module).glob("*_api.py")):
        tree = _parsed(path)
        heading = heading or ast.get_docstring(tree) or ""
        operations.extend(
            _operation(found)
            for found in ast.walk(tree)
            if isinstance(found, ast.FunctionDef) and found.name.endswith("_with_http_info")
        )
    if not operations:
        message = f"{module} is not laid out as the SDK's APIs are"
        raise BuildError(message)
    version = _VERSION.search(heading)
    if version is None:
        message = f"{module}: the SDK does not say its version"
        raise BuildError(message)
    title = heading.strip().partition("\n")[0]
    return SdkApi(module, title, version[1], tuple(operations), definitions)


def _parsed(path: Path) -> ast.Module:
    with warnings.catch_warnings():
        # The SDK writes patterns with backslashes into text that is not raw.
        warnings.simplefilter("ignore")
        return ast.parse(path.read_text(encoding="utf-8"))


def _schema(type_name: str) -> Json:
    """Return the schema of a type as the SDK writes it, such as `Dict[str, List[Money]]`."""
    if type_name in _SIMPLE_TYPES:
        return dict(_SIMPLE_TYPES[type_name])
    if match := re.fullmatch(r"List\[(.+)\]", type_name):
        return {"type": "array", "items": _schema(match[1])}
    if match := re.fullmatch(r"Dict\[str, (.+)\]", type_name):
        values = _schema(match[1])
        return {"type": "object"} | (
            {} if values == {"type": "object"} else {"additionalProperties": values}
        )
    return {"$ref": f"#/definitions/{type_name}"}


# --- Definitions -------------------------------------------------------------------------------


def _definition(node: ast.ClassDef) -> Json:
    constants: dict[str, object] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            constants[statement.targets[0].id] = ast.literal_eval(statement.value)
    types, names = constants.pop("swagger_types", None), constants.pop("attribute_map", None)
    if not isinstance(types, dict) or not isinstance(names, dict):
        message = f"{node.name} is not laid out as the SDK's classes are"
        raise BuildError(message)
    if constants and not types:
        return {"type": "string", "enum": list(constants.values())}
    definition: Json = {"type": "object", "required": [], "properties": {}}
    for attribute, type_name in types.items():
        definition["properties"][names[attribute]] = _schema(type_name)
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and _is_setter(statement):
            _add_limits(statement, definition, names[statement.name])
    if not definition["required"]:
        del definition["required"]
    return definition


def _is_setter(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
        for decorator in function.decorator_list
    )


def _add_limits(setter: ast.FunctionDef, definition: Json, name: str) -> None:
    schema = definition["properties"][name]
    for statement in setter.body:
        if isinstance(statement, ast.Assign) and _target(statement) == "allowed_values":
            _add_enumeration(schema, ast.literal_eval(statement.value))
        if isinstance(statement, ast.If):
            for found in ast.walk(statement.test):
                if isinstance(found, ast.Compare) and isinstance(found.ops[0], ast.Is):
                    definition["required"].append(name)
            schema.update(_limits(statement.test, schema))


def _add_enumeration(schema: Json, values: list[object]) -> None:
    (schema["items"] if schema.get("type") == "array" else schema)["enum"] = values


def _limits(test: ast.expr, schema: Json) -> Json:
    """Return the limits that a condition checks, which is true for a wrong value."""
    limits: Json = {}
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(
            node.comparators[0], ast.Constant | ast.UnaryOp
        ):
            value = ast.literal_eval(node.comparators[0])
            if isinstance(value, int | float) and not isinstance(value, bool):
                is_length = isinstance(node.left, ast.Call)
                kind = (
                    "number"
                    if not is_length
                    else "list"
                    if schema.get("type") == "array"
                    else "text"
                )
                if keyword := _LIMITS.get((kind, type(node.ops[0]))):
                    limits[keyword] = value
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "search"
        ):
            limits["pattern"] = ast.literal_eval(node.args[0])
    return limits


def _target(statement: ast.Assign) -> str:
    target = statement.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


# --- Operations --------------------------------------------------------------------------------


def _operation(function: ast.FunctionDef) -> SdkOperation:
    snake = function.name.removesuffix("_with_http_info")
    docstring = ast.get_docstring(function) or ""
    types = _parameter_types(docstring)
    required = set(re.findall(r"Missing the required parameter `(\w+)`", ast.unparse(function)))
    formats = dict(_collection_formats(function))
    parameters, body, body_required = [], None, False
    checks = [node for node in ast.walk(function) if isinstance(node, ast.If)]
    for where, name, attribute in _sent(function):
        schema = _schema(types[attribute])
        for check in checks:
            if _is_about(check.test, attribute):
                schema |= _limits(check.test, schema)
        if where == "body":
            body, body_required = schema, attribute in required
            continue
        parameter: Json = {"name": name, "in": where, "required": attribute in required}
        if name in formats:
            parameter["collectionFormat"] = formats[name]
        parameters.append(parameter | schema)
    call = next(
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "call_api"
    )
    path, method = (ast.literal_eval(argument) for argument in call.args[:2])
    answers = {keyword.arg: keyword.value for keyword in call.keywords}
    answer = ast.literal_eval(answers["response_type"])
    plan = _PLAN.search(docstring)
    return SdkOperation(
        name=_camel_case(snake),
        method=method.lower(),
        path=path,
        parameters=tuple(parameters),
        body=body,
        body_required=body_required,
        answer=_schema(answer) if answer else None,
        rate=float(plan["rate"]) if plan else None,
        burst=float(plan["burst"]) if plan else None,
    )


def _parameter_types(docstring: str) -> dict[str, str]:
    found = re.findall(r"^:param (\w+(?:\[.*?\])?) (\w+):", docstring, re.MULTILINE)
    return {name: type_name for type_name, name in found}


def _camel_case(snake: str) -> str:
    first, *others = snake.split("_")
    return first + "".join(word.capitalize() for word in others)


def _sent(function: ast.FunctionDef) -> Iterator[tuple[str, str, str]]:
    """Yield where each argument is sent: place, name there, name of the argument."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and (attribute := _argument(node.value)):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "body_params":
                yield "body", attribute, attribute
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                where = _IN.get(target.value.id)
                name = ast.literal_eval(target.slice)
                if where and name not in _HEADERS_OF_EVERY_REQUEST:
                    yield where, name, attribute
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "append"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in _IN
            and isinstance(node.args[0], ast.Tuple)
        ):
            name, value = node.args[0].elts
            if attribute := _argument(value):
                yield _IN[node.func.value.id], ast.literal_eval(name), attribute


def _argument(node: ast.expr) -> str | None:
    """Return the name in `params['name']`."""
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "params"
        and isinstance(node.slice, ast.Constant)
    ):
        return str(node.slice.value)
    return None


def _is_about(test: ast.expr, attribute: str) -> bool:
    return any(
        isinstance(node, ast.expr) and _argument(node) == attribute for node in ast.walk(test)
    )


def _collection_formats(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Subscript)
            and isinstance(node.targets[0].value, ast.Name)
            and node.targets[0].value.id == "collection_formats"
        ):
            yield ast.literal_eval(node.targets[0].slice), ast.literal_eval(node.value)
