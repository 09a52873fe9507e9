{{ config(
    materialized='incremental',
    unique_key=['account', 'order_id'],
    indexes=[{'columns': ['loaded_at']}, {'columns': ['account', 'order_id']}],
) }}
with
{%- if is_incremental() %}
changed as (
    select account, order_id
    from {{ ref('stg_amazon_sp__orders') }}
    where {{ amazon_sp.is_new() }}
    union
    select account, order_id
    from {{ ref('order_items') }}
    where {{ amazon_sp.is_new() }}
),
{%- endif %}
versions as (
    {{ amazon_sp.numbered_orders() | indent(4) }}
),

items as (
    select
        account,
        order_id,
        max(currency) as currency,
        sum(units) as units,
        sum(units_shipped) as units_shipped,
        sum(revenue) as revenue,
        sum(shipping) as shipping,
        sum(gift_wrap) as gift_wrap,
        sum(discount) as discount,
        sum(tax) as tax,
        case when count(total) = count(*) then sum(total) end as total,
        max(loaded_at) as loaded_at
    from {{ ref('order_items') }}
    {%- if is_incremental() %}
    where (account, order_id) in (select account, order_id from changed)
    {%- endif %}
    group by account, order_id
),

totals as (
    select
        orders.account,
        orders.order_id,
        orders.marketplace_id,
        marketplaces.country,
        orders.created_at,
        {{ amazon_sp.marketplace_day('orders.created_at') }} as created_day,
        orders.last_updated_at,
        orders.status,
        orders.amazon_status,
        coalesce(orders.status = 'CANCELLED', false) as is_cancelled,
        orders.fulfilled_by,
        coalesce(orders.currency, items.currency) as currency,
        items.units,
        items.units_shipped,
        items.revenue,
        items.shipping,
        items.gift_wrap,
        items.discount,
        items.tax,
        case when orders.status = 'CANCELLED' then 0 else coalesce(orders.total, items.total) end as total,
        orders.source,
        greatest(orders.loaded_at, items.loaded_at) as loaded_at
    from versions as orders
    left join items
        on orders.account = items.account
        and orders.order_id = items.order_id
    left join {{ ref('marketplaces') }} as marketplaces
        on orders.marketplace_id = marketplaces.marketplace_id
    where orders.copy = 1
)

select
    account,
    order_id,
    marketplace_id,
    country,
    created_at,
    created_day,
    last_updated_at,
    status,
    amazon_status,
    is_cancelled,
    fulfilled_by,
    currency,
    cast(units as {{ amazon_sp.type_named('integer') }}) as units,
    cast(units_shipped as {{ amazon_sp.type_named('integer') }}) as units_shipped,
    {%- for column in ['revenue', 'shipping', 'gift_wrap', 'discount', 'tax'] %}
    cast({{ column }} as {{ amazon_sp.type_named('number') }}) as {{ column }},
    {%- endfor %}
    cast(
        total - coalesce(revenue, 0) - coalesce(shipping, 0) - coalesce(gift_wrap, 0)
        - coalesce(discount, 0) - coalesce(tax, 0)
        as {{ amazon_sp.type_named('number') }}
    ) as other,
    cast(total as {{ amazon_sp.type_named('number') }}) as total,
    source,
    loaded_at
from totals
