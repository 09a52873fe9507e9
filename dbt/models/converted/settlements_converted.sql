{{ config(enabled=var('amazon_sp_exchange_rates') is not none and var('amazon_sp_finances')) }}
{{ amazon_sp.in_report_currency(
    ref('settlements'),
    day='ended_day',
    columns=['account', 'settlement_id', 'marketplace_id', 'country', 'ended_day', 'currency'],
    amounts=['total']
        + amazon_sp.charge_kinds_of_buyers()
        + ['refunds']
        + amazon_sp.charge_kinds_of_fees()
        + ['reimbursements', 'other', 'reserves', 'transfers'],
) }}
