{%- set raw = amazon_sp.raw_table('orders', family='orders') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, ['orderId', 'AmazonOrderId']) }} as order_id,
    {{ amazon_sp.raw_value(raw, ['createdTime', 'PurchaseDate'], 'timestamp') }} as created_at,
    {{ amazon_sp.raw_value(raw, ['proceeds.grandTotal.amount', 'OrderTotal.Amount'], 'number') }} as total_amount,
    {{ amazon_sp.raw_value(raw, ['proceeds.grandTotal.currencyCode', 'OrderTotal.CurrencyCode']) }} as currency,
    {{ amazon_sp.raw_value(raw, ['packages'], 'json') }} as packages,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
