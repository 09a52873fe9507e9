{#- What each account of a settlement says: its report, its group of events, its transactions. -#}
{{ config(enabled=var('amazon_sp_finances'), materialized='table') }}
with posted as (
    {{ amazon_sp.posted_transactions() | indent(4) }}
),

transactions as (
    select
        account,
        settlement_id,
        financial_event_group_id,
        currency,
        total,
        transaction_type = 'Transfer' as is_transfer
    from posted
),

links as (
    select
        account,
        financial_event_group_id,
        min(settlement_id) as settlement_id
    from transactions
    where settlement_id is not null
        and financial_event_group_id is not null
    group by
        account,
        financial_event_group_id
),

grouped as (
    select
        event_groups.account,
        links.settlement_id,
        event_groups.financial_event_group_id,
        event_groups.currency,
        event_groups.started_at,
        event_groups.ended_at,
        event_groups.total,
        event_groups.processing_status = 'Open' as is_open,
        event_groups.transferred_at is not null as is_transferred
    from {{ ref('stg_amazon_sp__financial_event_groups') }} as event_groups
    left join links
        on event_groups.account = links.account
        and event_groups.financial_event_group_id = links.financial_event_group_id
),

known as (
    select
        coalesce(settlements.account, grouped.account) as account,
        coalesce(settlements.settlement_id, grouped.settlement_id) as settlement_id,
        grouped.financial_event_group_id,
        settlements.marketplace_id,
        coalesce(settlements.currency, grouped.currency) as currency,
        coalesce(settlements.started_at, grouped.started_at) as started_at,
        coalesce(settlements.ended_at, grouped.ended_at) as ended_at,
        settlements.settlement_id is null and coalesce(grouped.is_open, false) as is_open,
        coalesce(grouped.is_transferred, false) as is_transferred,
        settlements.total as report_total,
        settlements.lines_total as report_lines_total,
        grouped.total as group_total,
        case when grouped.is_open then null else grouped.total end as closed_group_total
    from {{ ref('settlements') }} as settlements
    full outer join grouped
        on settlements.account = grouped.account
        and settlements.settlement_id = grouped.settlement_id
),

by_settlement as (
    select
        account,
        settlement_id,
        sum(case when not is_transfer then total else 0 end) as total,
        sum(case when is_transfer then total end) as transferred
    from transactions
    where settlement_id is not null
    group by
        account,
        settlement_id
),

by_group as (
    select
        account,
        financial_event_group_id,
        sum(case when not is_transfer then total else 0 end) as total,
        sum(case when is_transfer then total end) as transferred
    from transactions
    where financial_event_group_id is not null
    group by
        account,
        financial_event_group_id
)

select
    known.account,
    known.settlement_id,
    known.financial_event_group_id,
    known.marketplace_id,
    known.currency,
    known.started_at,
    known.ended_at,
    known.is_open,
    known.is_transferred,
    known.report_total,
    known.report_lines_total,
    known.group_total,
    known.closed_group_total,
    coalesce(by_settlement.total, by_group.total) as transactions_total,
    coalesce(by_settlement.transferred, by_group.transferred) as transferred
from known
left join by_settlement
    on known.account = by_settlement.account
    and known.settlement_id = by_settlement.settlement_id
left join by_group
    on known.account = by_group.account
    and known.financial_event_group_id = by_group.financial_event_group_id
