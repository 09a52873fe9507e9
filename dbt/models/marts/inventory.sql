{{ config(enabled=var('amazon_sp_inventory')) }}
{#- Amazon's column, or the sum of rows with other conditions and labels. -#}
{%- set quantities = [
    'on_hand', 'available', 'reserved', 'inbound', 'inbound_working', 'inbound_shipped',
    'inbound_receiving', 'unsellable', 'researching',
] -%}
with stock_at_amazon as (
    select
        *,
        row_number() over (
            partition by account, marketplace_id, sku, fnsku, condition
            order by loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__fba_inventory_summaries') }}
),

listings as (
    select
        *,
        row_number() over (
            partition by account, marketplace_id, sku
            order by updated_at desc nulls last, loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__listings_items') }}
),

stock_of_merchant as (
    select
        listings.account,
        listings.marketplace_id,
        listings.sku,
        sum({{ amazon_sp.json_value('channel.value', 'quantity', 'integer') }}) as quantity
    from (select * from listings where place = 1) as listings
    {{ amazon_sp.json_elements('listings.availability', 'channel') }}
    where {{ amazon_sp.json_value('channel.value', 'fulfillmentChannelCode', 'text') }} not like 'AMAZON%'
    group by 1, 2, 3
    having sum({{ amazon_sp.json_value('channel.value', 'quantity', 'integer') }}) is not null
),

stock as (
    select
        account,
        marketplace_id,
        sku,
        'AMAZON' as fulfilled_by,
        max(asin) as asin,
        string_agg(distinct nullif(fnsku, '(none)'), ', ') as fnsku,
        string_agg(distinct nullif(condition, '(none)'), ', ') as condition,
        max(title) as title,
        {#- Units that Amazon looks for are in none of the other quantities. #}
        sum(case
            when coalesce(available, reserved, unsellable) is not null
                then coalesce(available, 0) + coalesce(reserved, 0) + coalesce(unsellable, 0)
        end) as on_hand,
        sum(available) as available,
        sum(reserved) as reserved,
        sum(case
            when coalesce(inbound_working, inbound_shipped, inbound_receiving) is not null
                then coalesce(inbound_working, 0) + coalesce(inbound_shipped, 0) + coalesce(inbound_receiving, 0)
        end) as inbound,
        sum(inbound_working) as inbound_working,
        sum(inbound_shipped) as inbound_shipped,
        sum(inbound_receiving) as inbound_receiving,
        sum(unsellable) as unsellable,
        sum(researching) as researching,
        max(updated_at) as updated_at,
        max(read_at) as read_at,
        max(loaded_at) as loaded_at
    from stock_at_amazon
    where place = 1
    group by 1, 2, 3
    union all
    select
        listings.account,
        listings.marketplace_id,
        listings.sku,
        'MERCHANT' as fulfilled_by,
        listings.asin,
        cast(null as text) as fnsku,
        listings.condition,
        listings.title,
        stock_of_merchant.quantity as on_hand,
        stock_of_merchant.quantity as available,
        {%- for name in quantities[2:] %}
        cast(null as bigint) as {{ name }},
        {%- endfor %}
        listings.updated_at,
        listings.read_at,
        listings.loaded_at
    from listings
    inner join stock_of_merchant
        on listings.account = stock_of_merchant.account
        and listings.marketplace_id = stock_of_merchant.marketplace_id
        and listings.sku = stock_of_merchant.sku
    where listings.place = 1
),

with_pools as (
    select
        stock.*,
        marketplaces.country,
        coalesce({{ amazon_sp.stock_pool('stock.fulfilled_by', 'marketplaces.country') }}, stock.marketplace_id) as stock_pool
    from stock
    left join {{ ref('marketplaces') }} as marketplaces
        on stock.marketplace_id = marketplaces.marketplace_id
),

accounts as (
    select
        account,
        {#- Age counts from the time at which the tap read the stock, not from the time of the build. #}
        coalesce(max(read_at), current_timestamp) as read_at
    from stock
    group by 1
),

with_orders as (
    select distinct account
    from {{ ref('order_items') }}
),

sold as (
    select
        items.account,
        items.marketplace_id,
        items.sku,
        items.fulfilled_by,
        coalesce({{ amazon_sp.stock_pool('items.fulfilled_by', 'items.country') }}, items.marketplace_id) as stock_pool,
        sum(items.units) as units
    from {{ ref('order_items') }} as items
    inner join accounts
        on items.account = accounts.account
    where items.created_at > accounts.read_at - interval '30 days'
        and items.created_at <= accounts.read_at
    group by 1, 2, 3, 4, 5
),

sold_from_pools as (
    select
        account,
        stock_pool,
        sku,
        fulfilled_by,
        sum(units) as units
    from sold
    group by 1, 2, 3, 4
),

titles as (
    select
        account,
        marketplace_id,
        sku,
        title
    from listings
    where place = 1
),

awd as (
    select
        account,
        sku,
        max(on_hand) as on_hand
    from {{ ref('stg_amazon_sp__awd_inventory') }}
    group by 1, 2
)

select
    with_pools.account,
    with_pools.marketplace_id,
    with_pools.sku,
    with_pools.fulfilled_by,
    with_pools.country,
    with_pools.stock_pool,
    with_pools.asin,
    with_pools.fnsku,
    with_pools.condition,
    coalesce(titles.title, with_pools.title) as title,
    {%- for name in quantities %}
    cast(with_pools.{{ name }} as bigint) as {{ name }},
    {%- endfor %}
    case when with_pools.fulfilled_by = 'AMAZON' then awd.on_hand end as awd_on_hand,
    {#- Without orders, nobody knows what was sold. #}
    case
        when with_orders.account is not null then cast(coalesce(sold.units, 0) as bigint)
    end as units_sold_30_days,
    {{ amazon_sp.ratio('30 * with_pools.available', 'sold_from_pools.units', 1) }} as days_of_cover,
    with_pools.updated_at,
    with_pools.read_at,
    with_pools.loaded_at
from with_pools
left join titles
    on with_pools.account = titles.account
    and with_pools.marketplace_id = titles.marketplace_id
    and with_pools.sku = titles.sku
left join awd
    on with_pools.account = awd.account
    and with_pools.sku = awd.sku
left join with_orders
    on with_pools.account = with_orders.account
left join sold
    on with_pools.account = sold.account
    and with_pools.marketplace_id = sold.marketplace_id
    and with_pools.sku = sold.sku
    and with_pools.fulfilled_by = sold.fulfilled_by
left join sold_from_pools
    on with_pools.account = sold_from_pools.account
    and with_pools.stock_pool = sold_from_pools.stock_pool
    and with_pools.sku = sold_from_pools.sku
    and with_pools.fulfilled_by = sold_from_pools.fulfilled_by
