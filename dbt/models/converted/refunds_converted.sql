{{ config(enabled=var('amazon_sp_exchange_rates') is not none and var('amazon_sp_finances')) }}
{{ amazon_sp.in_report_currency(
    ref('refunds'),
    day='posted_day',
    columns=['account', 'transaction_id', 'item_number', 'order_id', 'sku', 'marketplace_id', 'country', 'posted_day', 'currency'],
    amounts=[
        'principal',
        'shipping',
        'gift_wrap',
        'discounts',
        'tax',
        'tax_withheld',
        'fees_returned',
        'fees_charged',
        'other',
        'total',
    ],
) }}
