"""Expressions of `stream_maps`: what is wrong with them, found before they run, or when one fails.

The SDK evaluates them with simpleeval. Its errors name neither stream nor property, and some quote
values of records, which no sentence here does.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singer_sdk.exceptions import MapExpressionError
from singer_sdk.mapper import CustomStreamMap, StreamMap

from tap_amazon_sp.common.similar_names import close_to

FILTER, ALIAS = "__filter__", "__alias__"
_SOURCE = "__source__"
_NULL = "__NULL__"
_OF_SDK = frozenset(
    {"_", "record", "config", "self", "fake", "__stream_name__", "__original_stream_name__"}
)
"""Names in expressions that are not properties (SDK 0.54.9, `CustomStreamMap._eval`)."""

_KEY_LEFT_OUT = re.compile(
    r"^Invalid key properties for '(?P<stream>.+)': .* Property '(?P<key>.+)' was not detected"
)
_LEFT_OUT = (
    "Amazon leaves it out of some records, or it is deselected. `record.get('{}')` is null then"
)
_QUOTES = ". If it is text, give it quotes of its own: `'{}'`"


@dataclass(frozen=True)
class MapExpression:
    """One expression of the setting.

    Attributes:
        key: The key of `stream_maps`.
        name: The property that it makes, or `__filter__`.
        text: The expression.
    """

    key: str
    name: str
    text: str

    @property
    def label(self) -> str:
        """Where it is in the settings, and what it is."""
        return f"`stream_maps`['{self.key}']['{self.name}']: `{self.text}`"


def expressions_in(stream_maps: Any, stream: str | None = None) -> Iterator[MapExpression]:
    """Yield the expressions of the setting; with the name of a stream, those for this stream.

    Args:
        stream_maps: The setting; None if it is not given.
        stream: The name of a stream.
    """
    for key, made in stream_maps.items() if isinstance(stream_maps, Mapping) else ():
        if not isinstance(made, Mapping):
            continue
        if stream is not None and not fnmatch.fnmatch(stream, made.get(_SOURCE, key)):
            continue
        for name, text in made.items():
            # An alias is evaluated for the stream, not for each record.
            is_option = name.startswith("__") and name not in (
                (FILTER, ALIAS) if stream is None else (FILTER,)
            )
            if isinstance(text, str) and text != _NULL and not is_option:
                yield MapExpression(key, name, text)


def left_out_key(error: Exception) -> str | None:
    """Return what to do if the SDK says that a stream map leaves out a key; None for other errors.

    Args:
        error: What the SDK raised (0.54.9). With `__else__: null`, it also leaves out keys.
    """
    found = _KEY_LEFT_OUT.search(str(error))
    return found and (
        f"`stream_maps`: the map of '{found['stream']}' leaves out its key `{found['key']}`. With "
        f'`__else__: null`, a map names each key: `"{found["key"]}": "{found["key"]}"`'
    )


def removals_in(stream_maps: Any, stream: str) -> Iterator[tuple[str, str]]:
    """Yield the key of `stream_maps` and the property, for each one that is removed from a stream.

    Patterns, such as `order*`, are left out: they may be for other streams.

    Args:
        stream_maps: The setting; None if it is not given.
        stream: The name of the stream.
    """
    for key, made in stream_maps.items() if isinstance(stream_maps, Mapping) else ():
        if not isinstance(made, Mapping) or made.get(_SOURCE, key) != stream:
            continue
        for name, text in made.items():
            if (text is None or text == _NULL) and not name.startswith("__"):
                yield key, name


def mistake_in_syntax(expression: MapExpression) -> str | None:
    """Return a sentence if an expression is not one; None if it is."""
    try:
        statements = ast.parse(expression.text).body
    except SyntaxError as error:
        return f"{expression.label} is not a Python expression: {error.msg}"
    except (MemoryError, RecursionError, ValueError):
        return f"{expression.label} is not a Python expression that can be read"
    if not statements:
        return f"{expression.label} is empty. null removes a property"
    if len(statements) > 1 or not isinstance(statements[0], ast.Expr):
        return f"{expression.label} must be one Python expression, not a statement"
    return None


@dataclass(frozen=True)
class ExpressionsOfStream:
    """The expressions that run for the records of one stream.

    Attributes:
        stream: Its name.
        expressions: The expressions, without a mistake in their syntax.
        properties: The properties of the stream; none if they are not known yet.
    """

    stream: str
    expressions: Sequence[MapExpression]
    properties: Collection[str]

    def mistakes_in_names(self, evaluator: CustomStreamMap) -> Iterator[str]:
        """Yield a sentence for each name in an expression that nothing has.

        Only parts that run for each record count: not the branches of a condition, which may be
        for other streams.

        Args:
            evaluator: The map of the SDK.
        """
        functions = evaluator.functions
        known = {*self.properties, *functions, *_OF_SDK}
        for expression in self.expressions:
            for node in _always_run(ast.parse(expression.text).body[0]):
                if type(node) not in evaluator.expr_evaluator.nodes:
                    what = f"{type(node).__name__} cannot be used in stream maps"
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    if node.func.id in functions:
                        continue
                    names = ", ".join(sorted(functions))
                    what = f"there is no function `{node.func.id}`, only {names}"
                elif isinstance(node, ast.Name) and self.properties and node.id not in known:
                    what = self._no_property(node.id)
                else:
                    continue
                yield f"{expression.label}: {what}"

    def mistakes_in_removals(self, stream_maps: Any) -> Iterator[str]:
        """Yield a sentence for each property to remove that looks like a misspelled one.

        Other unknown names pass: Amazon may add the property later.

        Args:
            stream_maps: The setting; None if it is not given.
        """
        for key, name in removals_in(stream_maps, self.stream):
            if self.properties and name not in self.properties and close_to(name, self.properties):
                label = f"`stream_maps`['{key}']['{name}']: null"
                yield f"{label}: {self._no_property(name)}"

    def why_it_failed(self, error: Exception, evaluator: StreamMap, record: dict[str, Any]) -> str:
        """Return which expression failed for a record, and why, without any value of the record.

        Args:
            error: What the SDK raised.
            evaluator: The map of the SDK.
            record: The record.
        """
        for expression in self.expressions:
            if not isinstance(evaluator, CustomStreamMap):
                break
            if (found := _failure_of(expression, evaluator, record)) is not None:
                reason = self._reason(found)
                return f"{expression.label} does not work for a record of '{self.stream}': {reason}"
        reason = self._reason(error)
        return f"`stream_maps`: an expression for '{self.stream}' does not work: {reason}"

    def _reason(self, error: Exception) -> str:
        cause = error.__cause__ if isinstance(error, MapExpressionError) else error
        kind = type(cause).__name__
        if kind == "NameNotDefined":
            return self._no_property(str(getattr(cause, "name", "")))
        if kind == "FunctionNotDefined":
            return f"there is no function `{getattr(cause, 'func_name', '')}`"
        if kind == "AttributeDoesNotExist":
            return f"a value has no attribute `{getattr(cause, 'attr', '')}`"
        if isinstance(error, MapExpressionError):
            return f"it uses what stream maps do not allow ({kind})"
        return f"a value may be null, missing or of another type ({kind})"

    def _no_property(self, name: str) -> str:
        if name in self.properties:
            return f"it has no `{name}`. {_LEFT_OUT.format(name)}"
        hint = close_to(name, self.properties) or _QUOTES.format(name)
        return f"'{self.stream}' has no property `{name}`{hint}"


def _always_run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of an expression that run for each record, and know all names they need."""
    if isinstance(node, ast.Expr):
        yield from _always_run(node.value)
        return
    yield node
    if isinstance(node, ast.IfExp):
        yield from _always_run(node.test)
    elif isinstance(node, ast.BoolOp):
        yield from _always_run(node.values[0])
    elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)):
        yield from _always_run(node.generators[0].iter)
    elif isinstance(node, ast.Call):
        parts: list[ast.AST] = [*node.args, *(keyword.value for keyword in node.keywords)]
        # The name of a function is not that of a property.
        parts += [] if isinstance(node.func, ast.Name) else [node.func]
        for part in parts:
            yield from _always_run(part)
    elif not isinstance(node, ast.Lambda):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.expr):
                yield from _always_run(inner)


def _failure_of(
    expression: MapExpression, evaluator: CustomStreamMap, record: dict[str, Any]
) -> Exception | None:
    """Return what an expression raises for a record."""
    name = None if expression.name == FILTER else expression.name
    try:
        parsed = ast.parse(expression.text).body[0]
        evaluator._eval(expression.text, parsed, record, name)  # type: ignore[arg-type]  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - an expression raises anything
        return error
    return None
