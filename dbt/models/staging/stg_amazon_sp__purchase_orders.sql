{%- set raw = amazon_sp.raw_table('purchase_orders', family='vendors') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'purchaseOrderNumber') }} as purchase_order_number,
    {{ amazon_sp.raw_value(raw, 'purchaseOrderState') }} as state,
    {{ amazon_sp.raw_value(raw, ['purchaseOrderDate', 'orderDetails.purchaseOrderDate'], 'timestamp') }} as ordered_at,
    {{ amazon_sp.raw_value(raw, 'purchaseOrderChangedDate', 'timestamp') }} as changed_at,
    {{ amazon_sp.raw_value(raw, 'orderDetails.purchaseOrderStateChangedDate', 'timestamp') }} as state_changed_at,
    {{ amazon_sp.raw_value(raw, 'orderDetails.purchaseOrderType') }} as order_type,
    {{ amazon_sp.raw_value(raw, 'orderDetails.paymentMethod') }} as payment_method,
    {{ amazon_sp.raw_value(raw, 'orderDetails.sellingParty.partyId') }} as vendor_code,
    {{ amazon_sp.raw_value(raw, 'orderDetails.shipToParty.partyId') }} as ship_to,
    {{ amazon_sp.raw_value(raw, 'orderDetails.shipWindow') }} as ship_window,
    {{ amazon_sp.raw_value(raw, 'orderDetails.deliveryWindow') }} as delivery_window,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
