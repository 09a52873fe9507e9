{#- Only events whose whole amount is certain: those of orders consist of nothing but charges and fees;
    of some others, one property is the total. -#}
{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'event_type', 'event_hash'],
    indexes=[
        {'columns': ['account', 'event_type', 'event_hash']},
        {'columns': ['loaded_at']},
    ],
) }}
{%- set of_orders = ['ShipmentEvent', 'ShipmentSettleEvent', 'RefundEvent', 'GuaranteeClaimEvent', 'ChargebackEvent'] -%}
with new_events as (
    select
        account,
        event_type,
        event_hash
    from {{ ref('stg_amazon_sp__financial_events') }} as events
    where {{ amazon_sp.is_new('events.loaded_at') }}
    {%- if is_incremental() %}
        -- The hash is that of the event, so an event never changes; it can occur again.
        and not exists (
            select 1
            from {{ this }} as built
            where built.account = events.account
                and built.event_type = events.event_type
                and built.event_hash = events.event_hash
                and built.occurrence = events.occurrence
                and coalesce(built.found_on, timestamp with time zone '1970-01-01 00:00:00+00')
                = coalesce(events.found_on, timestamp with time zone '1970-01-01 00:00:00+00')
        )
    {%- endif %}
    group by
        account,
        event_type,
        event_hash
),

events as (
    select events.*
    from {{ ref('stg_amazon_sp__financial_events') }} as events
    inner join new_events
        on events.account = new_events.account
        and events.event_type = new_events.event_type
        and events.event_hash = new_events.event_hash
),

totals as (
    select
        account,
        event_type,
        event_hash,
        occurrence,
        found_on,
        coalesce(posted_at, found_on) as posted_at,
        posted_at is not null as is_dated,
        nullif(order_id, '') as order_id,
        marketplace_name,
        case
            when {{ amazon_sp.is_one_of('event_type', of_orders + ['ServiceFeeEvent']) }}
                then {{ amazon_sp.json_sum('event', 'CurrencyAmount') }}
            when event_type = 'AdjustmentEvent'
                then {{ amazon_sp.json_value('event', 'AdjustmentAmount.CurrencyAmount', 'number') }}
            when event_type = 'ProductAdsPaymentEvent'
                then {{ amazon_sp.json_value('event', 'transactionValue.CurrencyAmount', 'number') }}
        end as amount,
        {{ amazon_sp.json_first('event', 'CurrencyCode') }} as currency,
        case
            when event_type in ('ShipmentEvent', 'ShipmentSettleEvent')
                then {{ amazon_sp.json_sum('event', 'QuantityShipped') }}
        end as units,
        loaded_at
    from events
)

select *
from totals
where amount is not null
    and currency is not null
