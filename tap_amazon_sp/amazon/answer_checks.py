"""What counts as an answer: whether the records that an operation gives are in it.

An empty page moves a bookmark on, and what was not read before the bookmark is never read again. So
an answer counts only if it has the records, or if Amazon's model allows that there are none.

Facts: the success schemas of Amazon's models, which say what an answer must have. Amazon sends null
for an optional list without records (issue 4358 of `selling-partner-api-models`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, items_in
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    IncompleteAnswerError,
    InvalidRequestError,
    SellingPartnerError,
    ServiceError,
)
from tap_amazon_sp.amazon.failures import ERRORS, first_error
from tap_amazon_sp.amazon.hal import is_hal_list, path_of_links
from tap_amazon_sp.amazon.operation_parts import Step
from tap_amazon_sp.common.json_paths import at_path

NOT_DOCUMENTED = "the answer is not what Amazon documents"
"""The beginning of a sentence; what it lacks follows."""

HTTP_OK = 200
NO_CONTENT = 204
PAYLOAD = "payload"
"""What most of Amazon's older APIs put around the records."""

_ERROR_CLASSES: Mapping[str, type[SellingPartnerError]] = {
    # Another try would bring the same. The codes are those of the same failures with status 4xx.
    "AccessDenied": AccessDeniedError,
    "BadRequest": InvalidRequestError,
    "InvalidInput": InvalidRequestError,
    "InvalidRequest": InvalidRequestError,
    "MissingParameter": InvalidRequestError,
    "Unauthorized": AccessDeniedError,
}


class BrokenAnswerError(ValueError):
    """An answer with a status of success is not one.

    Attributes:
        code: Amazon's error code, if it says why.
        error_class: The failure that the answer stands for. A `ServiceError` may pass.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        error_class: type[SellingPartnerError] = ServiceError,
    ) -> None:
        """Describe the answer; the message quotes no records."""
        super().__init__(message)
        self.code = code
        self.error_class = error_class

    def failure(self, operation_id: str, answer: Answer) -> SellingPartnerError:
        """Return the failure of a call that this answer stands for."""
        return self.error_class(
            operation_id,
            status=answer.status,
            code=self.code,
            message=str(self),
            request_id=answer.request_id,
        )


def not_documented(what: str) -> BrokenAnswerError:
    """Return the error for an answer that Amazon's model does not allow; `it` is the answer."""
    return BrokenAnswerError(f"{NOT_DOCUMENTED}: {what}")


def checked_page(operation: Operation, answer: Answer) -> Answer:
    """Return an answer if it is a page: one of a list, or with the one record of an operation.

    Returns:
        The answer. If Amazon says errors beside the records, `errors` has the first one in words.

    Raises:
        BrokenAnswerError: It is not a page.
    """
    _check_status(operation, answer.status)
    body = answer.envelope
    if isinstance(body, list):
        _check_bare_list(operation, body)
        return answer
    if not isinstance(body, dict):
        message = "it is not an object"
        raise not_documented(message)
    if answer.status == NO_CONTENT and operation.may_have_no_content:
        return answer
    has_records = _check_records(operation, answer)
    _check_paging(operation, answer)
    if not body.get(ERRORS) or not _are_about_answer(operation):
        return answer
    if not has_records:
        message = "it has only `errors`"
        raise not_documented(message)
    return replace(answer, errors=": ".join(filter(None, first_error(body))) or "no code")


def broken_answer(body: Any, error: ValueError) -> BrokenAnswerError:
    """Return the error for an answer that does not count: Amazon's own, if the answer has one.

    Args:
        body: The answer, as far as it was decoded.
        error: What is wrong with it, in words that follow a colon.
    """
    broken = error if isinstance(error, BrokenAnswerError) else not_documented(str(error))
    code, message = first_error(body)
    if code is None and message is None:
        return broken
    return BrokenAnswerError(
        message or str(broken),
        code=code,
        error_class=_ERROR_CLASSES.get(code or "", ServiceError),
    )


def incomplete_answer(operation: Operation, answer: Answer) -> IncompleteAnswerError | None:
    """Return the failure for an answer with errors beside the records; None without errors."""
    if answer.errors is None:
        return None
    return IncompleteAnswerError(
        operation.id,
        status=answer.status,
        message=f"Amazon gave records, but not all: {answer.errors}",
        request_id=answer.request_id,
    )


def _check_status(operation: Operation, status: int) -> None:
    """Check that a status of success is one that Amazon documents.

    A proxy changes an answer with 203, and 206 is a part of one (RFC 9110).

    Raises:
        BrokenAnswerError: It is not.
    """
    if status not in (HTTP_OK, NO_CONTENT, operation.success_status):
        message = f"its status is {status}"
        raise not_documented(message)


def _check_bare_list(operation: Operation, body: list[Any]) -> None:
    """Check an answer that is a list. Some are although the model describes an object.

    Raises:
        BrokenAnswerError: It has something else than records, or nothing shows that it would have
            them.
    """
    if not operation.is_known:
        return
    if not all(isinstance(record, dict) for record in body):
        message = "it is a list of other things than objects"
        raise not_documented(message)
    if not body and operation.results != ():
        message = "it is an empty list, not an object"
        raise not_documented(message)


def _check_records(operation: Operation, answer: Answer) -> bool:
    """Check the place of the records; return whether there are any.

    Raises:
        BrokenAnswerError: There is nothing in the place, or something else than records.
    """
    here: Any = answer.envelope
    for depth, step in enumerate(operation.steps):
        if not isinstance(here, dict):
            message = f"`{_dotted(operation.steps[:depth])}` is not an object"
            raise not_documented(message)
        found = here.get(step.name)
        if found is None:
            _check_absence(operation, here, depth)
            _check_links(operation, answer.envelope, are_required=True)
            return False
        here = found
    _check_links(operation, answer.envelope)
    if answer.raw_records is not None:
        return bool(answer.raw_records)
    if operation.results is not None:
        if not _is_list_of_objects(here):
            message = f"it has no list of objects at {_dotted(operation.steps)!r}"
            raise not_documented(message)
        return bool(here)
    if operation.record is not None:
        _check_record(operation, here)
        return bool(here)
    _check_content(operation, here)
    return bool(_content(here))


def _check_absence(operation: Operation, here: Mapping[str, Any], depth: int) -> None:
    """Check that the records may be missing from an answer.

    Args:
        operation: The operation.
        here: The object in which the next object or list on the way is missing, or null.
        depth: How many steps lead to that object.

    Raises:
        BrokenAnswerError: They may not.
    """
    step = operation.steps[depth]
    is_envelope = depth < len(operation.steps) - 1
    may_be_missing = (
        not step.is_required
        # Where `payload` is the list itself, nothing around it shows that the answer is whole.
        and step.name != PAYLOAD
        and (not is_envelope or is_hal_list(operation.results or ()))
        and (operation.results is not None or operation.paging is not None)
    )
    # The objects around records, such as `payload`, are there in every answer, although the models
    # do not require it; only HAL makes its own optional. An object with nothing that the model
    # knows is something else. The whole answer is never empty.
    is_known = bool(here.keys() & step.properties) or (depth > 0 and not here)
    if not may_be_missing or not is_known:
        place = _dotted(operation.steps[: depth + 1])
        message = f"`{place}` is null" if step.name in here else f"it has no `{place}`"
        raise not_documented(message)


def _check_links(operation: Operation, body: Any, *, are_required: bool = False) -> None:
    """Check the links of a HAL list: they are its records, unless it embeds them.

    Args:
        operation: The operation. Any other than one with a HAL list passes.
        body: The answer.
        are_required: Whether the answer embeds no records, so that it must have links.

    Raises:
        BrokenAnswerError: The links are missing, or are none.
    """
    path = operation.results or ()
    if not is_hal_list(path):
        return
    place = path_of_links(path)
    links = _found_on_way(body, place)
    if links is None and are_required:
        message = f"it has no `{'.'.join(place)}`"
        raise not_documented(message)
    # HAL writes a single link as an object or as a list.
    if links is not None and not isinstance(links, dict) and not _is_list_of_objects(links):
        message = f"it has no list of objects at {'.'.join(place)!r}"
        raise not_documented(message)


def _check_record(operation: Operation, record: Any) -> None:
    """Check the one record of an operation.

    Raises:
        BrokenAnswerError: It is empty, or no object.
    """
    place = f"`{_dotted(operation.steps)}`" if operation.steps else "it"
    # Some answers have a list where the model describes an object.
    if not isinstance(record, dict) and not (record and _is_list_of_objects(record)):
        message = f"{place} is not an object"
        raise not_documented(message)
    is_empty = not (record if operation.steps else _content(record))
    if is_empty and not operation.record_may_be_empty:
        message = f"{place} is empty"
        raise not_documented(message)
    known = operation.record_properties if operation.steps else ()
    if known and record and isinstance(record, dict) and known.isdisjoint(record):
        message = f"{place} has no property that the model knows"
        raise not_documented(message)


def _check_content(operation: Operation, body: Mapping[str, Any]) -> None:
    """Check an answer in which the catalogue knows no records.

    Raises:
        BrokenAnswerError: It has nothing, although it should.
    """
    missing = [name for name in operation.required_in_answer if body.get(name) is None]
    if missing:
        message = f"it has no `{missing[0]}`"
        raise not_documented(message)
    if operation.is_known:
        return
    if not _content(body):
        message = "it is empty"
        raise not_documented(message)
    if PAYLOAD in body and body[PAYLOAD] is None:
        message = f"`{PAYLOAD}` is null"
        raise not_documented(message)


def _check_paging(operation: Operation, answer: Answer) -> None:
    """Check what leads to the next page.

    Raises:
        BrokenAnswerError: It can lead nowhere.
    """
    paging, body = operation.paging, answer.envelope
    if paging is None:
        return
    if paging.next_token is not None:
        check_token(body, paging.next_token)
    if paging.total is None:
        return
    total = _found_on_way(body, paging.total)
    if total is None:
        return
    count = len(items_in(operation, answer))
    if not is_count(total):
        message = f"`{'.'.join(paging.total)}` is not a number of records"
        raise not_documented(message)
    if total < count:
        message = f"it has {count} records, but says that there are {total} in all"
        raise not_documented(message)


def check_token(body: Any, place: Sequence[str]) -> None:
    """Check the token of the next page in an answer.

    Raises:
        BrokenAnswerError: It is not text, so it leads nowhere.
    """
    token = _found_on_way(body, place)
    if token is not None and not isinstance(token, str):
        message = f"`{'.'.join(place)}`, the token of the next page, is not text"
        raise not_documented(message)


def _found_on_way(body: Any, path: Sequence[str]) -> Any:
    """Follow names into objects; return None where one of them is missing or null.

    Raises:
        BrokenAnswerError: There is something else than an object on the way.
    """
    here = body
    for depth, name in enumerate(path):
        if here is None:
            return None
        if not isinstance(here, dict):
            message = f"`{'.'.join(path[:depth])}` is not an object"
            raise not_documented(message)
        here = here.get(name)
    return here


def count_at(operation: Operation, answer: Answer, path: Sequence[str]) -> int | None:
    """Return the number of records that an answer has at a path; None if there is none.

    Raises:
        ServiceError: There is something else.
    """
    found = at_path(answer.envelope, path)
    if found is None or is_count(found):
        return cast("int | None", found)
    raise ServiceError(
        operation.id,
        status=answer.status,
        message=f"{NOT_DOCUMENTED}: `{'.'.join(path)}` is not a number of records",
        request_id=answer.request_id,
    )


def is_count(value: Any) -> bool:
    """Return whether a value is a number of things."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _are_about_answer(operation: Operation) -> bool:
    """Return whether `errors` are about the answer, not a property of what it describes."""
    if operation.steps:
        return True
    return ERRORS not in (operation.answer_properties if operation.record is not None else ()) and (
        ERRORS not in operation.required_in_answer
    )


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an answer has beside its errors."""
    return {name: value for name, value in body.items() if name != ERRORS and value is not None}


def _dotted(steps: Sequence[Step]) -> str:
    return ".".join(step.name for step in steps)
