"""JSON of other people, decoded into values that a target can store, and JSON with exact numbers.

JSON allows more than any program can work with: a number of a million digits, arrays nested a
million levels deep. What no target could store is refused here, so that nothing after this
module has to expect it.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

MAX_DEPTH = 100
"""How deep objects and arrays may be nested. Amazon's models nest about twenty levels deep."""

MAX_DIGITS = 4300
"""How many digits a number may have. Python, in which most targets are written, reads no longer
integers."""

MAX_EXPONENT = 10_000
"""The largest power of ten in a number. PostgreSQL's `numeric`, the widest type of the common
databases, holds 16,383 digits after the point."""

_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_ENCODER = msgspec.json.Encoder(decimal_format="number")

encode_json = _ENCODER.encode
"""Return the JSON of a value, as UTF-8; a Decimal is a number with all its digits."""

encode_json_into = _ENCODER.encode_into
"""Write the JSON of a value into a bytearray at an offset; -1 appends it."""

_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes of NUL characters and of surrogates, which may be lone ones."""
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SHAPE_OF_NUMBERS = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_EXPONENT = re.compile(rb"0e[+-]?0000")
_LONG_NUMBER = b"0" * 2000
"""A number without as many digits before or after its point is small enough, even with an exponent
of three digits."""
_BEFORE_NUMBERS = (*b":,[ \t\r\n",)


class UnusableJsonError(ValueError):
    """The content is not JSON, or it has values that no target can store.

    The message says which; it quotes nothing of the content.
    """


def decode(content: bytes | str) -> Any:
    """Return JSON decoded.

    Args:
        content: The JSON; bytes are UTF-8, or another encoding that JSON allows.

    Returns:
        The value. Numbers with a fraction are Decimals. Texts are without NUL characters, and
        with a question mark for half a surrogate pair. `NaN` and `Infinity`, which some programs
        write although JSON lacks them, are floats, which leave this program as null.

    Raises:
        UnusableJsonError: The content is not JSON, is nested too deep, or has a number that is
            too large or too long.
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    try:
        try:
            value, is_checked = _DECODER.decode(data), is_plain(data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # msgspec refuses NaN and half a surrogate pair, which Amazon may send.
            value = json.loads(data, parse_float=Decimal)
            is_checked = False
        return value if is_checked else _storable(value, MAX_DEPTH)
    except UnusableJsonError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except InvalidOperation:
        raise _too_large() from None
    except json.JSONDecodeError as error:
        # The message of this error is one of a few, and does not quote the content.
        message = f"it is not JSON, or incomplete ({error})"
        raise UnusableJsonError(message) from None
    except UnicodeDecodeError:
        message = "it is not JSON in UTF-8"
        raise UnusableJsonError(message) from None
    except ValueError:
        # Python refuses to make an integer of thousands of digits.
        raise _too_large() from None


def decode_written(text: str) -> Any:
    """Return the value of JSON that a person wrote, to be sent as it is: nothing is corrected.

    Returns:
        The value. Numbers with a fraction or an exponent are Decimals.

    Raises:
        UnusableJsonError: It is not JSON, has a name twice in an object, half of a character, or a
            number that is too long, or is nested too deep.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_named_once, parse_float=Decimal, parse_constant=_not_json
        )
        _storable(value, MAX_DEPTH)
        encode_json(value)
    except json.JSONDecodeError as error:
        message = f"it is not JSON (line {error.lineno})"
        raise UnusableJsonError(message) from None
    except UnicodeEncodeError:
        message = "it has half of a character (`\\ud800` to `\\udfff`)"
        raise UnusableJsonError(message) from None
    except UnusableJsonError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except (InvalidOperation, ValueError):
        raise _too_large() from None
    return value


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"it has `{twice}` twice in one object"
        raise UnusableJsonError(message)
    return found


def _not_json(name: str) -> Any:
    message = f"it has {name}, which JSON does not have"
    raise UnusableJsonError(message)


def is_plain(content: bytes) -> bool:
    """Return whether JSON, if it is well-formed, surely has nothing that `decode` would change.

    This takes a fraction of the time of decoding. If it returns False, `decode` knows more.
    """
    return (
        _UNSTORABLE.search(content) is None
        and not _may_have_extreme_numbers(content)
        and not _may_be_deep(content)
    )


def _may_be_deep(content: bytes) -> bool:
    """Return whether content may be nested too deep; brackets in its texts may mislead."""
    brackets = content.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(MAX_DEPTH):
        # Each round takes away the innermost level.
        inner = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not inner or len(inner) == len(brackets):
            return bool(inner)
        brackets = inner
    return True


def _may_have_extreme_numbers(content: bytes) -> bool:
    """Return whether content may have numbers that are too large or too long."""
    shape = content.translate(_SHAPE_OF_NUMBERS)
    if _LONG_NUMBER in shape:
        return True
    for found in _LONG_EXPONENT.finditer(shape):
        # Most are parts of ids and hashes, such as `"B01E123456"`.
        digits_and_one = shape[max(0, found.start() - MAX_DIGITS) : found.start()]
        before = digits_and_one.rstrip(b"0.-")
        if not before or before[-1] in _BEFORE_NUMBERS:
            return True
    return False


def _storable(value: Any, levels: int) -> Any:
    """Return a value that was decoded, with texts that targets can store.

    Args:
        value: The value.
        levels: How many levels of objects and arrays it may have.

    Raises:
        UnusableJsonError: It has more levels, or a number is too large.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, (dict, list)):
        if not levels:
            raise _too_deep()
        if isinstance(value, list):
            return [_storable(item, levels - 1) for item in value]
        return {
            _storable(name, levels): _storable(item, levels - 1) for name, item in value.items()
        }
    if isinstance(value, (int, Decimal)):
        _check_number(Decimal(value))
    return value


def _check_number(number: Decimal) -> None:
    """Check that a target can store a number.

    Raises:
        UnusableJsonError: It cannot.
    """
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        raise _too_large()


def _too_deep() -> UnusableJsonError:
    return UnusableJsonError(f"it is nested more than {MAX_DEPTH} levels deep")


def _too_large() -> UnusableJsonError:
    return UnusableJsonError(
        f"a number in it has more than {MAX_DIGITS} digits, or is as large as 1e{MAX_EXPONENT}"
    )
