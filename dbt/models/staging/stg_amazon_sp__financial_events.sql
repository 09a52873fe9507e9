{%- set raw = amazon_sp.raw_table('financial_events', family='finances') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'eventType') }} as event_type,
    {{ amazon_sp.raw_value(raw, 'eventHash') }} as event_hash,
    {{ amazon_sp.raw_value(raw, 'occurrence', 'integer') }} as occurrence,
    {#- A key cannot be null, so the tap writes `(none)` for events that have a date. -#}
    cast(nullif(nullif({{ amazon_sp.raw_value(raw, 'windowStart') }}, '(none)'), '') as {{ amazon_sp.type_named('timestamp') }}) as found_on,
    {{ amazon_sp.raw_value(raw, 'postedDate', 'timestamp') }} as posted_at,
    {{ amazon_sp.raw_value(raw, 'amazonOrderId') }} as order_id,
    {{ amazon_sp.raw_value(raw, 'marketplaceName') }} as marketplace_name,
    {{ amazon_sp.raw_value(raw, 'event', 'json') }} as event,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
