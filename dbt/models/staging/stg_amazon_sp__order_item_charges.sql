{%- set amount = amazon_sp.json_value('breakdown.value', 'subtotal.amount', 'number') -%}
{%- set detail_amount = amazon_sp.json_value('detail.value', 'value.amount', 'number') -%}
{%- set keys = ['account', 'order_id', 'order_item_id', 'source'] -%}
with items as (
    select *
    from {{ ref('stg_amazon_sp__order_items') }}
),

breakdowns as (
    select
        {%- for key in keys %}
        items.{{ key }},
        {%- endfor %}
        coalesce({{ amazon_sp.json_text('breakdown.value', 'type') }}, '') as charge_type,
        {{ amazon_sp.json_text('breakdown.value', 'subtotal.currencyCode') }} as currency,
        {{ amount }} as amount,
        {{ amazon_sp.json_part('breakdown.value', 'detailedBreakdowns') }} as details,
        items.loaded_at
    from items
    {{ amazon_sp.json_elements('items.breakdowns', 'breakdown') }}
),

details as (
    select
        {%- for key in keys %}
        breakdowns.{{ key }},
        {%- endfor %}
        breakdowns.charge_type,
        coalesce({{ amazon_sp.json_text('detail.value', 'subtype') }}, '') as charge_subtype,
        {{ amazon_sp.json_text('detail.value', 'value.currencyCode') }} as currency,
        {{ detail_amount }} as amount,
        breakdowns.loaded_at
    from breakdowns
    {{ amazon_sp.json_elements('breakdowns.details', 'detail') }}
),

-- The details of a charge are rows of their own. What they leave of the charge is a row without a subtype.
parts as (
    select
        {{ keys | join(', ') }},
        charge_type,
        '' as charge_subtype,
        currency,
        amount,
        false as is_detail,
        loaded_at
    from breakdowns
    union all
    select
        {{ keys | join(', ') }},
        charge_type,
        '' as charge_subtype,
        currency,
        -amount as amount,
        true as is_detail,
        loaded_at
    from details
    union all
    select
        {{ keys | join(', ') }},
        charge_type,
        charge_subtype,
        currency,
        amount,
        false as is_detail,
        loaded_at
    from details
    {%- for type, subtype, column in [
        ('ITEM', '', 'item_price'),
        ('SHIPPING', '', 'shipping_price'),
        ('GIFT_WRAP', '', 'gift_wrap_price'),
        ('COD_FEE', '', 'cod_fee'),
        ('TAX', 'ITEM', 'item_tax'),
        ('TAX', 'SHIPPING', 'shipping_tax'),
        ('TAX', 'GIFT_WRAP', 'gift_wrap_tax'),
        ('TAX', 'DISCOUNT', 'item_discount_tax'),
        ('TAX', 'DISCOUNT', 'shipping_discount_tax'),
        ('DISCOUNT', 'ITEM', 'item_discount'),
        ('DISCOUNT', 'SHIPPING', 'shipping_discount'),
        ('DISCOUNT', 'COD_FEE', 'cod_fee_discount'),
    ] %}
    union all
    select
        {{ keys | join(', ') }},
        '{{ type }}' as charge_type,
        '{{ subtype }}' as charge_subtype,
        currency,
        {{ column }} as amount,
        false as is_detail,
        loaded_at
    from items
    where {{ column }} is not null
    {%- endfor %}
)

select
    {{ keys | join(', ') }},
    charge_type,
    charge_subtype,
    max(currency) as currency,
    cast(
        case when charge_type = 'DISCOUNT' then -abs(sum(amount)) else sum(amount) end
        as {{ amazon_sp.type_named('number') }}
    ) as amount,
    max(loaded_at) as loaded_at
from parts
group by {{ keys | join(', ') }}, charge_type, charge_subtype
having charge_subtype <> '' or sum(amount) <> 0 or not bool_or(is_detail)
