{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'transaction_id'],
    indexes=[
        {'columns': ['account', 'transaction_id']},
        {'columns': ['loaded_at']},
    ],
) }}
{%- set columns = [
    'transaction_type', 'status', 'description', 'posted_at', 'marketplace_id', 'currency', 'total', 'seller_id',
    'account_type', 'order_id', 'shipment_id', 'refund_id', 'invoice_id', 'disbursement_id', 'transfer_id',
    'settlement_id', 'financial_event_group_id', 'deferred_transaction_id', 'release_transaction_id',
    'deferral_reason', 'matures_at', 'payment_reference',
] %}
{#- Only what has changed is taken apart: most of what the tap reads again has not. -#}
with versions as (
    select
        account,
        transaction_id,
        {{ amazon_sp.fingerprint(
            columns[:9] + ['related_identifiers', 'contexts', 'items', 'breakdowns']
        ) }} as fingerprint,
        loaded_at,
        row_number() over (partition by account, transaction_id order by loaded_at desc nulls last) as place
    from {{ ref('stg_amazon_sp__transactions') }}
    where {{ amazon_sp.is_new() }}
),

changed as materialized (
    select *
    from versions
    where place = 1
        and {{ amazon_sp.has_changed(['account', 'transaction_id'], 'versions') }}
),

transactions as (
    select
        found.account,
        found.transaction_id,
        {%- for column in columns %}
        found.{{ column }},
        {%- endfor %}
        changed.fingerprint,
        found.loaded_at,
        row_number() over (partition by found.account, found.transaction_id order by found.loaded_at) as copy
    from {{ ref('stg_amazon_sp__transactions') }} as found
    inner join changed
        on found.account = changed.account
        and found.transaction_id = changed.transaction_id
        and found.loaded_at is not distinct from changed.loaded_at
)

select
    transactions.account,
    transactions.transaction_id,
    transactions.transaction_type,
    transactions.status,
    transactions.description,
    transactions.posted_at,
    {{ amazon_sp.marketplace_day('transactions.posted_at') }} as posted_day,
    coalesce(transactions.marketplace_id, '') as marketplace_id,
    marketplaces.country,
    transactions.currency,
    transactions.total,
    {%- for column in columns[7:] %}
    transactions.{{ column }},
    {%- endfor %}
    transactions.fingerprint,
    {%- if is_incremental() %}
    earlier.posted_day as earlier_posted_day,
    {%- else %}
    cast(null as {{ amazon_sp.type_named('date') }}) as earlier_posted_day,
    {%- endif %}
    {{ amazon_sp.built_at() }} as built_at,
    transactions.loaded_at
from transactions
left join {{ ref('marketplaces') }} as marketplaces
    on transactions.marketplace_id = marketplaces.marketplace_id
{%- if is_incremental() %}
left join {{ this }} as earlier
    on transactions.account = earlier.account
    and transactions.transaction_id = earlier.transaction_id
    and earlier.posted_day <> {{ amazon_sp.marketplace_day('transactions.posted_at') }}
{%- endif %}
where transactions.copy = 1
