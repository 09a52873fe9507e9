{{ config(enabled=var('amazon_sp_exchange_rates') is not none) }}
{{ amazon_sp.in_report_currency(
    ref('orders'),
    day='created_day',
    columns=['account', 'order_id', 'marketplace_id', 'country', 'created_day', 'currency'],
    amounts=[
        'revenue',
        'shipping',
        'gift_wrap',
        'discount',
        'tax',
        'other',
        'total',
    ],
) }}
