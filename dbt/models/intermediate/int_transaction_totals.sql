{#- A transaction whose lines are of no order any more, or of a refund, has a row of zeros: rows are only
    replaced, not deleted. -#}
{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'transaction_id'],
    indexes=[
        {'columns': ['account', 'transaction_id']},
        {'columns': ['built_at']},
    ],
) }}
select
    account,
    transaction_id,
    sum(case when is_refund or order_id is null then 0 else units end) as units,
    cast(sum(case
        when is_refund or order_id is null then 0
        when charge_kind in ('revenue', 'shipping', 'gift_wrap', 'discounts', 'tax') then amount
        else 0
    end) as {{ amazon_sp.type_named('number') }}) as buyer_paid,
    max(built_at) as built_at,
    max(loaded_at) as loaded_at
from {{ ref('int_transaction_lines') }}
where {{ amazon_sp.was_built_since() }}
group by
    account,
    transaction_id
