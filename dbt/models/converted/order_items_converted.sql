{{ config(enabled=var('amazon_sp_exchange_rates') is not none) }}
{{ amazon_sp.in_report_currency(
    ref('order_items'),
    day='created_day',
    columns=['account', 'order_id', 'order_item_id', 'marketplace_id', 'country', 'sku', 'created_day', 'currency'],
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
