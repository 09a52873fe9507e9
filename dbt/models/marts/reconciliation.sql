{{ config(enabled=var('amazon_sp_finances'), materialized='table') }}
with coverage as (
    select * from {{ ref('int_transaction_coverage') }}
),

settlements as (
    select * from {{ ref('int_settlement_totals') }}
),

closed_settlements as (
    select
        account,
        max(ended_at) as ended_at
    from settlements
    where not is_open
    group by account
),

-- Nothing is missing where the sums agree: then the accounts group the same money in other ways.
compared as (
    select
        postings.*,
        coalesce(postings.report_at, postings.event_at) as confirmed_at,
        postings.order_id is not null and (
            sum(postings.transaction_amount) over orders_of_postings
            = sum(postings.confirmed_amount) over orders_of_postings
        ) as is_sum_confirmed,
        coverage.covered_from,
        coverage.covered_until
    from {{ ref('int_postings') }} as postings
    inner join coverage
        on postings.account = coverage.account
    window orders_of_postings as (
        partition by postings.account, postings.order_id, postings.currency
    )
),

-- Events name no settlement; those that end at different times can have their money.
events_of_settlements as (
    select
        compared.account,
        compared.currency,
        compared.event_at,
        min(case when settlements.transactions_total = settlements.group_total then 1 else 0 end) as are_all_confirmed
    from compared
    inner join settlements
        on compared.account = settlements.account
        and compared.currency = settlements.currency
        and compared.event_at >= settlements.started_at
        and (settlements.ended_at is null or compared.event_at < settlements.ended_at)
    where compared.transaction_id is null
        and compared.report_settlement_id is null
        and compared.order_id is null
        and settlements.group_total is not null
    group by
        compared.account,
        compared.currency,
        compared.event_at
),

transactions as (
    select
        compared.*,
        settlements.marketplace_id as settlement_marketplace_id,
        case
            when compared.transaction_id is null then
                case
                    when compared.confirmed_at < compared.covered_from or compared.confirmed_at > compared.covered_until
                        then null
                    when compared.is_sum_confirmed then null
                    when compared.order_id is null
                        and settlements.transactions_total = settlements.report_total then null
                    when events_of_settlements.are_all_confirmed = 1 then null
                    else 'missing'
                end
            when compared.transaction_status = 'DEFERRED' then 'open'
            when compared.confirmed_amount = compared.transaction_amount then 'agrees'
            when compared.is_sum_confirmed then 'agrees'
            when compared.confirmed_amount is not null then 'differs'
            when settlements.report_total is not null then
                case
                    when settlements.transactions_total = settlements.report_total then 'agrees'
                    when settlements.started_at >= compared.covered_from then 'missing'
                end
            when settlements.transactions_total = settlements.closed_group_total then 'agrees'
            when settlements.is_open or compared.transaction_at >= closed_settlements.ended_at then 'open'
        end as status
    from compared
    left join settlements
        on compared.account = settlements.account
        and compared.settlement_id = settlements.settlement_id
    left join events_of_settlements
        on compared.account = events_of_settlements.account
        and compared.currency = events_of_settlements.currency
        and compared.event_at = events_of_settlements.event_at
        and compared.transaction_id is null
        and compared.report_settlement_id is null
        and compared.order_id is null
    left join closed_settlements
        on compared.account = closed_settlements.account
),

transaction_rows as (
    select
        account,
        order_id,
        transaction_id,
        settlement_id,
        coalesce(marketplace_id, settlement_marketplace_id) as marketplace_id,
        currency,
        coalesce(transaction_at, confirmed_at) as posted_at,
        case
            when status = 'missing' and transaction_id is not null then transaction_amount
            else confirmed_amount
        end as expected,
        case when status = 'missing' and transaction_id is not null then null else transaction_amount end as found,
        status,
        case
            when status = 'missing' and transaction_id is not null
                then 'The report of settlement ' || settlement_id || ' has no lines of this transaction.'
            when status = 'missing' and report_settlement_id is not null
                then 'The report of settlement ' || report_settlement_id || ' shows it, but the transactions do not.'
            when status = 'missing'
                then 'The financial events show it (' || event_type || '), but the transactions do not.'
            when status = 'differs' and report_settlement_id is not null
                then 'The report of settlement ' || report_settlement_id || ' shows another amount.'
            when status = 'differs'
                then 'The financial events show another amount.'
            when status = 'open' and transaction_status = 'DEFERRED' and matures_at is not null
                then 'Amazon holds the money back until ' || cast(cast(matures_at at time zone 'UTC' as date) as text) || '.'
            when status = 'open' and transaction_status = 'DEFERRED'
                then 'Amazon holds the money back.'
            when status = 'open'
                then 'No settlement report or event shows it yet.'
            when report_settlement_id is not null and confirmed_amount = transaction_amount
                then 'The settlement report shows the same amount.'
            when confirmed_amount = transaction_amount
                then 'The financial events show the same amount.'
            when is_sum_confirmed
                then 'The order adds up to the same sum in its settlements.'
            else 'Its settlement adds up to the same sum.'
        end as explanation
    from transactions
    where status is not null
),

-- A deferred transaction and its release name each other.
named as (
    select
        transactions.account,
        transactions.order_id,
        transactions.release_transaction_id as transaction_id,
        transactions.settlement_id,
        transactions.marketplace_id,
        transactions.currency,
        cast(null as {{ amazon_sp.type_named('timestamp') }}) as posted_at,
        transactions.transaction_amount as expected,
        'Transaction ' || transactions.transaction_id || ' says that this one releases its money.' as explanation
    from transactions
    where transactions.release_transaction_id is not null
        and (transactions.matures_at is null or transactions.matures_at <= transactions.covered_until)

    union all

    select
        transactions.account,
        transactions.order_id,
        transactions.deferred_transaction_id as transaction_id,
        cast(null as text) as settlement_id,
        transactions.marketplace_id,
        transactions.currency,
        case when transactions.event_at < transactions.transaction_at then transactions.event_at end as posted_at,
        transactions.transaction_amount as expected,
        'Transaction ' || transactions.transaction_id || ' says that it releases the money of this one.' as explanation
    from transactions
    left join {{ ref('orders') }} as orders
        on transactions.account = orders.account
        and transactions.order_id = orders.order_id
    where transactions.deferred_transaction_id is not null
        and (
            (
                transactions.order_id is not null
                and transactions.event_at < transactions.transaction_at
                and transactions.event_at >= transactions.covered_from
            )
            or orders.created_at >= transactions.covered_from
        )
),

missing_named as (
    select
        named.*,
        'missing' as status
    from named
    left join {{ ref('transactions') }} as existing
        on named.account = existing.account
        and named.transaction_id = existing.transaction_id
    where existing.transaction_id is null

    union all

    -- The report shows the release, and the event the day on which the money was deferred.
    select
        account,
        order_id,
        cast(null as text) as transaction_id,
        cast(null as text) as settlement_id,
        settlement_marketplace_id as marketplace_id,
        currency,
        event_at as posted_at,
        confirmed_amount as expected,
        'The financial events show that it was deferred, but the transactions do not.' as explanation,
        status
    from transactions
    where status = 'missing'
        and transaction_id is null
        and order_id is not null
        and event_at < report_at
        and event_at >= covered_from
),

orders_of_postings as (
    select
        account,
        order_id,
        sum(case when transaction_id is not null then units else 0 end) as units,
        sum(units) as units_shown,
        sum(buyer_paid) as buyer_paid,
        sum(case when status = 'missing' and transaction_id is null and units > 0 then 1 else 0 end) as missing,
        sum(case when transaction_status = 'DEFERRED' then 1 else 0 end) as deferred,
        max(matures_at) as matures_at,
        max(transaction_at) as last_at
    from transactions
    where order_id is not null
    group by
        account,
        order_id
),

order_statuses as (
    select
        orders.account,
        orders.order_id,
        orders.marketplace_id,
        orders.currency,
        orders.created_at,
        orders.units,
        orders.units_shipped,
        orders.total,
        coalesce(postings.units, 0) as units_posted,
        coalesce(postings.buyer_paid, 0) as found,
        coalesce(postings.deferred, 0) as deferred,
        postings.matures_at,
        case
            when orders.units_shipped = 0 and postings.order_id is null then 'unshipped'
            when coalesce(postings.missing, 0) > 0 then 'lacks a transaction'
            when orders.units_shipped > coalesce(postings.units, 0) then
                case
                    when orders.units_shipped <= postings.units_shown then 'lacks a transaction'
                    when orders.last_updated_at > coverage.covered_until - interval '{{ var("amazon_sp_posting_hours") | int }} hours' then 'just shipped'
                    else 'lacks a shipment'
                end
            when orders.units_shipped < postings.units then
                case
                    when postings.last_at > coverage.covered_until - interval '{{ var("amazon_sp_posting_hours") | int }} hours' then 'read before'
                    else 'lacks units'
                end
            when orders.units_shipped < orders.units then 'partly shipped'
            when orders.total <> coalesce(postings.buyer_paid, 0) then 'other amount'
            when postings.deferred > 0 then 'deferred'
            else 'agrees'
        end as finding
    from {{ ref('orders') }} as orders
    inner join coverage
        on orders.account = coverage.account
    left join orders_of_postings as postings
        on orders.account = postings.account
        and orders.order_id = postings.order_id
    where not orders.is_cancelled
        and (orders.created_at >= coverage.covered_from or postings.units >= orders.units_shipped)
        and orders.created_at <= coverage.covered_until
        -- Replacements and orders of other channels bring no money.
        and (orders.total > 0 or postings.order_id is not null or orders.units_shipped = 0)
),

order_rows as (
    select
        account,
        order_id,
        marketplace_id,
        currency,
        created_at as posted_at,
        case when finding in ('unshipped', 'read before', 'partly shipped') then found else total end as expected,
        found,
        case
            when finding in ('unshipped', 'just shipped', 'read before', 'partly shipped', 'deferred') then 'open'
            when finding = 'agrees' then 'agrees'
            else 'differs'
        end as status,
        case finding
            when 'unshipped' then 'The order has not been shipped.'
            when 'lacks a transaction' then 'A transaction of the order is missing.'
            when 'just shipped' then 'The order has been shipped. Amazon may take two days to post its money.'
            when 'lacks a shipment' then 'Units of the order have been shipped, but no transaction shows them.'
            when 'read before' then 'The transactions show more units than the order, which was read before.'
            when 'lacks units' then 'The transactions show more units than the order has shipped.'
            when 'partly shipped' then 'Some units have not been shipped.'
            when 'other amount' then 'The transactions show another amount than the order.'
            when 'deferred' then 'The amounts agree. Amazon holds money of the order back.'
            else 'The transactions show the same amount.'
        end as explanation
    from order_statuses
),

missing_shipments as (
    select
        account,
        order_id,
        marketplace_id,
        currency,
        'The order has shipped ' || cast(units_shipped as text) || ' units, but its transactions show '
        || cast(cast(units_posted as integer) as text) || '.' as explanation
    from order_statuses
    where finding = 'lacks a shipment'
),

has_transfers as (
    select
        account,
        min(posted_at) as first_at
    from {{ ref('transactions') }}
    where transaction_type = 'Transfer'
    group by account
),

transfers as (
    select
        transfers.account,
        transfers.transaction_id,
        transfers.marketplace_id,
        transfers.posted_at,
        transfers.currency,
        transfers.total,
        settlements.settlement_id as known_settlement_id,
        settlements.financial_event_group_id as known_group_id,
        coalesce(settlements.settlement_id, transfers.settlement_id) as settlement_id,
        -coalesce(settlements.report_total, settlements.closed_group_total) as expected
    from {{ ref('transactions') }} as transfers
    left join settlements
        on transfers.account = settlements.account
        and (
            transfers.settlement_id = settlements.settlement_id
            or (settlements.settlement_id is null
                and transfers.financial_event_group_id = settlements.financial_event_group_id)
        )
    where transfers.transaction_type = 'Transfer'
),

transfer_rows as (
    select
        account,
        transaction_id,
        settlement_id,
        marketplace_id,
        currency,
        posted_at,
        expected,
        total as found,
        case when expected = total then 'agrees' else 'differs' end as status,
        case
            when expected = total then 'It transfers the total of its settlement.'
            else 'Its settlement has another total.'
        end as explanation
    from transfers
    where expected is not null

    union all

    select
        settlements.account,
        cast(null as text) as transaction_id,
        settlements.settlement_id,
        settlements.marketplace_id,
        settlements.currency,
        settlements.ended_at as posted_at,
        -coalesce(settlements.report_total, settlements.closed_group_total) as expected,
        cast(null as {{ amazon_sp.type_named('number') }}) as found,
        'missing' as status,
        'The settlement was paid, but the transactions do not show its transfer.' as explanation
    from settlements
    inner join coverage
        on settlements.account = coverage.account
    inner join has_transfers
        on settlements.account = has_transfers.account
    left join transfers
        on settlements.account = transfers.account
        and (
            settlements.settlement_id = transfers.known_settlement_id
            or (settlements.settlement_id is null and settlements.financial_event_group_id = transfers.known_group_id)
        )
    where transfers.transaction_id is null
        and settlements.is_transferred
        and coalesce(settlements.report_total, settlements.closed_group_total) <> 0
        and settlements.ended_at between coverage.covered_from and coverage.covered_until
),

settlement_rows as (
    select
        'settlement_lines' as subject,
        settlements.*,
        report_total as expected,
        report_lines_total as found,
        case when report_total = report_lines_total then 'agrees' else 'differs' end as status,
        case
            when report_total = report_lines_total then 'The lines of the report add up to its total.'
            else 'The lines of the report do not add up to its total.'
        end as explanation
    from settlements
    where report_total is not null

    union all

    select
        'settlement_group' as subject,
        settlements.*,
        report_total as expected,
        closed_group_total as found,
        case when report_total = closed_group_total then 'agrees' else 'differs' end as status,
        case
            when report_total = closed_group_total then 'The group of events has the same total.'
            else 'The group of events has another total.'
        end as explanation
    from settlements
    where report_total is not null
        and closed_group_total is not null

    union all

    select
        'settlement_transactions' as subject,
        settlements.*,
        coalesce(settlements.report_total, settlements.group_total) as expected,
        coalesce(settlements.transactions_total, 0) as found,
        case
            when settlements.is_open then 'open'
            when coalesce(settlements.report_total, settlements.group_total) = coalesce(settlements.transactions_total, 0)
                then 'agrees'
            else 'differs'
        end as status,
        case
            when settlements.is_open then 'The settlement is still open.'
            when coalesce(settlements.report_total, settlements.group_total) = coalesce(settlements.transactions_total, 0)
                then 'The transactions add up to its total.'
            else 'The transactions do not add up to its total.'
        end as explanation
    from settlements
    inner join coverage
        on settlements.account = coverage.account
    where settlements.is_open
        or (settlements.started_at >= coverage.covered_from and settlements.ended_at <= coverage.covered_until)
        or coalesce(settlements.report_total, settlements.group_total) = settlements.transactions_total
),

payouts as (
    select * from {{ ref('payouts') }}
),

payouts_known as (
    select
        account,
        min(created_at) as known_from
    from payouts
    group by account
),

payout_rows as (
    select
        payouts.account,
        payouts.payout_id,
        payouts.settlement_id,
        payouts.marketplace_id,
        payouts.currency,
        payouts.created_at as posted_at,
        coalesce(settlements.report_total, settlements.closed_group_total) as expected,
        payouts.amount as found,
        case
            when coalesce(settlements.report_total, settlements.closed_group_total) <> payouts.amount then 'differs'
            when payouts.status in ('FAILED', 'CANCELLED') then 'differs'
            when payouts.status in ('STARTED', 'IN_TRANSIT') then 'open'
            else 'agrees'
        end as status,
        case
            when coalesce(settlements.report_total, settlements.closed_group_total) <> payouts.amount
                then 'The settlement has another total.'
            when payouts.status in ('FAILED', 'CANCELLED') then 'The amounts agree, but the status of the payout is ' || payouts.status || '.'
            when payouts.status in ('STARTED', 'IN_TRANSIT') then 'The amounts agree. The money is on its way.'
            else 'The payout is the total of its settlement.'
        end as explanation
    from payouts
    inner join settlements
        on payouts.account = settlements.account
        and payouts.settlement_id = settlements.settlement_id
        and payouts.currency = settlements.currency
    where coalesce(settlements.report_total, settlements.closed_group_total) is not null

    union all

    select
        settlements.account,
        cast(null as text) as payout_id,
        settlements.settlement_id,
        settlements.marketplace_id,
        settlements.currency,
        settlements.ended_at as posted_at,
        coalesce(settlements.report_total, settlements.closed_group_total) as expected,
        cast(null as {{ amazon_sp.type_named('number') }}) as found,
        'missing' as status,
        'Money was transferred for the settlement, but there is no payout.' as explanation
    from settlements
    inner join payouts_known
        on settlements.account = payouts_known.account
    left join payouts
        on settlements.account = payouts.account
        and settlements.settlement_id = payouts.settlement_id
    where payouts.payout_id is null
        and settlements.settlement_id is not null
        and settlements.is_transferred
        and coalesce(settlements.report_total, settlements.closed_group_total) > 0
        and settlements.ended_at >= payouts_known.known_from

    union all

    select
        expected.account,
        cast(null as text) as payout_id,
        expected.settlement_id,
        expected.marketplace_id,
        expected.currency,
        expected.scheduled_at as posted_at,
        expected.amount as expected,
        cast(null as {{ amazon_sp.type_named('number') }}) as found,
        'open' as status,
        'Amazon expects to pay this.' as explanation
    from {{ ref('stg_amazon_sp__expected_payouts') }} as expected
    left join payouts
        on expected.account = payouts.account
        and expected.settlement_id = payouts.settlement_id
    left join settlements
        on expected.account = settlements.account
        and expected.settlement_id = settlements.settlement_id
    where expected.amount is not null
        and payouts.payout_id is null
        and coalesce(settlements.is_open, true)
),

findings as (
    select 'order' as subject, account, order_id, cast(null as text) as transaction_id, cast(null as text) as settlement_id, cast(null as text) as payout_id, marketplace_id, currency, posted_at, expected, found, status, explanation
    from order_rows
    union all
    select 'transaction' as subject, account, order_id, transaction_id, settlement_id, null as payout_id, marketplace_id, currency, posted_at, expected, found, status, explanation
    from transaction_rows
    union all
    select 'transaction' as subject, account, order_id, transaction_id, settlement_id, null as payout_id, marketplace_id, currency, posted_at, expected, null as found, status, explanation
    from missing_named
    union all
    select 'transaction' as subject, account, order_id, null as transaction_id, null as settlement_id, null as payout_id, marketplace_id, currency, null as posted_at, null as expected, null as found, 'missing' as status, explanation
    from missing_shipments
    union all
    select 'transaction' as subject, account, null as order_id, transaction_id, settlement_id, null as payout_id, marketplace_id, currency, posted_at, expected, found, status, explanation
    from transfer_rows
    union all
    select subject, account, null as order_id, null as transaction_id, settlement_id, null as payout_id, marketplace_id, currency, coalesce(ended_at, started_at) as posted_at, expected, found, status, explanation
    from settlement_rows
    union all
    select 'payout' as subject, account, null as order_id, null as transaction_id, settlement_id, payout_id, marketplace_id, currency, posted_at, expected, found, status, explanation
    from payout_rows
)

select
    findings.account,
    findings.subject,
    -- What Amazon gives no id to is numbered.
    coalesce(
        case
            when findings.subject = 'order' then findings.order_id
            when findings.subject = 'transaction' then findings.transaction_id
            when findings.subject = 'payout' then findings.payout_id
        end,
        coalesce(findings.order_id, findings.settlement_id, findings.currency, '') || '/' || cast(row_number() over (
            partition by
                findings.account,
                findings.subject,
                findings.transaction_id,
                findings.payout_id,
                coalesce(findings.order_id, findings.settlement_id, findings.currency, '')
            order by findings.posted_at, findings.expected, findings.explanation
        ) as text)
    ) as reference,
    findings.order_id,
    findings.transaction_id,
    findings.settlement_id,
    findings.payout_id,
    coalesce(nullif(findings.marketplace_id, ''), orders.marketplace_id) as marketplace_id,
    marketplaces.country,
    findings.currency,
    findings.posted_at,
    cast(findings.expected as {{ amazon_sp.type_named('number') }}) as expected,
    cast(findings.found as {{ amazon_sp.type_named('number') }}) as found,
    cast(findings.found - findings.expected as {{ amazon_sp.type_named('number') }}) as difference,
    findings.status,
    findings.explanation
from findings
left join {{ ref('orders') }} as orders
    on findings.account = orders.account
    and findings.order_id = orders.order_id
    and nullif(findings.marketplace_id, '') is null
left join {{ ref('marketplaces') }} as marketplaces
    on coalesce(nullif(findings.marketplace_id, ''), orders.marketplace_id) = marketplaces.marketplace_id
