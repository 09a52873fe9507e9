{{ config(enabled=var('amazon_sp_finances'), materialized='view') }}
{#- Each posting once: the lines of a release stand for those of the deferred transaction, whose amounts
    may be estimates, at the time at which that one was posted. -#}
with releases as (
    select
        account,
        release_transaction_id as transaction_id,
        min(posted_at) as posted_at,
        min(posted_day) as posted_day
    from {{ ref('int_releases') }}
    group by account, release_transaction_id
),

deferred as (
    select distinct
        account,
        deferred_transaction_id as transaction_id
    from {{ ref('int_releases') }}
)

select
    lines.account,
    lines.transaction_id,
    lines.line_id,
    lines.transaction_type,
    lines.status,
    coalesce(releases.posted_at, lines.posted_at) as posted_at,
    coalesce(releases.posted_day, lines.posted_day) as posted_day,
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
left join releases
    on lines.account = releases.account
    and lines.transaction_id = releases.transaction_id
left join deferred
    on lines.account = deferred.account
    and lines.transaction_id = deferred.transaction_id
where deferred.transaction_id is null
