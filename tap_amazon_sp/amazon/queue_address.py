"""Addresses of queues of Amazon SQS.

Facts: the AWS documentation "Amazon SQS endpoints and quotas" (names of hosts) and "Amazon SQS
queue and message identifiers" (URLs and ARNs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_REGION = "us-east-1"

_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"
_PUBLIC_HOSTS = re.compile(
    # The present form, and those of FIPS and IPv6; the form of old.
    rf"sqs(?:-fips)?\.(?P<region>{_REGION})\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"
    rf"|(?:(?P<old>{_REGION})\.)?queue\.amazonaws\.com"
)
_VPC_HOSTS = re.compile(rf"vpce-[\w-]+\.sqs\.(?P<region>{_REGION})\.vpce\.amazonaws\.com(?:\.cn)?")
_ARN = re.compile(
    rf"arn:aws[\w-]*:sqs:(?P<region>{_REGION}):(?P<account>\d{{12}}):"
    r"(?P<name>[\w-]{1,80}(?:\.fifo)?)"
)
_PATH = re.compile(r"/(?P<account>\w+)/(?P<name>[\w-]{1,80}(?:\.fifo)?)/?")
_FORMS = (
    "must be the URL of a queue (https://sqs.REGION.amazonaws.com/ACCOUNT/NAME) or its ARN "
    "(arn:aws:sqs:REGION:ACCOUNT:NAME)"
)


@dataclass(frozen=True)
class QueueAddress:
    """Where a queue is.

    Attributes:
        region: AWS region; None if the address does not tell.
        account: Id of the AWS account.
        name: Name of the queue.
        url: Its URL, by which SQS knows it.
        endpoint: Address of the server, if it is not a public one of AWS: a VPC endpoint or a test
            server.
    """

    region: str | None
    account: str
    name: str
    url: str
    endpoint: str | None = None

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue: the names of all of them, and of no others, say so."""
        return self.name.endswith(".fifo")

    @property
    def is_at_aws(self) -> bool:
        """Whether a server of AWS has it, not a test server."""
        host = urlsplit(self.endpoint or self.url).hostname or ""
        return _PUBLIC_HOSTS.fullmatch(host) is not None or _VPC_HOSTS.fullmatch(host) is not None

    @property
    def arn(self) -> str:
        """Its ARN."""
        region = self.region or DEFAULT_REGION
        partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(_partition_of(region), "aws")
        return f"arn:{partition}:sqs:{region}:{self.account}:{self.name}"

    @property
    def host(self) -> str:
        """The host that is asked, with its port if it has one."""
        return urlsplit(self.endpoint or self.url).netloc


def queue_address(text: str, *, endpoint_url: str | None = None) -> QueueAddress:
    """Return the address of a queue by its URL or ARN.

    Args:
        text: The URL or ARN. `sqs://HOST:PORT/ACCOUNT/NAME` is a queue of a test server.
        endpoint_url: Address of a server that is not a public one of AWS.

    Raises:
        ValueError: It is neither; says how to write it.
    """
    text = text.strip()
    if (arn := _ARN.fullmatch(text)) is not None:
        domain = "amazonaws.com.cn" if _partition_of(arn["region"]) == "cn" else "amazonaws.com"
        origin = (endpoint_url or f"https://sqs.{arn['region']}.{domain}").rstrip("/")
        url = f"{origin}/{arn['account']}/{arn['name']}"
        return QueueAddress(arn["region"], arn["account"], arn["name"], url, endpoint_url)
    parts = urlsplit(text)
    path = _PATH.fullmatch(parts.path)
    if (
        parts.scheme not in ("http", "https", "sqs")
        or not parts.hostname
        or parts.username is not None
        or parts.query
        or path is None
    ):
        raise ValueError(_FORMS)
    scheme = "http" if parts.scheme == "sqs" else parts.scheme
    origin = f"{scheme}://{_reachable(parts)}"
    account, name = path["account"], path["name"]
    url = f"{origin}/{account}/{name}"
    if (host := _PUBLIC_HOSTS.fullmatch(parts.hostname)) is not None:
        region = host["region"] or host["old"] or DEFAULT_REGION
        return QueueAddress(region, account, name, url, endpoint_url)
    vpc = _VPC_HOSTS.fullmatch(parts.hostname)
    region_of_host = None if vpc is None else vpc["region"]
    return QueueAddress(region_of_host, account, name, url, endpoint_url or origin)


def _reachable(parts: SplitResult) -> str:
    """Return host and port of an address; names under `localhost` are this machine.

    The URLs of test servers have such names (RFC 6761), and not every resolver knows them.
    """
    host = parts.hostname or ""
    if not host.endswith(".localhost"):
        return parts.netloc
    return "127.0.0.1" if parts.port is None else f"127.0.0.1:{parts.port}"


def _partition_of(region: str) -> str:
    return "us-gov" if region.startswith("us-gov-") else region.partition("-")[0]
