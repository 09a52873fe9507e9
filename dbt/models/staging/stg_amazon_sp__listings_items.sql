{%- set raw = amazon_sp.raw_table('listings_items', family='inventory') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'marketplaceId') }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, 'sku') }} as sku,
    {{ amazon_sp.raw_value(raw, 'summaries.0.asin') }} as asin,
    {{ amazon_sp.raw_value(raw, 'summaries.0.fnSku') }} as fnsku,
    {{ amazon_sp.raw_value(raw, 'summaries.0.conditionType') }} as condition,
    {{ amazon_sp.raw_value(raw, 'summaries.0.itemName') }} as title,
    {{ amazon_sp.raw_value(raw, 'fulfillmentAvailability', 'json') }} as availability,
    {{ amazon_sp.raw_value(raw, 'lastUpdatedDate', 'timestamp') }} as updated_at,
    {{ amazon_sp.raw_read_at(raw) }} as read_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
