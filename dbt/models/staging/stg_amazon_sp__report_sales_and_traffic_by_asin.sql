{%- set raw = amazon_sp.raw_table('report_sales_and_traffic_by_asin', family='traffic') -%}
{%- set sales = 'sales_by_asin.' -%}
{%- set traffic = 'traffic_by_asin.' -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, '_marketplace_id') }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, '_data_start_time', 'timestamp') }} as data_start_at,
    {{ amazon_sp.raw_value(raw, '_data_end_time', 'timestamp') }} as data_end_at,
    {{ amazon_sp.raw_value(raw, 'parent_asin') }} as parent_asin,
    {{ amazon_sp.raw_value(raw, 'child_asin') }} as child_asin,
    {{ amazon_sp.raw_value(raw, 'sku') }} as sku,
    {{ amazon_sp.raw_value(raw, sales ~ 'ordered_product_sales.currency_code') }} as currency,
    {{ amazon_sp.raw_value(raw, sales ~ 'ordered_product_sales.amount', 'number') }} as revenue,
    {{ amazon_sp.raw_value(raw, sales ~ 'units_ordered', 'integer') }} as units_ordered,
    {{ amazon_sp.raw_value(raw, sales ~ 'total_order_items', 'integer') }} as order_items,
    {{ amazon_sp.raw_value(raw, sales ~ 'units_ordered_b2b', 'integer') }} as units_ordered_by_businesses,
    {{ amazon_sp.raw_value(raw, sales ~ 'ordered_product_sales_b2b.amount', 'number') }} as revenue_from_businesses,
    {{ amazon_sp.raw_value(raw, traffic ~ 'sessions', 'integer') }} as sessions,
    {{ amazon_sp.raw_value(raw, traffic ~ 'browser_sessions', 'integer') }} as browser_sessions,
    {{ amazon_sp.raw_value(raw, traffic ~ 'mobile_app_sessions', 'integer') }} as mobile_app_sessions,
    {{ amazon_sp.raw_value(raw, traffic ~ 'page_views', 'integer') }} as page_views,
    {{ amazon_sp.raw_value(raw, traffic ~ 'buy_box_percentage', 'number') }} as buy_box_percentage,
    {{ amazon_sp.raw_value(raw, '_report_created_time', 'timestamp') }} as report_created_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
