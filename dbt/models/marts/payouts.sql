{{ config(enabled=var('amazon_sp_finances')) }}
select
    payouts.account,
    payouts.payout_id,
    payouts.settlement_id,
    payouts.marketplace_id,
    marketplaces.country,
    payouts.currency,
    payouts.created_at,
    {{ amazon_sp.marketplace_day('payouts.created_at') }} as created_day,
    payouts.started_at,
    payouts.ended_at,
    payouts.status,
    payouts.payout_type,
    payouts.payment_method,
    payouts.account_tail,
    payouts.trace_id,
    payouts.amount,
    settlements.total as settlement_total,
    cast(payouts.amount - settlements.total as {{ amazon_sp.type_named('number') }}) as difference,
    payouts.loaded_at
from {{ ref('stg_amazon_sp__payouts') }} as payouts
left join {{ ref('settlements') }} as settlements
    on payouts.account = settlements.account
    and payouts.settlement_id = settlements.settlement_id
    and payouts.currency = settlements.currency
left join {{ ref('marketplaces') }} as marketplaces
    on payouts.marketplace_id = marketplaces.marketplace_id
