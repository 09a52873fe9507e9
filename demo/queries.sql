-- Revenue by day in the United States
SELECT created_day AS day,
       count(*) AS orders,
       sum(units) AS units,
       round(sum(revenue), 2) AS revenue
FROM amazon_sp_models.orders
WHERE country = 'US' AND NOT is_cancelled
GROUP BY day
ORDER BY day DESC
LIMIT 7;

-- Products that sold best there in the last 30 days
SELECT sku,
       max(title) AS title,
       sum(units) AS units,
       round(sum(revenue), 2) AS revenue
FROM amazon_sp_models.order_items
WHERE country = 'US' AND created_day > current_date - 30
GROUP BY sku
ORDER BY sum(revenue) DESC NULLS LAST
LIMIT 5;

-- What these earned, and what Amazon kept
SELECT sku,
       sum(units_sold) AS units,
       round(sum(revenue), 2) AS revenue,
       round(sum(discounts + refunds), 2) AS discounts_and_refunds,
       round(sum(commission + fulfillment_fees), 2) AS fees,
       round(sum(net), 2) AS net
FROM amazon_sp_models.profit_and_loss
WHERE country = 'US' AND sku <> '' AND posted_day > current_date - 30
GROUP BY sku
ORDER BY sum(revenue) DESC
LIMIT 5;

-- The newest payouts, and the settlements that they pay
SELECT created_at::date AS day,
       status,
       currency,
       round(amount, 2) AS amount,
       round(settlement_total, 2) AS settlement,
       round(difference, 2) AS difference
FROM amazon_sp_models.payouts
ORDER BY created_at DESC, currency
LIMIT 4;

-- Does it add up? Orders, transactions, settlements and payouts, each compared with the next
SELECT subject,
       status,
       count(*) AS compared
FROM amazon_sp_models.reconciliation
GROUP BY subject, status
ORDER BY subject, status;

-- Stock that runs out first in the United States, and how long it lasts
SELECT sku,
       title,
       available,
       units_sold_30_days AS sold_in_30_days,
       round(days_of_cover) AS days_left
FROM amazon_sp_models.inventory
WHERE country = 'US' AND units_sold_30_days > 0
ORDER BY days_of_cover, sku
LIMIT 5;
