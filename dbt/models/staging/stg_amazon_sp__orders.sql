{#- Loaders cannot put Orders v0 and Orders 2026-01-01 into one table, as the keys differ. Tables of v0 that
    were renamed stay in use. -#}
{%- for raw in amazon_sp.raw_tables(['orders', 'orders_v0'], family='orders') %}
{%- if not loop.first %}
union all
{%- endif %}
{%- set status = amazon_sp.raw_value(raw, ['fulfillment.fulfillmentStatus', 'OrderStatus', '_report.orderStatus']) %}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, ['orderId', 'AmazonOrderId']) }} as order_id,
    {{ amazon_sp.raw_value(raw, ['marketplaceId', 'salesChannel.marketplaceId']) }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, ['createdTime', 'PurchaseDate'], 'timestamp') }} as created_at,
    {{ amazon_sp.raw_value(raw, ['lastUpdatedTime', 'LastUpdateDate'], 'timestamp') }} as last_updated_at,
    {{ amazon_sp.order_status(status) }} as status,
    {{ status }} as amazon_status,
    case {{ amazon_sp.raw_value(raw, ['fulfillment.fulfilledBy', 'FulfillmentChannel']) }}
        when 'AFN' then 'AMAZON'
        when 'MFN' then 'MERCHANT'
        else {{ amazon_sp.raw_value(raw, ['fulfillment.fulfilledBy', 'FulfillmentChannel']) }}
    end as fulfilled_by,
    {{ amazon_sp.raw_value(raw, ['proceeds.grandTotal.currencyCode', 'OrderTotal.CurrencyCode']) }} as currency,
    {{ amazon_sp.raw_value(raw, ['proceeds.grandTotal.amount', 'OrderTotal.Amount'], 'number') }} as total,
    {{ amazon_sp.order_source(raw) }} as source,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
{%- endfor %}
