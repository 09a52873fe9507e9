"""The paths that the server answers besides those of the Selling Partner API."""

from __future__ import annotations

TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path
"""The token endpoint of Login with Amazon."""

CONSENT_PATH = "/apps/authorize/consent"
"""Where a selling partner consents to an application, in Seller Central and Vendor Central."""

CONSENTED_PATH = "/_simulator/authorized"
"""Where the browser is sent after the consent, if the application names no redirect URI."""

DOCUMENTS_PATH = "/documents/"
"""Where documents are stored; presigned URLs lead below it."""

CONTROL_PATH = "/_simulator/"
"""Where tests look inside the simulator and inject faults."""


def document_path(account: str, document_id: str) -> str:
    """Return the path of a document of an account."""
    return f"{DOCUMENTS_PATH}{account}/{document_id}"


def account_of_document(path: str) -> str:
    """Return the name of the account whose document a path below `DOCUMENTS_PATH` leads to."""
    return path.removeprefix(DOCUMENTS_PATH).partition("/")[0]
