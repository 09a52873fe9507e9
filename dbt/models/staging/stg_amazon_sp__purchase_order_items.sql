{%- set raw = amazon_sp.raw_table('purchase_order_items', family='vendors') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'purchaseOrderNumber') }} as purchase_order_number,
    {{ amazon_sp.raw_value(raw, 'itemSequenceNumber') }} as item_sequence_number,
    {{ amazon_sp.raw_value(raw, 'purchaseOrderChangedDate', 'timestamp') }} as changed_at,
    {{ amazon_sp.raw_value(raw, 'amazonProductIdentifier') }} as asin,
    {{ amazon_sp.raw_value(raw, 'vendorProductIdentifier') }} as vendor_sku,
    {{ amazon_sp.raw_value(raw, 'isBackOrderAllowed', 'boolean') }} as is_back_order_allowed,
    {{ amazon_sp.raw_value(raw, 'orderedQuantity', 'json') }} as ordered,
    {{ amazon_sp.raw_value(raw, 'netCost.currencyCode') }} as currency,
    {{ amazon_sp.raw_value(raw, 'netCost.amount', 'number') }} as net_cost,
    {{ amazon_sp.raw_value(raw, 'netCost.unitOfMeasure') }} as net_cost_per,
    {{ amazon_sp.raw_value(raw, 'listPrice.amount', 'number') }} as list_price,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
