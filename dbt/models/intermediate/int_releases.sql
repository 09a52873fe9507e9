{{ config(enabled=var('amazon_sp_finances'), materialized='table') }}
{#- A deferred transaction and the one that releases its money are one posting. Either may name the
    other; a pair counts if both are there. -#}
with pairs as (
    select
        account,
        deferred_transaction_id,
        transaction_id as release_transaction_id
    from {{ ref('transactions') }}
    where deferred_transaction_id is not null

    union

    select
        account,
        transaction_id as deferred_transaction_id,
        release_transaction_id
    from {{ ref('transactions') }}
    where release_transaction_id is not null
)

select
    pairs.account,
    pairs.deferred_transaction_id,
    pairs.release_transaction_id,
    deferred.posted_at,
    deferred.posted_day,
    release.posted_day as release_day,
    greatest(deferred.built_at, release.built_at) as built_at
from pairs
inner join {{ ref('transactions') }} as deferred
    on pairs.account = deferred.account
    and pairs.deferred_transaction_id = deferred.transaction_id
inner join {{ ref('transactions') }} as release
    on pairs.account = release.account
    and pairs.release_transaction_id = release.transaction_id
