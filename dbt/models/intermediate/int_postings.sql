{#- Each posting once, as the transactions, the settlement reports and the events of Finances v0 show it.

    They have no id in common. A posting has the same order, currency, amount and time in all of them,
    but for two things: an event has the time at which money that was held back was posted, not that
    of its release; and some events have only a day. -#}
{{ config(enabled=var('amazon_sp_finances'), materialized='table') }}
with posted as (
    {{ amazon_sp.posted_transactions() | indent(4) }}
),

transactions as (
    select
        account,
        transaction_id,
        coalesce(order_id, '') as order_id,
        coalesce(currency, '') as currency,
        coalesce(total, 0) as amount,
        posted_at
    from posted
    where transaction_type <> 'Transfer'
),

shown as (
    select
        'transaction' as source,
        account,
        order_id,
        currency,
        amount,
        posted_at,
        transaction_id as reference,
        cast(null as {{ amazon_sp.type_named('number') }}) as units,
        row_number() over (
            partition by account, order_id, currency, amount, posted_at
            order by transaction_id
        ) as nth
    from transactions

    union all

    select
        'report' as source,
        account,
        coalesce(order_id, '') as order_id,
        coalesce(currency, '') as currency,
        amount,
        posted_at,
        settlement_id as reference,
        units,
        row_number() over (
            partition by account, coalesce(order_id, ''), coalesce(currency, ''), amount, posted_at
            order by settlement_id, line_number
        ) as nth
    from {{ ref('int_settlement_postings') }}

    union all

    select
        'event' as source,
        account,
        coalesce(order_id, '') as order_id,
        currency,
        amount,
        posted_at,
        event_type as reference,
        units,
        row_number() over (
            partition by account, coalesce(order_id, ''), currency, amount, posted_at
            order by event_type, event_hash, occurrence
        ) as nth
    from {{ ref('int_financial_event_totals') }}
    where is_dated
),

-- What has the same time.
at_one_time as (
    select
        account,
        order_id,
        currency,
        amount,
        {#- A posting of an order may have another time, and one of none another time of the day. -#}
        case when order_id = '' then cast(cast(posted_at at time zone 'UTC' as date) as text) else '' end as day_key,
        max(case when source = 'transaction' then posted_at end) as transaction_at,
        max(case when source = 'transaction' then reference end) as transaction_id,
        max(case when source = 'report' then posted_at end) as report_at,
        max(case when source = 'report' then reference end) as report_settlement_id,
        max(case when source = 'report' then units end) as report_units,
        max(case when source = 'event' then posted_at end) as event_at,
        max(case when source = 'event' then reference end) as event_type,
        max(case when source = 'event' then units end) as event_units
    from shown
    group by
        account,
        order_id,
        currency,
        amount,
        posted_at,
        nth
),

without_report as (
    select
        *,
        row_number() over (
            partition by account, order_id, currency, amount, day_key
            order by transaction_at, transaction_id
        ) as nth
    from at_one_time
    where transaction_id is not null
        and report_settlement_id is null
),

only_report as (
    select
        *,
        row_number() over (
            partition by account, order_id, currency, amount, day_key
            order by report_at, report_settlement_id
        ) as nth
    from at_one_time
    where transaction_id is null
        and report_settlement_id is not null
),

with_reports as (
    select
        account,
        order_id,
        currency,
        amount,
        day_key,
        transaction_at,
        transaction_id,
        report_at,
        report_settlement_id,
        report_units,
        event_at,
        event_type,
        event_units
    from at_one_time
    where transaction_id is not null
        and report_settlement_id is not null

    union all

    select
        coalesce(without_report.account, only_report.account) as account,
        coalesce(without_report.order_id, only_report.order_id) as order_id,
        coalesce(without_report.currency, only_report.currency) as currency,
        coalesce(without_report.amount, only_report.amount) as amount,
        coalesce(without_report.day_key, only_report.day_key) as day_key,
        without_report.transaction_at,
        without_report.transaction_id,
        only_report.report_at,
        only_report.report_settlement_id,
        only_report.report_units,
        coalesce(without_report.event_at, only_report.event_at) as event_at,
        coalesce(without_report.event_type, only_report.event_type) as event_type,
        coalesce(without_report.event_units, only_report.event_units) as event_units
    from without_report
    full outer join only_report
        on without_report.account = only_report.account
        and without_report.order_id = only_report.order_id
        and without_report.currency = only_report.currency
        and without_report.amount = only_report.amount
        and without_report.day_key = only_report.day_key
        and without_report.nth = only_report.nth
),

without_event as (
    select
        *,
        row_number() over (
            partition by account, order_id, currency, amount, day_key
            order by coalesce(transaction_at, report_at), transaction_id
        ) as nth
    from with_reports
    where event_type is null
),

other_events as (
    select
        account,
        order_id,
        currency,
        amount,
        day_key,
        event_at,
        event_type,
        event_units
    from at_one_time
    where transaction_id is null
        and report_settlement_id is null

    union all

    select
        account,
        coalesce(order_id, '') as order_id,
        currency,
        amount,
        case
            when order_id is null then cast(cast(found_on at time zone 'UTC' as date) as text)
            else ''
        end as day_key,
        found_on as event_at,
        event_type,
        units as event_units
    from {{ ref('int_financial_event_totals') }}
    where not is_dated
),

only_event as (
    select
        *,
        row_number() over (
            partition by account, order_id, currency, amount, day_key
            order by event_at, event_type
        ) as nth
    from other_events
),

with_events as (
    select
        account,
        order_id,
        currency,
        amount,
        transaction_at,
        transaction_id,
        report_at,
        report_settlement_id,
        report_units,
        event_at,
        event_type,
        event_units
    from with_reports
    where event_type is not null

    union all

    select
        coalesce(without_event.account, only_event.account) as account,
        coalesce(without_event.order_id, only_event.order_id) as order_id,
        coalesce(without_event.currency, only_event.currency) as currency,
        coalesce(without_event.amount, only_event.amount) as amount,
        without_event.transaction_at,
        without_event.transaction_id,
        without_event.report_at,
        without_event.report_settlement_id,
        without_event.report_units,
        only_event.event_at,
        only_event.event_type,
        only_event.event_units
    from without_event
    full outer join only_event
        on without_event.account = only_event.account
        and without_event.order_id = only_event.order_id
        and without_event.currency = only_event.currency
        and without_event.amount = only_event.amount
        and without_event.day_key = only_event.day_key
        and without_event.nth = only_event.nth
),

-- What has another amount at the same time.
unconfirmed as (
    select
        *,
        row_number() over (partition by account, order_id, currency, transaction_at order by transaction_id) as nth
    from with_events
    where transaction_id is not null
        and report_settlement_id is null
        and event_type is null
        and order_id <> ''
),

unmatched as (
    select
        *,
        row_number() over (
            partition by account, order_id, currency, coalesce(report_at, event_at)
            order by amount
        ) as nth
    from with_events
    where transaction_id is null
        and order_id <> ''
),

pairs as (
    select
        coalesce(unconfirmed.account, unmatched.account) as account,
        coalesce(unconfirmed.order_id, unmatched.order_id) as order_id,
        coalesce(unconfirmed.currency, unmatched.currency) as currency,
        unmatched.amount as confirmed_amount,
        unconfirmed.transaction_at,
        unconfirmed.transaction_id,
        unmatched.report_at,
        unmatched.report_settlement_id,
        unmatched.report_units,
        unmatched.event_at,
        unmatched.event_type,
        unmatched.event_units
    from unconfirmed
    full outer join unmatched
        on unconfirmed.account = unmatched.account
        and unconfirmed.order_id = unmatched.order_id
        and unconfirmed.currency = unmatched.currency
        and unconfirmed.transaction_at = coalesce(unmatched.report_at, unmatched.event_at)
        and unconfirmed.nth = unmatched.nth
),

postings as (
    select *
    from pairs

    union all

    select
        account,
        order_id,
        currency,
        case when report_settlement_id is not null or event_type is not null then amount end as confirmed_amount,
        transaction_at,
        transaction_id,
        report_at,
        report_settlement_id,
        report_units,
        event_at,
        event_type,
        event_units
    from with_events
    where order_id = ''
        or (transaction_id is not null and (report_settlement_id is not null or event_type is not null))
)

select
    postings.account,
    nullif(postings.order_id, '') as order_id,
    postings.transaction_id,
    coalesce(transactions.settlement_id, postings.report_settlement_id) as settlement_id,
    transactions.financial_event_group_id,
    transactions.marketplace_id,
    postings.currency,
    transactions.transaction_type,
    transactions.status as transaction_status,
    transactions.matures_at,
    transactions.deferred_transaction_id,
    transactions.release_transaction_id,
    postings.confirmed_amount,
    case when postings.transaction_id is not null then coalesce(transactions.total, 0) end as transaction_amount,
    postings.transaction_at,
    postings.report_at,
    postings.event_at,
    postings.report_settlement_id,
    postings.event_type,
    case
        when postings.transaction_id is not null then coalesce(totals.units, 0)
        else coalesce(postings.report_units, postings.event_units, 0)
    end as units,
    coalesce(totals.buyer_paid, 0) as buyer_paid
from postings
left join {{ ref('transactions') }} as transactions
    on postings.account = transactions.account
    and postings.transaction_id = transactions.transaction_id
left join {{ ref('int_transaction_totals') }} as totals
    on postings.account = totals.account
    and postings.transaction_id = totals.transaction_id
