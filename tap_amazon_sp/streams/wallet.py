"""Amazon Seller Wallet: accounts, and their balances, transactions and scheduled transfers.

Facts: Amazon's model `sellerWallet_2024-03-01`. Amazon does not say which role is needed.
"""

from __future__ import annotations

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.snapshots import SnapshotStream


class WalletAccounts(SnapshotStream):
    """Seller Wallet accounts, by marketplace."""

    name = "wallet_accounts"
    operation_id = "sellerWallet_2024-03-01.listAccounts"
    primary_keys = ("marketplaceId", "accountId")
    from_request = {"marketplaceId": "marketplaceId"}
    # A seller need not have a wallet in each marketplace.
    missing_is_empty = True


class _OfAccount(CalledChildStream):
    parent_stream_type = WalletAccounts
    parameters_from_parent = {"accountId": "accountId", "marketplaceId": "marketplaceId"}


class WalletBalances(_OfAccount):
    """Balances of the Seller Wallet accounts, by type and currency."""

    name = "wallet_balances"
    operation_id = "sellerWallet_2024-03-01.listAccountBalances"
    primary_keys = ("marketplaceId", "accountId", "balanceType", "balanceCurrency")
    from_parent = {"marketplaceId": "marketplaceId"}


class WalletTransactions(_OfAccount):
    """Transactions of the Seller Wallet accounts: all of them in every run.

    `walletAccountId` is the account that was asked for; a transaction's own `accountId` is the
    one that money is taken from.
    """

    name = "wallet_transactions"
    operation_id = "sellerWallet_2024-03-01.listAccountTransactions"
    primary_keys = ("marketplaceId", "walletAccountId", "transactionId")
    from_parent = {"marketplaceId": "marketplaceId", "walletAccountId": "accountId"}


class WalletTransferSchedules(_OfAccount):
    """Scheduled transfers of the Seller Wallet accounts."""

    name = "wallet_transfer_schedules"
    operation_id = "sellerWallet_2024-03-01.listTransferSchedules"
    primary_keys = ("marketplaceId", "walletAccountId", "transferScheduleId")
    from_parent = {"marketplaceId": "marketplaceId", "walletAccountId": "accountId"}


STREAMS = (WalletAccounts, WalletBalances, WalletTransactions, WalletTransferSchedules)
