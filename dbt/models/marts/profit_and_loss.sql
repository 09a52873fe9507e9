{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'posted_day'],
    pre_hook='{{ amazon_sp.delete_days_without_postings() }}',
    indexes=[
        {'columns': ['account', 'posted_day']},
        {'columns': ['built_at']},
    ],
) }}
{%- set buyers_pay = amazon_sp.charge_kinds_of_buyers() -%}
{%- set kept = amazon_sp.charge_kinds_of_fees() + ['reimbursements', 'other'] -%}
{#- A day is summed up again as a whole if one of its lines has changed. -#}
with changed as (
    {{ amazon_sp.days_to_sum_up() | indent(4) }}
),

lines as (
    select posted.*
    from {{ ref('int_posted_lines') }} as posted
    {%- if is_incremental() %}
    inner join changed
        on posted.account = changed.account
        and posted.posted_day = changed.posted_day
    {%- endif %}
    where {{ amazon_sp.counts_in_statement('posted') }}
),

sums as (
    select
        account,
        sku,
        posted_day,
        marketplace_id,
        currency,
        max(country) as country,
        sum(case when is_refund then 0 else units end) as units_sold,
        sum(case when is_refund then units else 0 end) as units_refunded,
        {%- for kind in buyers_pay %}
        sum(case when charge_kind = '{{ kind }}' and not is_refund then amount else 0 end) as {{ kind }},
        {%- endfor %}
        sum(case
            when is_refund and {{ amazon_sp.is_one_of('charge_kind', buyers_pay) }} then amount
            else 0
        end) as refunds,
        {%- for kind in kept + ['reserves'] %}
        sum(case when charge_kind = '{{ kind }}' then amount else 0 end) as {{ kind }},
        {%- endfor %}
        max(built_at) as built_at,
        max(loaded_at) as loaded_at
    from lines
    group by account, sku, posted_day, marketplace_id, currency
)

select
    account,
    sku,
    posted_day,
    marketplace_id,
    currency,
    country,
    cast(units_sold as {{ amazon_sp.type_named('integer') }}) as units_sold,
    cast(units_refunded as {{ amazon_sp.type_named('integer') }}) as units_refunded,
    {%- for column in buyers_pay + ['refunds'] + kept %}
    cast({{ column }} as {{ amazon_sp.type_named('number') }}) as {{ column }},
    {%- endfor %}
    cast({{ (buyers_pay + ['refunds'] + kept) | join(' + ') }} as {{ amazon_sp.type_named('number') }}) as net,
    cast(reserves as {{ amazon_sp.type_named('number') }}) as reserves,
    built_at,
    loaded_at
from sums
