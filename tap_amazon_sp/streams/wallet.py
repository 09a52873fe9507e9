"""Amazon Seller Wallet: accounts with their balances, transactions and scheduled transfers.

Facts: Amazon's model `sellerWallet_2024-03-01`. Amazon does not document the role.
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream


class WalletAccounts(AmazonStream):
    """Seller Wallet accounts, by marketplace."""

    name = "wallet_accounts"
    operation_id = "sellerWallet_2024-03-01.listAccounts"
    primary_keys = ("marketplaceId", "accountId")
    from_request = {"marketplaceId": "marketplaceId"}
    # A seller may have no wallet in a marketplace.
    missing_is_empty = True
    read = Snapshot()


_ACCOUNT = {"accountId": "accountId", "marketplaceId": "marketplaceId"}
_NAMED_BY_ACCOUNT = {"marketplaceId": "marketplaceId", "walletAccountId": "accountId"}


class WalletBalances(AmazonStream):
    """Balances of the Seller Wallet accounts, by type and currency."""

    name = "wallet_balances"
    operation_id = "sellerWallet_2024-03-01.listAccountBalances"
    primary_keys = ("marketplaceId", "accountId", "balanceType", "balanceCurrency")
    optional_keys = ("balanceType",)
    read = PerParent(WalletAccounts, _ACCOUNT, {"marketplaceId": "marketplaceId"})


class WalletTransactions(AmazonStream):
    """Transactions of the Seller Wallet accounts; every run reads all of them.

    `walletAccountId` is the account in the request. A transaction's own `accountId` is the account
    that the money is taken from.
    """

    name = "wallet_transactions"
    operation_id = "sellerWallet_2024-03-01.listAccountTransactions"
    primary_keys = ("marketplaceId", "walletAccountId", "transactionId")
    read = PerParent(WalletAccounts, _ACCOUNT, _NAMED_BY_ACCOUNT)


class WalletTransferSchedules(AmazonStream):
    """Scheduled transfers of the Seller Wallet accounts."""

    name = "wallet_transfer_schedules"
    operation_id = "sellerWallet_2024-03-01.listTransferSchedules"
    primary_keys = ("marketplaceId", "walletAccountId", "transferScheduleId")
    read = PerParent(WalletAccounts, _ACCOUNT, _NAMED_BY_ACCOUNT)
