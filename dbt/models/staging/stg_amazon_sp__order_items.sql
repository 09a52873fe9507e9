{#- Loaders cannot put Orders v0 and Orders 2026-01-01 into one table, as the keys differ. Tables of v0 that
    were renamed stay in use. -#}
{%- for raw in amazon_sp.raw_tables(['order_items', 'order_items_v0'], family='orders') %}
{%- if not loop.first %}
union all
{%- endif %}
{%- set status = amazon_sp.raw_value(raw, ['fulfillmentStatus', 'OrderStatus', '_report.itemStatus']) %}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, ['orderId', 'AmazonOrderId']) }} as order_id,
    {{ amazon_sp.raw_value(raw, 'orderItemId') }} as order_item_id,
    {{ amazon_sp.raw_value(raw, 'marketplaceId') }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, ['createdTime', 'PurchaseDate'], 'timestamp') }} as created_at,
    {{ amazon_sp.raw_value(raw, ['lastUpdatedTime', 'LastUpdateDate'], 'timestamp') }} as last_updated_at,
    {{ amazon_sp.order_status(status) }} as status,
    {{ amazon_sp.raw_value(raw, ['product.sellerSku', 'SellerSKU']) }} as sku,
    {{ amazon_sp.raw_value(raw, ['product.asin', 'ASIN']) }} as asin,
    {{ amazon_sp.raw_value(raw, ['product.title', 'Title']) }} as title,
    {{ amazon_sp.raw_value(raw, ['quantityOrdered', '_report.quantity'], 'integer') }} as units,
    {{ amazon_sp.raw_value(raw, ['fulfillment.quantityFulfilled', 'QuantityShipped'], 'integer') }} as units_shipped,
    {{ amazon_sp.raw_value(raw, 'fulfillment.quantityUnfulfilled', 'integer') }} as units_unshipped,
    {{ amazon_sp.raw_value(raw, 'cancellation.cancellationExecution.cancelledBy') }} as cancelled_by,
    {{ amazon_sp.raw_value(raw, ['proceeds.proceedsTotal.currencyCode', 'proceeds.breakdowns.0.subtotal.currencyCode', 'ItemPrice.CurrencyCode']) }} as currency,
    {{ amazon_sp.raw_value(raw, 'proceeds.proceedsTotal.amount', 'number') }} as total,
    {{ amazon_sp.raw_value(raw, 'proceeds.breakdowns', 'json') }} as breakdowns,
    {{ amazon_sp.raw_value(raw, 'ItemPrice.Amount', 'number') }} as item_price,
    {{ amazon_sp.raw_value(raw, 'ItemTax.Amount', 'number') }} as item_tax,
    {{ amazon_sp.raw_value(raw, 'ShippingPrice.Amount', 'number') }} as shipping_price,
    {{ amazon_sp.raw_value(raw, 'ShippingTax.Amount', 'number') }} as shipping_tax,
    {{ amazon_sp.raw_value(raw, 'BuyerInfo.GiftWrapPrice.Amount', 'number') }} as gift_wrap_price,
    {{ amazon_sp.raw_value(raw, 'BuyerInfo.GiftWrapTax.Amount', 'number') }} as gift_wrap_tax,
    {{ amazon_sp.raw_value(raw, 'CODFee.Amount', 'number') }} as cod_fee,
    -abs({{ amazon_sp.raw_value(raw, ['PromotionDiscount.Amount', '_report.itemPromotionDiscount'], 'number') }}) as item_discount,
    -abs({{ amazon_sp.raw_value(raw, ['ShippingDiscount.Amount', '_report.shipPromotionDiscount'], 'number') }}) as shipping_discount,
    -abs({{ amazon_sp.raw_value(raw, 'CODFeeDiscount.Amount', 'number') }}) as cod_fee_discount,
    -abs({{ amazon_sp.raw_value(raw, 'PromotionDiscountTax.Amount', 'number') }}) as item_discount_tax,
    -abs({{ amazon_sp.raw_value(raw, 'ShippingDiscountTax.Amount', 'number') }}) as shipping_discount_tax,
    {{ amazon_sp.raw_value(raw, ['promotion.breakdowns', 'PromotionIds'], 'json') }} as promotions,
    {{ amazon_sp.order_source(raw) }} as source,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
{%- endfor %}
