"""What can go wrong with a queue of Amazon SQS, in sentences.

Facts: botocore's model of SQS and the AWS documentation "Common error types" (codes of errors).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.amazon.auth.aws_keys import NoKeysError
from tap_amazon_sp.amazon.errors import AccountError
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.common.json_paths import at_path


class QueueError(AccountError):
    """A queue cannot be used; says why and what to do.

    `code` is that of AWS, such as `AccessDenied`; None if no answer came. `lacks_keys` is True if
    there were no keys to ask with.
    """

    code: str | None = None
    lacks_keys = False

    @property
    def is_denied(self) -> bool:
        """Whether the keys lack a permission."""
        return self.code is not None and _DENIED.codes.search(self.code) is not None


@dataclass(frozen=True)
class _Kind:
    """Errors with the same cause.

    Attributes:
        codes: Finds their codes; those of old have `AWS.SimpleQueueService.` before the name.
        sentence: What happened and what to do, with `{queue}`, `{permission}` and `{code}`.
    """

    codes: re.Pattern[str]
    sentence: str


_DENIED = _Kind(
    re.compile(r"AccessDenied|AuthorizationError"),
    "AWS refuses {permission} on {queue}: allow it in the policy of the user or role that the AWS "
    "keys belong to; a queue of another AWS account has to allow it in its own policy, too",
)
_KINDS: Sequence[_Kind] = (
    _Kind(
        re.compile(r"NonExistentQueue$|QueueDoesNotExist$|InvalidAddress$"),
        "{queue} does not exist: check account, name and region in its address. AWS takes up to a "
        "minute to know a new queue",
    ),
    _Kind(
        re.compile(r"(^|\.)K(ms|MS)"),
        "{queue} is encrypted, and its KMS key cannot be used ({code}): the AWS keys need "
        "kms:Decrypt on it, and it has to be enabled",
    ),
    _DENIED,
    _Kind(
        re.compile(r"ExpiredToken|RequestExpired|RequestTimeTooSkewed"),
        "the AWS keys for {queue} have expired ({code}): get new ones, and check the clock",
    ),
    _Kind(
        re.compile(
            r"InvalidClientTokenId|InvalidAccessKeyId|InvalidSecurity|SignatureDoesNotMatch"
            r"|UnrecognizedClientException"
        ),
        "AWS does not know the keys for {queue} ({code}): check `aws_access_key_id`, "
        "`aws_secret_access_key` and `aws_session_token`, or where boto3 finds them",
    ),
    _Kind(re.compile(""), "AWS refuses {permission} on {queue}: {code}"),
)
_ROLE = (
    "the role in `role_arn` could not be assumed ({code}): check `role_arn`, its trust policy and "
    "the AWS keys"
)


def queue_error(error: Exception, address: QueueAddress, permission: str) -> QueueError:
    """Return what went wrong with a queue, in a sentence.

    Args:
        error: What boto3 raised.
        address: The queue.
        permission: What the call needs, such as `sqs:ReceiveMessage`.
    """
    response = getattr(error, "response", None)
    code = at_path(response, ("Error", "Code"))
    status = at_path(response, ("ResponseMetadata", "HTTPStatusCode"))
    if not isinstance(code, str):
        return _without_answer(error, address)
    sentence = next(kind.sentence for kind in _KINDS if kind.codes.search(code))
    if getattr(error, "operation_name", "") == "AssumeRole":
        sentence = _ROLE
    queue = f"the queue {address.name} ({address.region or address.host})"
    text = sentence.format(queue=queue, permission=permission, code=code)
    found = QueueError(text, status=status if isinstance(status, int) else None)
    found.code = code
    return found


def _without_answer(error: Exception, address: QueueAddress) -> QueueError:
    from botocore import exceptions  # noqa: PLC0415 - slow, and usually not needed

    without_keys = (
        NoKeysError,
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProfileNotFound,
    )
    name = type(error).__name__
    if isinstance(error, without_keys):
        found = QueueError(
            f"there are no AWS keys for the queue {address.name} ({name}): set "
            "`aws_access_key_id` and `aws_secret_access_key`, or let boto3 find some "
            "(environment, profile, role of the machine)"
        )
        found.lacks_keys = True
        return found
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        return QueueError(
            f"no answer from {address.host}, where the queue {address.name} is ({name}): check the "
            "address, the network and `HTTPS_PROXY`"
        )
    return QueueError(f"the queue {address.name} at {address.host} cannot be used: {name}")
