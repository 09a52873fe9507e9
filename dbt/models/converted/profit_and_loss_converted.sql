{{ config(enabled=var('amazon_sp_exchange_rates') is not none and var('amazon_sp_finances')) }}
{{ amazon_sp.in_report_currency(
    ref('profit_and_loss'),
    day='posted_day',
    columns=['account', 'sku', 'posted_day', 'marketplace_id', 'currency', 'country'],
    amounts=amazon_sp.charge_kinds_of_buyers()
        + ['refunds']
        + amazon_sp.charge_kinds_of_fees()
        + ['reimbursements', 'other', 'net', 'reserves'],
) }}
