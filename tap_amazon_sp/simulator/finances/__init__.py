"""The Finances and Transfers APIs: transactions, balances, events, settlements, payouts."""
