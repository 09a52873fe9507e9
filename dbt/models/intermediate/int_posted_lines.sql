{{ config(enabled=var('amazon_sp_finances'), materialized='view') }}
{#- Each posting once: the lines of a release stand for those of the deferred transaction, whose amounts
    may be estimates, at the time at which that one was posted. -#}
with releases as (
    select
        account,
        release_transaction_id as transaction_id,
        posted_at,
        posted_day,
        0 as is_deferred
    from {{ ref('int_releases') }}

    union all

    select
        account,
        deferred_transaction_id as transaction_id,
        null as posted_at,
        null as posted_day,
        1 as is_deferred
    from {{ ref('int_releases') }}
),

parts as (
    select
        account,
        transaction_id,
        min(posted_at) as posted_at,
        min(posted_day) as posted_day,
        max(is_deferred) as is_deferred
    from releases
    group by account, transaction_id
)

select
    lines.account,
    lines.transaction_id,
    lines.line_id,
    lines.transaction_type,
    lines.status,
    coalesce(parts.posted_at, lines.posted_at) as posted_at,
    coalesce(parts.posted_day, lines.posted_day) as posted_day,
    lines.marketplace_id,
    lines.country,
    lines.order_id,
    lines.item_number,
    lines.item_reference,
    lines.sku,
    lines.asin,
    lines.units,
    lines.charge_group,
    lines.charge,
    lines.charge_part,
    lines.charge_kind,
    lines.is_known_charge,
    lines.is_refund,
    lines.currency,
    lines.amount,
    lines.built_at,
    lines.loaded_at
from {{ ref('int_transaction_lines') }} as lines
left join parts
    on lines.account = parts.account
    and lines.transaction_id = parts.transaction_id
where parts.is_deferred is distinct from 1
