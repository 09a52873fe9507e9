{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'transaction_id'],
    indexes=[
        {'columns': ['account', 'transaction_id']},
        {'columns': ['loaded_at']},
    ],
) }}
select
    account,
    transaction_id,
    sum(units) as units,
    cast(sum(case
        when charge_kind in ('revenue', 'shipping', 'gift_wrap', 'discounts', 'tax') then amount
        else 0
    end) as {{ amazon_sp.type_named('number') }}) as buyer_paid,
    max(loaded_at) as loaded_at
from {{ ref('int_transaction_lines') }}
where not is_refund
    and order_id is not null
    and {{ amazon_sp.is_new() }}
group by
    account,
    transaction_id
