{{ config(enabled=var('amazon_sp_finances')) }}
{#- `revenue` is the principal. -#}
{%- set buyers_pay = amazon_sp.charge_kinds_of_buyers() | reject('equalto', 'revenue') | list -%}
with lines as (
    select
        *,
        {{ amazon_sp.is_one_of('charge_kind', amazon_sp.charge_kinds_of_fees()) }} as is_fee
    from {{ ref('int_posted_lines') }}
    where is_refund
),

refunds as (
    select
        account,
        transaction_id,
        coalesce(item_number, 0) as item_number,
        max(order_id) as order_id,
        max(sku) as sku,
        max(asin) as asin,
        max(item_reference) as adjustment_id,
        max(transaction_type) as transaction_type,
        max(status) as status,
        max(posted_at) as posted_at,
        max(posted_day) as posted_day,
        max(marketplace_id) as marketplace_id,
        max(country) as country,
        currency,
        cast(sum(units) as {{ amazon_sp.type_named('integer') }}) as units,
        cast(sum(case when charge_kind = 'revenue' then amount else 0 end) as {{ amazon_sp.type_named('number') }}) as principal,
        {%- for kind in buyers_pay %}
        cast(sum(case when charge_kind = '{{ kind }}' then amount else 0 end) as {{ amazon_sp.type_named('number') }}) as {{ kind }},
        {%- endfor %}
        cast(sum(case when is_fee and amount > 0 then amount else 0 end) as {{ amazon_sp.type_named('number') }}) as fees_returned,
        cast(sum(case when is_fee and amount < 0 then amount else 0 end) as {{ amazon_sp.type_named('number') }}) as fees_charged,
        cast(sum(case
            when is_fee or {{ amazon_sp.is_one_of('charge_kind', amazon_sp.charge_kinds_of_buyers()) }} then 0
            else amount
        end) as {{ amazon_sp.type_named('number') }}) as other,
        cast(sum(amount) as {{ amazon_sp.type_named('number') }}) as total,
        max(loaded_at) as loaded_at
    from lines
    group by account, transaction_id, coalesce(item_number, 0), currency
),

{#- A refund names no item of the order; the SKU tells which, if the order has it once. -#}
order_items as (
    select
        items.account,
        items.order_id,
        items.sku,
        min(items.order_item_id) as order_item_id
    from {{ ref('order_items') }} as items
    where exists (
        select 1
        from refunds
        where refunds.account = items.account
            and refunds.order_id = items.order_id
    )
    group by items.account, items.order_id, items.sku
    having count(*) = 1
)

select
    refunds.account,
    refunds.transaction_id,
    refunds.item_number,
    refunds.currency,
    refunds.order_id,
    order_items.order_item_id,
    refunds.sku,
    refunds.asin,
    refunds.adjustment_id,
    refunds.transaction_type,
    refunds.status,
    refunds.posted_at,
    refunds.posted_day,
    refunds.marketplace_id,
    refunds.country,
    refunds.units,
    refunds.principal,
    {%- for kind in buyers_pay %}
    refunds.{{ kind }},
    {%- endfor %}
    refunds.fees_returned,
    refunds.fees_charged,
    refunds.other,
    refunds.total,
    refunds.loaded_at
from refunds
left join order_items
    on refunds.account = order_items.account
    and refunds.order_id = order_items.order_id
    and refunds.sku = order_items.sku
