{{ config(enabled=var('amazon_sp_exchange_rates') is not none and var('amazon_sp_finances')) }}
{{ amazon_sp.in_report_currency(
    ref('payouts'),
    day='created_day',
    columns=['account', 'payout_id', 'settlement_id', 'marketplace_id', 'country', 'created_day', 'currency'],
    amounts=[
        'amount',
    ],
) }}
