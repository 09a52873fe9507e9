{#- What settlement reports show of one transaction: the lines of an order that were posted together, or
    a single line that belongs to no order. -#}
{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'settlement_id'],
    indexes=[
        {'columns': ['account', 'settlement_id']},
        {'columns': ['built_at']},
    ],
) }}
with new_settlements as (
    select distinct
        account,
        settlement_id
    from {{ ref('settlement_lines') }}
    where {{ amazon_sp.was_built_since() }}
),

lines as (
    select lines.*
    from {{ ref('settlement_lines') }} as lines
    inner join new_settlements
        on lines.account = new_settlements.account
        and lines.settlement_id = new_settlements.settlement_id
)

select
    account,
    settlement_id,
    coalesce(marketplace_id, '') as marketplace_id,
    transaction_type,
    order_id,
    coalesce(shipment_id, '') as shipment_id,
    coalesce(adjustment_id, '') as adjustment_id,
    case when order_id is null then line_number end as line_number,
    posted_at,
    currency,
    cast(sum(amount) as {{ amazon_sp.type_named('number') }}) as amount,
    cast(sum(case
        when amount_type = 'ItemPrice' and amount_description = 'Principal' and lower(transaction_type) = 'order'
            then quantity
        else 0
    end) as {{ amazon_sp.type_named('number') }}) as units,
    max(built_at) as built_at,
    max(loaded_at) as loaded_at
from lines
group by
    account,
    settlement_id,
    coalesce(marketplace_id, ''),
    transaction_type,
    order_id,
    coalesce(shipment_id, ''),
    coalesce(adjustment_id, ''),
    case when order_id is null then line_number end,
    posted_at,
    currency
