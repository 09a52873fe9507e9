-- days
select
    created_day as day,
    coalesce(country, marketplace_id, '') as marketplace,
    currency,
    count(*) as orders,
    sum(units) as units,
    sum(revenue) as revenue
from {orders}
where not is_cancelled and revenue is not null and currency is not null
group by 1, 2, 3
order by 1, 2, 3;

-- unpriced
select count(*) as orders
from {orders}
where not is_cancelled and (revenue is null or currency is null)
having count(*) > 0;

-- totals
select
    currency,
    min(posted_day) as first_day,
    max(posted_day) as last_day,
    sum(units_sold) as units_sold,
    sum(units_refunded) as units_refunded,
    sum(revenue) as revenue,
    sum(shipping) as shipping,
    sum(gift_wrap) as gift_wrap,
    sum(discounts) as discounts,
    sum(tax) as tax,
    sum(tax_withheld) as tax_withheld,
    sum(refunds) as refunds,
    sum(commission) as commission,
    sum(fulfillment_fees) as fulfillment_fees,
    sum(storage_fees) as storage_fees,
    sum(advertising) as advertising,
    sum(subscription_fees) as subscription_fees,
    sum(other_fees) as other_fees,
    sum(reimbursements) as reimbursements,
    sum(other) as other,
    sum(net) as net
from {profit_and_loss}
group by currency
order by currency;

-- products
with sold as (
    select
        account,
        sku,
        currency,
        sum(units_sold) as units,
        sum(revenue) as revenue,
        sum(net) as net
    from {profit_and_loss}
    where sku <> ''
    group by account, sku, currency
),

placed as (
    select
        *,
        row_number() over (partition by currency order by revenue desc, account, sku) as place
    from sold
    where revenue <> 0
),

titles as (
    select
        account,
        sku,
        max(title) as title
    from {order_items}
    group by account, sku
)

select
    placed.*,
    titles.title
from placed
left join titles using (account, sku)
where placed.place <= 10
order by placed.currency, placed.place;

-- products_of_orders
with placed as (
    select
        account,
        sku,
        currency,
        max(title) as title,
        sum(units) as units,
        sum(revenue) as revenue,
        row_number() over (partition by currency order by sum(revenue) desc, account, sku) as place
    from {order_items}
    where revenue <> 0 and status <> 'CANCELLED'
    group by account, sku, currency
)

select *
from placed
where place <= 10
order by currency, place;

-- settlements
with paid as (
    select
        account,
        settlement_id,
        currency,
        sum(amount) filter (where coalesce(status, 'PAID') not in ('FAILED', 'CANCELLED', 'NO_PAYOUT')) as paid,
        sum(amount) filter (where status in ('STARTED', 'IN_TRANSIT')) as under_way,
        string_agg(distinct lower(replace(status, '_', ' ')), ', ') as status,
        min(created_at) as paid_at
    from {payouts}
    where settlement_id is not null
    group by account, settlement_id, currency
)

select
    account,
    settlement_id,
    currency,
    settlements.started_at,
    settlements.ended_at,
    paid.paid_at,
    settlements.total,
    paid.paid,
    paid.under_way,
    paid.status
from {settlements} as settlements
full join paid using (account, settlement_id, currency)
order by currency, coalesce(settlements.ended_at, paid.paid_at), settlement_id;

-- stock
select
    account,
    sku,
    case when count(*) = 1 then max(country) else stock_pool end as place,
    fulfilled_by,
    max(title) as title,
    max(on_hand) as on_hand,
    max(available) as available,
    max(inbound) as inbound,
    sum(units_sold_30_days) as units_sold_30_days,
    max(days_of_cover) as days_of_cover
from {inventory}
where days_of_cover is not null
group by account, stock_pool, sku, fulfilled_by
order by days_of_cover, units_sold_30_days desc, account, sku, stock_pool, fulfilled_by
limit 12;

-- stock_counts
with stock as (
    select
        account,
        stock_pool,
        sku,
        fulfilled_by,
        max(days_of_cover) as days_of_cover
    from {inventory}
    group by account, stock_pool, sku, fulfilled_by
)

select
    count(*) as listings,
    count(days_of_cover) as sold,
    count(*) filter (where days_of_cover < 30) as short
from stock
having count(*) > 0;

-- reconciled
select
    subject,
    status,
    count(*) as compared
from {reconciliation}
group by subject, status
order by subject, status;

-- findings
select
    subject,
    status,
    reference,
    currency,
    expected,
    found,
    difference,
    explanation
from {reconciliation}
where status <> 'agrees'
order by
    case status when 'differs' then 1 when 'missing' then 2 else 3 end,
    abs(coalesce(difference, 0)) desc,
    subject,
    reference
limit 100;
