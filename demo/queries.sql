-- The newest orders that are shipped
SELECT "orderId" AS order_id,
       "createdTime"::timestamp(0) AS created,
       "salesChannel" ->> 'marketplaceName' AS marketplace,
       (proceeds #>> '{grandTotal,amount}')::numeric AS total,
       proceeds #>> '{grandTotal,currencyCode}' AS currency
FROM amazon_sp.orders
WHERE fulfillment ->> 'fulfillmentStatus' = 'SHIPPED'
ORDER BY "createdTime" DESC
LIMIT 3;

-- Revenue by day in the United States
SELECT "createdTime"::date AS day,
       count(*) AS orders,
       sum((proceeds #>> '{grandTotal,amount}')::numeric) AS revenue
FROM amazon_sp.orders
WHERE proceeds #>> '{grandTotal,currencyCode}' = 'USD'
GROUP BY day
ORDER BY day DESC
LIMIT 7;

-- Products that sold best there in the last 30 days
SELECT item.product ->> 'sellerSku' AS sku,
       max(item.product ->> 'title') AS title,
       sum(item."quantityOrdered") AS units,
       sum((item.proceeds #>> '{proceedsTotal,amount}')::numeric) AS revenue
FROM amazon_sp.orders
JOIN amazon_sp.order_items AS item USING ("orderId")
WHERE item.proceeds #>> '{proceedsTotal,currencyCode}' = 'USD'
  AND orders."createdTime" > now() - interval '30 days'
GROUP BY sku
ORDER BY revenue DESC
LIMIT 5;

-- Listings there that run out first: stock, and how long it lasts
WITH sold AS (
  SELECT item.product ->> 'sellerSku' AS seller_sku,
         sum(item."quantityOrdered") AS units
  FROM amazon_sp.orders
  JOIN amazon_sp.order_items AS item USING ("orderId")
  WHERE item."marketplaceId" = 'ATVPDKIKX0DER'
    AND orders."createdTime" > now() - interval '30 days'
  GROUP BY item.product ->> 'sellerSku'
)
SELECT listing.seller_sku AS sku,
       listing.item_name AS title,
       listing.quantity AS stock,
       sold.units AS sold_in_30_days,
       round(30 * listing.quantity / sold.units) AS days_left
FROM amazon_sp.report_merchant_listings_all AS listing
JOIN sold USING (seller_sku)
WHERE listing._marketplace_id = 'ATVPDKIKX0DER' AND sold.units > 0
ORDER BY days_left
LIMIT 5;
