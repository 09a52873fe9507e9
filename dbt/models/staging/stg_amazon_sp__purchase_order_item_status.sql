{%- set raw = amazon_sp.raw_table('purchase_orders_status', family='vendors') -%}
with purchase_orders as (
    select
        {{ amazon_sp.raw_account(raw) }} as account,
        {{ amazon_sp.raw_value(raw, 'purchaseOrderNumber') }} as purchase_order_number,
        {{ amazon_sp.raw_value(raw, 'purchaseOrderStatus') }} as purchase_order_status,
        {{ amazon_sp.raw_value(raw, 'purchaseOrderDate', 'timestamp') }} as ordered_at,
        {{ amazon_sp.raw_value(raw, 'lastUpdatedDate', 'timestamp') }} as updated_at,
        {{ amazon_sp.raw_value(raw, 'sellingParty.partyId') }} as vendor_code,
        {{ amazon_sp.raw_value(raw, 'shipToParty.partyId') }} as ship_to,
        {{ amazon_sp.raw_value(raw, 'itemStatus', 'json') }} as items,
        {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
    {{ amazon_sp.from_raw(raw) }}
)

select
    purchase_orders.account,
    purchase_orders.purchase_order_number,
    {{ amazon_sp.json_value('item.value', 'itemSequenceNumber', 'text') }} as item_sequence_number,
    purchase_orders.purchase_order_status,
    purchase_orders.ordered_at,
    purchase_orders.updated_at,
    purchase_orders.vendor_code,
    purchase_orders.ship_to,
    {{ amazon_sp.json_value('item.value', 'buyerProductIdentifier', 'text') }} as asin,
    {{ amazon_sp.json_value('item.value', 'vendorProductIdentifier', 'text') }} as vendor_sku,
    {{ amazon_sp.json_part('item.value', 'orderedQuantity.orderedQuantity') }} as ordered,
    {{ amazon_sp.json_part('item.value', 'acknowledgementStatus.acceptedQuantity') }} as accepted,
    {{ amazon_sp.json_part('item.value', 'acknowledgementStatus.rejectedQuantity') }} as rejected,
    {{ amazon_sp.json_part('item.value', 'receivingStatus.receivedQuantity') }} as received,
    {{ amazon_sp.json_value('item.value', 'acknowledgementStatus.confirmationStatus', 'text') }} as confirmation_status,
    {{ amazon_sp.json_value('item.value', 'receivingStatus.receiveStatus', 'text') }} as receive_status,
    {{ amazon_sp.json_value('item.value', 'receivingStatus.lastReceiveDate', 'timestamp') }} as last_received_at,
    {{ amazon_sp.json_value('item.value', 'netCost.currencyCode', 'text') }} as currency,
    {{ amazon_sp.json_value('item.value', 'netCost.amount', 'number') }} as net_cost,
    {{ amazon_sp.json_value('item.value', 'netCost.unitOfMeasure', 'text') }} as net_cost_per,
    {{ amazon_sp.json_value('item.value', 'listPrice.amount', 'number') }} as list_price,
    purchase_orders.loaded_at
from purchase_orders
{{ amazon_sp.json_elements('purchase_orders.items', 'item') }}
