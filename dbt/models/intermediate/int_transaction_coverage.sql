{#- From when to when the transactions of an account are known. What is outside cannot be missing. -#}
{{ config(enabled=var('amazon_sp_finances'), materialized='table') }}
{%- set raw = amazon_sp.raw_table('financial_transactions', family='finances') %}
with readings as (
    select
        {{ amazon_sp.raw_account(raw) }} as account,
        {{ amazon_sp.raw_value(raw, ['_sdc_extracted_at', '_sdc_batched_at', '_sdc_received_at'], 'timestamp') }} as read_at
    {{ amazon_sp.from_raw(raw) }}
),

read_until as (
    select
        account,
        max(read_at) as read_at
    from readings
    group by account
),

transactions as (
    select
        account,
        min(posted_at) as first_at,
        max(posted_at) as last_at
    from {{ ref('transactions') }}
    group by account
),

-- The tap reads events from the same `start_date` on.
events as (
    select
        account,
        min(posted_at) as first_at
    from {{ ref('int_financial_event_totals') }}
    where is_dated
    group by account
)

select
    transactions.account,
    least(transactions.first_at, events.first_at) as covered_from,
    -- Amazon shows nothing of the last minutes, and does not read all its accounts at one moment.
    coalesce(read_until.read_at - interval '10 minutes', transactions.last_at) as covered_until
from transactions
left join events
    on transactions.account = events.account
left join read_until
    on transactions.account = read_until.account
