"""The access token that each operation needs: the account's, a grantless or a restricted one."""

from __future__ import annotations

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.restricted import RestrictedDataTokens
from tap_amazon_sp.amazon.catalogue import Operation


class AccessTokens:
    """The access tokens of one account, by operation. It may be used from many threads."""

    def __init__(self, account: Account, lwa: LwaTokens, restricted: RestrictedDataTokens) -> None:
        """Request nothing yet."""
        self._account = account
        self._lwa = lwa
        self._restricted = restricted

    def token(self, operation: Operation) -> str:
        """Return an access token that is valid for an operation.

        Raises:
            AuthenticationError, SellingPartnerError: Amazon issues none.
        """
        if operation.grantless:
            return self._lwa.token(operation.grantless)
        if operation.restricted is not None and self._account.restricted_data:
            wanted = self._account.restricted_data_elements
            elements = tuple(
                element for element in operation.restricted if wanted is None or element in wanted
            )
            return self._restricted.token(operation.method, operation.path, elements)
        return self._lwa.token()

    def discard(self, token: str) -> None:
        """Forget a token that Amazon refused, unless another thread has already replaced it."""
        self._lwa.discard(token)
        self._restricted.discard(token)
