{{ config(
    materialized='incremental',
    unique_key=['account', 'order_id'],
    indexes=[{'columns': ['loaded_at']}, {'columns': ['account', 'order_id']}],
) }}
{#- An order changes as a whole: if anything of it is new, all its items are read again. -#}
with
{%- if is_incremental() %}
changed as (
    select account, order_id
    from {{ ref('stg_amazon_sp__order_items') }}
    where {{ amazon_sp.is_new() }}
    union
    select account, order_id
    from {{ ref('stg_amazon_sp__orders') }}
    where {{ amazon_sp.is_new() }}
),
{%- endif %}
orders as (
    {{ amazon_sp.numbered_orders() | indent(4) }}
),

versions as (
    select
        *,
        -- Items that the newest version of the order lacks are gone, or have Amazon's id by now.
        rank() over (
            partition by account, order_id
            order by {{ amazon_sp.newest_version() }}
        ) as version,
        row_number() over (
            partition by account, order_id, order_item_id
            order by {{ amazon_sp.newest_version() }},
            loaded_at desc nulls last
        ) as copy
    from {{ ref('stg_amazon_sp__order_items') }}
    {%- if is_incremental() %}
    where (account, order_id) in (select account, order_id from changed)
    {%- endif %}
),

items as (
    select *
    from versions
    where version = 1
        and copy = 1
),

{% set type = "coalesce(" ~ amazon_sp.json_text('breakdown.value', 'type') ~ ", '')" -%}
{%- set amount = amazon_sp.json_value('breakdown.value', 'subtotal.amount', 'number') -%}
charges as (
    select
        items.account,
        items.order_id,
        items.order_item_id,
        max({{ amazon_sp.json_text('breakdown.value', 'subtotal.currencyCode') }}) as currency,
        sum(case when {{ type }} = 'ITEM' then {{ amount }} end) as revenue,
        sum(case when {{ type }} = 'SHIPPING' then {{ amount }} end) as shipping,
        sum(case when {{ type }} = 'GIFT_WRAP' then {{ amount }} end) as gift_wrap,
        sum(case when {{ type }} = 'DISCOUNT' then -abs({{ amount }}) end) as discount,
        sum(case when {{ type }} = 'TAX' then {{ amount }} end) as tax,
        sum(
            case when {{ type }} not in ('ITEM', 'SHIPPING', 'GIFT_WRAP', 'DISCOUNT', 'TAX') then {{ amount }} end
        ) as other
    from items
    {{ amazon_sp.json_elements('items.breakdowns', 'breakdown') }}
    group by items.account, items.order_id, items.order_item_id
),

promotions as (
    select
        items.account,
        items.order_id,
        items.order_item_id,
        string_agg(
            coalesce(
                {{ amazon_sp.json_text('promotion.value', 'promotionId') }},
                {{ amazon_sp.json_text('promotion.value', '') }}
            ),
            ', '
            order by promotion.position
        ) as promotion_ids
    from items
    {{ amazon_sp.json_elements('items.promotions', 'promotion') }}
    group by items.account, items.order_id, items.order_item_id
),

-- Orders 2026-01-01 and reports have breakdowns, Orders v0 has prices; reports have discounts beside.
amounts as (
    select
        items.account,
        items.order_id,
        items.order_item_id,
        coalesce(items.marketplace_id, orders.marketplace_id) as marketplace_id,
        coalesce(items.created_at, orders.created_at) as created_at,
        coalesce(orders.status, items.status) as order_status,
        coalesce(orders.status, '') = 'CANCELLED'
            or coalesce(items.status, '') = 'CANCELLED'
            or (
                items.cancelled_by is not null
                and coalesce(items.units_shipped, 0) + coalesce(items.units_unshipped, 0) = 0
            ) as is_cancelled,
        orders.fulfilled_by,
        items.sku,
        items.asin,
        items.title,
        items.units,
        coalesce(
            items.units_shipped,
            case items.status when 'SHIPPED' then items.units when 'UNSHIPPED' then 0 end
        ) as units_shipped,
        coalesce(items.currency, charges.currency, orders.currency) as currency,
        charges.order_id is not null or items.item_price is not null as is_priced,
        coalesce(charges.revenue, 0) + coalesce(items.item_price, 0) as revenue,
        coalesce(charges.shipping, 0) + coalesce(items.shipping_price, 0) as shipping,
        coalesce(charges.gift_wrap, 0) + coalesce(items.gift_wrap_price, 0) as gift_wrap,
        coalesce(charges.discount, 0)
            + coalesce(items.item_discount, 0)
            + coalesce(items.shipping_discount, 0)
            + coalesce(items.cod_fee_discount, 0) as discount,
        coalesce(charges.tax, 0)
            + coalesce(items.item_tax, 0)
            + coalesce(items.shipping_tax, 0)
            + coalesce(items.gift_wrap_tax, 0)
            + coalesce(items.item_discount_tax, 0)
            + coalesce(items.shipping_discount_tax, 0) as tax,
        coalesce(charges.other, 0) + coalesce(items.cod_fee, 0) as other,
        items.total,
        promotions.promotion_ids,
        items.last_updated_at,
        items.source,
        greatest(items.loaded_at, orders.loaded_at) as loaded_at
    from items
    left join orders
        on items.account = orders.account
        and items.order_id = orders.order_id
        and orders.copy = 1
    left join charges
        on items.account = charges.account
        and items.order_id = charges.order_id
        and items.order_item_id = charges.order_item_id
    left join promotions
        on items.account = promotions.account
        and items.order_id = promotions.order_id
        and items.order_item_id = promotions.order_item_id
),

totals as (
    select
        *,
        coalesce(total, revenue + shipping + gift_wrap + discount + tax + other) as known_total
    from amounts
)

select
    totals.account,
    totals.order_id,
    totals.order_item_id,
    totals.marketplace_id,
    marketplaces.country,
    totals.created_at,
    {{ amazon_sp.marketplace_day('totals.created_at') }} as created_day,
    case when is_cancelled then 'CANCELLED' else order_status end as status,
    totals.is_cancelled,
    totals.fulfilled_by,
    totals.sku,
    totals.asin,
    totals.title,
    case when is_cancelled then 0 else units end as units,
    case when is_cancelled then 0 else units_shipped end as units_shipped,
    totals.currency,
    {%- for column in ['revenue', 'shipping', 'gift_wrap', 'discount', 'tax'] %}
    cast({{ amazon_sp._unless_cancelled(column) }} as {{ amazon_sp.type_named('number') }}) as {{ column }},
    {%- endfor %}
    cast(
        {{ amazon_sp._unless_cancelled('known_total - revenue - shipping - gift_wrap - discount - tax') }}
        as {{ amazon_sp.type_named('number') }}
    ) as other,
    cast({{ amazon_sp._unless_cancelled('known_total') }} as {{ amazon_sp.type_named('number') }}) as total,
    totals.promotion_ids,
    totals.last_updated_at,
    totals.source,
    totals.loaded_at
from totals
left join {{ ref('marketplaces') }} as marketplaces
    on totals.marketplace_id = marketplaces.marketplace_id
