{%- set raw = amazon_sp.raw_table('fba_inventory_summaries', family='inventory') -%}
{%- set details = 'inventoryDetails.' -%}
{%- set unsellable = details ~ 'unfulfillableQuantity.' -%}
{%- set reserved = details ~ 'reservedQuantity.' -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'marketplaceId') }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, 'sellerSku') }} as sku,
    {{ amazon_sp.raw_value(raw, 'fnSku') }} as fnsku,
    {{ amazon_sp.raw_value(raw, 'condition') }} as condition,
    {{ amazon_sp.raw_value(raw, 'asin') }} as asin,
    {{ amazon_sp.raw_value(raw, 'productName') }} as title,
    {{ amazon_sp.raw_value(raw, 'totalQuantity', 'integer') }} as total,
    {{ amazon_sp.raw_value(raw, details ~ 'fulfillableQuantity', 'integer') }} as available,
    {{ amazon_sp.raw_value(raw, details ~ 'inboundWorkingQuantity', 'integer') }} as inbound_working,
    {{ amazon_sp.raw_value(raw, details ~ 'inboundShippedQuantity', 'integer') }} as inbound_shipped,
    {{ amazon_sp.raw_value(raw, details ~ 'inboundReceivingQuantity', 'integer') }} as inbound_receiving,
    {{ amazon_sp.raw_value(raw, reserved ~ 'totalReservedQuantity', 'integer') }} as reserved,
    {{ amazon_sp.raw_value(raw, reserved ~ 'pendingCustomerOrderQuantity', 'integer') }} as reserved_for_orders,
    {{ amazon_sp.raw_value(raw, reserved ~ 'pendingTransshipmentQuantity', 'integer') }} as reserved_for_transfer,
    {{ amazon_sp.raw_value(raw, reserved ~ 'fcProcessingQuantity', 'integer') }} as reserved_for_processing,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'totalUnfulfillableQuantity', 'integer') }} as unsellable,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'customerDamagedQuantity', 'integer') }} as customer_damaged,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'warehouseDamagedQuantity', 'integer') }} as warehouse_damaged,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'distributorDamagedQuantity', 'integer') }} as distributor_damaged,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'carrierDamagedQuantity', 'integer') }} as carrier_damaged,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'defectiveQuantity', 'integer') }} as defective,
    {{ amazon_sp.raw_value(raw, unsellable ~ 'expiredQuantity', 'integer') }} as expired,
    {{ amazon_sp.raw_value(raw, details ~ 'researchingQuantity.totalResearchingQuantity', 'integer') }} as researching,
    {{ amazon_sp.raw_value(raw, 'lastUpdatedTime', 'timestamp') }} as updated_at,
    {{ amazon_sp.raw_read_at(raw) }} as read_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
